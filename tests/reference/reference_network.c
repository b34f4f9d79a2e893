/* Networks: a whole trainer made of the pieces. */
#include "reference/reference.h"

#include <stdlib.h>
#include <string.h>

static void *array_of(size_t count, size_t bytes) {
    void *memory = calloc(count, bytes);
    if (!memory) abort();
    return memory;
}

static void release_rows(double **rows, size_t count) {
    for (size_t i = 0; i < count; i++) free(rows[i]);
    free(rows);
}

static void copy_doubles(size_t count, const double *source, double *destination) {
    memcpy(destination, source, count * sizeof(double));
}

reference_network *reference_network_create(size_t layer_count, const size_t *counts) {
    reference_network *network = array_of(1, sizeof *network);
    network->layer_count = layer_count;
    network->counts = array_of(layer_count + 1, sizeof *network->counts);
    memcpy(network->counts, counts, (layer_count + 1) * sizeof *counts);
    network->weights = array_of(layer_count, sizeof(double *));
    network->biases = array_of(layer_count, sizeof(double *));
    for (size_t l = 0; l < layer_count; l++) {
        network->weights[l] = reference_doubles(counts[l + 1] * counts[l]);
        network->biases[l] = reference_doubles(counts[l + 1]);
    }
    return network;
}

reference_network *reference_network_copy(const reference_network *network) {
    reference_network *copy = reference_network_create(network->layer_count, network->counts);
    for (size_t l = 0; l < network->layer_count; l++) {
        copy_doubles(network->counts[l + 1] * network->counts[l], network->weights[l], copy->weights[l]);
        copy_doubles(network->counts[l + 1], network->biases[l], copy->biases[l]);
    }
    return copy;
}

void reference_network_release(reference_network *network) {
    if (!network) return;
    release_rows(network->weights, network->layer_count);
    release_rows(network->biases, network->layer_count);
    free(network->counts);
    free(network);
}

void reference_network_initialize(reference_network *network, uint64_t seed) {
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t input_count = network->counts[l], output_count = network->counts[l + 1];
        float *weights = array_of(input_count * output_count, sizeof *weights);
        reference_glorot_weights(seed, (uint32_t)l, input_count, output_count, weights);
        reference_widen(input_count * output_count, weights, network->weights[l]);
        memset(network->biases[l], 0, output_count * sizeof(double));
        free(weights);
    }
}

reference_pass *reference_pass_create(const reference_network *network, size_t batch_count) {
    const size_t layer_count = network->layer_count;
    reference_pass *pass = array_of(1, sizeof *pass);
    pass->layer_count = layer_count;
    pass->weighted_inputs = array_of(layer_count, sizeof(double *));
    pass->activations = array_of(layer_count + 1, sizeof(double *));
    pass->deltas = array_of(layer_count, sizeof(double *));
    for (size_t l = 0; l <= layer_count; l++)
        pass->activations[l] = reference_doubles(batch_count * network->counts[l]);
    for (size_t l = 0; l < layer_count; l++) {
        pass->weighted_inputs[l] = reference_doubles(batch_count * network->counts[l + 1]);
        pass->deltas[l] = reference_doubles(batch_count * network->counts[l + 1]);
    }
    return pass;
}

void reference_pass_release(reference_pass *pass) {
    if (!pass) return;
    release_rows(pass->weighted_inputs, pass->layer_count);
    release_rows(pass->activations, pass->layer_count + 1);
    release_rows(pass->deltas, pass->layer_count);
    free(pass);
}

void reference_pass_forward(const reference_network *network, size_t batch_count, const double *inputs,
                            reference_pass *pass) {
    copy_doubles(batch_count * network->counts[0], inputs, pass->activations[0]);
    for (size_t l = 0; l < network->layer_count; l++) {
        reference_forward(batch_count, network->counts[l], network->counts[l + 1], network->weights[l],
                          network->biases[l], pass->activations[l], pass->weighted_inputs[l], pass->activations[l + 1],
                          NULL);
    }
}

void reference_pass_backward(const reference_network *network, size_t batch_count, const uint32_t *labels,
                             reference_pass *pass) {
    const size_t last = network->layer_count - 1;
    reference_output_delta(batch_count, network->counts[last + 1], pass->activations[last + 1], labels,
                           pass->deltas[last]);
    for (size_t l = last; l-- > 0;) {
        reference_hidden_delta(batch_count, network->counts[l + 1], network->counts[l + 2], network->weights[l + 1],
                               pass->deltas[l + 1], pass->activations[l + 1], pass->deltas[l], NULL);
    }
}

