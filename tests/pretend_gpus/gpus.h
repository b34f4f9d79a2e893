/* GPUs that a CPU device of PoCL pretends to be (layer.c), so that what is decided from a device's answers is tested
 * for devices that the tests do not have. A row of the table is a GPU, as its driver answers. */
#ifndef EPOCL_TESTS_PRETEND_GPUS_H
#define EPOCL_TESTS_PRETEND_GPUS_H

#include <CL/cl.h>
#include <stddef.h>

typedef struct pretend_gpu {
    const char *key; /* what PRETEND_GPUS calls it */
    const char *name, *vendor, *platform, *version, *c_version, *driver, *extensions;
    cl_uint units; /* by the vendor's convention: multiprocessors, pairs of compute units, EUs, cores */
    size_t group_items, item_sizes[3]; /* most of a work-group, and along each dimension */
    size_t group_rows;                 /* most work-groups along the second dimension; 0: any */
    cl_ulong local_bytes;
    cl_device_local_mem_type local_type;
    cl_ulong global_bytes, piece_bytes, cache_bytes, constant_bytes; /* a piece: the largest allocation */
    cl_uint cache_line_bytes, preferred_floats, native_floats;
    cl_bool is_unified; /* memory is the host's */
    cl_bitfield fences; /* CL_DEVICE_ATOMIC_FENCE_CAPABILITIES; 0: a query that it does not know */
    cl_uint capability; /* CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV; 0: likewise */
    /* Its compiler keeps sums of matmul local in private memory where an item has as many as the first or more, or a
     * block has no more items than the second; 0: nowhere. As `make gpu-static` measures it. */
    size_t private_sums, private_items;
    size_t private_long_sums; /* likewise in an update in sections, which has three times as many */
    /* What the tests expect that the products of 784-512-512-10 take, batch 128, and of 784-2048-2048-10, batch 512 and
     * 2048: the shapes of matmul local. */
    const char *medium, *large, *long_;
} pretend_gpu;

extern const pretend_gpu pretend_gpus[];
extern const size_t pretend_gpu_count;

/* NULL if there is none of that name. */
const pretend_gpu *pretend_gpu_named(const char *key, size_t length);

#endif
