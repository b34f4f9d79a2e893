/* An ensemble's inside, for those who make one: anew, or of a checkpoint. */
#ifndef EPOCL_ENSEMBLE_ENSEMBLE_TRAINER_H
#define EPOCL_ENSEMBLE_ENSEMBLE_TRAINER_H

#include "base/printable.h"
#include "ensemble/members.h"
#include "model/ensemble.h"
#include "training/trainer.h"

struct epocl_ensemble {
    epocl_device *device; /* held */
    const epocl_dataset *valid;
    selection_task task;
    float *targets; /* of the task, owned; NULL without */
    shape_predictors shared;
    epocl_population *population; /* of members that are trained */
    trained_member *members;
    size_t count;
    snapshot kept[SELECTION_MOST_PICKS]; /* the best ensemble so far */
    uint32_t picks[SELECTION_MOST_PICKS];
    size_t kept_count, best_epoch;
    double best_cost;
    size_t epoch;                  /* finished */
    epocl_ensemble_epoch *history; /* of those, owned */
    size_t history_capacity;
    double seconds, max_seconds;
    epocl_ensemble_epoch next;          /* the result of the epoch in progress, so far */
    char plan_name[PRINTABLE_CAPACITY]; /* of the first member that was trained here   */
};

/* One without members; EPOCL_ERROR_ARGUMENT for what makes none. */
epocl_status ensemble_begin(epocl_device *device, const epocl_dataset *valid, const epocl_options *const *options,
                            size_t member_count, epocl_ensemble **ensemble);

/* Adds the next member: one that is trained, anew or from where the checkpoint (NULL for none) stands, or one that is
 * at its end. */
epocl_status ensemble_add(epocl_ensemble *e, const epocl_dataset *train, const epocl_options *options, bool is_trained,
                          const epocl_checkpoint *checkpoint);

/* Of a member that is trained. */
static inline epocl_trainer *ensemble_member_trainer(const epocl_ensemble *e, size_t k) {
    return epocl_population_member(e->population, e->members[k].place);
}

#endif
