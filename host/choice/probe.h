/* A probe: a made-up data set and a network, to time a matmul choice on and to compare it with another. */
#ifndef EPOCL_CHOICE_PROBE_H
#define EPOCL_CHOICE_PROBE_H

#include "device/device.h"
#include "options/values.h"
#include "plan/matmul.h"

typedef struct probe {
    epocl_network *network;
    epocl_dataset *data;
    training_options options;
    double first_cost, last_cost; /* of the first epoch and the last, as sums; infinite where they are not finite */
} probe;

/* The network in small, so that a step costs a few milliseconds on any device (its outputs stay as many), launched
 * layer by layer. */
epocl_status probe_create_small(probe *p, const epocl_network *network, size_t batch_size);

/* The network as it is, by the plan that is fastest, on enough samples to time that; briefly, a few dozen steps. They
 * are of a learning rate of 0. */
epocl_status probe_create_whole(probe *p, const epocl_network *network, size_t batch_size, tune_level level);
void probe_release(probe *p);

/* Trains the probe with a choice: the time of a step in its fastest epoch after the first, and the parameters after the
 * first. A cost that is not finite is no failure; where all epochs have one, the time is infinite. */
epocl_status probe_run(probe *p, epocl_device *device, const matmul_choice *choice, double *step_seconds);

/* The largest difference between the weights of two probes of a shape, relative to the largest weight; infinite where
 * one of them is not finite. */
double probe_difference(const probe *a, const probe *b);

#endif
