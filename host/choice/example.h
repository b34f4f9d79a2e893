/* What a self-test computes, on the host and in double precision: an epoch of a small network. Sizes fit no tile, three
 * layers give every kernel something to do, and the last mini-batch is short. How far rounding may lead is found by
 * computing it a second time with every sum of a product off by what fp32 may lose in it. No OpenCL here. */
#ifndef EPOCL_CHOICE_EXAMPLE_H
#define EPOCL_CHOICE_EXAMPLE_H

#include "model/functions.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXAMPLE_LAYERS = 3, EXAMPLE_SAMPLES = 83, EXAMPLE_MOST_UNITS = 37, EXAMPLE_SEED = 7 };
extern const size_t example_counts[EXAMPLE_LAYERS + 1]; /* inputs, then units of each layer */

/* Numbers of the mini-batch: a[0] are its inputs, a[l + 1] the outputs of layer l. */
typedef struct example {
    bool has_values; /* as targets, in the place of labels */
    double rounding; /* a sum of n products is off by n x this x the sum of their magnitudes, up or down; 0: exact */
    function activations[EXAMPLE_LAYERS], head; /* the last activation is the outputs' */
    double weights[EXAMPLE_LAYERS][EXAMPLE_MOST_UNITS * EXAMPLE_MOST_UNITS],
        biases[EXAMPLE_LAYERS][EXAMPLE_MOST_UNITS]; /* [input, output] as on the device */
    double a[EXAMPLE_LAYERS + 1][EXAMPLE_SAMPLES * EXAMPLE_MOST_UNITS],
        delta[EXAMPLE_LAYERS][EXAMPLE_SAMPLES * EXAMPLE_MOST_UNITS];
    double slopes[EXAMPLE_LAYERS - 1][EXAMPLE_SAMPLES * EXAMPLE_MOST_UNITS];
    double costs[EXAMPLE_SAMPLES], order[EXAMPLE_SAMPLES];
    double cost_sum; /* over the epoch */
    uint8_t inputs[EXAMPLE_SAMPLES * EXAMPLE_MOST_UNITS];
    float float_inputs[EXAMPLE_SAMPLES * EXAMPLE_MOST_UNITS];
    uint32_t labels[EXAMPLE_SAMPLES];
    float values[EXAMPLE_SAMPLES * EXAMPLE_MOST_UNITS]; /* targets from 0 to 1 */
} example;

/* Data, initial weights and the order of the first epoch, as devices draw them by the seed. */
void example_begin(example *r);

/* How far a device may be from `count` values of an example that is exact, where `rounded` is the same with rounding.
 */
double example_tolerance(const double *exact, const double *rounded, size_t count);

/* The learning rate for mini-batches of that size: one at which no example's cost rises by much, since what grows
 * without bound cannot be compared. `scratch` is overwritten. */
float example_rate(const example *begun, size_t batch_size, example *scratch);

/* The mini-batch of `batch_count` samples from place `first` of the order on: its activations, costs and slopes, and
 * the output layer's delta; then the other layers' deltas and a step of plain gradient descent. */
void example_forward(example *r, size_t first, size_t batch_count);
void example_backward(example *r, size_t batch_count, double learning_rate);

#endif
