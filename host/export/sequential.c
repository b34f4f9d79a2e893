/* A network as the parameters of a PyTorch Sequential, in safetensors: Linear modules 0, 2, 4, ... with activations
 * between them. */
#include "base/checked.h"
#include "export/export.h"
#include "model/network_file.h"

#include <stdio.h>
#include <string.h>

/* W (x scale + shift) + b = (W scale) x + (b + W shift): rounded once each. */
static void fold_normalization(const epocl_network *network, float *weights, float *biases) {
    const layer *first = &network->layers[0];
    for (size_t o = 0; o < first->output_count; o++) {
        double bias = (double)first->biases[o];
        for (size_t i = 0; i < first->input_count; i++) {
            const size_t place = o * first->input_count + i;
            weights[place] = (float)((double)first->weights[place] * (double)network->input_scale[i]);
            bias += (double)first->weights[place] * (double)network->input_shift[i];
        }
        biases[o] = (float)bias;
    }
}

epocl_status export_sequential(const epocl_network *network, const char *path) {
    epocl_status status = EPOCL_OK;
    const layer *first = &network->layers[0];
    float *weights = NULL, *biases = NULL;
    safetensors_tensor tensors[2 * NETWORK_MAX_LAYERS];
    const void *values[2 * NETWORK_MAX_LAYERS];
    char names[2 * NETWORK_MAX_LAYERS][NETWORK_NAME_CAPACITY];
    const safetensors_pair metadata[] = {{"format", "pt"},
                                         {"activation", network->activation_text},
                                         {"cost", network->cost_text},
                                         {"output", network->output_text},
                                         {"targets", network->of_values ? "values" : "labels"}};
    TRY(allocate(first->output_count, first->input_count * sizeof *weights, "weights", &weights));
    TRY(allocate(first->output_count, sizeof *biases, "biases", &biases));
    fold_normalization(network, weights, biases);
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *one = &network->layers[l];
        snprintf(names[2 * l], sizeof *names, "%zu.weight", 2 * l);
        snprintf(names[2 * l + 1], sizeof *names, "%zu.bias", 2 * l);
        tensors[2 * l] = (safetensors_tensor){
            .name = names[2 * l], .type = "F32", .dimension_count = 2, .shape = {one->output_count, one->input_count}};
        tensors[2 * l + 1] = (safetensors_tensor){
            .name = names[2 * l + 1], .type = "F32", .dimension_count = 1, .shape = {one->output_count}};
        values[2 * l] = l ? one->weights : weights;
        values[2 * l + 1] = l ? one->biases : biases;
    }
    TRY(safetensors_write(file_at(NO_FOLDER, path), metadata, sizeof metadata / sizeof *metadata, tensors, values,
                          2 * network->layer_count));
cleanup:
    free(biases);
    free(weights);
    return status;
}
