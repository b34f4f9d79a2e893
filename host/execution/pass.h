/* A pass at work: its launches bound to an executable, and run as often as one likes. */
#ifndef EPOCL_EXECUTION_PASS_H
#define EPOCL_EXECUTION_PASS_H

#include "device/programs/executable.h"
#include "execution/watch.h"
#include "plan/state.h"
#include "steps/pass_plan.h"

#include <stdatomic.h>

typedef struct pass {
    const pass_plan *plan;
    executable *executable;
    sequence written;   /* launches of a slice of mini-batches, of one if it is merged; empty unless
                         * pass_use_shape() wrote it */
    plan_shape shape;   /* of that sequence                                                                */
    size_t slice_steps; /* 0: there is none, and every operation is launched by itself                     */
    bool rests;         /* it is resident, and not used for now                                            */
    bound_sequence bound_begin, bound_rates, bound_step, bound_written;
} pass;

/* Makes the kernels of what is launched around mini-batches; then those of a step, unless they are there, which also
 * pass_enqueue_steps() does where it wants them: a pass that is resident does without. Both must outlive the pass. What
 * fails leaves something for pass_release(), too. */
epocl_status pass_bind(pass *pass_, const pass_plan *planned, executable *e);
epocl_status pass_bind_step(pass *pass_);
void pass_release(pass *pass_);

/* Gives back its kernels, and creates them again, while its executable is parked and after. */
void pass_park(pass *pass_);
epocl_status pass_unpark(pass *pass_);

/* Sets where the epoch stands; a seed and zeros are before the first. */
epocl_status pass_write_state(const pass *pass_, const epoch_state *state);

/* Sets the numbers that the steps of a training pass go by. */
epocl_status pass_write_hyper(const pass *pass_, const hyper_values *hyper);

/* Computes the order of the epoch that `state` stands in once more, as far as pass_go_on() needs it. */
epocl_status pass_begin_again(const pass *pass_, const epoch_state *state);

/* Makes the epoch that `state`, which was read after a stop, stands in ready for pass_enqueue_steps() from
 * state->first on. */
epocl_status pass_go_on(const pass *pass_, const epoch_state *state);

/* Makes a training pass merged or resident: from now on, its launches are those of a sequence that is written out of
 * the step, of `slice_steps` mini-batches, one if it is merged, in a shape of at most the plan's resident_groups. */
epocl_status pass_use_shape(pass *pass_, plan_shape shape, size_t slice_steps);

/* Makes it launch every operation by itself again. */
void pass_use_layered(pass *pass_);

/* Whether a resident pass that stands there has ended early since its work-groups waited too long for each other. */
bool pass_gave_up(const pass *pass_, const epoch_state *state);

/* Lets a resident pass that gave up rest, launching every operation by itself, and go on again. */
void pass_rest(pass *pass_);
epocl_status pass_resume(pass *pass_);

/* Enqueues the beginning of an epoch; then all its mini-batches from sample `first` on, which is where the
 * device's state stands. Neither waits. Between launches of mini-batches the latter looks at `stop` (may be NULL) and
 * enqueues no more once that is true; `watch` (may be NULL) marks places there. */
epocl_status pass_enqueue_begin(const pass *pass_);
epocl_status pass_enqueue_steps(pass *pass_, size_t first, const atomic_bool *stop, progress_watch *watch);

/* Waits for what is enqueued and reads where the epoch stands: the one read of an epoch. */
epocl_status pass_read_state(const pass *pass_, epoch_state *state);

#endif
