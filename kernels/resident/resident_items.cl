#include "meeting.cl"
#include "turns.cl"
/* resident, of items: what a resident program begins with whose work-groups are of many work-items, as suits a GPU, the
 * launches of which cost more than a small network's step. The items of the groups take turns at the places of each
 * operation; those of a group wait for each other at a barrier, and groups meet (kernels/resident/meeting.cl). Of one
 * group, all that is asked of a device is what OpenCL 1.2 promises. */

/* To a group's own copy; group 0 has none. */
static inline void copy_words(__global uint *to, const __global uint *from, const uint count, const uint group) {
    for (uint i = get_local_id(0); i < count && group != 0; i += GROUP_ITEMS) to[i] = from[i];
}

/* A group's share of the places, the first of which are group `first`'s. */
#define FOR_SHARE(count, first)              FOR_TURNS(count, PLACE_FROM(first), GROUP_COUNT)
#define FOR_SHARE_PARTS(count, parts, first) FOR_PART_TURNS(count, parts, PLACE_FROM(first), GROUP_COUNT)
#define PLACE_FROM(first)                    ((group + GROUP_COUNT - (first)) % GROUP_COUNT)
