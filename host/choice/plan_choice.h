/* Choosing between launching every operation by itself (layered) and many steps in one launch (resident). No result
 * depends on it. */
#ifndef EPOCL_CHOICE_PLAN_CHOICE_H
#define EPOCL_CHOICE_PLAN_CHOICE_H

#include "training/trainer.h"

/* The shape of the resident plan that `options->plan` asks for by name; of no group if it asks for none. */
resident_shape plan_shape_asked(const epocl_trainer *t, const training_options *options);

/* Makes the trainer's training pass what `options->plan` says. "auto" takes the plan that `options->tune`
 * finds fastest, timing real steps where none is known: the caller sets state and parameters afterwards. */
epocl_status plan_choose(epocl_trainer *t, const epocl_network *network, const training_options *options);

/* After an epoch whose steps took `step_seconds`: another plan, if that was faster when last used and this one was slow
 * twice in a row, or, now and then, for a trial. How fast cores exchange what they wrote differs from machine to
 * machine, and by the hour on a shared one. */
epocl_status plan_reconsider(epocl_trainer *t, double step_seconds);

#endif
