#include "state.cl"
/* resident: what a resident program begins with. Its kernel, which host/plan/resident.c writes out from a plan, runs
 * many steps of training in one launch: a few work-groups of one work-item take their share of each operation's
 * items and meet where one operation needs what another wrote.
 *
 * OpenCL promises no progress between work-groups: one may wait for another that has not begun. So they first
 * wait for each other with bounded patience; when not all have come, the launch does nothing, and the host, which
 * finds the epoch unfinished, goes on with separate launches. On a CPU, work-groups that have begun are threads,
 * and threads go on.
 *
 * On a machine that is busy with other things they go on by turns: a group may wait for a thread that waits for
 * its core. After a few such waits a slice ends with its step, and later ones do nothing until the host asks again.
 *
 * meeting: words, each on cache lines of its own. */
#ifndef MEETING_LINE
#define MEETING_LINE  32 /* words */
#define MEETING_LINES 7
#endif
#define MEETING_ARRIVED (0 * MEETING_LINE)
#define MEETING_VERDICT (1 * MEETING_LINE)
#define MEETING_PASSED  (2 * MEETING_LINE) /* times that a group came to a meeting */
#define MEETING_SLOW    (3 * MEETING_LINE) /* of those, long waits */
#define MEETING_STOP    (4 * MEETING_LINE) /* the host's wish, as group 0 saw it: the same for all groups */
#define MEETING_LEAVE   (5 * MEETING_LINE) /* 1 when the slice is to end with this step, likewise */
#define MEETING_RESETS  (6 * MEETING_LINE) /* words that begin at 0 in every slice */
#define MEETING_RETIRED (6 * MEETING_LINE) /* 1 until the host clears it: no slice does anything */
#if MEETING_RETIRED >= MEETING_LINES * MEETING_LINE
#error "the host makes the meeting too small"
#endif
#define MEETING_GO      1u
#define MEETING_GIVE_UP 2u
#ifndef MEETING_PATIENCE
#define MEETING_PATIENCE 300000000u /* reads: some tenths of a second, for a machine that is busy */
#endif

#define GROUP_COUNT ((uint)RESIDENT) /* RESIDENT: how many work-groups the host launches */

/* OpenCL 1.2 orders memory within a work-group only. Several groups are launched on CPUs alone, whose compilers, being
 * clang, have this; elsewhere a back end may refuse it, and a group by itself has nobody to meet. */
#if RESIDENT > 1
#define MEETING_FENCE() __sync_synchronize()
#else
#define MEETING_FENCE()
#endif

/* A long wait, in reads: about a millisecond, many times a fair share's; and how many a slice bears. */
#define MEETING_LONG_WAIT  3000000u
#define MEETING_LONG_WAITS 8u

/* Work-item: one. */
__kernel void meeting_reset(__global uint *restrict meeting) {
    for (uint i = 0; i < MEETING_RESETS; i++) meeting[i] = 0;
}

/* False for all groups unless all have begun and none has retired. */
static inline bool meeting_begin(volatile __global uint *meeting, const uint group_count) {
    if (group_count == 1) return true;
    if (meeting[MEETING_RETIRED]) return false;
    atomic_inc(&meeting[MEETING_ARRIVED]);
    for (uint i = 0; i < MEETING_PATIENCE && meeting[MEETING_ARRIVED] != group_count; i++)
        if (meeting[MEETING_VERDICT]) break;
    const uint verdict = meeting[MEETING_ARRIVED] == group_count ? MEETING_GO : MEETING_GIVE_UP;
    atomic_cmpxchg(&meeting[MEETING_VERDICT], 0, verdict); /* the first word stands */
    MEETING_FENCE();
    if (meeting[MEETING_VERDICT] == MEETING_GO) return true;
    meeting[MEETING_RETIRED] = 1;
    return false;
}

/* Returns when all groups have come this far; what they wrote before is there. */
static inline void meet(volatile __global uint *meeting, const uint group_count, uint *passed) {
    if (group_count == 1) return;
    MEETING_FENCE();
    *passed += group_count;
    atomic_inc(&meeting[MEETING_PASSED]);
    uint reads = 0;
    while (meeting[MEETING_PASSED] < *passed) reads++;
    if (reads > MEETING_LONG_WAIT) atomic_inc(&meeting[MEETING_SLOW]);
    MEETING_FENCE();
}

/* Group 0 after the first meeting of a step, when all have ended the last: what all groups are to know at its end,
 * after another meeting. */
static inline void meeting_announce(volatile __global uint *meeting, volatile __global uint *stop) {
    meeting[MEETING_STOP] = *stop;
    meeting[MEETING_LEAVE] = meeting[MEETING_SLOW] > MEETING_LONG_WAITS;
}

#define MEET() meet(meeting, GROUP_COUNT, &passed)

/* At the end of a step: true for all groups or for none. */
static inline bool meeting_leaves(volatile __global uint *meeting, const uint group) {
    if (!meeting[MEETING_LEAVE]) return false;
    if (group == 0) meeting[MEETING_RETIRED] = 1;
    return true;
}

/* Each group keeps its own copy of the state and ends steps on it alike, which saves a meeting; group 0's is the one
 * that the host reads. */
static inline __global epoch_state *group_state(__global epoch_state *state, __global uint *copies, const uint group) {
    if (group == 0) return state;
    __global epoch_state *own = (__global epoch_state *)(copies + group * MEETING_LINE);
    for (uint i = 0; i < sizeof(epoch_state); i++) ((__global uchar *)own)[i] = ((__global const uchar *)state)[i];
    return own;
}

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
