/* A sweep: the same measurements on a ladder of sizes, and from which size on a device beats the CPU. */
#ifndef EPOCL_COMMAND_BENCH_SWEEP_H
#define EPOCL_COMMAND_BENCH_SWEEP_H

#include "command/bench/row.h"

extern const char *const sweep_choices[]; /* "width", "batch", "depth", "samples", NULL */

enum { SWEEP_POINTS = 32 };

/* Samples a second of one device or baseline. */
typedef struct sweep_line {
    char *name;
    bench_kind kind;
    double rates[SWEEP_POINTS]; /* NaN where nothing was measured */
} sweep_line;

typedef struct bench_sweep {
    const char *kind; /* of sweep_choices */
    size_t values[SWEEP_POINTS];
    size_t point_count;
    sweep_line *lines;
    size_t line_count;
} bench_sweep;

/* The ladder of the settings; each size is twice the one before. EPOCL_ERROR_ARGUMENT for what cannot be swept. */
epocl_status bench_sweep_create(const settings *given, bench_sweep *sweep);
void bench_sweep_release(bench_sweep *sweep);

/* The case of a point. An epoch takes fewer samples than the settings say where it would take too long. */
epocl_status bench_sweep_case(const bench_sweep *sweep, size_t point, const settings *given, bench_case *made);

epocl_status bench_sweep_record(bench_sweep *sweep, size_t point, const bench_row *row, double samples_per_second);

/* The first of `count` points from which on, wherever both were measured, the device's rate is above the
 * baseline's; `count` when there is none. NaN is not measured. */
size_t bench_crossover(const double *device, const double *baseline, size_t count);

/* Says for each device from which size on it beats the fastest baseline. */
epocl_status bench_sweep_print_crossovers(const bench_sweep *sweep, bool is_json);

/* The sweep as an SVG, `*byte_count` bytes that the caller frees. */
epocl_status bench_sweep_plot(const bench_sweep *sweep, const settings *given, char **text, size_t *byte_count);

#endif
