/* An OpenCL layer that makes every device odd, in the ways that ODD_LAYER names, with commas between them:
 *   unavailable, no-compiler, other-byte-order, no-infinity, old, embedded   what the device says of itself
 *   coloured   its name has control characters, of Unicode and bytes that are no text, too
 *   small      allocates at most 64 KiB in one piece
 *   poor       has 64 KiB of memory in all
 *   memory=N   has N KiB of memory in all
 *   narrow     work-groups of at most 16, in one dimension of at most 8
 *   tight      work-groups of at most 4 for a kernel that does not declare its size, which only the kernel tells
 *   abort, fault   asking for devices ends the process
 *   flat       work-groups of one row
 *   gpu        is a GPU
 *   crowded    work-groups of at most 64 for the kernels of matmul local, which only they tell
 *   spilling   private memory for those of them that have 256 items for a block
 *   pair       has two compute units
 *   failing    tells of each command whose end is asked for by a callback that it has failed
 *   skipping=K whatever launches the kernel K: it does nothing, and says that it has been done
 *   stall=N    the device does nothing from the Nth kernel launch on: it waits for an event that never comes */
#include "support/cl_layer.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TIGHT_GROUP = 4, CROWDED_GROUP = 64, SPILLING_ITEMS = 256 };

static const cl_icd_dispatch *target; /* what the loader would have called without this layer */
static cl_icd_dispatch odd;
static atomic_ulong launch_count;

/* Whether ODD_LAYER names `way`, and the number after its '=', or 1. */
static unsigned long named(const char *way) {
    const size_t length = strlen(way);
    const char *ways = getenv("ODD_LAYER");
    for (; ways && *ways; ways += strcspn(ways, ",") + (strchr(ways, ',') != NULL)) {
        if (strncmp(ways, way, length) != 0) continue;
        if (ways[length] == '=') return strtoul(ways + length + 1, NULL, 10);
        if (ways[length] == ',' || ways[length] == '\0') return 1;
    }
    return 0;
}

/* Whether ODD_LAYER names `way` with `value` after its '='. */
static bool named_with(const char *way, const char *value) {
    const size_t length = strlen(way), value_length = strlen(value);
    const char *ways = getenv("ODD_LAYER");
    for (; ways && *ways; ways += strcspn(ways, ",") + (strchr(ways, ',') != NULL)) {
        if (strncmp(ways, way, length) != 0 || ways[length] != '=') continue;
        if (strcspn(ways + length + 1, ",") == value_length && strncmp(ways + length + 1, value, value_length) == 0)
            return true;
    }
    return false;
}

/* What an odd device says of itself, in place of its own answer. */
typedef struct odd_answer {
    cl_device_info name;
    const char *way;
    const void *value;
    size_t bytes;
} odd_answer;
#define ODD(name, way, type, ...)                                                                                      \
    { name, way, (const type[]){__VA_ARGS__}, sizeof((const type[]){__VA_ARGS__}) }
#define ODD_TEXT(name, way, text)                                                                                      \
    { name, way, text, sizeof(text) }

/* clang-format off */
static const odd_answer odd_answers[] = {
    ODD_TEXT(CL_DEVICE_NAME, "coloured", "a \033[31mred\302\233 device\377"),
    ODD(CL_DEVICE_TYPE, "gpu", cl_device_type, CL_DEVICE_TYPE_GPU),
    ODD(CL_DEVICE_MAX_COMPUTE_UNITS, "pair", cl_uint, 2),
    ODD(CL_DEVICE_AVAILABLE, "unavailable", cl_bool, CL_FALSE),
    ODD(CL_DEVICE_COMPILER_AVAILABLE, "no-compiler", cl_bool, CL_FALSE),
    ODD(CL_DEVICE_SINGLE_FP_CONFIG, "no-infinity", cl_device_fp_config, CL_FP_ROUND_TO_NEAREST),
    ODD_TEXT(CL_DEVICE_VERSION, "old", "OpenCL 1.1 of old"),
    ODD_TEXT(CL_DEVICE_PROFILE, "embedded", "EMBEDDED_PROFILE"),
    ODD_TEXT(CL_DEVICE_EXTENSIONS, "embedded", ""),
    ODD(CL_DEVICE_MAX_MEM_ALLOC_SIZE, "small", cl_ulong, 64 * 1024),
    ODD(CL_DEVICE_GLOBAL_MEM_SIZE, "poor", cl_ulong, 64 * 1024),
    ODD(CL_DEVICE_MAX_WORK_GROUP_SIZE, "narrow", size_t, 16),
    ODD(CL_DEVICE_MAX_WORK_ITEM_SIZES, "narrow", size_t, 8, 16, 16),
    ODD(CL_DEVICE_MAX_WORK_ITEM_SIZES, "flat", size_t, 4096, 1, 1),
};
/* clang-format on */

