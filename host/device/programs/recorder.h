/* A recorder: an event for each launch that is enqueued, from which the launch's times are read once it has ended.
 * It holds a fixed number of launches and counts those that come later. */
#ifndef EPOCL_DEVICE_PROGRAMS_RECORDER_H
#define EPOCL_DEVICE_PROGRAMS_RECORDER_H

#include "device/opencl.h"
#include "plan/plan.h"

typedef struct recorded_launch {
    const launch *launch;
    cl_event event;             /* NULL once released                              */
    size_t first, sample_count; /* the samples it works on; none: (0, 0)           */
} recorded_launch;

typedef struct recorder {
    recorded_launch *launches;
    size_t count, capacity;
    size_t left_out_count;
    size_t first, sample_count; /* of the launches to come */
} recorder;

/* Nanoseconds of the device's clock. */
typedef struct launch_times {
    cl_ulong queued, start, end;
} launch_times;

epocl_status recorder_create(recorder *r, size_t capacity);
void recorder_release(recorder *r);

/* Forgets all launches. */
void recorder_clear(recorder *r);

/* The samples that the next launches work on. Accepts NULL. */
static inline void recorder_samples(recorder *r, size_t first, size_t sample_count) {
    if (!r) return;
    r->first = first;
    r->sample_count = sample_count;
}

/* Adds a launch; the result is where its event goes, or NULL without room. */
cl_event *recorder_add(recorder *r, const launch *l);

/* Of a launch that has ended on a queue that keeps times. */
epocl_status recorded_launch_times(const recorded_launch *recorded, launch_times *times);
void recorded_launch_release(recorded_launch *recorded);

#endif
