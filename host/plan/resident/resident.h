/* A resident sequence: one launch that runs many steps. Its kernel is written out here, as text, from the
 * launches of one step. It is for work-groups of one item each, as suit a CPU, or of many items, as suit a GPU;
 * kernels/resident says how they work together. */
#ifndef EPOCL_PLAN_RESIDENT_RESIDENT_H
#define EPOCL_PLAN_RESIDENT_RESIDENT_H

#include "options/requests.h"
#include "plan/plan.h"

typedef struct resident_tensors {
    tensor_id meeting;  /* what the groups share                                          */
    tensor_id copies;   /* the groups' copies of the state                                */
    tensor_id privates; /* the memory of their shares (plan/resident/shares.h)            */
} resident_tensors;

/* Tensors that a resident sequence for `step`, of at most p->resident_groups groups, adds to a plan; the meeting is
 * MEETING_LINES lines of MEETING_LINE words. Marks the shares of the step. */
enum { MEETING_LINE = 32, MEETING_LINES = 7 };
resident_tensors resident_add_tensors(plan *p, sequence *step, const char *name);

/* Whether the launches of `step` can be inlined, for groups of that shape: all are kernels over
 * single work-items that wait for none, not too many tensors. EPOCL_ERROR_ARGUMENT says why not. */
epocl_status resident_check(const plan *p, const sequence *step, plan_shape shape);

/* Creates the sequence, of at most p->resident_groups groups: for several a reset of the meeting, then the kernel,
 * which runs at most `step_limit` steps and ends early with the epoch. `step` must outlive the result. `state` and
 * `stop` are the pass's. */
epocl_status resident_create(sequence *resident, const plan *p, const sequence *step, const resident_tensors *tensors,
                             tensor_id state, tensor_id stop, plan_shape shape, size_t step_limit);

#endif
