#include "model/network.h"

#include "base/checked.h"
#include "data/dataset.h"
#include "model/functions.h"
#include "options/values.h"

#include <inttypes.h>
#include <string.h>

/* ---- Shape and memory --------------------------------------------------------------------------- */

static epocl_status check_layer_counts(const size_t *counts, size_t layer_count) {
    if (layer_count == 0 || layer_count > NETWORK_MAX_LAYERS)
        return fail(EPOCL_ERROR_ARGUMENT, "a network has 1 to %d layers, not %zu", NETWORK_MAX_LAYERS, layer_count);
    for (size_t i = 0; i <= layer_count; i++) {
        if (counts[i] >= 1 && counts[i] <= NETWORK_MAX_UNITS) continue;
        if (i == 0 || i == layer_count)
            return fail(EPOCL_ERROR_ARGUMENT, "the network would have %zu %s; there can be 1 to %zu", counts[i],
                        i == 0 ? "inputs" : "outputs", NETWORK_MAX_UNITS);
        return fail(EPOCL_ERROR_ARGUMENT, "hidden layer %zu would have %zu units; a layer has 1 to %zu", i, counts[i],
                    NETWORK_MAX_UNITS);
    }
    size_t parameter_count = 0;
    for (size_t i = 0; i < layer_count; i++) {
        parameter_count += counts[i + 1] * (counts[i] + 1);
        if (parameter_count > NETWORK_MAX_PARAMETERS)
            return fail(EPOCL_ERROR_ARGUMENT, "the network would have more than %zu parameters; use smaller layers",
                        NETWORK_MAX_PARAMETERS);
    }
    return EPOCL_OK;
}

epocl_status network_allocate(const size_t *counts, size_t layer_count, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    epocl_network *made = NULL;
    *network = NULL;
    TRY(check_layer_counts(counts, layer_count));

    TRY(allocate(1, sizeof *made, "a network", &made));
    TRY(allocate(layer_count, sizeof *made->layers, "the layers", &made->layers));
    made->layer_count = layer_count;
    for (size_t i = 0; i < layer_count; i++) {
        layer *one = &made->layers[i];
        one->input_count = counts[i];
        one->output_count = counts[i + 1];
        TRY(allocate(one->input_count * one->output_count, sizeof *one->weights, "weights", &one->weights));
        TRY(allocate(one->output_count, sizeof *one->biases, "biases", &one->biases));
    }
    TRY(allocate(counts[0], sizeof *made->input_scale, "the input scale", &made->input_scale));
    TRY(allocate(counts[0], sizeof *made->input_shift, "the input shift", &made->input_shift));
    *network = made;
    made = NULL;
cleanup:
    epocl_network_release(made);
    return status;
}

epocl_status network_clone_shape(const epocl_network *network, epocl_network **clone) {
    size_t counts[NETWORK_MAX_LAYERS + 1] = {network->layers[0].input_count};
    for (size_t i = 0; i < network->layer_count; i++) counts[i + 1] = network->layers[i].output_count;
    const epocl_status status = network_allocate(counts, network->layer_count, clone);
    if (status != EPOCL_OK) return status;
    (*clone)->activation = network->activation;
    (*clone)->cost = network->cost;
    (*clone)->normalization = network->normalization;
    memcpy((*clone)->input_scale, network->input_scale, counts[0] * sizeof *network->input_scale);
    memcpy((*clone)->input_shift, network->input_shift, counts[0] * sizeof *network->input_shift);
    return EPOCL_OK;
}

void epocl_network_release(epocl_network *network) {
    if (!network) return;
    for (size_t i = 0; i < network->layer_count; i++) {
        free(network->layers[i].weights);
        free(network->layers[i].biases);
    }
    free(network->layers);
    free(network->input_scale);
    free(network->input_shift);
    free(network);
}

/* ---- Options ------------------------------------------------------------------------------------ */

static epocl_status check_options(const network_options *options) {
    if (options->hidden.count >= NETWORK_MAX_LAYERS)
        return fail(EPOCL_ERROR_ARGUMENT, "a network has at most %d hidden layers, not %zu", NETWORK_MAX_LAYERS - 1,
                    options->hidden.count);
    return EPOCL_OK;
}

