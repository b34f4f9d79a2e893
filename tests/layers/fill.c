/* Fills new buffers with NaN, so that nothing comes to depend on fresh memory being zero; and writes what is to be
 * filled, for Oclgrind, which takes filled memory for uninitialised. */
#include "layers/layer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static cl_icd_dispatch next;

/* A queue of each context, for the filling; a program has few contexts at once. */
enum { MOST_CONTEXTS = 16 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    cl_context context;
    cl_command_queue queue;
} queues[MOST_CONTEXTS]; /* under `lock`, the last queue made first */

static CL_API_ENTRY cl_command_queue CL_API_CALL filling_queue(cl_context context, cl_device_id device,
                                                               cl_command_queue_properties properties, cl_int *status) {
    const cl_command_queue made = next.clCreateCommandQueue(context, device, properties, status);
    if (!made) return NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = MOST_CONTEXTS - 1; i > 0; i--) queues[i] = queues[i - 1];
    queues[0].context = context;
    queues[0].queue = made;
    pthread_mutex_unlock(&lock);
    return made;
}

static cl_command_queue queue_of(cl_context context) {
    cl_command_queue queue = NULL;
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < MOST_CONTEXTS && !queue; i++)
        if (queues[i].context == context) queue = queues[i].queue;
    pthread_mutex_unlock(&lock);
    return queue;
}

static CL_API_ENTRY cl_mem CL_API_CALL filling_buffer(cl_context context, cl_mem_flags flags, size_t size,
                                                      void *host_ptr, cl_int *status) {
    static const cl_uchar ones = 0xff; /* four of them are a NaN */
    cl_int code = CL_SUCCESS;
    const cl_mem made = next.clCreateBuffer(context, flags, size, host_ptr, status);
    const cl_command_queue queue = made ? queue_of(context) : NULL;
    if (!queue || flags & CL_MEM_COPY_HOST_PTR) return made;
    code = next.clEnqueueFillBuffer(queue, made, &ones, sizeof ones, 0, size, 0, NULL, NULL);
    if (code == CL_SUCCESS) code = next.clFinish(queue);
    if (code != CL_SUCCESS) abort(); /* a test that believes in NaN must not go on */
    return made;
}

static CL_API_ENTRY cl_int CL_API_CALL filled_by_writing(cl_command_queue queue, cl_mem buffer, const void *pattern,
                                                         size_t pattern_bytes, size_t offset, size_t size,
                                                         cl_uint wait_count, const cl_event *waits, cl_event *event) {
    unsigned char *bytes = malloc(size);
    if (!bytes) return CL_OUT_OF_HOST_MEMORY;
    for (size_t i = 0; i < size; i += pattern_bytes) memcpy(bytes + i, pattern, pattern_bytes);
    const cl_int code =
        next.clEnqueueWriteBuffer(queue, buffer, CL_TRUE, offset, size, bytes, wait_count, waits, event);
    free(bytes);
    return code;
}

void fill_buffers(cl_icd_dispatch *table) {
    if (layer_number("LAYER_FILL", 0) == 0 && layer_number("LAYER_WRITE_FILLS", 0) == 0) return;
    next = *table;
    if (layer_number("LAYER_WRITE_FILLS", 0)) table->clEnqueueFillBuffer = filled_by_writing;
    if (layer_number("LAYER_FILL", 0) == 0) return;
    table->clCreateCommandQueue = filling_queue;
    table->clCreateBuffer = filling_buffer;
}