static CL_API_ENTRY cl_int CL_API_CALL odd_device_info(cl_device_id device, cl_device_info name, size_t size, void *out,
                                                       size_t *size_written) {
    for (size_t i = 0; i < sizeof odd_answers / sizeof *odd_answers; i++)
        if (odd_answers[i].name == name && named(odd_answers[i].way))
            return layer_answer(odd_answers[i].value, odd_answers[i].bytes, size, out, size_written);
    if (name == CL_DEVICE_GLOBAL_MEM_SIZE && named("memory")) {
        const cl_ulong some = 1024 * (cl_ulong)named("memory");
        return ANSWER(some);
    }
    if (name == CL_DEVICE_ENDIAN_LITTLE && named("other-byte-order")) {
        cl_bool is_little = CL_TRUE;
        const cl_int code = target->clGetDeviceInfo(device, name, sizeof is_little, &is_little, NULL);
        is_little = !is_little;
        return code == CL_SUCCESS ? ANSWER(is_little) : code;
    }
    return target->clGetDeviceInfo(device, name, size, out, size_written);
}

/* Whether what the kernel says of itself is the device's answer: its own size, where it declares one. */
static bool is_tight(cl_kernel kernel, cl_device_id device) {
    size_t declared[3] = {0};
    return named("tight") &&
           target->clGetKernelWorkGroupInfo(kernel, device, CL_KERNEL_COMPILE_WORK_GROUP_SIZE, sizeof declared,
                                            declared, NULL) == CL_SUCCESS &&
           declared[0] == 0;
}

/* The work-items that a kernel of matmul local has for a block, 0 for any other kernel. */
static size_t block_items(cl_kernel kernel, cl_device_id device) {
    char name[64] = "";
    size_t declared[3] = {0};
    if (target->clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL) != CL_SUCCESS ||
        !strstr(name, "_local") ||
        target->clGetKernelWorkGroupInfo(kernel, device, CL_KERNEL_COMPILE_WORK_GROUP_SIZE, sizeof declared, declared,
                                         NULL) != CL_SUCCESS)
        return 0;
    return declared[0];
}

static CL_API_ENTRY cl_int CL_API_CALL odd_kernel_info(cl_kernel kernel, cl_device_id device,
                                                       cl_kernel_work_group_info name, size_t size, void *out,
                                                       size_t *size_written) {
    static const size_t group = TIGHT_GROUP, crowded = CROWDED_GROUP;
    static const cl_ulong spilled = 8192;
    if (name == CL_KERNEL_WORK_GROUP_SIZE && is_tight(kernel, device)) return ANSWER(group);
    if (name == CL_KERNEL_WORK_GROUP_SIZE && named("crowded") && block_items(kernel, device)) return ANSWER(crowded);
    if (name == CL_KERNEL_PRIVATE_MEM_SIZE && named("spilling") && block_items(kernel, device) == SPILLING_ITEMS)
        return ANSWER(spilled);
    return target->clGetKernelWorkGroupInfo(kernel, device, name, size, out, size_written);
}

