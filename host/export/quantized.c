#include "export/quantized.h"

#include "base/checked.h"
#include "export/c/c_vectors.h"
#include "export/exact.h"
#include "export/export.h"
#include "model/ensemble.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LARGEST = 127, SCALE_BITS = 16, LEAST_VECTORS = 8, MOST_VECTORS = 256, MOST_PRODUCTS = 100000000 };

/* ---- Rounding ------------------------------------------------------------------------------------ */

/* Rounded up to so few bits that a product with 7 more fits a float; weights too small for that are as good as 0. */
float quantized_scale(const float *weights, size_t count) {
    double largest = 0.0;
    int exponent = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs((double)weights[i]));
    if (largest < 1e-30) return 1.0f;
    const double part = frexp(largest / LARGEST, &exponent);
    return (float)ldexp(ceil(ldexp(part, SCALE_BITS)), exponent - SCALE_BITS);
}

int quantized_number(float weight, float scale) {
    return (int)fmax(-LARGEST, fmin(LARGEST, nearbyint((double)weight / (double)scale)));
}

static void round_layer(const layer *one) {
    for (size_t o = 0; o < one->output_count; o++) {
        float *weights = one->weights + o * one->input_count;
        const float scale = quantized_scale(weights, one->input_count);
        for (size_t i = 0; i < one->input_count; i++) weights[i] = (float)quantized_number(weights[i], scale) * scale;
    }
}

epocl_status quantized_copy(const epocl_network *network, epocl_network **copy) {
    epocl_status status = EPOCL_OK;
    void *bytes = NULL;
    size_t byte_count = 0;
    *copy = NULL;
    TRY(epocl_network_save_memory(network, &bytes, &byte_count));
    TRY(epocl_network_load_memory(bytes, byte_count, copy));
    for (size_t k = 0; k < ensemble_member_count(*copy); k++) {
        const epocl_network *member = ensemble_member(*copy, k);
        for (size_t l = 0; l < member->layer_count; l++) round_layer(&member->layers[l]);
    }
cleanup:
    epocl_memory_release(bytes);
    return status;
}

/* ---- What it costs -------------------------------------------------------------------------------- */

static size_t largest_place(const double *values, size_t count) {
    size_t place = 0;
    for (size_t i = 1; i < count; i++)
        if (values[i] > values[place]) place = i;
    return place;
}

/* Fewer vectors of larger networks. */
static size_t count_vectors(const epocl_network *network) {
    const size_t products = 2 * epocl_network_parameter_count(network);
    size_t count = MOST_VECTORS;
    while (count > LEAST_VECTORS && products > MOST_PRODUCTS / count) count /= 2;
    return count;
}

epocl_status quantized_describe(const epocl_network *network, const epocl_network *copy,
                                char text[QUANTIZED_TEXT_CAPACITY]) {
    epocl_status status = EPOCL_OK;
    const size_t count = network_output_count(network), vector_count = count_vectors(network);
    double *memory = NULL, largest = 0.0, sum = 0.0;
    float *inputs = NULL;
    size_t changed = 0;
    TRY(allocate(count, 4 * sizeof *memory, "outputs", &memory));
    TRY(allocate(export_input_count(network), sizeof *inputs, "inputs", &inputs));
    double *whole = memory, *rounded = memory + count, *bounds = memory + 2 * count;
    for (size_t v = 0; v < vector_count; v++) {
        c_vectors_draw(network, v, inputs);
        TRY(exact_outputs(network, inputs, whole, bounds));
        TRY(exact_outputs(copy, inputs, rounded, bounds));
        for (size_t i = 0; i < count; i++) {
            const double error = fabs(rounded[i] - whole[i]);
            largest = fmax(largest, error);
            sum += error;
        }
        changed += largest_place(whole, count) != largest_place(rounded, count);
    }
    const size_t used = (size_t)snprintf(text, QUANTIZED_TEXT_CAPACITY,
                                         "On %zu drawn inputs, outputs are off those of float weights by %.3g at most "
                                         "and %.3g on average",
                                         vector_count, largest, sum / (double)(vector_count * count));
    if (export_targets(network) == TARGETS_CLASSES)
        snprintf(text + used, QUANTIZED_TEXT_CAPACITY - used, "; %zu of the classes are others", changed);
cleanup:
    free(inputs);
    free(memory);
    return status;
}
