#include "device/device_info.h"
#include "base/checked.h"
#include "base/printable.h"
#include "device/device_cache.h"
#include "plan/plan.h"

#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = sizeof((epocl_device_info *)0)->name };

/* A text of a device, printable, cut to `capacity`. */
static epocl_status read_text(cl_device_id id, cl_device_info what, char *text, size_t capacity) {
    epocl_status status = EPOCL_OK;
    size_t bytes = 0;
    char *whole = NULL;
    CL_TRY(clGetDeviceInfo(id, what, 0, NULL, &bytes));
    TRY(allocate(bytes + 1, 1, "a device's description", &whole));
    CL_TRY(clGetDeviceInfo(id, what, bytes, whole, NULL));
    snprintf(text, capacity, "%s", printable_clean(whole));
cleanup:
    free(whole);
    return status;
}

/* The same of a platform. */
static epocl_status read_platform_text(cl_platform_id id, cl_platform_info what, char *text, size_t capacity) {
    epocl_status status = EPOCL_OK;
    size_t bytes = 0;
    char *whole = NULL;
    CL_TRY(clGetPlatformInfo(id, what, 0, NULL, &bytes));
    TRY(allocate(bytes + 1, 1, "a platform's description", &whole));
    CL_TRY(clGetPlatformInfo(id, what, bytes, whole, NULL));
    snprintf(text, capacity, "%s", printable_clean(whole));
cleanup:
    free(whole);
    return status;
}

/* ---- what epocl needs of a device ---- */

/* What decides whether a device is usable. Memory and work-groups do not: any size will do for some network. */
typedef struct device_needs {
    cl_bool is_available, has_compiler, is_little_endian;
    cl_device_fp_config single_config;
    unsigned major, minor; /* version of OpenCL */
    bool is_embedded, has_64_bit_integers;
} device_needs;

static epocl_status device_needs_read(cl_device_id id, device_needs *needs) {
    epocl_status status = EPOCL_OK;
    char version[TEXT_BYTES], profile[TEXT_BYTES], extensions[4096];
    *needs = (device_needs){0};
    CL_TRY(clGetDeviceInfo(id, CL_DEVICE_AVAILABLE, sizeof(cl_bool), &needs->is_available, NULL));
    CL_TRY(clGetDeviceInfo(id, CL_DEVICE_COMPILER_AVAILABLE, sizeof(cl_bool), &needs->has_compiler, NULL));
    CL_TRY(clGetDeviceInfo(id, CL_DEVICE_ENDIAN_LITTLE, sizeof(cl_bool), &needs->is_little_endian, NULL));
    CL_TRY(clGetDeviceInfo(id, CL_DEVICE_SINGLE_FP_CONFIG, sizeof needs->single_config, &needs->single_config, NULL));
    TRY(read_text(id, CL_DEVICE_VERSION, version, sizeof version));
    TRY(read_text(id, CL_DEVICE_PROFILE, profile, sizeof profile));
    TRY(read_text(id, CL_DEVICE_EXTENSIONS, extensions, sizeof extensions));
    if (sscanf(version, "OpenCL %u.%u", &needs->major, &needs->minor) != 2) needs->major = needs->minor = 0;
    needs->is_embedded = strcmp(profile, "EMBEDDED_PROFILE") == 0;
    needs->has_64_bit_integers = !needs->is_embedded || strstr(extensions, "cles_khr_int64") != NULL;
cleanup:
    return status;
}

/* Why epocl cannot use such a device; "" when it can. */
static void explain_unusable(const device_needs *needs, char *text, size_t capacity) {
    /* Rounding is part of every derived bound; infinities and NaN are how an epoch that diverges is noticed. Denormal
     * numbers may be flushed to zero. */
    const cl_device_fp_config config = CL_FP_ROUND_TO_NEAREST | CL_FP_INF_NAN;
    const uint32_t one = 1;
    const bool host_is_little_endian = *(const unsigned char *)&one == 1;
    *text = '\0';
    if (!needs->is_available)
        snprintf(text, capacity, "it is not available at present: switched off, or in use by another program");
    else if (needs->major < 1 || (needs->major == 1 && needs->minor < 2))
        snprintf(text, capacity, "its driver offers OpenCL %u.%u and epocl needs 1.2", needs->major, needs->minor);
    else if (!needs->has_compiler)
        snprintf(text, capacity, "its driver has no compiler for OpenCL C");
    else if ((bool)needs->is_little_endian != host_is_little_endian)
        snprintf(text, capacity, "its byte order is not that of the host");
    else if ((needs->single_config & config) != config)
        snprintf(text, capacity, "its fp32 does not round to nearest, or has no infinities and NaN");
    else if (!needs->has_64_bit_integers)
        snprintf(text, capacity, "it has no 64-bit integers");
}

/* Any device of OpenCL 2.0 has the fence; one of 3.0 may have it. */
static unsigned group_fence(cl_device_id id, const device_needs *needs) {
    const cl_bitfield both = OPENCL_FENCE_ACQ_REL | OPENCL_FENCE_DEVICE;
    cl_bitfield has = 0;
    if (needs->major == 2) return 200;
    if (needs->major < 3) return 0;
    const cl_int code = clGetDeviceInfo(id, OPENCL_FENCE_CAPABILITIES, sizeof has, &has, NULL);
    return code == CL_SUCCESS && (has & both) == both ? 300 : 0;
}

