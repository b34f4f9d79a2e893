/* What a device is measured against: mini-batch gradient descent in plain C, fp32, on one thread. Sigmoid units,
 * cross-entropy cost. It shares no code with the kernels; the Makefile compiles it for the machine at hand. */
#ifndef EPOCL_COMMAND_CPU_BASELINE_H
#define EPOCL_COMMAND_CPU_BASELINE_H

#include "base/status.h"

typedef struct cpu_baseline cpu_baseline;

/* The data stays the caller's and must outlive the baseline. */
typedef struct cpu_baseline_data {
    const uint8_t *inputs;  /* [sample_count, the network's inputs], scaled by 1/255 as they are read */
    const uint32_t *labels; /* [sample_count], below the network's outputs                             */
    size_t sample_count;
} cpu_baseline_data;

/* Starts from the parameters of `network`, which are copied. */
epocl_status cpu_baseline_create(const epocl_network *network, const cpu_baseline_data *data, size_t batch_size,
                                 float learning_rate, cpu_baseline **baseline);

/* Trains on every sample once, in a new order. Returns the mean cost, of each sample before its own update. */
double cpu_baseline_run_epoch(cpu_baseline *baseline);

/* Accepts NULL. */
void cpu_baseline_release(cpu_baseline *baseline);

#endif
