/* The training of one network by `epocl train`, from its folder to the saved model. */
#ifndef EPOCL_COMMAND_TRAIN_TRAINING_H
#define EPOCL_COMMAND_TRAIN_TRAINING_H

#include "command/run/checkpointing.h"
#include "command/run/files/event_file.h"
#include "command/show/report.h"

/* All that a run holds; command_train.c releases it. */
typedef struct training {
    settings *given; /* in effect: of a run that goes on, also what it was begun with */
    report told;
    run_folder *folder;
    event_file *events;                  /* NULL without --tensorboard */
    epocl_checkpoint *checkpoint;        /* to go on from, or NULL */
    epocl_ensemble_checkpoint *ensemble; /* the same of an ensemble */
    epocl_dataset *data, *valid;         /* `valid` may be NULL */
    epocl_network *base;                 /* the model to begin from, or NULL */
    epocl_network *network;
    epocl_device *device;
    epocl_device_info device_info;
    epocl_options options; /* of network and trainer */
    epocl_trainer *trainer;
    epocl_progress so_far;
    checkpointing saved;
} training;

/* Makes folder and trainer: all that can fail before a first epoch fails here, with nothing left behind. */
epocl_status training_prepare(training *run);

/* Trains, and saves checkpoint and model also when a signal (EPOCL_STOPPED) or a disk that was full has ended the
 * training. */
epocl_status training_run(training *run);

/* Of a folder: removes what was begun in it, as the process's last act. */
void training_withdraw(const void *folder);

#endif
