/* A network in host memory: its shape, how its inputs are normalised, its parameters. No OpenCL here. */
#ifndef EPOCL_MODEL_NETWORK_H
#define EPOCL_MODEL_NETWORK_H

#include "epocl.h"

#include <stdbool.h>

typedef struct layer {
    size_t input_count;
    size_t output_count;
    float *weights; /* [output_count, input_count], row-major, owned by the network */
    float *biases;  /* [output_count]                                               */
} layer;

struct epocl_network {
    size_t layer_count; /* at least 1; the last one is the output layer            */
    layer *layers;
    int activation;            /* code in model/functions.h                        */
    int cost;                  /* code in model/functions.h                        */
    const char *normalization; /* "none", "scale255", "zscore" or "minmax"; static */
    float *input_scale;        /* [input count]: normalised = value * scale + shift */
    float *input_shift;
    bool has_parameters; /* weights and biases hold values                         */
};

#define NETWORK_MAX_LAYERS     64
#define NETWORK_MAX_UNITS      ((size_t)1 << 24) /* of one layer                    */
#define NETWORK_MAX_PARAMETERS ((size_t)1 << 32) /* draws of initial weights are counted in 32 bits */

/* Allocates a network of the shape counts[0] (inputs), counts[1], ..., counts[layer_count] (outputs)
 * with zeroed parameters; everything else is the caller's to fill in. Checks the caps above. */
epocl_status network_allocate(const size_t *counts, size_t layer_count, epocl_network **network);

/* A network of the same shape, functions and normalisation, without parameters. */
epocl_status network_clone_shape(const epocl_network *network, epocl_network **clone);

/* Sets activation and cost by their public names. EPOCL_ERROR_ARGUMENT for an unknown name and for a pair
 * that makes no sense together. */
epocl_status network_set_functions(epocl_network *network, const char *activation, const char *cost);

/* EPOCL_ERROR_DATA unless `dataset` has as many inputs as the network and no label it has no output for;
 * with `labels_needed`, labels must be present. */
epocl_status network_check_dataset(const epocl_network *network, const epocl_dataset *dataset, bool labels_needed);

#endif
