/* Measuring one device or baseline: checked first, then timed. */
#ifndef EPOCL_COMMAND_BENCH_MEASURE_H
#define EPOCL_COMMAND_BENCH_MEASURE_H

#include "command/bench/row.h"

/* Trains with plain C (`library` NULL) or a BLAS from the parameters of `network`, or those that a trainer would draw.
 * The first epoch's mean cost must be `*cost`; 0 lets it be whatever it is, and it is told there. EPOCL_ERROR_SELF_TEST
 * when anything is wrong. */
epocl_status bench_measure_baseline(const bench_case *measured, const epocl_network *network, const blas *library,
                                    double seconds, double *cost, bench_row *row);

/* A trainer on a device, ready to be measured; `row` knows its creation. */
typedef struct bench_subject {
    epocl_device *device;
    epocl_network *network; /* with the initial parameters */
    epocl_trainer *trainer;
} bench_subject;

/* `row->device` names the device. */
epocl_status bench_subject_create(const bench_case *measured, const char *selector, const settings *given,
                                  void (*message)(const char *text, void *user), void *user, bench_subject *subject,
                                  bench_row *row);
void bench_subject_release(bench_subject *subject);

/* The first epoch's mean cost must be `cost`, and the parameters must mean to the device what they mean to a forward
 * pass in plain C; else EPOCL_ERROR_SELF_TEST. */
epocl_status bench_measure_subject(const bench_case *measured, bench_subject *subject, double seconds, double cost,
                                   bench_row *row);

#endif
