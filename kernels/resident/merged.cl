#include "turns.cl"
/* merged: what a program begins with whose kernels, which host/plan/merged writes out from a plan, are several launches
 * in one: each operation has a range of the work-groups for itself, of which `group` is one. */

/* An operation's places among its `groups` groups, the first of which is `first`. */
#define FOR_RANGE(count, first, groups)              FOR_TURNS(count, group - (first), groups)
#define FOR_RANGE_PARTS(count, parts, first, groups) FOR_PART_TURNS(count, parts, group - (first), groups)

/* The block of a group, of `across` in a row of them (kernels/products/local.cl). */
#define BLOCK_PLACE(first, across) (group - (first)) % (across), (group - (first)) / (across), block_memory

/* keep: the state as a step begins with it, for all that goes by it while metrics_step, which waits for none of them,
 * moves on to the next. Work-item: a word. */
OPERATION keep(ITEM const uint word_count, __global const uint *restrict state, __global uint *restrict kept) {
    if (item_id(0) < word_count) kept[item_id(0)] = state[item_id(0)];
}
