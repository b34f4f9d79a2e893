/* An OpenCL layer that makes devices answer as the GPUs of gpus.c, and holds the program to what they say:
 *   PRETEND_GPUS=KEY,...     what each device is, in the order in which the loader lists them; "-" stays as it is, and
 *                            so do those not named
 *   PRETEND_GLOBAL=BYTES     memory of each, in place of the row's
 *   PRETEND_UNITS=COUNT      likewise compute units
 *   PRETEND_FENCES=1         programs of OpenCL C 2.0 and later are built; else not, whatever the device says: PoCL
 * takes a minute for what is tried with them PRETEND_IDLE=1           nothing that is launched is done: for those who
 * want to see only what would be PRETEND_DUMP=FOLDER      what a compiler is given, as FOLDER/N.cl and N.options; a
 * line for each launch in FOLDER/launches: program, kernel, items and work-group in each of two dimensions What a
 * device computes is not touched: that is the CPU's. */
#include "pretend_gpus/gpus.h"
#include "pretend_gpus/dump.h"
#include "support/cl_layer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_DEVICES = 64, MOST_PLATFORMS = 16, SPILLED_BYTES = 512 };

static const cl_icd_dispatch *target; /* what the loader would have called without this layer */
static cl_icd_dispatch pretend;

/* ---- who is what ---- */

static cl_device_id known[MOST_DEVICES]; /* in the order of the loader's list */
static const pretend_gpu *gpus[MOST_DEVICES];
static size_t known_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The row for the device in this place of the list; NULL: it stays as it is. */
static const pretend_gpu *row_at(size_t place) {
    const char *text = getenv("PRETEND_GPUS");
    for (; text && place > 0; place--) text = strchr(text, ',') ? strchr(text, ',') + 1 : NULL;
    if (!text) return NULL;
    const size_t length = strcspn(text, ",");
    const pretend_gpu *gpu = pretend_gpu_named(text, length);
    if (gpu || length == 0 || strncmp(text, "-", length) == 0) return gpu;
    fprintf(stderr, "PRETEND_GPUS: no GPU is called '%.*s'\n", (int)length, text);
    abort();
}

static void list_devices(void) {
    cl_platform_id platforms[MOST_PLATFORMS];
    cl_uint platform_count = 0;
    if (target->clGetPlatformIDs(MOST_PLATFORMS, platforms, &platform_count) != CL_SUCCESS) return;
    for (cl_uint p = 0; p < platform_count && p < MOST_PLATFORMS; p++) {
        cl_uint count = 0;
        if (target->clGetDeviceIDs(platforms[p], CL_DEVICE_TYPE_ALL, (cl_uint)(MOST_DEVICES - known_count),
                                   known + known_count, &count) == CL_SUCCESS)
            known_count += count;
        if (known_count >= MOST_DEVICES) break;
    }
    for (size_t i = 0; i < known_count && i < MOST_DEVICES; i++) gpus[i] = row_at(i);
}

static const pretend_gpu *gpu_of(cl_device_id device) {
    pthread_once(&once, list_devices);
    for (size_t i = 0; i < known_count && i < MOST_DEVICES; i++)
        if (known[i] == device) return gpus[i];
    return NULL;
}

static const pretend_gpu *gpu_of_queue(cl_command_queue queue) {
    cl_device_id device = NULL;
    target->clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof(cl_device_id), &device, NULL);
    return gpu_of(device);
}

static cl_ulong global_bytes(const pretend_gpu *gpu) {
    const char *text = getenv("PRETEND_GLOBAL");
    return text ? strtoull(text, NULL, 10) : gpu->global_bytes;
}

static cl_uint units_of(const pretend_gpu *gpu) {
    const char *text = getenv("PRETEND_UNITS");
    return text ? (cl_uint)strtoul(text, NULL, 10) : gpu->units;
}

/* ---- answers ---- */

enum { FENCE_CAPABILITIES = 0x1064 };                       /* of OpenCL 3.0 */
enum { NV_CAPABILITY_MAJOR = 0x4000, NV_CAPABILITY_MINOR }; /* of cl_nv_device_attribute_query */

