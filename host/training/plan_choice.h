/* Choosing between launching every operation by itself (layered) and many steps in one launch (resident). */
#ifndef EPOCL_TRAINING_PLAN_CHOICE_H
#define EPOCL_TRAINING_PLAN_CHOICE_H

#include "training/trainer.h"

/* EPOCL_ERROR_ARGUMENT unless `name` is NULL, "auto", "layered" or "resident". */
epocl_status plan_check_name(const char *name);

/* Makes the trainer's training pass what `name` says; "auto" times real steps of both on a CPU and takes the faster.
 * Trains while timing: the caller sets state and parameters afterwards. */
epocl_status plan_choose(epocl_trainer *t, const char *name);

#endif
