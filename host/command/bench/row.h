/* What a measurement tells, and its line of the result. */
#ifndef EPOCL_COMMAND_BENCH_ROW_H
#define EPOCL_COMMAND_BENCH_ROW_H

#include "command/bench/case.h"
#include "command/bench/time.h"

typedef enum bench_kind { BENCH_BASELINE, BENCH_DEVICE } bench_kind;

/* Seconds; what a baseline does not do is NaN. */
typedef struct bench_row {
    bench_kind kind;
    const char *device; /* or the baseline's name */
    const char *plan;   /* how it worked          */
    double create, choice, compile, upload, first_epoch, read;
    double launches_per_step;
    bench_times epoch;
} bench_row;

/* What all rows of a case have in common. */
typedef struct bench_table {
    const bench_case *measured;
    const char *sweep;    /* what a sweep varies; NULL without one */
    size_t value;         /* of that                               */
    double plain_seconds; /* an epoch of the baseline in plain C */
    bool is_json;
} bench_table;

/* What the device can do at most. */
epocl_status bench_print_speed(bool is_json, const char *device, const epocl_device_speed *speed);

/* The column heads; nothing with JSON. */
void bench_print_head(const bench_table *table);

/* `peak`: FLOP/s that the row's device can do at most; 0 when not known. */
epocl_status bench_print_row(const bench_table *table, const bench_row *row, double peak);

/* A device or baseline that is not measured, and why: the last error. */
epocl_status bench_print_failure(const bench_table *table, const char *device, epocl_status reason);

#endif