/* Whether its multiprocessors have what kernels/products/block_tensor.cl multiplies by, from Ampere on, and so fast
 * that three products of TF32 are faster than one of floats: eight times on the GPUs of computing centres, whose
 * capability is 8.0, 9.0 or 10, but no more than twice on those of desktops (NVIDIA's white papers of GA100 and GA102).
 */
static unsigned tensor_cores(cl_device_id id) {
    enum { AMPERE = 8, BLACKWELL = 10 };
    cl_uint major = 0, minor = 0;
    if (clGetDeviceInfo(id, OPENCL_NV_CAPABILITY_MAJOR, sizeof major, &major, NULL) != CL_SUCCESS) return 0;
    if (clGetDeviceInfo(id, OPENCL_NV_CAPABILITY_MINOR, sizeof minor, &minor, NULL) != CL_SUCCESS) return 0;
    return major == BLACKWELL || (major >= AMPERE && major < BLACKWELL && minor == 0);
}

/* ---- descriptions ---- */

epocl_status device_info_read(cl_device_id id, epocl_device_info *info) {
    epocl_status status = EPOCL_OK;
    cl_platform_id platform = NULL;
    device_needs needs;
    cl_uint dimension_count = 0;
    size_t *item_counts = NULL; /* along each dimension */
    cl_device_type type = 0;
    cl_ulong global_memory = 0, max_allocation = 0, local_memory = 0;
    cl_uint compute_units = 0, vector_width = 0;
    const struct {
        cl_device_info what;
        size_t bytes;
        void *value;
    } values[] = {
        {CL_DEVICE_PLATFORM, sizeof platform, &platform},
        {CL_DEVICE_TYPE, sizeof type, &type},
        {CL_DEVICE_GLOBAL_MEM_SIZE, sizeof global_memory, &global_memory},
        {CL_DEVICE_MAX_MEM_ALLOC_SIZE, sizeof max_allocation, &max_allocation},
        {CL_DEVICE_LOCAL_MEM_SIZE, sizeof local_memory, &local_memory},
        {CL_DEVICE_MAX_WORK_GROUP_SIZE, sizeof info->max_work_group_size, &info->max_work_group_size},
        {CL_DEVICE_MAX_COMPUTE_UNITS, sizeof compute_units, &compute_units},
        {CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, sizeof vector_width, &vector_width},
        {CL_DEVICE_MAX_WORK_ITEM_DIMENSIONS, sizeof dimension_count, &dimension_count},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        CL_TRY(clGetDeviceInfo(id, values[i].what, values[i].bytes, values[i].value, NULL));
    TRY(read_text(id, CL_DEVICE_NAME, info->name, sizeof info->name));
    TRY(read_text(id, CL_DEVICE_VENDOR, info->vendor, sizeof info->vendor));
    TRY(read_text(id, CL_DEVICE_VERSION, info->device_version, sizeof info->device_version));
    TRY(read_text(id, CL_DRIVER_VERSION, info->driver_version, sizeof info->driver_version));
    TRY(read_platform_text(platform, CL_PLATFORM_NAME, info->platform_name, sizeof info->platform_name));
    TRY(allocate(dimension_count + 2, sizeof *item_counts, "a device's description", &item_counts));
    CL_TRY(
        clGetDeviceInfo(id, CL_DEVICE_MAX_WORK_ITEM_SIZES, dimension_count * sizeof *item_counts, item_counts, NULL));
    TRY(device_needs_read(id, &needs));
    explain_unusable(&needs, info->unusable, sizeof info->unusable);
    info->type = type & CL_DEVICE_TYPE_GPU   ? EPOCL_DEVICE_GPU
                 : type & CL_DEVICE_TYPE_CPU ? EPOCL_DEVICE_CPU
                                             : EPOCL_DEVICE_OTHER;
    info->global_memory_bytes = global_memory;
    info->max_allocation_bytes = max_allocation;
    info->local_memory_bytes = local_memory;
    const size_t most = smaller(info->max_work_group_size, item_counts[0]), rows = item_counts[1] ? item_counts[1] : 1;
    info->max_work_group_size = smaller(most, GROUP_ITEMS_A_ROW * smaller(rows, most));
    info->compute_units = compute_units ? compute_units : 1;
    info->native_vector_width = vector_width;
    char known[CACHE_TEXT_CAPACITY];
    if (device_recall(info, SELF_TEST_KEY, known)) snprintf(info->self_test, sizeof info->self_test, "%.15s", known);
    info->group_fence = info->type == EPOCL_DEVICE_CPU ? 0 : group_fence(id, &needs);
    info->tensor_cores = strstr(info->platform_name, "NVIDIA") ? tensor_cores(id) : 0;
cleanup:
    free(item_counts);
    return status;
}

epocl_status platform_info_read(cl_platform_id platform, epocl_platform_info *info) {
    epocl_status status = EPOCL_OK;
    cl_uint device_count = 0;
    *info = (epocl_platform_info){0};
    TRY(read_platform_text(platform, CL_PLATFORM_NAME, info->name, sizeof info->name));
    TRY(read_platform_text(platform, CL_PLATFORM_VENDOR, info->vendor, sizeof info->vendor));
    TRY(read_platform_text(platform, CL_PLATFORM_VERSION, info->version, sizeof info->version));
    const cl_int code = clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, NULL, &device_count);
    if (code == CL_SUCCESS)
        info->device_count = device_count;
    else if (code != CL_DEVICE_NOT_FOUND)
        snprintf(info->failure, sizeof info->failure, "clGetDeviceIDs: %s (%d)", opencl_code_name(code), (int)code);
cleanup:
    return status;
}
