/* What a measurement tells, and its line of the result. */
#ifndef EPOCL_COMMAND_BENCH_ROW_H
#define EPOCL_COMMAND_BENCH_ROW_H

#include "base/status.h"

#include <stdbool.h>

typedef struct bench_row {
    const char *device; /* or what was measured in its place */
    const char *plan;   /* how it worked                     */
    double create_seconds;
    double epoch_seconds; /* median                          */
} bench_row;

/* What all rows have in common. */
typedef struct bench_case {
    const char *shape; /* "784-128-10" */
    size_t sample_count, batch_size;
    double flop_per_sample; /* multiplications and additions of the matrix products of a training step */
    double baseline_epoch_seconds;
    bool is_json;
} bench_case;

/* The column heads; nothing with JSON. */
void bench_row_print_head(const bench_case *measured);

epocl_status bench_row_print(const bench_case *measured, const bench_row *row);

/* A device that could not be measured, and why. */
epocl_status bench_row_print_failure(const bench_case *measured, const char *device, epocl_status reason);

#endif
