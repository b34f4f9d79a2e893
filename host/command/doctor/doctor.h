/* The parts of `epocl doctor`, in the order they run. */
#ifndef EPOCL_COMMAND_DOCTOR_DOCTOR_H
#define EPOCL_COMMAND_DOCTOR_DOCTOR_H

#include "command/doctor/finding.h"

#include <stddef.h>

/* A maker of GPUs, and what Linux offers for them. */
typedef struct gpu_vendor {
    unsigned pci_id;
    const char *name;
    const char *word;           /* in what its OpenCL devices say as their vendor          */
    const char *nodes;          /* device nodes that its OpenCL drivers open, as a pattern */
    const char *into_container; /* options that pass it into a container                   */
    const char *kernel_package; /* Debian package for the kernel's side                    */
    const char *opencl_advice;  /* how to get its OpenCL driver                            */
    const char *rusticl_name;   /* of its driver in RUSTICL_ENABLE                         */
} gpu_vendor;

enum { GPU_VENDOR_COUNT = 3 };
extern const gpu_vendor gpu_vendors[GPU_VENDOR_COUNT];

/* What there is without regard to OpenCL. */
typedef struct hardware {
    size_t gpu_counts[GPU_VENDOR_COUNT];
    bool is_container;
} hardware;

/* The OpenCL loader, where it looks for drivers, and whether the library of each can be loaded. Makes child processes,
 * so it comes before the first OpenCL call. False when OpenCL must not be started: a program would wait without end. */
bool doctor_loader(findings *found);

/* GPUs on the PCI bus, device nodes and their permissions, containers. `root` ("" but for tests) is put before the
 * paths of /sys, /dev and the like. */
void doctor_hardware(findings *found, const char *root, hardware *seen);

/* Variables that change what drivers, loader and epocl do. */
void doctor_environment(findings *found);

/* Where results of self-tests and timings are kept. */
void doctor_cache(findings *found);

/* Platforms and devices, their limits and self-tests, and GPUs that no platform knows. `*usable_count` becomes the
 * number of devices that epocl can use. EPOCL_ERROR_TIMEOUT when one did not answer: the program must end accordingly.
 */
epocl_status doctor_devices(findings *found, const hardware *seen, size_t *usable_count);

#endif
