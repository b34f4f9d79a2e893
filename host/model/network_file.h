/* A network as a part of a safetensors file, for files that hold more than a network. */
#ifndef EPOCL_MODEL_NETWORK_FILE_H
#define EPOCL_MODEL_NETWORK_FILE_H

#include "model/network.h"
#include "model/safetensors.h"

#define NETWORK_FORMAT          "epocl"
#define NETWORK_FORMAT_VERSION  "1"
#define ENSEMBLE_FORMAT_VERSION "2" /* a file with members, which an earlier epocl refuses */

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
 * EPOCL_ERROR_ARGUMENT for a network without parameters, EPOCL_ERROR_DIVERGED, naming the tensor, when a value is not
 * finite. */
epocl_status network_describe(const epocl_network *network, const char *prefix, network_entries *entries);

/* Where a file has a network's tensors: what begins the names of input.scale and input.shift, and of layers.N. */
typedef struct network_place {
    const char *inputs, *layers;
} network_place;

/* What reading consists of. The shape is a text like "784,128,10", of `length` bytes; every tensor of the network must
 * be there, and none that claims to be of a further layer; then the network is made, with the encoder of `alike` or,
 * where that is NULL, of the file. */
epocl_status network_check_format(const safetensors *file, const char *version);
epocl_status network_parse_shape(const char *text, size_t length, size_t counts[NETWORK_MAX_LAYERS + 1],
                                 size_t *layer_count);
epocl_status network_check_tensors(const safetensors *file, const network_place *place, const size_t *counts,
                                   size_t layer_count);
epocl_status network_make(const safetensors *file, const network_place *place, const size_t *counts, size_t layer_count,
                          const epocl_network *alike, epocl_network **network);

/* An ensemble's file: as a network's, but for its layers, which are `members.K.layers.N` (model/ensemble_file.c). */
epocl_status ensemble_write(const epocl_network *network, file_place place);
epocl_status ensemble_read(const safetensors *file, epocl_network **network);

/* Makes the network that a file holds under `prefix`. Tensors whose names do not begin with it and "layers." may be
 * there besides. The texts of failures leave it to the caller to put the path before them. */
epocl_status network_read(const safetensors *file, const char *prefix, epocl_network **network);

#endif
