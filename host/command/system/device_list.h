/* All OpenCL devices at once, and opening one of them as the settings want it. */
#ifndef EPOCL_COMMAND_SYSTEM_DEVICE_LIST_H
#define EPOCL_COMMAND_SYSTEM_DEVICE_LIST_H

#include "base/status.h"
#include "command/options/settings.h"

/* Lists the devices in a child process, before OpenCL has started in this one: false where a driver crashes or
 * hangs, or the loader would, which `text` says as "crashes: ...", "does not end ..." or "would wait ...". That they
 * cannot be listed for another reason is true. */
bool device_list_survives(char *text, size_t capacity);

/* The caller frees `*infos`. No device at all is EPOCL_ERROR_DEVICE. */
epocl_status device_list(epocl_device_info **infos, size_t *count);

/* epocl_device_open() of `selector`, with what the settings say of its use. */
epocl_status device_open(const settings *given, const char *selector, epocl_device **device);

#endif
