/* A network as an ONNX model: what is done to the inputs, a Gemm and an activation a layer, what is told. */
#include "export/export.h"

#include "base/checked.h"
#include "export/onnx/onnx_activation.h"
#include "export/onnx/onnx_encoder.h"
#include "export/onnx/onnx_fields.h"
#include "export/onnx/onnx_graph.h"
#include "model/ensemble.h"

#include <stdio.h>

static const char *put_normalization(onnx_graph *graph, const epocl_network *network) {
    const size_t count = network->layers[0].input_count, shape[] = {1, count};
    onnx_declare(graph, GRAPH_INPUT, "input", ONNX_FLOAT, count,
                 "values as the training data have them; bytes as floats");
    if (!export_has_normalization(network)) return "input";
    onnx_scope(graph, "normalization");
    const char *scale = onnx_constant_floats(graph, "input.scale", network->input_scale, shape, 2);
    const char *shift = onnx_constant_floats(graph, "input.shift", network->input_shift, shape, 2);
    const char *scaled = onnx_node(graph, "Mul", ONNX_INPUTS("input", scale), NULL, NULL);
    return onnx_node(graph, "Add", ONNX_INPUTS(scaled, shift), NULL, NULL);
}

/* The part before the first layer: declares what the model takes; *inputs is the name of the network's inputs,
 * [samples, inputs] and normalised. */
static epocl_status put_inputs(onnx_graph *graph, const epocl_network *network, const char **inputs) {
    if (network->encoder) return onnx_encoder_inputs(graph, network->encoder, inputs);
    *inputs = put_normalization(graph, network);
    return EPOCL_OK;
}

/* z of a layer, named as its tensors are in epocl's own model files: "members.2.layers.0.weight". */
static const char *put_layer(onnx_graph *graph, const layer *one, const char *prefix, size_t index, const char *input) {
    char name[ONNX_NAME_CAPACITY];
    const size_t shape[] = {one->output_count, one->input_count};
    snprintf(name, sizeof name, "%slayers.%zu", prefix, index);
    onnx_scope(graph, name);
    snprintf(name, sizeof name, "%slayers.%zu.weight", prefix, index);
    const char *weights = onnx_constant_floats(graph, name, one->weights, shape, 2);
    snprintf(name, sizeof name, "%slayers.%zu.bias", prefix, index);
    const char *biases = onnx_constant_floats(graph, name, one->biases, shape, 1);
    return onnx_node(graph, "Gemm", ONNX_INPUTS(input, weights, biases), NULL,
                     ONNX_ATTRIBUTES({.name = "transB", .is_whole = true, .whole = 1}));
}

/* z of the output layer. */
static const char *put_layers(onnx_graph *graph, const epocl_network *network, const char *prefix, const char *value) {
    for (size_t l = 0; l < network->layer_count; l++) {
        value = put_layer(graph, &network->layers[l], prefix, l, value);
        if (l + 1 < network->layer_count) value = onnx_activation(graph, network->layers[l].activation, value, NULL);
    }
    return value;
}

/* The mean of the members' outputs, which are branches beside each other. */
static const char *put_members(onnx_graph *graph, const epocl_network *network, const char *inputs) {
    const function output = network->layers[network->layer_count - 1].activation;
    const char *parts[ENSEMBLE_MOST_MEMBERS + 1] = {NULL};
    for (size_t k = 0; k < ensemble_member_count(network); k++) {
        char prefix[ONNX_NAME_CAPACITY / 4];
        snprintf(prefix, sizeof prefix, "members.%zu.", k);
        const char *z = put_layers(graph, ensemble_member(network, k), prefix, inputs);
        const char *one = onnx_activation(graph, output, z, NULL);
        const char *share = onnx_constant_number(graph, (float)epocl_network_member_share(network, k));
        parts[k] = onnx_node(graph, "Mul", ONNX_INPUTS(one, share), NULL, NULL);
    }
    onnx_scope(graph, "mean");
    return onnx_node(graph, "Sum", parts, NULL, NULL);
}

