#include "meeting.cl"
/* resident: what a resident program begins with whose work-groups are of one work-item, as suits a CPU, where a group
 * is a thread (kernels/resident/meeting.cl). */

/* To a group's own copy; group 0 has none. */
static inline void copy_words(__global uint *to, const __global uint *from, const uint count, const uint group) {
    for (uint i = 0; i < count && group != 0; i++) to[i] = from[i];
}

/* The item of a reduction: the group does it all. */
#define REDUCE_PLACE 0, 0

/* A group does all parts of a sum. */
#define PART_PLACE(column, row, share) column, row

/* All items: what each group makes for itself. */
#define FOR_ALL(count) for (uint item = 0; item < (count); item++)

/* A group's share of `count` items: neighbours stay together, and in every operation of a step the same. */
#define FOR_SHARE(count)                                                                                               \
    for (uint item = (uint)((ulong)(count)*group / GROUP_COUNT),                                                       \
              item_end = (uint)((ulong)(count) * (group + 1) / GROUP_COUNT);                                           \
         item < item_end; item++)
