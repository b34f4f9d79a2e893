/* Keeps a table of the objects alive, with their references, and tells of those left when main() has ended. */
#include "layers/layer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

typedef struct object {
    const void *handle;
    const char *type, *maker; /* "cl_mem", "clCreateBuffer" */
    unsigned long references;
    size_t bytes; /* of a buffer */
} object;

static cl_icd_dispatch next;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static object *objects; /* under `lock`, as the two below */
static size_t object_count, object_capacity;

static object *find(const void *handle) {
    for (size_t i = object_count; i > 0; i--)
        if (objects[i - 1].handle == handle) return &objects[i - 1];
    return NULL;
}

static void add(const void *handle, const char *type, const char *maker, size_t bytes) {
    if (!handle) return;
    pthread_mutex_lock(&lock);
    if (object_count == object_capacity) {
        object_capacity = object_capacity ? 2 * object_capacity : 256;
        objects = realloc(objects, object_capacity * sizeof *objects);
        if (!objects) abort();
    }
    objects[object_count++] = (object){handle, type, maker, 1, bytes};
    pthread_mutex_unlock(&lock);
}

static void retain(const void *handle) {
    pthread_mutex_lock(&lock);
    object *held = find(handle);
    if (held) held->references++;
    pthread_mutex_unlock(&lock);
}

/* Before the driver gives the handle to a new object. False for what is no object of this process. */
static bool release(const void *handle, const char *name) {
    pthread_mutex_lock(&lock);
    object *held = find(handle);
    if (!held)
        layer_log("misuse: %s of what is not alive", name);
    else if (--held->references == 0)
        *held = objects[--object_count];
    pthread_mutex_unlock(&lock);
    return held != NULL;
}

size_t tracked_buffer_bytes(void) {
    size_t bytes = 0;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < object_count; i++) bytes += objects[i].bytes;
    pthread_mutex_unlock(&lock);
    return bytes;
}

/* ---- Entry points ---- */

#define ENTRY(return_type, name, parameters, arguments)
#define CREATE(return_type, name, parameters, arguments)                                                               \
    static CL_API_ENTRY return_type CL_API_CALL tracked_##name parameters {                                            \
        const return_type made = next.name arguments;                                                                  \
        add(made, #return_type, #name, 0);                                                                             \
        return made;                                                                                                   \
    }
#define RETAIN(return_type, name, parameters, arguments)                                                               \
    static CL_API_ENTRY cl_int CL_API_CALL tracked_##name parameters {                                                 \
        const cl_int code = next.name arguments;                                                                       \
        if (code == CL_SUCCESS) retain(arguments);                                                                     \
        return code;                                                                                                   \
    }
#define RELEASE(return_type, name, parameters, arguments)                                                              \
    static CL_API_ENTRY cl_int CL_API_CALL tracked_##name parameters {                                                 \
        return release(arguments, #name) ? next.name arguments : CL_INVALID_VALUE;                                     \
    }
#define ENQUEUE(return_type, name, parameters, arguments)                                                              \
    static CL_API_ENTRY cl_int CL_API_CALL tracked_##name parameters {                                                 \
        const cl_int code = next.name arguments;                                                                       \
        if (code == CL_SUCCESS && event) add(*event, "cl_event", #name, 0);                                            \
        return code;                                                                                                   \
    }
#define MAP(return_type, name, parameters, arguments)                                                                  \
    static CL_API_ENTRY return_type CL_API_CALL tracked_##name parameters {                                            \
        const return_type mapped = next.name arguments;                                                                \
        if (mapped && event) add(*event, "cl_event", #name, 0);                                                        \
        return mapped;                                                                                                 \
    }
#include "layers/entries.h"

static CL_API_ENTRY cl_mem CL_API_CALL tracked_buffer(cl_context context, cl_mem_flags flags, size_t size,
                                                      void *host_ptr, cl_int *status) {
    const cl_mem made = next.clCreateBuffer(context, flags, size, host_ptr, status);
    add(made, "cl_mem", "clCreateBuffer", size);
    return made;
}

static CL_API_ENTRY cl_int CL_API_CALL tracked_kernels(cl_program program, cl_uint capacity, cl_kernel *kernels,
                                                       cl_uint *count) {
    cl_uint made = 0;
    const cl_int code = next.clCreateKernelsInProgram(program, capacity, kernels, &made);
    for (cl_uint i = 0; code == CL_SUCCESS && kernels && i < made; i++)
        add(kernels[i], "cl_kernel", "clCreateKernelsInProgram", 0);
    if (count) *count = made;
    return code;
}

/* ---- The end ---- */

static void tell_alive(void) {
    pthread_mutex_lock(&lock);
    layer_log("calls %llu", layer_call_count());
    layer_log("alive %zu", object_count);
    for (size_t i = 0; i < object_count; i++)
        layer_log("object %s, %lu references, from %s", objects[i].type, objects[i].references, objects[i].maker);
    pthread_mutex_unlock(&lock);
}

void track_objects(cl_icd_dispatch *table) {
    if (!layer_has_log() && !getenv("LAYER_MAX_GLOBAL")) return;
    next = *table;
#define ENTRY(return_type, name, parameters, arguments)
#define TRACK(return_type, name, parameters, arguments) table->name = tracked_##name;
#define CREATE                                          TRACK
#define RETAIN                                          TRACK
#define RELEASE                                         TRACK
#define ENQUEUE                                         TRACK
#define MAP                                             TRACK
#include "layers/entries.h"
#undef TRACK
    table->clCreateBuffer = tracked_buffer;
    table->clCreateKernelsInProgram = tracked_kernels;
    if (layer_has_log()) atexit(tell_alive);
}