static CL_API_ENTRY cl_int CL_API_CALL pretend_device_info(cl_device_id device, cl_device_info name, size_t size,
                                                           void *out, size_t *size_written) {
    static const cl_device_type type = CL_DEVICE_TYPE_GPU;
    static const cl_uint minor = 0;
    const pretend_gpu *gpu = gpu_of(device);
    const cl_ulong memory = gpu ? global_bytes(gpu) : 0;
    const cl_uint units = gpu ? units_of(gpu) : 0;
    if (!gpu) return target->clGetDeviceInfo(device, name, size, out, size_written);
    const cl_ulong piece = gpu->piece_bytes < memory ? gpu->piece_bytes : memory;
    switch (name) {
    case CL_DEVICE_TYPE: return ANSWER(type);
    case CL_DEVICE_NAME: return ANSWER_TEXT(gpu->name);
    case CL_DEVICE_VENDOR: return ANSWER_TEXT(gpu->vendor);
    case CL_DEVICE_VERSION: return ANSWER_TEXT(gpu->version);
    case CL_DEVICE_OPENCL_C_VERSION: return ANSWER_TEXT(gpu->c_version);
    case CL_DRIVER_VERSION: return ANSWER_TEXT(gpu->driver);
    case CL_DEVICE_EXTENSIONS: return ANSWER_TEXT(gpu->extensions);
    case CL_DEVICE_MAX_COMPUTE_UNITS: return ANSWER(units);
    case CL_DEVICE_MAX_WORK_GROUP_SIZE: return ANSWER(gpu->group_items);
    case CL_DEVICE_MAX_WORK_ITEM_SIZES: return ANSWER(gpu->item_sizes);
    case CL_DEVICE_LOCAL_MEM_SIZE: return ANSWER(gpu->local_bytes);
    case CL_DEVICE_LOCAL_MEM_TYPE: return ANSWER(gpu->local_type);
    case CL_DEVICE_GLOBAL_MEM_SIZE: return ANSWER(memory);
    case CL_DEVICE_MAX_MEM_ALLOC_SIZE: return ANSWER(piece);
    case CL_DEVICE_GLOBAL_MEM_CACHE_SIZE: return ANSWER(gpu->cache_bytes);
    case CL_DEVICE_GLOBAL_MEM_CACHELINE_SIZE: return ANSWER(gpu->cache_line_bytes);
    case CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE: return ANSWER(gpu->constant_bytes);
    case CL_DEVICE_PREFERRED_VECTOR_WIDTH_FLOAT: return ANSWER(gpu->preferred_floats);
    case CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT: return ANSWER(gpu->native_floats);
    case CL_DEVICE_HOST_UNIFIED_MEMORY: return ANSWER(gpu->is_unified);
    case NV_CAPABILITY_MAJOR: return gpu->capability ? ANSWER(gpu->capability) : CL_INVALID_VALUE;
    case NV_CAPABILITY_MINOR: return gpu->capability ? ANSWER(minor) : CL_INVALID_VALUE;
    case FENCE_CAPABILITIES: return gpu->fences ? ANSWER(gpu->fences) : CL_INVALID_VALUE;
    default: return target->clGetDeviceInfo(device, name, size, out, size_written);
    }
}

/* A platform is its first device's. */
static CL_API_ENTRY cl_int CL_API_CALL pretend_platform_info(cl_platform_id platform, cl_platform_info name,
                                                             size_t size, void *out, size_t *size_written) {
    cl_device_id first = NULL;
    if (target->clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 1, &first, NULL) == CL_SUCCESS && gpu_of(first)) {
        if (name == CL_PLATFORM_NAME) return ANSWER_TEXT(gpu_of(first)->platform);
        if (name == CL_PLATFORM_VENDOR) return ANSWER_TEXT(gpu_of(first)->vendor);
        if (name == CL_PLATFORM_VERSION) return ANSWER_TEXT(gpu_of(first)->version);
    }
    return target->clGetPlatformInfo(platform, name, size, out, size_written);
}

