/* A merged sequence: a step in fewer launches than it has operations, for devices on which a launch costs as much as
 * the work of one. Its kernels are written out here, as text, from the launches of the step: those that need not wait
 * for each other (plan/merged/stages.h) are one launch, in which a range of work-groups belongs to each, and a chain is
 * one whose groups go through it for a sample each. kernels/resident/merged.cl says how they work. No result depends on
 * it. */
#ifndef EPOCL_PLAN_MERGED_H
#define EPOCL_PLAN_MERGED_H

#include "plan/plan.h"

/* The tensor that a merged sequence adds to a plan: the state as a step begins with it. TENSOR_NONE where the plan's
 * matmul is of no use for one. */
tensor_id merged_add_tensor(plan *p, const char *name);

/* Whether launches of the plan can be inlined. EPOCL_ERROR_ARGUMENT says why not. */
epocl_status merged_check(const plan *p);

/* Creates the sequence, which does one step. `step`, whose last launch moves the state on, must outlive the result;
 * `state` is the pass's, `kept` what merged_add_tensor() returned. Launches that stay by themselves are those of
 * `step`, but for the state that they go by. */
epocl_status merged_create(sequence *merged, const plan *p, const sequence *step, tensor_id state, tensor_id kept);

#endif
