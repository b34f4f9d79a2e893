/* The text of every .cl file of kernels and its rooms, compiled into the library by scripts/embed_kernels.sh. */
#ifndef EPOCL_DEVICE_EMBEDDED_KERNELS_H
#define EPOCL_DEVICE_EMBEDDED_KERNELS_H

#include <stddef.h>

typedef struct embedded_kernel {
    const char *room; /* its folder in kernels: "products"; "." of those right there */
    const char *name; /* file name, such as "forward_plain.cl" */
    const char *text; /* the whole file, ended by a NUL        */
} embedded_kernel;

/* In order of name, each name once. */
extern const embedded_kernel embedded_kernels[];
extern const size_t embedded_kernel_count;

#endif
