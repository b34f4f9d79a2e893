/* How far a device has come within an epoch, for who wants to be told: marks between mini-batches, which are looked at
 * now and then. The device waits for nobody. */
#ifndef EPOCL_EXECUTION_WATCH_H
#define EPOCL_EXECUTION_WATCH_H

#include "device/device.h"

#include <stdbool.h>

enum { WATCH_MARKS = 64 };

typedef struct watch_mark {
    cl_event event;
    size_t done; /* samples of the pass before it */
} watch_mark;

/* All zero: nobody is told. */
typedef struct progress_watch {
    void (*tell)(size_t done, size_t total, void *user);
    void *user;
    size_t base, total; /* samples of earlier passes of the epoch, and of all its passes */
    size_t stride, due; /* samples between marks, and before the next one                */
    watch_mark marks[WATCH_MARKS];
    size_t count, next; /* marks, and those that the device has passed                   */
    bool is_on;
    double start; /* seconds_now() */
} progress_watch;

/* A pass from sample `first` to `sample_count` is about to be enqueued. Where `is_long` is false nobody is told. */
void watch_begin(progress_watch *watch, size_t base, size_t first, size_t sample_count, bool is_long);

/* The mini-batches before sample `first` have been enqueued; marks that place, if one is due. */
epocl_status watch_step(progress_watch *watch, epocl_device *device, size_t first);

/* Returns when the device has passed the last mark, or seems not to go on; tells on the way. */
void watch_follow(progress_watch *watch, const epocl_device *device);

/* Releases the marks. */
void watch_end(progress_watch *watch, const epocl_device *device);

#endif
