/* The networks of an ensemble in training, and what each says of the validation data. */
#ifndef EPOCL_ENSEMBLE_MEMBERS_H
#define EPOCL_ENSEMBLE_MEMBERS_H

#include "ensemble/selection.h"
#include "prediction/ensemble_predictor.h"

#include <stdbool.h>

/* A network as it was after an epoch. */
typedef struct snapshot {
    epocl_network *network; /* owned */
    float *answers;         /* [samples, values] of the task, owned */
    double cost;            /* by itself */
    size_t member, epoch;
} snapshot;

/* One of the networks that are trained. */
typedef struct trained_member {
    bool is_trained;       /* it is not at its end        */
    size_t place;          /* in the population, where it is trained */
    snapshot latest, best; /* of epoch 0: none yet        */
    size_t patience, waited;
    double min_delta, improved; /* an improvement is at least so much better than the cost of the last one */
} trained_member;

/* Copies what `from` holds into `to`, whose memory it takes where there is some. */
epocl_status snapshot_copy(const selection_task *task, const snapshot *from, snapshot *to);
void snapshot_release(snapshot *one);

/* Makes one of a network that was saved, whose shape must be that of `shape`: EPOCL_ERROR_DATA. What it says of the
 * validation data is found out again. */
epocl_status snapshot_restore(const epocl_network *shape, const epocl_network *saved, const selection_task *task,
                              const epocl_dataset *valid, shape_predictors *shared, snapshot *to);

/* What the validation data ask for; `targets` is memory of the task where it is not the data set's, to be freed. */
epocl_status task_create(const epocl_network *network, const epocl_dataset *valid, selection_task *task,
                         float **targets);

/* The network as it is now becomes the member's latest snapshot and, where it is its best, that as well. */
epocl_status member_look(trained_member *m, epocl_trainer *trainer, const selection_task *task,
                         const epocl_dataset *valid, shape_predictors *shared, size_t epoch);

void member_release(trained_member *m);

#endif
