#include "model/network.h"

#include "base/checked.h"
#include "data/encoder/encoder.h"
#include "model/functions.h"

#include <inttypes.h>
#include <stdio.h>
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
    (*clone)->normalization = network->normalization;
    (*clone)->encoder = encoder_hold(network->encoder);
    (*clone)->of_values = network->of_values;
    memcpy((*clone)->input_scale, network->input_scale, counts[0] * sizeof *network->input_scale);
    memcpy((*clone)->input_shift, network->input_shift, counts[0] * sizeof *network->input_shift);
    return network_take_functions(network, *clone);
}

bool network_is_alike(const epocl_network *one, const epocl_network *other) {
    bool is_alike = one->layer_count == other->layer_count;
    for (size_t l = 0; l < one->layer_count && is_alike; l++)
        is_alike = one->layers[l].input_count == other->layers[l].input_count &&
                   one->layers[l].output_count == other->layers[l].output_count &&
                   function_is_equal(one->layers[l].activation, other->layers[l].activation);
    return is_alike;
}

static void release_one(epocl_network *network) {
    for (size_t i = 0; i < network->layer_count; i++) {
        free(network->layers[i].weights);
        free(network->layers[i].biases);
    }
    free(network->layers);
    free(network->input_scale);
    free(network->input_shift);
    encoder_release(network->encoder);
    free(network->activation_text);
    free(network);
}

void epocl_network_release(epocl_network *network) {
    if (!network) return;
    if (!network->member_count) {
        release_one(network);
        return;
    }
    for (size_t i = 0; i < network->member_count; i++) release_one(network->members[i]);
    free(network->members);
    free(network->member_weights);
    free(network); /* what an ensemble shows is its first member's */
}

epocl_status network_copy(const epocl_network *network, epocl_network **copy) {
    const epocl_status status = network_clone_shape(network, copy);
    if (status != EPOCL_OK) return status;
    network_copy_parameters(network, *copy);
    return EPOCL_OK;
}

void layer_copy_parameters(const layer *from, layer *to) {
    memcpy(to->weights, from->weights, from->input_count * from->output_count * sizeof *from->weights);
    memcpy(to->biases, from->biases, from->output_count * sizeof *from->biases);
}

void network_copy_parameters(const epocl_network *from, epocl_network *to) {
    for (size_t i = 0; i < from->layer_count; i++) layer_copy_parameters(&from->layers[i], &to->layers[i]);
    to->has_parameters = from->has_parameters;
}

/* ---- What the layers compute -------------------------------------------------------------------- */

/* "relu" for all hidden layers, or "relu,tanh" for one after the other. */
static epocl_status set_activations(epocl_network *network, const char *text) {
    epocl_status status = EPOCL_OK;
    const size_t hidden_count = network->layer_count - 1;
    size_t count = 0;
    for (const char *name = text;; count++) {
        const size_t length = strcspn(name, ",");
        function activation;
        TRY(activation_parse(name, length, &activation));
        if (count < hidden_count) network->layers[count].activation = activation;
        if (name[length] == '\0') break;
        name += length + 1;
    }
    count++;
    if (count == 1)
        for (size_t l = 1; l < hidden_count; l++) network->layers[l].activation = network->layers[0].activation;
    else if (count != hidden_count)
        status =
            fail(EPOCL_ERROR_ARGUMENT, "%zu activations are given for %zu hidden layers; give one, or one for each",
                 count, hidden_count);
cleanup:
    return status;
}

static epocl_status set_output(epocl_network *network, const char *text) {
    function *output = &network->layers[network->layer_count - 1].activation;
    *output = head_output(network->head);
    if (!text) return EPOCL_OK;
    function wanted;
    const epocl_status status = activation_parse(text, strlen(text), &wanted);
    if (status != EPOCL_OK) return status;
    if (!head_takes_any_output(network->head) && wanted.code != output->code)
        return fail(EPOCL_ERROR_ARGUMENT, "the outputs of cost '%s' are %s, not %s", network->cost_text,
                    network->output_text, text);
    *output = wanted;
    return EPOCL_OK;
}

function network_hidden_activation(const epocl_network *network, size_t place) {
    const size_t hidden_count = network->layer_count - 1;
    const function found = network->layers[hidden_count ? place % hidden_count : 0].activation;
    return found.code == ACTIVATION_softmax ? (function){ACTIVATION_identity, 0.0f} : found;
}

/* The text of the hidden layers' activations, as short as it can be; without hidden layers that of the outputs. */
static epocl_status write_activations(epocl_network *network) {
    const size_t last = network->layer_count - 1;
    bool is_one = true;
    for (size_t l = 1; l < last; l++)
        is_one = is_one && function_is_equal(network->layers[l].activation, network->layers[0].activation);
    const size_t count = is_one ? 1 : last, capacity = count * FUNCTION_TEXT_CAPACITY;
    char *text = NULL;
    const epocl_status status = allocate(capacity, 1, "the names of activations", &text);
    if (status != EPOCL_OK) return status;
    for (size_t l = 0, used = 0; l < count; l++) {
        char one[FUNCTION_TEXT_CAPACITY];
        activation_text(network_hidden_activation(network, l), one);
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", l ? "," : "", one);
    }
    free(network->activation_text);
    network->activation_text = text;
    return EPOCL_OK;
}