/* Those of a type, as they pretend to be. */
static CL_API_ENTRY cl_int CL_API_CALL pretend_device_ids(cl_platform_id platform, cl_device_type type,
                                                          cl_uint capacity, cl_device_id *devices, cl_uint *count) {
    cl_device_id all[MOST_DEVICES];
    cl_uint all_count = 0, kept = 0;
    const cl_int code = target->clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, MOST_DEVICES, all, &all_count);
    if (type == CL_DEVICE_TYPE_ALL || type == CL_DEVICE_TYPE_DEFAULT || code != CL_SUCCESS)
        return target->clGetDeviceIDs(platform, type, capacity, devices, count);
    for (cl_uint i = 0; i < all_count && i < MOST_DEVICES; i++) {
        cl_device_type its = 0;
        pretend_device_info(all[i], CL_DEVICE_TYPE, sizeof its, &its, NULL);
        if (its & type) all[kept++] = all[i];
    }
    if (count) *count = kept;
    for (cl_uint i = 0; devices && i < kept && i < capacity; i++) devices[i] = all[i];
    return kept ? CL_SUCCESS : CL_DEVICE_NOT_FOUND;
}

/* ---- kernels ---- */

/* Whether this GPU's compiler keeps sums of the kernel in private memory: of a block, whose shape its name ends with.
 */
static int is_in_memory(const pretend_gpu *gpu, cl_kernel kernel) {
    char name[64] = "";
    size_t block, rows, vectors, parts;
    if (target->clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL) != CL_SUCCESS) return 0;
    const char *shape = strrchr(name, '_');
    if (!strstr(name, "_local_") || sscanf(shape, "_%zux%zux%zux%zu", &block, &rows, &vectors, &parts) != 4) return 0;
    const size_t sums = 4 * rows * vectors;
    const size_t most = strstr(name, "_long_") ? gpu->private_long_sums : gpu->private_sums;
    return (most && sums >= most) || block * block / sums <= gpu->private_items;
}

static CL_API_ENTRY cl_int CL_API_CALL pretend_kernel_info(cl_kernel kernel, cl_device_id device,
                                                           cl_kernel_work_group_info name, size_t size, void *out,
                                                           size_t *size_written) {
    const pretend_gpu *gpu = gpu_of(device);
    const cl_int code = target->clGetKernelWorkGroupInfo(kernel, device, name, size, out, size_written);
    if (!gpu || code != CL_SUCCESS) return code;
    if (name == CL_KERNEL_WORK_GROUP_SIZE) {
        size_t items = 0;
        target->clGetKernelWorkGroupInfo(kernel, device, name, sizeof items, &items, NULL);
        if (items > gpu->group_items) items = gpu->group_items;
        return ANSWER(items);
    }
    if (name == CL_KERNEL_PRIVATE_MEM_SIZE) {
        const cl_ulong bytes = is_in_memory(gpu, kernel) ? SPILLED_BYTES : 0;
        return ANSWER(bytes);
    }
    return code;
}

static cl_int check_launch(const pretend_gpu *gpu, cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                           const size_t *global, const size_t *local) {
    cl_device_id device = NULL;
    cl_ulong local_bytes = 0;
    size_t items = 1;
    for (cl_uint i = 0; local && i < dimensions; i++) {
        if (local[i] > gpu->item_sizes[i]) return CL_INVALID_WORK_ITEM_SIZE;
        items *= local[i];
    }
    if (items > gpu->group_items) return CL_INVALID_WORK_GROUP_SIZE;
    if (gpu->group_rows && local && dimensions > 1 && global[1] / local[1] > gpu->group_rows)
        return CL_INVALID_GLOBAL_WORK_SIZE;
    target->clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof(cl_device_id), &device, NULL);
    target->clGetKernelWorkGroupInfo(kernel, device, CL_KERNEL_LOCAL_MEM_SIZE, sizeof local_bytes, &local_bytes, NULL);
    return local_bytes > gpu->local_bytes ? CL_OUT_OF_RESOURCES : CL_SUCCESS;
}

