/* What a device is measured against: training in C and fp32 by a recipe of recipe.h, its matrix products in plain C on
 * one thread or by a BLAS. It shares no code with the kernels; the Makefile compiles it for the machine at hand. */
#ifndef EPOCL_COMMAND_BENCH_BASELINE_CPU_BASELINE_H
#define EPOCL_COMMAND_BENCH_BASELINE_CPU_BASELINE_H

#include "base/status.h"
#include "command/bench/baseline/blas.h"
#include "command/bench/baseline/recipe.h"

typedef struct cpu_baseline cpu_baseline;

/* The data stays the caller's and must outlive the baseline. */
typedef struct cpu_baseline_data {
    const bench_recipe *recipe;
    const uint8_t *inputs;  /* [sample_count, the network's inputs], scaled by 1/255 as they are read */
    const uint32_t *labels; /* [sample_count], below the network's outputs                             */
    size_t sample_count;
} cpu_baseline_data;

/* A layer's weight, at `place` of [n_out, n_in]: the network's or, where that has no parameters, what a trainer with
 * seed 1 draws. Biases begin at 0 then. */
float cpu_baseline_weight(const bench_recipe *recipe, const epocl_network *network, size_t layer, size_t place);

/* Starts from the parameters of `network`, which are copied, or else from the above. `library` makes the matrix
 * products and must outlive the baseline; NULL for plain C. */
epocl_status cpu_baseline_create(const epocl_network *network, const cpu_baseline_data *data, size_t batch_size,
                                 float learning_rate, const blas *library, cpu_baseline **baseline);

/* The sample that an epoch, 1 for the first, trains on at `place`: the order of a trainer with seed 1. */
uint32_t cpu_baseline_sample(uint32_t epoch, size_t place, size_t sample_count);

/* Trains on every sample once, in a new order. Returns the mean cost, of each sample before its own update. */
double cpu_baseline_run_epoch(cpu_baseline *baseline);

/* Accepts NULL. */
void cpu_baseline_release(cpu_baseline *baseline);

#endif