epocl_status network_set_functions(epocl_network *network, const char *activation, const char *cost,
                                   const char *output) {
    epocl_status status = EPOCL_OK;
    const size_t last = network->layer_count - 1;
    TRY(head_parse(cost, &network->head));
    head_text(network->head, network->cost_text);
    activation_text(head_output(network->head), network->output_text);
    TRY(set_activations(network, activation));
    TRY(set_output(network, output));
    activation_text(network->layers[last].activation, network->output_text);
    TRY(write_activations(network));
cleanup:
    return status;
}

epocl_status network_take_functions(const epocl_network *from, epocl_network *network) {
    const size_t last = network->layer_count - 1;
    for (size_t l = 0; l < last; l++) network->layers[l].activation = network_hidden_activation(from, l);
    network->layers[last].activation = from->layers[from->layer_count - 1].activation;
    network->head = from->head;
    memcpy(network->cost_text, from->cost_text, sizeof network->cost_text);
    memcpy(network->output_text, from->output_text, sizeof network->output_text);
    return write_activations(network);
}

/* ---- Fit with a data set ------------------------------------------------------------------------ */

/* EPOCL_ERROR_DATA unless the head takes the values as targets. */
static epocl_status check_values(const epocl_network *network, const epocl_dataset *dataset, size_t output_count) {
    const bool of_units = network->head.code == HEAD_cross_entropy || network->head.code == HEAD_softmax_cross_entropy;
    const bool of_counts = network->head.code == HEAD_poisson;
    if (dataset->value_count != output_count)
        return fail(EPOCL_ERROR_DATA, "the data set has %zu target values a sample and the network has %zu outputs",
                    dataset->value_count, output_count);
    for (size_t i = 0; i < dataset->sample_count * output_count; i++) {
        const float value = dataset->values[i];
        if ((of_units && (value < 0.0f || value > 1.0f)) || (of_counts && value < 0.0f))
            return fail(EPOCL_ERROR_DATA,
                        "target value %zu of sample %zu is %g; those of cost '%s' are %s, and cost squared, for one, "
                        "takes any",
                        i % output_count, i / output_count, (double)value, network->cost_text,
                        of_units ? "from 0 to 1" : "0 or above");
    }
    return EPOCL_OK;
}

size_t network_source_count(const epocl_network *network) {
    return network->encoder ? network->encoder->source_count : network->layers[0].input_count;
}

size_t network_widest_layer(const epocl_network *network) {
    size_t widest = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        if (network->layers[l].output_count > widest) widest = network->layers[l].output_count;
    return widest;
}

epocl_status network_check_dataset(const epocl_network *network, const epocl_dataset *dataset, bool targets_needed) {
    const size_t input_count = network_source_count(network);
    const size_t output_count = network->layers[network->layer_count - 1].output_count;
    if (dataset->input_count != input_count)
        return fail(EPOCL_ERROR_DATA, "the data set has %zu values a sample and the network takes %zu",
                    dataset->input_count, input_count);
    if (!encoder_is_alike(network->encoder, dataset->encoder))
        return fail(EPOCL_ERROR_DATA, "the data set is %s, and the network takes %s",
                    dataset->encoder ? "a table's, encoded" : "no table's",
                    network->encoder ? "what its own encoder makes of a table" : "none");
    if (targets_needed && !dataset->labels && !dataset->values)
        return fail(EPOCL_ERROR_DATA, "the data set has no labels; give a labels file with it");
    if (dataset->values) return check_values(network, dataset, output_count);
    for (size_t i = 0; dataset->labels && i < dataset->sample_count; i++)
        if (dataset->labels[i] >= output_count)
            return fail(EPOCL_ERROR_DATA,
                        "sample %zu has label %" PRIu32 " and the network has outputs for labels 0 to %zu only "
                        "(the option classes says how many)",
                        i, dataset->labels[i], output_count - 1);
    return EPOCL_OK;
}

epocl_status epocl_network_check(const epocl_network *network, const epocl_dataset *dataset) {
    if (!network || !dataset) return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_check: NULL argument");
    return network_check_dataset(network, dataset, false);
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

static size_t own_parameter_count(const epocl_network *network) {
    size_t count = 0;
    for (size_t i = 0; i < network->layer_count; i++)
        count += network->layers[i].output_count * (network->layers[i].input_count + 1);
    return count;
}

size_t epocl_network_parameter_count(const epocl_network *network) {
    size_t count = 0;
    if (!network->member_count) return own_parameter_count(network);
    for (size_t i = 0; i < network->member_count; i++) count += own_parameter_count(network->members[i]);
    return count;
}

const char *epocl_network_activation(const epocl_network *network) {
    return network->activation_text;
}

const char *epocl_network_cost(const epocl_network *network) {
    return network->cost_text;
}

const char *epocl_network_output(const epocl_network *network) {
    return network->output_text;
}

network_targets network_targets_of(const epocl_network *network, bool of_values) {
    if (!of_values || network->head.code == HEAD_softmax_cross_entropy) return TARGETS_CLASSES;
    return network->head.code == HEAD_cross_entropy ? TARGETS_MULTI_LABEL : TARGETS_VALUES;
}

const char *epocl_network_targets(const epocl_network *network) {
    static const char *const words[] = {"classes", "multi-label", "values"};
    return words[network_targets_of(network, network->of_values)];
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
