/* A network in host memory: its shape, how its inputs are normalised, its parameters. No OpenCL here. */
#ifndef EPOCL_MODEL_NETWORK_H
#define EPOCL_MODEL_NETWORK_H

#include "epocl.h"
#include "model/functions.h"

#include <stdbool.h>

typedef struct layer {
    size_t input_count;
    size_t output_count;
    float *weights; /* [output_count, input_count], row-major, owned by the network */
    float *biases;  /* [output_count]                                               */
    function activation;
    bool is_given; /* they hold values to begin from, where the network as a whole has none */
} layer;

struct epocl_network {
    size_t layer_count; /* at least 1; the last one is the output layer            */
    layer *layers;
    function head;         /* cost of the outputs; their activation is the last layer's */
    char *activation_text; /* of the hidden layers, as network_set_functions() takes it; owned */
    char cost_text[FUNCTION_TEXT_CAPACITY];
    char output_text[FUNCTION_TEXT_CAPACITY];
    const char *normalization; /* "none", "scale255", "zscore", "minmax" or, with an encoder, "encoder"; static */
    float *input_scale;        /* [input count]: normalised = value * scale + shift */
    float *input_shift;
    struct encoder *encoder; /* of tables, held: what the inputs are made of and the outputs mean; NULL without */
    bool has_parameters;     /* weights and biases hold values                         */
    bool of_values;          /* made for target values, not labels                     */
    /* Of an ensemble (model/ensemble.h), which owns these and nothing else: */
    size_t member_count; /* 0: it is none */
    struct epocl_network **members;
    uint32_t *member_weights; /* how much each counts */
};

#define NETWORK_ENCODED "encoder" /* the normalization of a network with an encoder */

/* What a network's outputs stand for, with targets that are values or labels. */
typedef enum network_targets { TARGETS_CLASSES, TARGETS_MULTI_LABEL, TARGETS_VALUES } network_targets;
network_targets network_targets_of(const epocl_network *network, bool of_values);

#define NETWORK_MAX_LAYERS     64
#define NETWORK_MAX_UNITS      ((size_t)1 << 24) /* of one layer                    */
#define NETWORK_MAX_PARAMETERS ((size_t)1 << 32) /* draws of initial weights are counted in 32 bits */

/* Allocates a network of the shape counts[0] (inputs), counts[1], ..., counts[layer_count] (outputs)
 * with zeroed parameters; everything else is the caller's to fill in. Checks the caps above. */
epocl_status network_allocate(const size_t *counts, size_t layer_count, epocl_network **network);

/* A network of the same shape, functions and normalisation, without parameters; of an ensemble, its first member's. */
epocl_status network_clone_shape(const epocl_network *network, epocl_network **clone);

/* Whether two networks have the same layers, of the same functions. */
bool network_is_alike(const epocl_network *one, const epocl_network *other);

/* The same with its parameters; and the parameters alone, between networks, or layers, of one shape. */
epocl_status network_copy(const epocl_network *network, epocl_network **copy);
void network_copy_parameters(const epocl_network *from, epocl_network *to);
void layer_copy_parameters(const layer *from, layer *to);

/* Sets what the layers compute, by public names: the activation of all hidden layers, or one for each between commas;
 * the cost; and, unless NULL, the activation of the outputs, which is the cost's own otherwise. EPOCL_ERROR_ARGUMENT
 * for an unknown name, for another number of layers and for outputs that the cost does not take. */
epocl_status network_set_functions(epocl_network *network, const char *activation, const char *cost,
                                   const char *output);

/* Activations of hidden layers in turn; without any that of the outputs, or identity where that is softmax. */
function network_hidden_activation(const epocl_network *network, size_t place);

/* Takes over what the layers of another network compute: its hidden layers' activations in turn, and its head. */
epocl_status network_take_functions(const epocl_network *from, epocl_network *network);

/* Values of a sample as a data set holds them: the inputs, or an encoder's sources. */
size_t network_source_count(const epocl_network *network);

/* Units of the widest layer. */
size_t network_widest_layer(const epocl_network *network);

/* Units of the output layer. */
static inline size_t network_output_count(const epocl_network *network) {
    return network->layers[network->layer_count - 1].output_count;
}

/* EPOCL_ERROR_DATA unless `dataset` was made by the network's encoder, or has as many inputs as the network, and has,
 * if any, targets that it has outputs for and that the cost takes; with `targets_needed` there must be some. */
epocl_status network_check_dataset(const epocl_network *network, const epocl_dataset *dataset, bool targets_needed);

#endif
