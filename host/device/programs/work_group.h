/* How large the work-groups of a device's kernels can be, and what it keeps in registers. */
#ifndef EPOCL_DEVICE_PROGRAMS_WORK_GROUP_H
#define EPOCL_DEVICE_PROGRAMS_WORK_GROUP_H

#include "device/device.h"
#include "plan/plan.h"

/* The device's description with max_work_group_size lowered to what a small kernel gets there: a driver may grant
 * kernels less than it says of the device, and one that was written for a larger group cannot do with less. */
epocl_status device_limits(const epocl_device *device, epocl_device_info *limits);

/* The first launch of blocks (plan/block.h) that a device does not run as it is meant. */
typedef struct block_answer {
    const launch *unfit; /* NULL: there is none                                                               */
    bool is_granted;     /* its kernel gets the work-group that it declares; but has its sums in private memory */
} block_answer;

/* Asks the kernels themselves, compiled as the plan's executable does it: one that needs many registers may get less
 * than a small one. What lies in private memory counts only with `in_registers`, and on no CPU: it is what a kernel has
 * more of than a small one. */
epocl_status blocks_ask(const epocl_device *device, const plan *p, const sequence *s, bool in_registers,
                        block_answer *answer);

#endif
