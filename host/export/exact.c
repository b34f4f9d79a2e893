#include "export/exact.h"

#include "base/checked.h"

#include <math.h>
#include <string.h>

/* Half a unit in the last place of 1; what an activation's formula errs by, in these: its steps and its functions of
 * mathematics. */
#define ROUNDING   (1.0 / 16777216.0)
#define ACTIVATING (64.0 * ROUNDING)

/* Values and bounds of a layer's inputs and outputs. */
typedef struct exact_layer {
    double *values, *bounds;
} exact_layer;

static void normalize(const epocl_network *network, const float *inputs, exact_layer to) {
    for (size_t i = 0; i < network->layers[0].input_count; i++) {
        const double scaled = (double)inputs[i] * (double)network->input_scale[i];
        to.values[i] = scaled + (double)network->input_shift[i];
        to.bounds[i] = 2.0 * ROUNDING * (fabs(scaled) + fabs((double)network->input_shift[i]));
    }
}

/* n products and n additions round at most n + 1 times each summand. */
static void weigh(const layer *one, exact_layer from, exact_layer to) {
    const double roundings = 1.01 * ROUNDING * (double)(one->input_count + 2);
    for (size_t o = 0; o < one->output_count; o++) {
        const float *weights = one->weights + o * one->input_count;
        double sum = (double)one->biases[o], error = 0.0, size = fabs(sum);
        for (size_t i = 0; i < one->input_count; i++) {
            const double weight = (double)weights[i];
            sum += weight * from.values[i];
            error += fabs(weight) * from.bounds[i];
            size += fabs(weight) * (fabs(from.values[i]) + from.bounds[i]);
        }
        to.values[o] = sum;
        to.bounds[o] = error + roundings * size;
    }
}

/* The slope carries an error of z on; it changes little over that error, and is that of the ends where it does. */
static void activate(function f, size_t count, exact_layer at) {
    const double p = fmax(1.0, (double)f.parameter);
    for (size_t i = 0; i < count; i++) {
        const double z = at.values[i], error = at.bounds[i], a = activation_value(f, z);
        double slope = fabs(activation_slope(f, z));
        slope = fmax(slope, fabs(activation_slope(f, z - error)));
        slope = fmax(slope, fabs(activation_slope(f, z + error)));
        at.values[i] = a;
        at.bounds[i] = error * (slope + error * p * p) + ACTIVATING * fmax(fabs(a), p * fmax(1.0, fabs(z)));
    }
}

static void apply_softmax(size_t count, exact_layer at) {
    double largest = -INFINITY, sum = 0.0, error = 0.0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, at.values[i]);
    for (size_t i = 0; i < count; i++) {
        error = fmax(error, at.bounds[i] + ROUNDING * fabs(at.values[i] - largest));
        sum += exp(at.values[i] - largest);
    }
    for (size_t i = 0; i < count; i++) {
        at.values[i] = exp(at.values[i] - largest) / sum;
        at.bounds[i] = at.values[i] * (expm1(2.0 * error) + ACTIVATING + ROUNDING * (double)count) + 1e-37;
    }
}

epocl_status exact_outputs(const epocl_network *network, const float *inputs, double *outputs, double *bounds) {
    epocl_status status = EPOCL_OK;
    double *memory = NULL;
    size_t width = network->layers[0].input_count;
    for (size_t l = 0; l < network->layer_count; l++)
        if (network->layers[l].output_count > width) width = network->layers[l].output_count;
    TRY(allocate(width, 4 * sizeof *memory, "a layer's values", &memory));
    exact_layer from = {memory, memory + width}, to = {memory + 2 * width, memory + 3 * width};
    normalize(network, inputs, from);
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *one = &network->layers[l];
        weigh(one, from, to);
        if (one->activation.code == ACTIVATION_softmax)
            apply_softmax(one->output_count, to);
        else
            activate(one->activation, one->output_count, to);
        const exact_layer done = to;
        to = from;
        from = done;
    }
    const size_t count = network->layers[network->layer_count - 1].output_count;
    memcpy(outputs, from.values, count * sizeof *outputs);
    memcpy(bounds, from.bounds, count * sizeof *bounds);
cleanup:
    free(memory);
    return status;
}
