/* All OpenCL devices at once. */
#ifndef EPOCL_COMMAND_DEVICE_LIST_H
#define EPOCL_COMMAND_DEVICE_LIST_H

#include "base/status.h"

/* The caller frees `*infos`. No device at all is EPOCL_ERROR_DEVICE. */
epocl_status device_list(epocl_device_info **infos, size_t *count);

#endif
