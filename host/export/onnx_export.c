/* A network as an ONNX model: what is done to the inputs, a Gemm and an activation a layer, what is told. */
#include "export/export.h"
#include "export/onnx_activation.h"
#include "export/onnx_fields.h"
#include "export/onnx_graph.h"

#include <stdio.h>

/* The part before the first layer: declares what the model takes, and returns the name of the network's inputs,
 * [samples, inputs] and normalised. */
static const char *put_inputs(onnx_graph *graph, const epocl_network *network) {
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

/* z of a layer, named as its tensors are in epocl's own model files. */
static const char *put_layer(onnx_graph *graph, const layer *one, size_t index, const char *input) {
    char name[ONNX_NAME_CAPACITY];
    const size_t shape[] = {one->output_count, one->input_count};
    snprintf(name, sizeof name, "layers.%zu", index);
    onnx_scope(graph, name);
    snprintf(name, sizeof name, "layers.%zu.weight", index);
    const char *weights = onnx_constant_floats(graph, name, one->weights, shape, 2);
    snprintf(name, sizeof name, "layers.%zu.bias", index);
    const char *biases = onnx_constant_floats(graph, name, one->biases, shape, 1);
    return onnx_node(graph, "Gemm", ONNX_INPUTS(input, weights, biases), NULL,
                     ONNX_ATTRIBUTES({.name = "transB", .is_whole = true, .whole = 1}));
}

/* The label comes of z, as epocl's own does: rounded probabilities may be equal. */
static void put_outputs(onnx_graph *graph, const epocl_network *network, const char *z) {
    const layer *last = &network->layers[network->layer_count - 1];
    if (!export_has_classes(network)) {
        onnx_activation(graph, last->activation, z, "value");
        onnx_declare(graph, GRAPH_OUTPUT, "value", ONNX_FLOAT, last->output_count, "the outputs");
        return;
    }
    onnx_node(graph, "ArgMax", ONNX_INPUTS(z), "label",
              ONNX_ATTRIBUTES({.name = "axis", .is_whole = true, .whole = 1},
                              {.name = "keepdims", .is_whole = true, .whole = 0}));
    onnx_activation(graph, last->activation, z, "probabilities");
    onnx_declare(graph, GRAPH_OUTPUT, "label", ONNX_INT64, 0, "the class, counted from 0");
    onnx_declare(graph, GRAPH_OUTPUT, "probabilities", ONNX_FLOAT, last->output_count,
                 last->activation.code == ACTIVATION_softmax ? "of the classes; a sample's sum to 1"
                                                             : "of each class by itself; they do not sum to 1");
}

epocl_status export_onnx(const epocl_network *network, const char *path) {
    onnx_graph *graph = NULL;
    char doc[EXPORT_DOC_CAPACITY];
    epocl_status status = onnx_graph_create("epocl", &graph);
    if (status != EPOCL_OK) return status;
    const char *value = put_inputs(graph, network);
    for (size_t l = 0; l < network->layer_count; l++) {
        value = put_layer(graph, &network->layers[l], l, value);
        if (l + 1 < network->layer_count) value = onnx_activation(graph, network->layers[l].activation, value, NULL);
    }
    put_outputs(graph, network, value);
    onnx_metadata(graph, "activation", network->activation_text);
    onnx_metadata(graph, "cost", network->cost_text);
    onnx_metadata(graph, "output", network->output_text);
    onnx_metadata(graph, "normalization", network->normalization);
    export_doc(network, doc);
    status = onnx_graph_write(graph, doc, path);
    onnx_graph_release(graph);
    return status;
}
