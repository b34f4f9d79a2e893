#include "group.cl"
/* meeting: how the work-groups of a resident program, whose kernel host/plan/resident writes out from a plan, wait
 * for each other. They take their share of each operation's places and meet where one operation needs what another
 * wrote; a group by itself has nobody to meet.
 *
 * OpenCL promises no progress between work-groups: one may wait for another that has not begun. So they first
 * wait for each other with bounded patience; when not all have come, the launch does nothing, and the host, which
 * finds the epoch unfinished, goes on with separate launches. Groups that have begun go on: on a CPU they are threads,
 * on a GPU they stay on their compute units (T. Sorensen and others, 2016).
 *
 * On a CPU that is busy with other things they go on by turns: a group may wait for a thread that waits for
 * its core. After a few such waits a slice ends with its step, and later ones do nothing until the host asks again.
 *
 * meeting: words, each on cache lines of its own. The first work-item of a group, its leader, speaks for all of it. */
#ifndef MEETING_LINE
#define MEETING_LINE  32 /* words */
#define MEETING_LINES 7
#endif
#define MEETING_ARRIVED (0 * MEETING_LINE)
#define MEETING_VERDICT (1 * MEETING_LINE)
#define MEETING_PASSED  (2 * MEETING_LINE) /* times that a group came to a meeting */
#define MEETING_SLOW    (3 * MEETING_LINE) /* of those, long waits */
#define MEETING_STOP    (4 * MEETING_LINE) /* the host's wish, as one group saw it: the same for all groups */
#define MEETING_LEAVE   (5 * MEETING_LINE) /* 1 when the slice is to end with this step, likewise */
#define MEETING_RESETS  (6 * MEETING_LINE) /* words that begin at 0 in every slice */
#define MEETING_RETIRED (6 * MEETING_LINE) /* 1 until the host clears it: no slice does anything */
#if MEETING_RETIRED >= MEETING_LINES * MEETING_LINE
#error "the host makes the meeting too small"
#endif
#define MEETING_GO      1u
#define MEETING_GIVE_UP 2u

#define GROUP_COUNT ((uint)RESIDENT) /* RESIDENT: how many work-groups the host launches */

#if RESIDENT == 1
#define MEET() GROUP_BARRIER()
#else

/* What a group wrote before, all groups see that it meets after. OpenCL 1.2 orders memory within a work-group only. A
 * CPU's compiler is clang, NVIDIA's has the instruction; for others the host has this compiled as OpenCL C 2.0 or 3.0,
 * which has a fence. There each item does it for what it has written and is to read: that a leader's fence is also for
 * what others have told it by a barrier is so by the language, and asks more of a compiler. */
#if __OPENCL_C_VERSION__ >= 200
#if __OPENCL_C_VERSION__ >= 300 &&                                                                                     \
    !(defined(__opencl_c_atomic_order_acq_rel) && defined(__opencl_c_atomic_scope_device))
#error "there is no fence between work-groups"
#endif
#define MEETING_FENCE()    atomic_work_item_fence(CLK_GLOBAL_MEM_FENCE, memory_order_acq_rel, memory_scope_device)
#define ITEM_FENCE()       MEETING_FENCE()
#define MEETING_READ(word) atomic_add(&(word), 0u) /* a volatile read may be of a cache */
#else
#if defined(__NV_CL_C_VERSION) || defined(cl_nv_pragma_unroll)
#define MEETING_FENCE() __asm__ volatile("membar.gl;" ::: "memory")
#else
#define MEETING_FENCE() __sync_synchronize()
#endif
#define ITEM_FENCE()
#define MEETING_READ(word) (word)
#endif

/* Reads: some tenths of a second that a group waits for the others to begin; a long wait, many times a fair share's.
 * A CPU reads its own cache, all others, and what goes by the fence, memory that groups share. */
#if (defined(__x86_64__) || defined(__aarch64__)) && __OPENCL_C_VERSION__ < 200
#define MEETING_PATIENCE  300000000u
#define MEETING_LONG_WAIT 3000000u
#else
#define MEETING_PATIENCE  1000000u
#define MEETING_LONG_WAIT 100000u
#endif
#define MEETING_LONG_WAITS 8u /* that a slice bears */

/* Work-item: one. */
__kernel void meeting_reset(__global uint *restrict meeting) {
    for (uint i = 0; i < MEETING_RESETS; i++) meeting[i] = 0;
}

/* By the leader. False for all groups unless all have begun and none has retired. */
static inline bool meeting_begin(volatile __global uint *meeting) {
    if (meeting[MEETING_RETIRED]) return false;
    atomic_inc(&meeting[MEETING_ARRIVED]);
    for (uint i = 0; i < MEETING_PATIENCE && MEETING_READ(meeting[MEETING_ARRIVED]) != GROUP_COUNT; i++)
        if (MEETING_READ(meeting[MEETING_VERDICT])) break;
    const uint verdict = MEETING_READ(meeting[MEETING_ARRIVED]) == GROUP_COUNT ? MEETING_GO : MEETING_GIVE_UP;
    atomic_cmpxchg(&meeting[MEETING_VERDICT], 0, verdict); /* the first word stands */
    MEETING_FENCE();
    if (MEETING_READ(meeting[MEETING_VERDICT]) == MEETING_GO) return true;
    meeting[MEETING_RETIRED] = 1;
    return false;
}

/* In the kernel: whether all groups have begun. If not, nobody is waited for, and no step is to be taken. */
#define MEETING_BEGIN()                                                                                                \
    GROUP_MEMORY uint begins[1];                                                                                       \
    if (IS_LEADER) begins[0] = meeting_begin(meeting);                                                                 \
    GROUP_BARRIER()

/* By the leader. Returns when all groups have come this far; what they wrote before is there. */
static inline void meet(volatile __global uint *meeting, uint *passed) {
    MEETING_FENCE();
    *passed += GROUP_COUNT;
    atomic_inc(&meeting[MEETING_PASSED]);
    uint reads = 0;
    while (MEETING_READ(meeting[MEETING_PASSED]) < *passed) reads++;
    if (reads > MEETING_LONG_WAIT) atomic_inc(&meeting[MEETING_SLOW]);
    MEETING_FENCE();
}

#define MEET()                                                                                                         \
    do {                                                                                                               \
        ITEM_FENCE();                                                                                                  \
        GROUP_BARRIER();                                                                                               \
        if (IS_LEADER && begins[0]) meet(meeting, &passed);                                                            \
        GROUP_BARRIER();                                                                                               \
        ITEM_FENCE();                                                                                                  \
    } while (0)

/* The leader of one group after the first meeting of a step, when all have ended the last: what all groups are to know
 * at its end, after another meeting. */
static inline void meeting_announce(volatile __global uint *meeting, volatile __global uint *stop) {
    meeting[MEETING_STOP] = *stop;
    meeting[MEETING_LEAVE] = MEETING_READ(meeting[MEETING_SLOW]) > MEETING_LONG_WAITS;
}

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
    for (uint i = 0; IS_LEADER && i < sizeof(epoch_state); i++)
        ((__global uchar *)own)[i] = ((__global const uchar *)state)[i];
    return own;
}

#endif
