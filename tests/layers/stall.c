/* Makes one wait late, as a device that hangs would. */
#include "layers/layer.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static cl_icd_dispatch next;
static atomic_ullong waits;
static unsigned long long stalled;
static double seconds;

static void wait_begins(const char *name) {
    if (atomic_fetch_add(&waits, 1) + 1 != stalled) return;
    layer_log("stalls %s", name);
    struct timespec left = {.tv_sec = (time_t)seconds};
    left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
    while (nanosleep(&left, &left) != 0) continue;
}

#define WAIT(name, parameters, arguments, is_blocking)                                                                 \
    static CL_API_ENTRY cl_int CL_API_CALL stalling_##name parameters {                                                \
        if (is_blocking) wait_begins(#name);                                                                           \
        return next.name arguments;                                                                                    \
    }
WAIT(clFinish, (cl_command_queue queue), (queue), true)
WAIT(clWaitForEvents, (cl_uint count, const cl_event *events), (count, events), true)
WAIT(clEnqueueReadBuffer,
     (cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset, size_t bytes, void *memory, cl_uint count,
      const cl_event *events, cl_event *event),
     (queue, buffer, blocking, offset, bytes, memory, count, events, event), blocking)
WAIT(clEnqueueWriteBuffer,
     (cl_command_queue queue, cl_mem buffer, cl_bool blocking, size_t offset, size_t bytes, const void *memory,
      cl_uint count, const cl_event *events, cl_event *event),
     (queue, buffer, blocking, offset, bytes, memory, count, events, event), blocking)

static CL_API_ENTRY void *CL_API_CALL stalling_map(cl_command_queue queue, cl_mem buffer, cl_bool blocking,
                                                   cl_map_flags flags, size_t offset, size_t bytes, cl_uint count,
                                                   const cl_event *events, cl_event *event, cl_int *status) {
    if (blocking) wait_begins("clEnqueueMapBuffer");
    return next.clEnqueueMapBuffer(queue, buffer, blocking, flags, offset, bytes, count, events, event, status);
}

void stall_waits(cl_icd_dispatch *table) {
    const char *text = getenv("LAYER_STALL");
    const char *colon = text ? strchr(text, ':') : NULL;
    if (!colon) return;
    stalled = strtoull(text, NULL, 10);
    seconds = strtod(colon + 1, NULL);
    next = *table;
    table->clFinish = stalling_clFinish;
    table->clWaitForEvents = stalling_clWaitForEvents;
    table->clEnqueueReadBuffer = stalling_clEnqueueReadBuffer;
    table->clEnqueueWriteBuffer = stalling_clEnqueueWriteBuffer;
    table->clEnqueueMapBuffer = stalling_map;
}
