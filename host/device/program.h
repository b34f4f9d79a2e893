/* Programs from the embedded kernel files. */
#ifndef EPOCL_DEVICE_PROGRAM_H
#define EPOCL_DEVICE_PROGRAM_H

#include "device/device.h"
#include "plan/plan.h"

/* Compiles the named kernel files (without ".cl"), after what all files share, for the plan's tile shape. With a
 * `resident_text` (else NULL) their operations become functions, and that text follows them.
 * EPOCL_KERNEL_DIR in the environment names a folder that is read instead of the embedded texts. A failed
 * build gives the first lines of the compiler's log. */
epocl_status program_build(const epocl_device *device, const plan *p, const char *const *sources, size_t source_count,
                           const char *resident_text, cl_program *program);

#endif
