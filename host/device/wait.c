#include "device/wait.h"
#include "base/checked.h"
#include "base/clock.h"
#include "device/process.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

/* Beside OpenCL's codes, which are not positive: the wait took too long. */
enum { TIMED_OUT = 1 };

/* With a timeout, copies go through memory that is not the caller's, in pieces of at most this. */
enum { STAGING_BYTES = 16 * 1024 * 1024 };

/* ---- what lost devices keep ---- */

typedef struct left_thing {
    struct left_thing *next;
    void *thing;
} left_thing;

static _Atomic(left_thing *) left_things;

void device_leave(void *thing) {
    left_thing *left = thing ? malloc(sizeof *left) : NULL;
    if (!left) return;
    *left = (left_thing){.next = atomic_load(&left_things), .thing = thing};
    while (!atomic_compare_exchange_weak(&left_things, &left->next, left)) {
    }
}

/* ---- the end of a command ---- */

/* Held by who waits and by the driver, which may tell of the end long after nobody waits any more. */
typedef struct completion {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int holder_count;
    bool is_ended;
    cl_int code; /* CL_COMPLETE, or why the command failed */
} completion;

static completion *completion_create(void) {
    pthread_condattr_t attributes;
    completion *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->holder_count = 2;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&c->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&c->lock, NULL);
    return c;
}

