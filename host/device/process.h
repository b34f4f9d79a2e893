/* The process that uses OpenCL. No driver survives fork(): the threads it has started, and the locks they hold, are the
 * parent's. So a child of that process gets a sentence where a call into the driver might never return. */
#ifndef EPOCL_DEVICE_PROCESS_H
#define EPOCL_DEVICE_PROCESS_H

#include "base/status.h"

#include <stdbool.h>

/* Before any OpenCL call: the first one makes this process the one that uses OpenCL. EPOCL_ERROR_DEVICE in a child that
 * was forked after that. */
epocl_status process_check(void);

/* Whether this is such a child. */
bool process_is_forked(void);

#endif
