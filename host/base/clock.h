/* Time that never runs backwards. */
#ifndef EPOCL_BASE_CLOCK_H
#define EPOCL_BASE_CLOCK_H

#include <time.h>

/* Seconds since some moment in the past. */
static inline double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
