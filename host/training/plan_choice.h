/* Choosing between launching every operation by itself (layered) and many steps in one launch (resident). No result
 * depends on it. */
#ifndef EPOCL_TRAINING_PLAN_CHOICE_H
#define EPOCL_TRAINING_PLAN_CHOICE_H

#include "training/trainer.h"

/* What a plan's name asks for. */
typedef struct plan_request {
    bool is_auto, is_resident;
    size_t group_count; /* of a resident plan; 0: as many as may be */
} plan_request;

/* "auto" (also NULL), "layered", "resident" or "resident:GROUPS"; EPOCL_ERROR_ARGUMENT for any other name. */
epocl_status plan_request_parse(const char *name, plan_request *request);

/* Makes the trainer's training pass what `options->plan` says. On a CPU, "auto" takes the plan that `options->tune`
 * finds fastest, timing real steps where none is known: the caller sets state and parameters afterwards. */
epocl_status plan_choose(epocl_trainer *t, const epocl_network *network, const epocl_training_options *options);

/* After an epoch whose steps took `step_seconds`: another plan, if that was faster when last used and this one was slow
 * twice in a row, or, now and then, for a trial. How fast cores exchange what they wrote differs from machine to
 * machine, and by the hour on a shared one. */
epocl_status plan_reconsider(epocl_trainer *t, double step_seconds);

#endif
