#include "sums.cl"
/* resident, of items: what a resident program of one work-group begins with. Its kernel, which host/plan/resident.c
 * writes out from a plan, runs many steps of training in one launch: the work-items of the group, however many there
 * are, take turns at the items of each operation and meet at a barrier where one operation needs what another wrote.
 *
 * This is for GPUs, whose work-groups are many items wide, and whose launches cost more than a small network's step.
 * All that is asked of a device is what OpenCL 1.2 promises. */

#define MEET() barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE)

/* The item of a reduction, and its memory. */
#define REDUCE_PLACE get_local_id(0), 0, float_sums, uint_sums

/* Places that parts share (kernels/shared/sums.cl): beyond the last one, too, an item goes along to the barriers. */
#define SHARE(parts) max((uint)get_local_size(0) / (parts), 1u)
#define FOR_PARTS(count, parts)                                                                                        \
    for (uint turn = 0, item = (uint)get_local_id(0) % SHARE(parts); turn < (count);                                   \
         turn += SHARE(parts), item += SHARE(parts))
#ifdef HAS_SHARES
#define PART_PLACE(column, row, share) column, row, share, part_sums
#else
#define PART_PLACE(column, row, share) column, row
#endif

/* An item's share of `count` items: neighbours go to neighbours, whose accesses are next to each other. All take as
 * many turns, so that control flow is uniform down to the operation itself. */
#define FOR_SHARE(count)                                                                                               \
    for (uint turn = 0, item = get_local_id(0); turn < (count); turn += get_local_size(0), item += get_local_size(0))  \
        if (item < (count))
