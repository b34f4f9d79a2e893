/* Timing whole epochs. */
#ifndef EPOCL_COMMAND_BENCH_TIME_H
#define EPOCL_COMMAND_BENCH_TIME_H

#include "base/status.h"

/* Runs an epoch of `subject` and tells its mean cost. */
typedef epocl_status bench_epoch(void *subject, double *cost);

typedef struct bench_times {
    size_t count; /* epochs */
    double median, least;
} bench_times;

/* Times epochs, one at least, until `seconds` are over. */
epocl_status bench_time_epochs(bench_epoch *run_epoch, void *subject, double seconds, bench_times *times);

#endif
