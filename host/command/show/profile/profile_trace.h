/* A profile as a file in the Trace Event Format, which chrome://tracing and Perfetto show. */
#ifndef EPOCL_COMMAND_SHOW_PROFILE_PROFILE_TRACE_H
#define EPOCL_COMMAND_SHOW_PROFILE_PROFILE_TRACE_H

#include "command/show/profile/profile_rows.h"

/* Proves that the file can be made, and leaves nothing behind. */
epocl_status profile_trace_probe(const char *path);

/* Writes the file, whole or not at all. `speed` is the device's; NULL where it is not known. */
epocl_status profile_trace_write(const char *path, const launch_profile *profile, const epocl_device_info *device,
                                 const epocl_device_speed *speed, const char *plan);

#endif
