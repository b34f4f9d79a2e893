/* Networks that other programs trained. */
#ifndef EPOCL_EXPORT_IMPORT_H
#define EPOCL_EXPORT_IMPORT_H

#include "model/network.h"

/* What the caller says of the layers: texts of network_set_functions(), or NULL. */
typedef struct import_wishes {
    const char *activation, *cost, *output;
} import_wishes;

/* Whose model a file is; what is neither is taken for epocl's where its name ends as those do, else for ONNX. */
typedef enum import_kind { IMPORT_OWN, IMPORT_SEQUENTIAL, IMPORT_ONNX } import_kind;
epocl_status import_kind_of(const char *path, import_kind *kind);

/* safetensors of a PyTorch Sequential: N.weight and, unless they are all 0, N.bias, by rising N. */
epocl_status import_sequential(const char *path, const import_wishes *wishes, epocl_network **network);

/* An ONNX model. Texts of failures of both leave it to the caller to put the path before them. */
epocl_status import_onnx(const char *path, const import_wishes *wishes, epocl_network **network);

/* network_set_functions(), whose `output` may also be the cost's own. */
epocl_status import_set_functions(epocl_network *network, const char *activation, const char *cost, const char *output);

/* EPOCL_ERROR_DATA when a value is not finite; `what` names the parameters. */
epocl_status import_check_finite(const char *what, size_t layer_index, const float *values, size_t count);

#endif
