/* Networks in the making: of options and a data set, or of another network. */
#include "data/dataset.h"
#include "data/encoder/encoder.h"
#include "model/ensemble.h"
#include "model/network.h"
#include "options/values.h"

#include <string.h>

/* ---- For a data set ----------------------------------------------------------------------------- */

static epocl_status choose_output_count(const epocl_dataset *dataset, const network_options *options,
                                        size_t *output_count) {
    const size_t least = dataset->values ? dataset->value_count : dataset->class_count;
    *output_count = options->output_count ? (size_t)options->output_count : least;
    if (*output_count == 0)
        return fail(EPOCL_ERROR_ARGUMENT, "the data set has no labels, so the number of outputs is unknown; "
                                          "give labels, or set classes");
    if (dataset->values && *output_count != least)
        return fail(EPOCL_ERROR_ARGUMENT, "%zu outputs do not fit the data set's %zu target values a sample",
                    *output_count, least);
    if (*output_count < least)
        return fail(EPOCL_ERROR_ARGUMENT, "%zu outputs do not suffice for the data set's %zu classes", *output_count,
                    least);
    if (dataset->encoder && *output_count != encoder_output_count(dataset->encoder))
        return fail(EPOCL_ERROR_ARGUMENT, "%zu outputs do not fit the %zu of the table's target: leave classes unset",
                    *output_count, encoder_output_count(dataset->encoder));
    return EPOCL_OK;
}

/* What "auto" stands for with that data. */
static const char *choose_activation(const char *activation) {
    return strcmp(activation, "auto") == 0 ? "relu" : activation;
}

/* Likewise; says so. */
static const char *choose_cost(const epocl_dataset *dataset, const epocl_options *options) {
    static const struct {
        const char *targets, *cost, *outputs;
    } choices[] = {{"class labels", "softmax-cross-entropy", "softmax"},
                   {"values", "squared", "identity"},
                   {"0 or 1 for each output", "cross-entropy", "sigmoid"}};
    const network_options *wanted = &options->network;
    if (strcmp(wanted->cost, "auto") != 0) return wanted->cost;
    const size_t choice = !dataset->values ? 0 : dataset_is_of_answers(dataset) ? 2 : 1;
    options_say(&options->training, "cost auto: targets are %s, so %s of %s outputs", choices[choice].targets,
                choices[choice].cost, *wanted->output ? wanted->output : choices[choice].outputs);
    return choices[choice].cost;
}

/* What an encoder makes needs no more. */
static epocl_status normalize(epocl_network *network, const epocl_dataset *dataset, const char *kind) {
    if (!dataset->encoder)
        return dataset_normalization(dataset, kind, &network->normalization, network->input_scale,
                                     network->input_shift);
    network->encoder = encoder_hold(dataset->encoder);
    network->normalization = NETWORK_ENCODED;
    for (size_t i = 0; i < network->layers[0].input_count; i++) network->input_scale[i] = 1.0f;
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
    if (wanted->hidden.count >= NETWORK_MAX_LAYERS)
        return fail(EPOCL_ERROR_ARGUMENT, "a network has at most %d hidden layers, not %zu", NETWORK_MAX_LAYERS - 1,
                    wanted->hidden.count);

    const size_t layer_count = wanted->hidden.count + 1;
    counts[0] = dataset->encoder ? dataset->encoder->input_count : dataset->input_count;
    for (size_t i = 1; i < layer_count; i++) counts[i] = wanted->hidden.values[i - 1];
    TRY(choose_output_count(dataset, wanted, &counts[layer_count]));
    TRY(network_allocate(counts, layer_count, &made));
    TRY(network_set_functions(made, choose_activation(wanted->activation), choose_cost(dataset, options),
                              *wanted->output ? wanted->output : NULL));
    made->of_values = dataset->values != NULL;
    TRY(normalize(made, dataset, normalization_words[wanted->normalize]));
    *network = made;
    made = NULL;
cleanup:
    epocl_network_release(made);
    return status;
}

/* ---- From another network ----------------------------------------------------------------------- */

epocl_status epocl_network_create_from(const epocl_network *base, const epocl_dataset *dataset,
                                       const epocl_options *options, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    epocl_network *made = NULL;
    size_t counts[NETWORK_MAX_LAYERS + 1] = {0};
    if (network) *network = NULL;
    if (!base || !dataset || !options || !network)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_create_from: NULL argument");
    if (!base->has_parameters) return fail(EPOCL_ERROR_ARGUMENT, "the network to begin from has not been trained");
    TRY(ensemble_refuse(base, "are not trained further; begin from one network"));
    if (!encoder_is_alike(base->encoder, dataset->encoder))
        return fail(EPOCL_ERROR_DATA, base->encoder
                                          ? "it takes a table's columns, and the data set was not encoded for it"
                                          : "it takes numbers as they are, and the data set is of a table's columns");
    const size_t layer_count = base->layer_count, input_count = base->layers[0].input_count;
    if (!base->encoder && dataset->input_count != input_count)
        return fail(EPOCL_ERROR_DATA, "it takes %zu inputs, and the data set has %zu values a sample", input_count,
                    dataset->input_count);
    counts[0] = input_count;
    for (size_t l = 0; l < layer_count; l++) counts[l + 1] = base->layers[l].output_count;
    TRY(choose_output_count(dataset, &options->network, &counts[layer_count]));
    const bool is_whole = counts[layer_count] == base->layers[layer_count - 1].output_count;
    if (!is_whole && layer_count == 1)
        return fail(EPOCL_ERROR_DATA, "it has %zu outputs, where %zu are wanted, and no hidden layers to begin from",
                    base->layers[0].output_count, counts[layer_count]);
    TRY(network_allocate(counts, layer_count, &made));
    made->normalization = base->normalization;
    if (base->encoder) made->encoder = encoder_hold(base->encoder);
    memcpy(made->input_scale, base->input_scale, input_count * sizeof *base->input_scale);
    memcpy(made->input_shift, base->input_shift, input_count * sizeof *base->input_shift);
    TRY(network_take_functions(base, made));
    for (size_t l = 0; l < layer_count - !is_whole; l++) {
        layer_copy_parameters(&base->layers[l], &made->layers[l]);
        made->layers[l].is_given = true;
    }
    made->has_parameters = is_whole;
    made->of_values = dataset->values != NULL;
    *network = made;
    made = NULL;
cleanup:
    epocl_network_release(made);
    return status;
}
