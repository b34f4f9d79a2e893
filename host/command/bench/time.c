#include "command/bench/time.h"

#include "base/clock.h"

#include <stdlib.h>

enum { EPOCHS_MOST = 1000 };

static int compare_seconds(const void *left, const void *right) {
    const double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

epocl_status bench_time_epochs(bench_epoch *run_epoch, void *subject, double seconds, bench_times *times) {
    double each[EPOCHS_MOST], total = 0, cost = 0;
    size_t count = 0;
    do {
        const double start = seconds_now();
        const epocl_status status = run_epoch(subject, &cost);
        if (status != EPOCL_OK) return status;
        each[count] = seconds_now() - start;
        total += each[count++];
    } while (count < EPOCHS_MOST && total < seconds);
    qsort(each, count, sizeof *each, compare_seconds);
    *times = (bench_times){.count = count,
                           .median = count % 2 ? each[count / 2] : (each[count / 2 - 1] + each[count / 2]) / 2,
                           .least = each[0]};
    return EPOCL_OK;
}
