/* Whether the work-groups of a resident plan can wait for each other on a device that is no CPU. */
#ifndef EPOCL_DEVICE_PROGRAMS_FENCE_H
#define EPOCL_DEVICE_PROGRAMS_FENCE_H

#include "device/device.h"

/* Has the device's compiler build a meeting of work-groups with the fence that a plan would take, as the device says it
 * has it (`info.group_fence`), unless that is known to work. Where it does not, `info.group_fence` becomes 0, so that
 * resident plans have one group; the first time `why` is the reason, else "". */
enum { FENCE_TEXT_CAPACITY = 900 };
epocl_status fence_ensure(epocl_device *device, char why[FENCE_TEXT_CAPACITY]);

#endif