static reference_metrics pass_metrics(const reference_network *network, size_t batch_count, const uint32_t *labels,
                                      const reference_pass *pass) {
    const size_t last = network->layer_count - 1, output_count = network->counts[last + 1];
    const size_t correct_count =
        reference_correct_count(batch_count, output_count, pass->weighted_inputs[last], labels);
    return (reference_metrics){
        .sample_count = batch_count,
        .correct_count = correct_count,
        .cost = reference_cost(batch_count, output_count, pass->weighted_inputs[last], labels),
        .accuracy = (double)correct_count / (double)batch_count,
    };
}

reference_metrics reference_evaluate(const reference_network *network, size_t sample_count, const double *inputs,
                                     const uint32_t *labels) {
    reference_pass *pass = reference_pass_create(network, sample_count);
    reference_pass_forward(network, sample_count, inputs, pass);
    const reference_metrics metrics = pass_metrics(network, sample_count, labels, pass);
    reference_pass_release(pass);
    return metrics;
}

static reference_metrics measure_gradient(const reference_network *network, size_t batch_count, const double *inputs,
                                          const uint32_t *labels, reference_network *gradient) {
    reference_pass *pass = reference_pass_create(network, batch_count);
    reference_pass_forward(network, batch_count, inputs, pass);
    reference_pass_backward(network, batch_count, labels, pass);
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t input_count = network->counts[l], output_count = network->counts[l + 1];
        reference_weight_gradient(batch_count, input_count, output_count, pass->deltas[l], pass->activations[l],
                                  gradient->weights[l], NULL);
        reference_bias_gradient(batch_count, output_count, pass->deltas[l], gradient->biases[l], NULL);
    }
    const reference_metrics metrics = pass_metrics(network, batch_count, labels, pass);
    reference_pass_release(pass);
    return metrics;
}

void reference_gradient(const reference_network *network, size_t batch_count, const double *inputs,
                        const uint32_t *labels, reference_network *gradient) {
    measure_gradient(network, batch_count, inputs, labels, gradient);
}

reference_metrics reference_train_step(reference_network *network, size_t batch_count, double learning_rate,
                                       const double *inputs, const uint32_t *labels) {
    reference_network *gradient = reference_network_create(network->layer_count, network->counts);
    const reference_metrics metrics = measure_gradient(network, batch_count, inputs, labels, gradient);
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t input_count = network->counts[l], output_count = network->counts[l + 1];
        reference_update(output_count * input_count, batch_count, learning_rate, gradient->weights[l],
                         network->weights[l]);
        reference_update(output_count, batch_count, learning_rate, gradient->biases[l], network->biases[l]);
    }
    reference_network_release(gradient);
    return metrics;
}

reference_metrics reference_train_epoch(reference_network *network, size_t sample_count, size_t batch_size,
                                        double learning_rate, const double *inputs, const uint32_t *labels,
                                        const uint32_t *order) {
    const size_t input_count = network->counts[0];
    double *batch_inputs = reference_doubles(batch_size * input_count);
    uint32_t *batch_labels = array_of(batch_size, sizeof *batch_labels);
    reference_metrics metrics = {.sample_count = sample_count};
    for (size_t first = 0; first < sample_count; first += batch_size) {
        const size_t left_count = sample_count - first;
        const size_t batch_count = left_count < batch_size ? left_count : batch_size;
        for (size_t i = 0; i < batch_count; i++) {
            const size_t sample = order ? order[first + i] : first + i;
            copy_doubles(input_count, inputs + sample * input_count, batch_inputs + i * input_count);
            batch_labels[i] = labels[sample];
        }
        const reference_metrics step =
            reference_train_step(network, batch_count, learning_rate, batch_inputs, batch_labels);
        metrics.correct_count += step.correct_count;
        metrics.cost += step.cost * (double)batch_count;
    }
    metrics.cost /= (double)sample_count;
    metrics.accuracy = (double)metrics.correct_count / (double)sample_count;
    free(batch_inputs);
    free(batch_labels);
    return metrics;
}