static void completion_drop(completion *c, int holder_count) {
    pthread_mutex_lock(&c->lock);
    c->holder_count -= holder_count;
    const bool is_last = c->holder_count == 0;
    pthread_mutex_unlock(&c->lock);
    if (!is_last) return;
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static void CL_CALLBACK completion_tell(cl_event event, cl_int code, void *user) {
    completion *c = user;
    (void)event;
    pthread_mutex_lock(&c->lock);
    c->is_ended = true;
    c->code = code;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    completion_drop(c, 1);
}

double device_timeout(const epocl_device *device) {
    return device->main ? device->main->timeout_seconds : device->timeout_seconds;
}

/* A lane takes the device and all its lanes along. */
static void lose(epocl_device *device) {
    atomic_store(&device->is_lost, true);
    if (device->main) atomic_store(&device->main->is_lost, true);
}

static struct timespec deadline_after(double seconds) {
    struct timespec end;
    double whole;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_nsec += (long)(modf(seconds, &whole) * 1e9);
    end.tv_sec += (time_t)whole + end.tv_nsec / 1000000000;
    end.tv_nsec %= 1000000000;
    return end;
}

/* Waits for a command of `queue`, whose event is released. A device whose command has not ended for certain is lost. */
static cl_int await_event(epocl_device *device, cl_command_queue queue, cl_event event) {
    cl_int code = CL_OUT_OF_HOST_MEMORY;
    completion *c = completion_create();
    if (!c) goto lost;
    code = clSetEventCallback(event, CL_COMPLETE, completion_tell, c);
    if (code != CL_SUCCESS) {
        completion_drop(c, 2);
        goto lost;
    }
    code = clFlush(queue);
    if (code == CL_SUCCESS) {
        const struct timespec end = deadline_after(device_timeout(device));
        int waited = 0;
        pthread_mutex_lock(&c->lock);
        while (!c->is_ended && waited != ETIMEDOUT) waited = pthread_cond_timedwait(&c->changed, &c->lock, &end);
        const bool is_ended = c->is_ended;
        code = is_ended ? c->code : TIMED_OUT;
        pthread_mutex_unlock(&c->lock);
        completion_drop(c, 1);
        if (!is_ended) goto lost;
        const cl_int released = clReleaseEvent(event);
        return code < 0 ? code : released;
    }
    completion_drop(c, 1);
lost:
    lose(device);
    device_leave(event);
    return code;
}

/* A sleep between two looks is this part of the time waited so far, within bounds in seconds: so a wait ends late by
 * no more than that part, and a long one costs a thousand looks a second. */
static const double sleep_part = 1.0 / 64, shortest_sleep = 20e-6, longest_sleep = 1e-3;

/* The same by looking at the event now and then. */
static cl_int poll_event(epocl_device *device, cl_command_queue queue, cl_event event) {
    const double begin = seconds_now(), timeout = device_timeout(device);
    cl_int state = CL_QUEUED, code = clFlush(queue);
    while (code == CL_SUCCESS) {
        code = clGetEventInfo(event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, NULL);
        if (code != CL_SUCCESS || state <= CL_COMPLETE) break;
        const double waited = seconds_now() - begin;
        if (timeout > 0 && waited > timeout) {
            lose(device);
            device_leave(event);
            return TIMED_OUT;
        }
        const double seconds = fmin(fmax(waited * sleep_part, shortest_sleep), longest_sleep);
        nanosleep(&(struct timespec){.tv_nsec = (long)(seconds * 1e9)}, NULL);
    }
    /* Whoever waits for a copy relies on its end. */
    if (code != CL_SUCCESS) clWaitForEvents(1, &event);
    if (code == CL_SUCCESS && state < CL_COMPLETE) code = state;
    const cl_int released = clReleaseEvent(event);
    return code < 0 ? code : released;
}

/* ---- the waits ---- */

/* Whether the calls of OpenCL that block are those to wait with. */
static bool may_block(const epocl_device *device) {
    return device_timeout(device) <= 0 && device->info.type == EPOCL_DEVICE_CPU;
}

/* Waits for a command of `queue`, whose event is released. A GPU's driver may tell of the end late: an H100's took
 * milliseconds. A CPU's tells at once, and looking would take its time. */
static cl_int end_of(epocl_device *device, cl_command_queue queue, cl_event event) {
    const bool is_cpu = device->info.type == EPOCL_DEVICE_CPU;
    return device_timeout(device) > 0 && is_cpu ? await_event(device, queue, event) : poll_event(device, queue, event);
}

static cl_int finish(epocl_device *device, cl_command_queue queue) {
    cl_event event = NULL;
    if (may_block(device)) return clFinish(queue);
    const cl_int code = clEnqueueMarkerWithWaitList(queue, 0, NULL, &event);
    return code == CL_SUCCESS ? end_of(device, queue, event) : code;
}

static cl_int enqueue_copy(epocl_device *device, cl_mem buffer, bool is_read, cl_bool blocks, size_t offset,
                           size_t bytes, void *values, cl_event *event) {
    return is_read ? clEnqueueReadBuffer(device->queue, buffer, blocks, offset, bytes, values, 0, NULL, event)
                   : clEnqueueWriteBuffer(device->queue, buffer, blocks, offset, bytes, values, 0, NULL, event);
}

/* The copy goes through memory of its own: the caller's may end with the caller, and a lost device may write even
 * then. */
static cl_int copy_staged(epocl_device *device, cl_mem buffer, bool is_read, size_t offset, void *values,
                          size_t bytes) {
    cl_int code = CL_SUCCESS;
    char *staging = malloc(smaller(bytes, STAGING_BYTES));
    if (!staging) return CL_OUT_OF_HOST_MEMORY;
    for (size_t done = 0, piece; done < bytes && code == CL_SUCCESS; done += piece) {
        cl_event event = NULL;
        piece = smaller(bytes - done, STAGING_BYTES);
        if (!is_read) memcpy(staging, (const char *)values + done, piece);
        code = enqueue_copy(device, buffer, is_read, CL_FALSE, offset + done, piece, staging, &event);
        if (code == CL_SUCCESS) code = end_of(device, device->queue, event);
        if (code == CL_SUCCESS && is_read) memcpy((char *)values + done, staging, piece);
    }
    if (device_is_lost(device))
        device_leave(staging);
    else
        free(staging);
    return code;
}

static cl_int copy(epocl_device *device, cl_mem buffer, bool is_read, cl_bool blocks, size_t offset, void *values,
                   size_t bytes) {
    cl_event event = NULL;
    if (device_timeout(device) > 0 && bytes > 0) return copy_staged(device, buffer, is_read, offset, values, bytes);
    if (!blocks || may_block(device)) return enqueue_copy(device, buffer, is_read, blocks, offset, bytes, values, NULL);
    const cl_int code = enqueue_copy(device, buffer, is_read, CL_FALSE, offset, bytes, values, &event);
    return code == CL_SUCCESS ? poll_event(device, device->queue, event) : code;
}

/* ---- their failures ---- */

bool device_is_lost(const epocl_device *device) {
    return atomic_load_explicit(&device->is_lost, memory_order_relaxed) ||
           (device->main && atomic_load_explicit(&device->main->is_lost, memory_order_relaxed));
}

epocl_status device_check(const epocl_device *device) {
    if (!device_is_lost(device)) return EPOCL_OK;
    if (process_is_forked()) return process_check();
    return fail(EPOCL_ERROR_TIMEOUT, "%s has not ended what it was given before and is not used any more",
                device->info.name);
}

void device_notice_fork(epocl_device *device) {
    if (device && process_is_forked()) lose(device);
}

epocl_status device_enter(epocl_device *device) {
    device_notice_fork(device);
    return device_check(device);
}

static epocl_status fail_wait(const epocl_device *device, cl_int code, const char *call, const char *action,
                              const char *what) {
    if (code != TIMED_OUT) return fail_opencl(code, call, what);
    return fail(EPOCL_ERROR_TIMEOUT,
                "%s did not end within %g s: %s %s; if it was only busy, allow more time, otherwise its driver hangs: "
                "end the program and, should that not help, restart the machine",
                device->info.name, device_timeout(device), action, what);
}

epocl_status device_finish(epocl_device *device, cl_command_queue queue, const char *what) {
    const epocl_status status = device_check(device);
    if (status != EPOCL_OK) return status;
    const cl_int code = finish(device, queue);
    return code == CL_SUCCESS ? EPOCL_OK : fail_wait(device, code, "clFinish", "waiting for", what);
}

epocl_status device_mark(epocl_device *device, cl_event *mark) {
    const cl_int code = clEnqueueMarkerWithWaitList(device->queue, 0, NULL, mark);
    if (code != CL_SUCCESS) *mark = NULL;
    return code == CL_SUCCESS ? EPOCL_OK : fail_opencl(code, "clEnqueueMarkerWithWaitList", "");
}

epocl_status device_await(epocl_device *device, cl_event *mark, const char *what) {
    const cl_event event = *mark;
    cl_int code = CL_SUCCESS;
    *mark = NULL;
    if (!event) return EPOCL_OK;
    if (may_block(device)) {
        code = clWaitForEvents(1, &event);
        clReleaseEvent(event);
    } else {
        code = end_of(device, device->queue, event);
    }
    return code == CL_SUCCESS ? EPOCL_OK : fail_wait(device, code, "clWaitForEvents", "waiting for", what);
}

void device_drop(const epocl_device *device, cl_event mark) {
    if (!mark) return;
    if (device_is_lost(device))
        device_leave(mark);
    else
        clReleaseEvent(mark);
}

epocl_status device_read(epocl_device *device, cl_mem buffer, void *values, size_t bytes, const char *what) {
    return device_read_at(device, buffer, 0, values, bytes, what);
}

static epocl_status read_values(epocl_device *device, cl_mem buffer, cl_bool blocks, size_t offset, void *values,
                                size_t bytes, const char *what) {
    const epocl_status status = device_check(device);
    if (status != EPOCL_OK) return status;
    const cl_int code = copy(device, buffer, true, blocks, offset, values, bytes);
    return code == CL_SUCCESS ? EPOCL_OK : fail_wait(device, code, "clEnqueueReadBuffer", "reading", what);
}

static epocl_status write_values(epocl_device *device, cl_mem buffer, cl_bool blocks, size_t offset, const void *values,
                                 size_t bytes, const char *what) {
    const epocl_status status = device_check(device);
    if (status != EPOCL_OK) return status;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): takes the const away, since one function copies both ways. */
    const cl_int code = copy(device, buffer, false, blocks, offset, (void *)(uintptr_t)values, bytes);
    return code == CL_SUCCESS ? EPOCL_OK : fail_wait(device, code, "clEnqueueWriteBuffer", "writing", what);
}

