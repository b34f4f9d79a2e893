/* What a training run saves on its way: history, the best parameters and checkpoints, when they are due. */
#ifndef EPOCL_COMMAND_CHECKPOINTING_H
#define EPOCL_COMMAND_CHECKPOINTING_H

#include "command/run_folder.h"
#include "command/settings.h"

typedef struct checkpointing {
    run_folder *folder;
    epocl_trainer *trainer;
    epocl_network *network; /* of the run's shape; holds the best parameters while `has_new_best` */
    interval every;
    size_t best_epoch; /* the one with the lowest validation cost; 0 without */
    double best_cost;
    bool has_new_best;     /* not written yet                               */
    bool has_new_steps;    /* since the last checkpoint                     */
    size_t saved_epochs;   /* finished at the last checkpoint               */
    double history_second; /* clock_seconds() when history was last written */
} checkpointing;

/* Whatever the trainer has behind it, from an earlier run, counts as saved. */
checkpointing checkpointing_begin(run_folder *folder, epocl_trainer *trainer, epocl_network *network, interval every);

/* Steps were trained; the second: they ended an epoch. */
void checkpointing_step(checkpointing *c);
epocl_status checkpointing_epoch(checkpointing *c, const epocl_epoch_result *epoch);

/* Whether a checkpoint is due, by signal, clock or number of epochs. */
bool checkpointing_due(const checkpointing *c);

/* Writes history and best parameters; then, unless nothing was trained since the last one, a checkpoint. */
epocl_status checkpointing_save_results(checkpointing *c);
epocl_status checkpointing_save(checkpointing *c);

#endif
