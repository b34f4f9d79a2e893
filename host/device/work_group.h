/* How large the work-groups of a device's kernels can be. */
#ifndef EPOCL_DEVICE_WORK_GROUP_H
#define EPOCL_DEVICE_WORK_GROUP_H

#include "device/device.h"

/* The device's description with max_work_group_size lowered to what a small kernel gets there: a driver may grant
 * kernels less than it says of the device, and one that was written for a larger group cannot do with less. */
epocl_status device_limits(const epocl_device *device, epocl_device_info *limits);

#endif
