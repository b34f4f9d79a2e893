/* Memory and pieces: one function an operation of a training step. */
#include "reference/reference.h"

#include <math.h>
#include <stdlib.h>

double *reference_doubles(size_t count) {
    double *values = calloc(count ? count : 1, sizeof(double));
    if (!values) abort();
    return values;
}

void reference_widen(size_t count, const float *values, double *result) {
    for (size_t i = 0; i < count; i++) result[i] = values[i];
}

double reference_sigmoid(double z) {
    const double t = exp(-fabs(z));
    return z >= 0 ? 1 / (1 + t) : t / (1 + t);
}

void reference_matmul(size_t m, size_t n, size_t k, bool transpose_a, const double *a, bool transpose_b,
                      const double *b, double *c, double *magnitude) {
    const size_t a_row = transpose_a ? 1 : k, a_column = transpose_a ? m : 1;
    const size_t b_row = transpose_b ? 1 : n, b_column = transpose_b ? k : 1;
    for (size_t i = 0; i < m; i++) {
        for (size_t j = 0; j < n; j++) {
            double sum = 0, size = 0;
            for (size_t p = 0; p < k; p++) {
                const double product = a[i * a_row + p * a_column] * b[p * b_row + j * b_column];
                sum += product;
                size += fabs(product);
            }
            c[i * n + j] = sum;
            if (magnitude) magnitude[i * n + j] = size;
        }
    }
}

void reference_forward(size_t batch_count, size_t input_count, size_t output_count, const double *weights,
                       const double *biases, const double *inputs, double *weighted_inputs, double *activations,
                       double *magnitude) {
    reference_matmul(batch_count, output_count, input_count, false, inputs, true, weights, weighted_inputs, magnitude);
    for (size_t i = 0; i < batch_count * output_count; i++) {
        weighted_inputs[i] += biases[i % output_count];
        activations[i] = reference_sigmoid(weighted_inputs[i]);
        if (magnitude) magnitude[i] += fabs(biases[i % output_count]);
    }
}

double reference_cost(size_t batch_count, size_t output_count, const double *weighted_inputs, const uint32_t *labels) {
    double sum = 0;
    for (size_t sample = 0; sample < batch_count; sample++) {
        for (size_t unit = 0; unit < output_count; unit++) {
            const double z = weighted_inputs[sample * output_count + unit];
            const double y = unit == labels[sample] ? 1 : 0;
            sum += fmax(z, 0) - y * z + log1p(exp(-fabs(z)));
        }
    }
    return sum / (double)batch_count;
}

size_t reference_correct_count(size_t batch_count, size_t output_count, const double *outputs, const uint32_t *labels) {
    size_t correct_count = 0;
    for (size_t sample = 0; sample < batch_count; sample++) {
        const double *row = outputs + sample * output_count;
        size_t largest = 0;
        for (size_t unit = 1; unit < output_count; unit++) {
            if (row[unit] > row[largest]) largest = unit;
        }
        correct_count += largest == labels[sample];
    }
    return correct_count;
}

void reference_output_delta(size_t batch_count, size_t output_count, const double *activations, const uint32_t *labels,
                            double *deltas) {
    for (size_t i = 0; i < batch_count * output_count; i++) {
        const double y = i % output_count == labels[i / output_count] ? 1 : 0;
        deltas[i] = activations[i] - y;
    }
}

void reference_hidden_delta(size_t batch_count, size_t unit_count, size_t next_count, const double *next_weights,
                            const double *next_deltas, const double *activations, double *deltas, double *magnitude) {
    reference_matmul(batch_count, unit_count, next_count, false, next_deltas, false, next_weights, deltas, magnitude);
    for (size_t i = 0; i < batch_count * unit_count; i++) {
        const double slope = activations[i] * (1 - activations[i]);
        deltas[i] *= slope;
        if (magnitude) magnitude[i] *= fabs(slope);
    }
}

void reference_weight_gradient(size_t batch_count, size_t input_count, size_t output_count, const double *deltas,
                               const double *inputs, double *gradient, double *magnitude) {
    reference_matmul(output_count, input_count, batch_count, true, deltas, false, inputs, gradient, magnitude);
}

void reference_bias_gradient(size_t batch_count, size_t output_count, const double *deltas, double *gradient,
                             double *magnitude) {
    for (size_t unit = 0; unit < output_count; unit++) {
        double sum = 0, size = 0;
        for (size_t sample = 0; sample < batch_count; sample++) {
            sum += deltas[sample * output_count + unit];
            size += fabs(deltas[sample * output_count + unit]);
        }
        gradient[unit] = sum;
        if (magnitude) magnitude[unit] = size;
    }
}

void reference_update(size_t count, size_t batch_count, double learning_rate, const double *gradient,
                      double *parameters) {
    for (size_t i = 0; i < count; i++) parameters[i] -= learning_rate / (double)batch_count * gradient[i];
}
