/* Shares: which of several groups of a resident kernel does what of a step, and on what memory. A launch is done
 * - by shares: each group has a part of its items;
 * - *replicated*: each group does all of it, on copies of its own, which is cheaper than to meet for it;
 * - with groups of many items, as a *chain* (plan/units.h): a group goes through the chain's launches for its samples.
 * What such groups make first in a step on a GPU, the samples of its mini-batch, *alternates* between two places from
 * step to step, so that it is made while others are in the step before. */
#ifndef EPOCL_PLAN_RESIDENT_SHARES_H
#define EPOCL_PLAN_RESIDENT_SHARES_H

#include "plan/plan.h"

typedef struct shares {
    const plan *plan;
    const sequence *step; /* marked by shares_mark() */
    tensor_id state;
    size_t group_count, group_items;
    bool is_of_items;
} shares;

/* Marks the launches of a step that each group does for itself, and their units. */
void shares_mark(const plan *p, sequence *step);

/* Memory beside the plan's tensors, for at most `group_count` groups: for all groups but the first, copies of what each
 * makes for itself, then the second places of what alternates. In bytes. */
size_t shares_bytes(const plan *p, const sequence *step, size_t group_count);
size_t shares_bytes_of_group(const plan *p, const sequence *step);

/* A tensor that replicated launches write: each group has a copy of its own, from there on in the group's memory. */
bool shares_is_private(const sequence *step, tensor_id id);
size_t shares_private_offset(const plan *p, const sequence *step, tensor_id id);

/* What each of several groups has of its own: the state and private tensors. */
bool shares_is_own(const shares *s, tensor_id id);

/* A tensor that alternates, and where its second place begins. */
bool shares_alternates(const shares *s, tensor_id id);
size_t shares_alternate_offset(const shares *s, tensor_id id);

/* Whether each group does all of a launch for itself; whether it goes through it for its samples, and for how many. */
bool shares_is_for_all(const shares *s, const launch *l);
bool shares_is_chain(const shares *s, const launch *l);
size_t shares_chain_samples(const shares *s, const launch *l);

/* The groups of items that have a share of a launch. */
size_t shares_groups(const shares *s, const launch *l);

/* Whether items share a place: where there are so few places that others would be idle. Those that go along beyond the
 * last place would do the work of another piece's. */
bool shares_places(const shares *s, const launch *l);

/* Whether a launch that is done by shares writes one of the tensors that `l` writes. */
bool shares_a_tensor(const sequence *step, const launch *l);

#endif
