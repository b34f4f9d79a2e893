#include "group.cl"
#include "sums.cl"
/* turns: how the many items of the work-groups of a written kernel, however many a device grants, take turns at the
 * places of an operation. */

#define GROUP_ITEMS ((uint)get_local_size(0))

/* The item of a reduction, and its memory: a group does it all. */
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

/* A group does all. */
#define FOR_ALL(count) FOR_TURNS(count, 0, 1)

/* Likewise at places that parts share (kernels/shared/sums.cl): beyond the last one, too, an item goes along to the
 * barriers. */
#define SHARE(parts) max(GROUP_ITEMS / (parts), 1u)
#define FOR_PART_TURNS(count, parts, place, groups)                                                                    \
    for (uint turn = 0, item = (place)*SHARE(parts) + (uint)get_local_id(0) % SHARE(parts);                            \
         (place)*SHARE(parts) + turn < (count); turn += (groups)*SHARE(parts), item += (groups)*SHARE(parts))
#define FOR_ALL_PARTS(count, parts) FOR_PART_TURNS(count, parts, 0, 1)
#ifdef HAS_SHARES
#define PART_PLACE(column, row, share) column, row, share, part_sums
#else
#define PART_PLACE(column, row, share) column, row
#endif
