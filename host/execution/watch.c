#include "execution/watch.h"

#include "base/clock.h"
#include "device/opencl.h"
#include "device/wait.h"

#include <math.h>
#include <time.h>

/* Between looks: a hundredth of the time so far, within these bounds, so that a pass is longer by no more than that. */
static const double least_seconds = 1e-4, most_seconds = 0.05;

void watch_begin(progress_watch *watch, size_t base, size_t first, size_t sample_count, bool is_long) {
    const size_t stride = (sample_count - first) / WATCH_MARKS;
    watch->is_on = watch->tell && is_long;
    watch->base = base;
    watch->stride = stride > 0 ? stride : 1;
    watch->due = first + watch->stride;
    watch->count = watch->next = 0;
    watch->start = seconds_now();
}

/* Of a mark; negative, as OpenCL has it, for one that failed or cannot be asked. */
static cl_int state_of(const watch_mark *mark) {
    cl_int state = -1;
    const cl_int code = clGetEventInfo(mark->event, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, NULL);
    return code == CL_SUCCESS ? state : -1;
}

/* Tells of marks that the device has passed since the last look; false where there were none. */
static bool look(progress_watch *watch) {
    const size_t before = watch->next;
    while (watch->next < watch->count && state_of(&watch->marks[watch->next]) == CL_COMPLETE) watch->next++;
    if (watch->next == before) return false;
    watch->tell(watch->base + watch->marks[watch->next - 1].done, watch->total, watch->user);
    return true;
}

epocl_status watch_step(progress_watch *watch, epocl_device *device, size_t first) {
    epocl_status status = EPOCL_OK;
    if (!watch || !watch->is_on || first < watch->due || watch->count == WATCH_MARKS) return EPOCL_OK;
    watch_mark *mark = &watch->marks[watch->count];
    TRY(device_mark(device, &mark->event));
    mark->done = first;
    watch->count++;
    while (watch->due <= first) watch->due += watch->stride;
    CL_TRY(clFlush(device->queue));
    (void)look(watch);
cleanup:
    return status;
}

static void rest(double seconds) {
    nanosleep(&(struct timespec){0, (long)(seconds * 1e9)}, NULL);
}

void watch_follow(progress_watch *watch, const epocl_device *device) {
    const double timeout = device_timeout(device);
    double latest = seconds_now();
    while (watch->is_on && watch->next < watch->count) {
        const bool has_moved = look(watch);
        const double now = seconds_now();
        if (has_moved) latest = now;
        /* A device that has failed or hangs is for the wait that comes after. */
        if (timeout > 0 && now - latest > timeout) break;
        if (watch->next == watch->count || state_of(&watch->marks[watch->next]) < 0) break;
        rest(fmin(most_seconds, fmax(least_seconds, 0.01 * (now - watch->start))));
    }
}

void watch_end(progress_watch *watch, const epocl_device *device) {
    for (size_t i = 0; i < watch->count; i++) device_drop(device, watch->marks[i].event);
    watch->count = watch->next = 0;
}