epocl_status device_read_at(epocl_device *device, cl_mem buffer, size_t offset, void *values, size_t bytes,
                            const char *what) {
    return read_values(device, buffer, CL_TRUE, offset, values, bytes, what);
}

epocl_status device_write(epocl_device *device, cl_mem buffer, const void *values, size_t bytes, const char *what) {
    return write_values(device, buffer, CL_TRUE, 0, values, bytes, what);
}

epocl_status device_read_later(epocl_device *device, cl_mem buffer, void *values, size_t bytes, const char *what) {
    return read_values(device, buffer, CL_FALSE, 0, values, bytes, what);
}

epocl_status device_write_later(epocl_device *device, cl_mem buffer, size_t offset, const void *values, size_t bytes,
                                const char *what) {
    return write_values(device, buffer, CL_FALSE, offset, values, bytes, what);
}

bool device_drain(epocl_device *device) {
    const cl_command_queue queues[] = {device->queue, device->control};
    bool is_idle = true;
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++)
        is_idle = !device_is_lost(device) && finish(device, queues[i]) == CL_SUCCESS && is_idle;
    return is_idle;
}

epocl_status epocl_device_set_timeout(epocl_device *device, double seconds) {
    const double most = 1e9; /* what fits a time_t of any width with the present time added */
    if (!device) return fail(EPOCL_ERROR_ARGUMENT, "epocl_device_set_timeout: NULL argument");
    if (!(seconds >= 0 && seconds <= most))
        return fail(EPOCL_ERROR_ARGUMENT, "the timeout must be 0 (none) to %g seconds, not %g", most, seconds);
    device->timeout_seconds = seconds;
    return EPOCL_OK;
}
