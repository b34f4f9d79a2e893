#include "device/programs/recorder.h"

epocl_status recorder_create(recorder *r, size_t capacity) {
    *r = (recorder){.capacity = capacity};
    return allocate(capacity, sizeof *r->launches, "the launches of a profile", &r->launches);
}

void recorder_release(recorder *r) {
    recorder_clear(r);
    free(r->launches);
    *r = (recorder){0};
}

void recorder_clear(recorder *r) {
    for (size_t i = 0; i < r->count; i++) recorded_launch_release(&r->launches[i]);
    r->count = 0;
    r->left_out_count = 0;
}

cl_event *recorder_add(recorder *r, const launch *l) {
    if (r->count == r->capacity) {
        r->left_out_count++;
        return NULL;
    }
    recorded_launch *added = &r->launches[r->count++];
    *added = (recorded_launch){.launch = l, .first = r->first, .sample_count = r->sample_count};
    return &added->event;
}

epocl_status recorded_launch_times(const recorded_launch *recorded, launch_times *times) {
    epocl_status status = EPOCL_OK;
    const struct {
        cl_profiling_info what;
        cl_ulong *time;
    } values[] = {
        {CL_PROFILING_COMMAND_QUEUED, &times->queued},
        {CL_PROFILING_COMMAND_START, &times->start},
        {CL_PROFILING_COMMAND_END, &times->end},
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        CL_TRY_NAMED(clGetEventProfilingInfo(recorded->event, values[i].what, sizeof(cl_ulong), values[i].time, NULL),
                     "clGetEventProfilingInfo", recorded->launch->kernel);
cleanup:
    return status;
}

void recorded_launch_release(recorded_launch *recorded) {
    if (recorded->event) clReleaseEvent(recorded->event);
    recorded->event = NULL;
}
