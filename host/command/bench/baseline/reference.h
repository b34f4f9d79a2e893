/* What the CPU baselines are checked against. */
#ifndef EPOCL_COMMAND_BENCH_BASELINE_REFERENCE_H
#define EPOCL_COMMAND_BENCH_BASELINE_REFERENCE_H

#include "command/bench/baseline/cpu_baseline.h"

/* The mean cost of an epoch of training from the parameters of `network`, in the order of cpu_baseline: one sample
 * after the other, in plain C and double precision. Slow; for a few samples. */
epocl_status bench_reference_epoch(const epocl_network *network, const cpu_baseline_data *data, size_t batch_size,
                                   double learning_rate, double *cost);

/* The mean cost of the data's samples with the parameters of `network`, likewise. */
epocl_status bench_reference_cost(const epocl_network *network, const cpu_baseline_data *data, double *cost);

/* Trains a baseline of its own on the first few samples: EPOCL_ERROR_SELF_TEST unless it does what the reference
 * does. `library` as in cpu_baseline_create(). */
epocl_status bench_reference_check(const char *name, const epocl_network *network, const cpu_baseline_data *data,
                                   const blas *library);

#endif
