/* Folds in training at once: members of a population, each with an encoder, and so with data on the device, of its own.
 * Folds are added until they take a quarter of the device's memory, trained together, and make room for the next. */
#ifndef EPOCL_COMMAND_FOLDS_FOLD_TRAINING_H
#define EPOCL_COMMAND_FOLDS_FOLD_TRAINING_H

#include "command/folds/folds_result.h"
#include "command/show/report.h"
#include "command/table/table_data.h"

/* A fold on its way to its metrics. */
typedef struct fold_training {
    fold_row row;
    epocl_dataset *held_out; /* owned; of all folds together no more than the table */
    epocl_network *network;  /* owned; trained, once `is_trained`                   */
    size_t member;           /* in the population                                   */
    size_t epoch_count;      /* asked for                                           */
    bool takes_best, is_trained;
} fold_training;

/* What the folds have in common; all of it is the caller's. */
typedef struct fold_trainer {
    const command *used;
    const settings *given;
    report *told;
    const table_folds *from;
    const epocl_device_info *device_info;
    epocl_population *population; /* of folds in training; without any between them */
    fold_training *folds;         /* [given->table.folds], to be released by fold_training_release() */
    size_t heard, asked;          /* epochs of the folds in training, for the bar */
} fold_trainer;

/* Prepares fold `first` and as many after it as the device's memory holds at once; *end is the first that is not among
 * them. What the first fold is trained on, and how, is told. */
epocl_status fold_trainer_add(fold_trainer *t, size_t first, size_t *end);

/* Trains those: each to the best that is found on the way, or the last without patience. EPOCL_STOPPED after a signal,
 * with those trained that had come to their end; why one has failed says fold_trainer_status(). */
epocl_status fold_trainer_run(fold_trainer *t, size_t first, size_t end);

/* Why a fold of those has failed, as of one that is trained by itself; EPOCL_OK for one that has not. */
epocl_status fold_trainer_status(const fold_trainer *t, size_t fold);

void fold_training_release(fold_training *one);

#endif
