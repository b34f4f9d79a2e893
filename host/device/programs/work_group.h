/* How large the work-groups of a device's kernels can be, and what it keeps in registers. */
#ifndef EPOCL_DEVICE_PROGRAMS_WORK_GROUP_H
#define EPOCL_DEVICE_PROGRAMS_WORK_GROUP_H

#include "device/device.h"
#include "plan/plan.h"

/* The device's description with max_work_group_size lowered to what a small kernel gets there: a driver may grant
 * kernels less than it says of the device, and one that was written for a larger group cannot do with less. */
epocl_status device_limits(const epocl_device *device, epocl_device_info *limits);

/* What a device makes of the kernels of a block shape (plan/block.h). */
typedef struct block_answer {
    bool is_granted;      /* each gets the work-group that it declares                                       */
    bool is_in_registers; /* its sums stay there: no more private memory than a small kernel has, or a CPU */
} block_answer;

/* Asks the kernels themselves, which it compiles: one that needs many registers may get less than a small one. */
epocl_status block_ask(const epocl_device *device, const matmul_choice *choice, block_answer *answer);

#endif
