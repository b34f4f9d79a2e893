/* What devices and platforms say of themselves, and what epocl needs of a device. */
#ifndef EPOCL_DEVICE_DEVICE_INFO_H
#define EPOCL_DEVICE_DEVICE_INFO_H

#include "device/device.h"

/* Reads a device's description; `info`'s indices are the caller's. */
epocl_status device_info_read(cl_device_id id, epocl_device_info *info);

/* A platform that cannot list its devices is described, with the failure. */
epocl_status platform_info_read(cl_platform_id platform, epocl_platform_info *info);

#endif