static bool is_too_large(cl_command_queue queue, cl_kernel kernel, const size_t *local, cl_uint dimensions) {
    const size_t items = local ? local[0] * (dimensions > 1 ? local[1] : 1) : 0;
    cl_device_id device = NULL;
    target->clGetCommandQueueInfo(queue, CL_QUEUE_DEVICE, sizeof(cl_device_id), &device, NULL);
    return (named("narrow") && local && (local[0] > 8 || items > 16)) || (named("flat") && local && items > local[0]) ||
           (items > TIGHT_GROUP && is_tight(kernel, device));
}

static bool is_skipped(cl_kernel kernel) {
    char name[128] = "";
    return target->clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL) == CL_SUCCESS &&
           named_with("skipping", name);
}

/* What was enqueued before is done; this and all that follows in the queue waits. */
static cl_int stall(cl_command_queue queue) {
    cl_context context = NULL;
    cl_int code = target->clGetCommandQueueInfo(queue, CL_QUEUE_CONTEXT, sizeof context, &context, NULL);
    if (code != CL_SUCCESS) return code;
    const cl_event never = target->clCreateUserEvent(context, &code);
    return code == CL_SUCCESS ? target->clEnqueueBarrierWithWaitList(queue, 1, &never, NULL) : code;
}

static CL_API_ENTRY cl_int CL_API_CALL odd_launch(cl_command_queue queue, cl_kernel kernel, cl_uint dimensions,
                                                  const size_t *offset, const size_t *global, const size_t *local,
                                                  cl_uint event_count, const cl_event *events, cl_event *event) {
    const unsigned long stalls = named("stall");
    if (is_too_large(queue, kernel, local, dimensions)) return CL_INVALID_WORK_GROUP_SIZE;
    if (is_skipped(kernel)) return target->clEnqueueMarkerWithWaitList(queue, event_count, events, event);
    if (stalls && atomic_fetch_add(&launch_count, 1) + 1 == stalls) {
        const cl_int code = stall(queue);
        if (code != CL_SUCCESS) return code;
    }
    return target->clEnqueueNDRangeKernel(queue, kernel, dimensions, offset, global, local, event_count, events, event);
}

typedef void(CL_CALLBACK *event_callback)(cl_event, cl_int, void *);

typedef struct told {
    event_callback tell;
    void *user;
} told;

static void CL_CALLBACK tell_failure(cl_event event, cl_int code, void *user) {
    const told whom = *(told *)user;
    (void)code;
    free(user);
    whom.tell(event, CL_OUT_OF_RESOURCES, whom.user);
}

static CL_API_ENTRY cl_int CL_API_CALL odd_event_callback(cl_event event, cl_int type, event_callback tell,
                                                          void *user) {
    told *whom = named("failing") ? malloc(sizeof *whom) : NULL;
    if (!whom) return target->clSetEventCallback(event, type, tell, user);
    *whom = (told){tell, user};
    return target->clSetEventCallback(event, type, tell_failure, whom);
}

static CL_API_ENTRY cl_int CL_API_CALL odd_device_ids(cl_platform_id platform, cl_device_type type, cl_uint capacity,
                                                      cl_device_id *devices, cl_uint *count) {
    if (named("abort")) abort();
    if (named("fault")) raise(SIGSEGV);
    return target->clGetDeviceIDs(platform, type, capacity, devices, count);
}

LAYER_NAMED("epocl odd devices")

CL_API_ENTRY cl_int CL_API_CALL clInitLayer(cl_uint entry_count, const cl_icd_dispatch *below, cl_uint *own_entry_count,
                                            const cl_icd_dispatch **own) {
    const size_t known_count = sizeof odd / sizeof(void *);
    if (!below || !own_entry_count || !own || entry_count < known_count) return CL_INVALID_VALUE;
    target = below;
    odd = *below;
    odd.clGetDeviceIDs = odd_device_ids;
    odd.clGetDeviceInfo = odd_device_info;
    odd.clGetKernelWorkGroupInfo = odd_kernel_info;
    odd.clEnqueueNDRangeKernel = odd_launch;
    odd.clSetEventCallback = odd_event_callback;
    *own = &odd;
    *own_entry_count = (cl_uint)known_count;
    return CL_SUCCESS;
}
