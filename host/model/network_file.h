/* A network as a part of a safetensors file, for files that hold more than a network. */
#ifndef EPOCL_MODEL_NETWORK_FILE_H
#define EPOCL_MODEL_NETWORK_FILE_H

#include "model/network.h"
#include "model/safetensors.h"

enum {
    NETWORK_LAYER_TENSORS = 2 + 2 * NETWORK_MAX_LAYERS, /* input.scale and input.shift, a weight and a bias a layer */
    NETWORK_MAX_TENSORS = NETWORK_LAYER_TENSORS + 2,    /* encoder.numbers and encoder.text                        */
    NETWORK_METADATA = 9,                               /* at most */
    NETWORK_NAME_CAPACITY = 40
};

/* What safetensors_write() takes. It holds as long as the network stays as it is, and must not be copied. */
typedef struct network_entries {
    safetensors_tensor tensors[NETWORK_MAX_TENSORS];
    const void *values[NETWORK_MAX_TENSORS];
    size_t tensor_count;
    safetensors_pair metadata[NETWORK_METADATA];
    size_t metadata_count;
    char names[NETWORK_MAX_TENSORS][NETWORK_NAME_CAPACITY];
    char layers_text[1024];
} network_entries;

/* `prefix` begins the tensors' names; the encoder, which all networks of a file share, is only of the one without.
 * EPOCL_ERROR_ARGUMENT for a network without parameters, EPOCL_ERROR_DIVERGED,
 * naming the tensor, when a value is not finite. */
epocl_status network_describe(const epocl_network *network, const char *prefix, network_entries *entries);

/* Makes the network that a file holds under `prefix`. Tensors whose names do not begin with it and "layers." may be
 * there besides. The texts of failures leave it to the caller to put the path before them. */
epocl_status network_read(const safetensors *file, const char *prefix, epocl_network **network);

#endif
