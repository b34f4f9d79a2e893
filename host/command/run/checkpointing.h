/* What a training run saves on its way: history, the best parameters and checkpoints, when they are due. */
#ifndef EPOCL_COMMAND_RUN_CHECKPOINTING_H
#define EPOCL_COMMAND_RUN_CHECKPOINTING_H

#include "command/options/settings.h"
#include "command/run/files/folder.h"

typedef struct checkpointing {
    run_folder *folder;
    epocl_trainer *trainer;
    epocl_network *network; /* of the run's shape, for the best parameters */
    interval every;
    size_t best_epoch; /* the trainer's; 0 without                                       */
    bool best_is_new;  /* the model after it is on the device, and `best` is an older one */
    const epocl_network
        *best;           /* the model after it: `network` or the checkpoint's; NULL without, or if it is not known */
    bool best_is_due;    /* best.safetensors is not `best`, or there and should not be */
    bool has_new_steps;  /* since the last checkpoint                                  */
    size_t saved_epochs; /* finished at the last checkpoint                            */
    double history_due;  /* seconds_now() when history is to be written              */
} checkpointing;

/* Of a run that goes on, `resumed` is the checkpoint it goes on from, which outlives this, else NULL: what the trainer
 * has behind it counts as saved, and the best model is the checkpoint's. best.safetensors can be of a later epoch,
 * which this run may never come to; then it is due. */
checkpointing checkpointing_begin(run_folder *folder, epocl_trainer *trainer, epocl_network *network,
                                  const epocl_checkpoint *resumed, interval every);

/* Steps were trained; the second: they ended an epoch. */
void checkpointing_step(checkpointing *c);
epocl_status checkpointing_epoch(checkpointing *c);

/* Whether a checkpoint is due, by signal, clock or number of epochs. */
bool checkpointing_due(const checkpointing *c);

/* Writes history and best parameters; then, unless nothing was trained since the last one, a checkpoint. */
epocl_status checkpointing_save_results(checkpointing *c);
epocl_status checkpointing_save(checkpointing *c);

#endif