/* The class comes of z, as epocl's own does: probabilities may be rounded to equal ones. Of an ensemble z are the mean
 * probabilities. */
static void put_label(onnx_graph *graph, const epocl_network *network, const char *z, const char *probabilities) {
    const bool is_class = export_targets(network) == TARGETS_CLASSES;
    const encoder *names = network->encoder && network->encoder->class_count ? network->encoder : NULL;
    onnx_scope(graph, "label");
    if (is_class) {
        const char *place = onnx_node(graph, "ArgMax", ONNX_INPUTS(z), names ? NULL : "label",
                                      ONNX_ATTRIBUTES({.name = "axis", .is_whole = true, .whole = 1},
                                                      {.name = "keepdims", .is_whole = true, .whole = 0}));
        if (names) {
            const char *texts = onnx_constant_texts(graph, "encoder.classes", names->classes, names->class_count);
            onnx_node(graph, "Gather", ONNX_INPUTS(texts, place), "label", NULL);
        }
    } else {
        const char *half = onnx_constant_number(graph, 0.5f);
        const char *is_likely = onnx_node(graph, "Greater", ONNX_INPUTS(probabilities, half), NULL, NULL);
        onnx_node(graph, "Cast", ONNX_INPUTS(is_likely), "label",
                  ONNX_ATTRIBUTES({.name = "to", .is_whole = true, .whole = ONNX_INT64}));
    }
    onnx_declare(graph, GRAPH_OUTPUT, "label", names ? ONNX_TEXT : ONNX_INT64,
                 is_class ? 0 : network_output_count(network),
                 names      ? "the name of the class"
                 : is_class ? "the class, counted from 0"
                            : "1 for each label that is more likely than not");
}

/* `z` are weighted inputs or, of an ensemble, the mean outputs. */
static epocl_status put_outputs(onnx_graph *graph, const epocl_network *network, const char *z) {
    epocl_status status = EPOCL_OK;
    const function of_layer = network->layers[network->layer_count - 1].activation;
    const function output = network_is_ensemble(network) ? (function){ACTIVATION_identity, 0.0f} : of_layer;
    const bool has_probabilities = !head_is_of_values(network->head);
    const char *name = has_probabilities ? "probabilities" : "value";
    onnx_scope(graph, name);
    if (network->encoder && network->encoder->class_count == 0)
        status = onnx_encoder_values(graph, network->encoder, onnx_activation(graph, output, z, NULL), name);
    else
        onnx_activation(graph, output, z, name);
    if (export_targets(network) != TARGETS_VALUES) put_label(graph, network, z, name);
    onnx_declare(graph, GRAPH_OUTPUT, name, ONNX_FLOAT, network_output_count(network),
                 of_layer.code == ACTIVATION_softmax ? "of the classes; a sample's sum to 1"
                 : has_probabilities                 ? "of each label by itself; they do not sum to 1"
                                                     : "the outputs");
    return status;
}

epocl_status export_onnx(const epocl_network *network, const char *path) {
    onnx_graph *graph = NULL;
    char doc[EXPORT_DOC_CAPACITY];
    const char *value = NULL;
    epocl_status status = EPOCL_OK;
    TRY(onnx_graph_create("epocl", &graph));
    TRY(put_inputs(graph, network, &value));
    value = network_is_ensemble(network) ? put_members(graph, network, value) : put_layers(graph, network, "", value);
    TRY(put_outputs(graph, network, value));
    onnx_metadata(graph, "activation", network->activation_text);
    onnx_metadata(graph, "cost", network->cost_text);
    onnx_metadata(graph, "output", network->output_text);
    onnx_metadata(graph, "normalization", network->normalization);
    if (network->encoder) onnx_encoder_metadata(graph, network->encoder);
    export_doc(network, doc);
    status = onnx_graph_write(graph, doc, path);
cleanup:
    onnx_graph_release(graph);
    return status;
}
