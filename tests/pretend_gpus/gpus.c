#include "pretend_gpus/gpus.h"

#include <string.h>

#define KIB *1024ull
#define MIB *1024ull KIB
#define GIB *1024ull MIB

/* Of CL_DEVICE_ATOMIC_FENCE_CAPABILITIES: relaxed and acquire-release order, in a work-group; and all there are. */
#define FENCES_OF_GROUPS 0x13
#define ALL_FENCES       0x7f

/* Extensions that programs ask for; drivers list many more. */
#define ATOMICS                                                                                                        \
    "cl_khr_global_int32_base_atomics cl_khr_global_int32_extended_atomics cl_khr_local_int32_base_atomics "           \
    "cl_khr_local_int32_extended_atomics "

const pretend_gpu pretend_gpus[] = {
    {
        .key = "h100",
        .name = "NVIDIA H100 80GB HBM3",
        .vendor = "NVIDIA Corporation",
        .platform = "NVIDIA CUDA, pretended", /* by its own name, 128 groups would be let wait for each other */
        .version = "OpenCL 3.0 CUDA",
        .c_version = "OpenCL C 1.2 ",
        .driver = "550.54.15",
        .extensions = ATOMICS "cl_khr_fp64 cl_khr_byte_addressable_store cl_khr_icd cl_nv_compiler_options "
                              "cl_nv_device_attribute_query cl_nv_pragma_unroll cl_khr_device_uuid",
        .units = 132,
        .group_items = 1024,
        .item_sizes = {1024, 1024, 64},
        .group_rows = 65535,
        .local_bytes = 48 KIB,
        .local_type = CL_LOCAL,
        .global_bytes = 79 GIB,
        .piece_bytes = 20224 MIB, /* a quarter */
        .cache_bytes = 132 * 32 KIB,
        .constant_bytes = 64 KIB,
        .cache_line_bytes = 128,
        .preferred_floats = 1,
        .native_floats = 1,
        .fences = FENCES_OF_GROUPS,
        .capability = 9,
        .medium = "32x4x2x4",
        .large = "64x4x2x1+32x4x2x1",
        .long_ = "64x4x2x1+32x4x2x1",
    },
    {
        .key = "rx6800",
        .name = "gfx1030",
        .vendor = "Advanced Micro Devices, Inc.",
        .platform = "AMD Accelerated Parallel Processing",
        .version = "OpenCL 2.0 ",
        .c_version = "OpenCL C 2.0 ",
        .driver = "3602.0 (HSA1.1,LC)",
        .extensions = ATOMICS "cl_khr_fp64 cl_khr_fp16 cl_khr_byte_addressable_store cl_khr_subgroups "
                              "cl_amd_device_attribute_query cl_amd_media_ops",
        .units = 30, /* of 60 compute units, in pairs */
        .group_items = 256,
        .item_sizes = {1024, 1024, 1024},
        .local_bytes = 64 KIB,
        .local_type = CL_LOCAL,
        .global_bytes = 16368 MIB,
        .piece_bytes = 13912 MIB,
        .cache_bytes = 16 KIB,
        .constant_bytes = 13912 MIB,
        .cache_line_bytes = 64,
        .preferred_floats = 1,
        .native_floats = 1,
        .medium = "64x8x1x1+32x4x1x4",
        .large = "128x8x2x1+64x8x1x1+32x4x1x1",
        .long_ = "128x8x2x1+64x8x1x1+32x4x1x1",
    },
    {
        .key = "arc",
        .name = "Intel(R) Arc(TM) A770 Graphics",
        .vendor = "Intel(R) Corporation",
        .platform = "Intel(R) OpenCL Graphics",
        .version = "OpenCL 3.0 NEO ",
        .c_version = "OpenCL C 1.2 ",
        .driver = "23.35.27191.42",
        .extensions = ATOMICS "cl_khr_byte_addressable_store cl_khr_fp16 cl_khr_subgroups cl_intel_subgroups "
                              "cl_intel_required_subgroup_size cl_khr_subgroup_shuffle cl_khr_command_buffer",
        .units = 512, /* of 8 lanes */
        .group_items = 1024,
        .item_sizes = {1024, 1024, 1024},
        .local_bytes = 64 KIB,
        .local_type = CL_LOCAL,
        .global_bytes = 15919 MIB,
        .piece_bytes = 4 GIB - 4096,
        .cache_bytes = 16 MIB,
        .constant_bytes = 4 GIB - 4096,
        .cache_line_bytes = 64,
        .preferred_floats = 1,
        .native_floats = 1,
        .fences = ALL_FENCES,
        .private_sums = 64,
        .private_items = 32,
        .private_long_sums = 32,
        .medium = "32x4x1x4",
        .large = "64x8x1x1+32x4x1x1",
        .long_ = "32x4x1x1",
    },
    {
        .key = "uhd",
        .name = "Intel(R) UHD Graphics [0x9bca]",
        .vendor = "Intel(R) Corporation",
        .platform = "Intel(R) OpenCL HD Graphics",
        .version = "OpenCL 3.0 NEO ",
        .c_version = "OpenCL C 3.0 ",
        .driver = "21.24.20098",
        .extensions = ATOMICS "cl_khr_byte_addressable_store cl_khr_fp16 cl_khr_fp64 cl_khr_subgroups "
                              "cl_intel_subgroups cl_intel_required_subgroup_size",
        .units = 24,
        .group_items = 256,
        .item_sizes = {256, 256, 256},
        .local_bytes = 64 KIB,
        .local_type = CL_LOCAL,
        .global_bytes = 12 GIB,
        .piece_bytes = 4 GIB - 4096,
        .cache_bytes = 512 KIB,
        .constant_bytes = 4 GIB - 4096,
        .cache_line_bytes = 64,
        .preferred_floats = 1,
        .native_floats = 1,
        .is_unified = CL_TRUE,
        .fences = ALL_FENCES,
        .private_sums = 64,
        .private_items = 32,
        .private_long_sums = 32,
        .medium = "64x8x1x1+32x4x1x1",
        .large = "64x8x1x1+32x4x1x1",
        .long_ = "32x4x1x1",
    },
    {
        .key = "mali",
        .name = "Mali-G71",
        .vendor = "ARM",
        .platform = "ARM Platform",
        .version = "OpenCL 2.0 v1.r9p0-01rel0.37c12a13c46b4c2d9d736e0d5ace2e5e",
        .c_version = "OpenCL C 2.0 v1.r9p0-01rel0.37c12a13c46b4c2d9d736e0d5ace2e5e",
        .driver = "2.0",
        .extensions = ATOMICS "cl_khr_byte_addressable_store cl_khr_fp16 cl_khr_subgroups cl_khr_int64_base_atomics "
                              "cl_arm_core_id cl_arm_printf",
        .units = 8,
        .group_items = 384, /* no power of two */
        .item_sizes = {256, 256, 256},
        .local_bytes = 32 KIB,
        .local_type = CL_GLOBAL, /* no memory of its own */
        .global_bytes = 3 GIB,
        .piece_bytes = 768 MIB,
        .cache_bytes = 1 MIB,
        .constant_bytes = 64 KIB,
        .cache_line_bytes = 64,
        .preferred_floats = 4,
        .native_floats = 4,
        .is_unified = CL_TRUE,
        .medium = "64x8x1x1+32x4x1x1",
        .large = "128x8x2x1+32x4x1x1",
        .long_ = "128x8x2x1+64x8x1x1+32x4x1x1",
    },
};
const size_t pretend_gpu_count = sizeof pretend_gpus / sizeof *pretend_gpus;

const pretend_gpu *pretend_gpu_named(const char *key, size_t length) {
    for (size_t i = 0; i < pretend_gpu_count; i++)
        if (strlen(pretend_gpus[i].key) == length && memcmp(pretend_gpus[i].key, key, length) == 0)
            return &pretend_gpus[i];
    return NULL;
}
