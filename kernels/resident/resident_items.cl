#include "meeting.cl"
#include "sums.cl"
/* resident, of items: what a resident program begins with whose work-groups are of many work-items, as suits a GPU, the
 * launches of which cost more than a small network's step. The items of the groups, however many there are, take turns
 * at the places of each operation; those of a group wait for each other at a barrier, and groups meet
 * (kernels/resident/meeting.cl). Of one group, all that is asked of a device is what OpenCL 1.2 promises. */

#define GROUP_ITEMS ((uint)get_local_size(0))

/* To a group's own copy; group 0 has none. */
static inline void copy_words(__global uint *to, const __global uint *from, const uint count, const uint group) {
    for (uint i = get_local_id(0); i < count && group != 0; i += GROUP_ITEMS) to[i] = from[i];
}

/* The item of a reduction, and its memory: each group does it all. */
#define REDUCE_PLACE get_local_id(0), 0, float_sums, uint_sums

/* An item's turns at `count` places among `groups` groups, of which its own is number `place`: neighbours go to
 * neighbours, whose accesses are next to each other. All items of a group take as many turns, so that control flow is
 * uniform down to the operation itself. PoCL 3.1 computes wrong where `turn` does not begin at a constant, or has
 * a step of 32 bits. */
#define FOR_TURNS(count, place, groups)                                                                                \
    for (uint turn = 0, item = (place)*get_local_size(0) + get_local_id(0);                                            \
         (place)*get_local_size(0) + turn < (count);                                                                   \
         turn += (groups)*get_local_size(0), item += (groups)*get_local_size(0))                                       \
        if (item < (count))
#define FOR_ALL(count)   FOR_TURNS(count, 0, 1)
#define FOR_SHARE(count) FOR_TURNS(count, group, GROUP_COUNT)

/* Likewise at places that parts share (kernels/shared/sums.cl): beyond the last one, too, an item goes along to the
 * barriers. */
#define SHARE(parts) max(GROUP_ITEMS / (parts), 1u)
#define FOR_PART_TURNS(count, parts, place, groups)                                                                    \
    for (uint turn = 0, item = (place)*SHARE(parts) + (uint)get_local_id(0) % SHARE(parts);                            \
         (place)*SHARE(parts) + turn < (count); turn += (groups)*SHARE(parts), item += (groups)*SHARE(parts))
#define FOR_ALL_PARTS(count, parts)   FOR_PART_TURNS(count, parts, 0, 1)
#define FOR_SHARE_PARTS(count, parts) FOR_PART_TURNS(count, parts, group, GROUP_COUNT)
#ifdef HAS_SHARES
#define PART_PLACE(column, row, share) column, row, share, part_sums
#else
#define PART_PLACE(column, row, share) column, row
#endif
