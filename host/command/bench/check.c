#include "command/bench/check.h"

#include "base/checked.h"

#include <math.h>

/* Weighted inputs of a layer, [output_count]. */
static void layer_forward(const epocl_network *network, size_t layer, const double *inputs, size_t input_count,
                          double *outputs) {
    const float *weights = epocl_network_weights(network, layer);
    const float *biases = epocl_network_biases(network, layer);
    for (size_t i = 0; i < epocl_network_output_count(network, layer); i++) {
        double sum = (double)biases[i];
        for (size_t j = 0; j < input_count; j++) sum += (double)weights[i * input_count + j] * inputs[j];
        outputs[i] = sum;
    }
}

/* Cost of a sample from the weighted inputs of the output layer: softplus(z) - y z, summed over the units. */
static double output_cost(const double *z, size_t count, uint32_t label) {
    double cost = 0;
    for (size_t i = 0; i < count; i++) cost += fmax(z[i], 0) + log1p(exp(-fabs(z[i]))) - (i == label ? z[i] : 0);
    return cost;
}

/* `values` and `next` hold the largest layer each. */
static double sample_cost(const epocl_network *network, double *values, double *next, uint32_t label) {
    const size_t layer_count = epocl_network_layer_count(network);
    size_t count = epocl_network_input_count(network);
    for (size_t layer = 0; layer < layer_count; layer++) {
        layer_forward(network, layer, values, count, next);
        count = epocl_network_output_count(network, layer);
        if (layer + 1 == layer_count) break;
        for (size_t i = 0; i < count; i++) values[i] = 1 / (1 + exp(-next[i]));
    }
    return output_cost(next, count, label);
}

epocl_status bench_check_cost(const epocl_network *network, const uint8_t *inputs, const uint32_t *labels,
                              size_t sample_count, double *cost) {
    epocl_status status = EPOCL_OK;
    double *values = NULL, *next = NULL, sum = 0;
    const size_t input_count = epocl_network_input_count(network);
    size_t widest = input_count;
    for (size_t layer = 0; layer < epocl_network_layer_count(network); layer++)
        if (epocl_network_output_count(network, layer) > widest) widest = epocl_network_output_count(network, layer);
    TRY(allocate(widest, sizeof *values, "a layer", &values));
    TRY(allocate(widest, sizeof *next, "a layer", &next));
    for (size_t sample = 0; sample < sample_count; sample++) {
        for (size_t i = 0; i < input_count; i++) values[i] = inputs[sample * input_count + i] / 255.0;
        sum += sample_cost(network, values, next, labels[sample]);
    }
    *cost = sum / (double)sample_count;
cleanup:
    free(next);
    free(values);
    return status;
}

epocl_status bench_check_near(const char *device, const char *what, double value, double expected, double tolerance) {
    const bool ok = fabs(value - expected) <= tolerance * fabs(expected);
    if (ok) return EPOCL_OK;
    return fail(EPOCL_ERROR_SELF_TEST, "%s gives wrong results, so it was not timed: %s is %.6g, %.6g was expected",
                device, what, value, expected);
}