epocl_status network_set_functions(epocl_network *network, const char *activation, const char *cost) {
    epocl_status status = EPOCL_OK;
    TRY(cost_from_name(cost, &network->cost));
    TRY(activation_from_name(activation, network->cost, &network->activation));
    if (!functions_fit(network->activation, network->cost))
        return fail(EPOCL_ERROR_ARGUMENT,
                    "activation '%s' does not fit cost '%s', which needs outputs between 0 and 1; use 'sigmoid'",
                    activation, cost);
cleanup:
    return status;
}

static epocl_status choose_output_count(const epocl_dataset *dataset, const network_options *options,
                                        size_t *output_count) {
    *output_count = options->output_count ? (size_t)options->output_count : dataset->class_count;
    if (*output_count == 0)
        return fail(EPOCL_ERROR_ARGUMENT, "the data set has no labels, so the number of outputs is unknown; "
                                          "give labels, or set classes");
    if (*output_count < dataset->class_count)
        return fail(EPOCL_ERROR_ARGUMENT, "%zu outputs do not suffice for the data set's %zu classes", *output_count,
                    dataset->class_count);
    return EPOCL_OK;
}

epocl_status epocl_network_create(const epocl_dataset *dataset, const epocl_options *options, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    epocl_network *made = NULL;
    size_t counts[NETWORK_MAX_LAYERS + 1] = {0};
    if (!network) return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_create: network is NULL");
    *network = NULL;
    if (!dataset || !options)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_create: %s is NULL", dataset ? "options" : "dataset");
    const network_options *wanted = &options->network;
    TRY(check_options(wanted));

    const size_t layer_count = wanted->hidden.count + 1;
    counts[0] = dataset->input_count;
    for (size_t i = 1; i < layer_count; i++) counts[i] = wanted->hidden.values[i - 1];
    TRY(choose_output_count(dataset, wanted, &counts[layer_count]));
    TRY(network_allocate(counts, layer_count, &made));
    TRY(network_set_functions(made, wanted->activation, wanted->cost));
    TRY(dataset_normalization(dataset, normalization_words[wanted->normalize], &made->normalization, made->input_scale,
                              made->input_shift));
    *network = made;
    made = NULL;
cleanup:
    epocl_network_release(made);
    return status;
}

/* ---- Fit with a data set ------------------------------------------------------------------------ */

epocl_status network_check_dataset(const epocl_network *network, const epocl_dataset *dataset, bool labels_needed) {
    const size_t input_count = epocl_network_input_count(network);
    const size_t output_count = network->layers[network->layer_count - 1].output_count;
    if (dataset->input_count != input_count)
        return fail(EPOCL_ERROR_DATA, "the data set has %zu values a sample and the network takes %zu",
                    dataset->input_count, input_count);
    if (labels_needed && !dataset->labels)
        return fail(EPOCL_ERROR_DATA, "the data set has no labels; give a labels file with it");
    for (size_t i = 0; dataset->labels && i < dataset->sample_count; i++)
        if (dataset->labels[i] >= output_count)
            return fail(EPOCL_ERROR_DATA,
                        "sample %zu has label %" PRIu32 " and the network has outputs for labels 0 to %zu only "
                        "(the option classes says how many)",
                        i, dataset->labels[i], output_count - 1);
    return EPOCL_OK;
}

/* ---- Description -------------------------------------------------------------------------------- */

size_t epocl_network_layer_count(const epocl_network *network) {
    return network->layer_count;
}

size_t epocl_network_input_count(const epocl_network *network) {
    return network->layers[0].input_count;
}

size_t epocl_network_output_count(const epocl_network *network, size_t index) {
    return index < network->layer_count ? network->layers[index].output_count : 0;
}

size_t epocl_network_parameter_count(const epocl_network *network) {
    size_t count = 0;
    for (size_t i = 0; i < network->layer_count; i++)
        count += network->layers[i].output_count * (network->layers[i].input_count + 1);
    return count;
}

const char *epocl_network_activation(const epocl_network *network) {
    return activation_name(network->activation);
}

const char *epocl_network_cost(const epocl_network *network) {
    return cost_name(network->cost);
}

const char *epocl_network_normalization(const epocl_network *network) {
    return network->normalization;
}

const float *epocl_network_weights(const epocl_network *network, size_t index) {
    return network->has_parameters && index < network->layer_count ? network->layers[index].weights : NULL;
}

const float *epocl_network_biases(const epocl_network *network, size_t index) {
    return network->has_parameters && index < network->layer_count ? network->layers[index].biases : NULL;
}