static CL_API_ENTRY cl_int CL_API_CALL pretend_launch(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                                      const size_t *offset, const size_t *global, const size_t *local,
                                                      cl_uint wait_count, const cl_event *waits, cl_event *event) {
    const pretend_gpu *gpu = gpu_of_queue(queue);
    const cl_int code = gpu ? check_launch(gpu, queue, kernel, dimensions, global, local) : CL_SUCCESS;
    if (code != CL_SUCCESS) return code;
    dump_launch(target, kernel, dimensions, global, local);
    if (getenv("PRETEND_IDLE")) return target->clEnqueueMarkerWithWaitList(queue, wait_count, waits, event);
    return target->clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local, wait_count, waits, event);
}

/* ---- memory ---- */

static atomic_ullong allocated; /* bytes of all buffers alive, whatever their device: the tests use one */

static void CL_CALLBACK forget(cl_mem buffer, void *bytes) {
    (void)buffer;
    atomic_fetch_sub(&allocated, (uintptr_t)bytes);
}

static cl_int check_buffer(cl_context context, size_t size) {
    cl_device_id device = NULL;
    cl_device_id devices[MOST_DEVICES];
    size_t bytes = 0;
    if (target->clGetContextInfo(context, CL_CONTEXT_DEVICES, sizeof devices, devices, &bytes) == CL_SUCCESS)
        device = devices[0];
    const pretend_gpu *gpu = gpu_of(device);
    if (!gpu) return CL_SUCCESS;
    if (size > gpu->piece_bytes) return CL_INVALID_BUFFER_SIZE;
    return atomic_load(&allocated) + size > global_bytes(gpu) ? CL_MEM_OBJECT_ALLOCATION_FAILURE : CL_SUCCESS;
}

static CL_API_ENTRY cl_mem CL_API_CALL pretend_buffer(cl_context context, cl_mem_flags flags, size_t size, void *host,
                                                      cl_int *status) {
    cl_int code = check_buffer(context, size);
    const cl_mem buffer = code == CL_SUCCESS ? target->clCreateBuffer(context, flags, size, host, &code) : NULL;
    if (buffer && target->clSetMemObjectDestructorCallback(buffer, forget, (void *)(uintptr_t)size) == CL_SUCCESS)
        atomic_fetch_add(&allocated, size);
    if (status) *status = code;
    return buffer;
}

/* ---- programs ---- */

static CL_API_ENTRY cl_int CL_API_CALL pretend_build(cl_program program, cl_uint device_count,
                                                     const cl_device_id *devices, const char *options,
                                                     void(CL_CALLBACK *notify)(cl_program, void *), void *user) {
    dump_program(target, program, options);
    const int is_later = options && (strstr(options, "-cl-std=CL2") || strstr(options, "-cl-std=CL3"));
    if (is_later && !getenv("PRETEND_FENCES")) return CL_BUILD_PROGRAM_FAILURE;
    return target->clBuildProgram(program, device_count, devices, options, notify, user);
}

/* ---- the layer ---- */

LAYER_NAMED("epocl pretend GPUs")

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entry_count, const cl_icd_dispatch *below, cl_uint *own_entry_count,
                                            const cl_icd_dispatch **own) {
    const size_t known_entries = sizeof pretend / sizeof(void *);
    if (!below || !own_entry_count || !own || entry_count < known_entries) return CL_INVALID_VALUE;
    target = below;
    pretend = *below;
    pretend.clGetDeviceIDs = pretend_device_ids;
    pretend.clGetDeviceInfo = pretend_device_info;
    pretend.clGetPlatformInfo = pretend_platform_info;
    pretend.clGetKernelWorkGroupInfo = pretend_kernel_info;
    pretend.clEnqueueNDRangeKernel = pretend_launch;
    pretend.clCreateBuffer = pretend_buffer;
    pretend.clBuildProgram = pretend_build;
    *own = &pretend;
    *own_entry_count = (cl_uint)known_entries;
    return CL_SUCCESS;
}
