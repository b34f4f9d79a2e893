/* An ONNX file in memory: its nodes, initialisers, inputs and outputs, none of which is understood yet. */
#ifndef EPOCL_EXPORT_ONNX_ONNX_FILE_H
#define EPOCL_EXPORT_ONNX_ONNX_FILE_H

#include "export/onnx/onnx_tensor.h"

/* Bounds on graphs: nodes, and likewise constants, inputs and outputs, far more than a fully connected network has; and
 * the names of one node. */
enum { ONNX_MOST_NODES = 4096, ONNX_NODE_INPUTS = 8, ONNX_NODE_OUTPUTS = 4 };

typedef struct onnx_file {
    char *bytes;
    protobuf_part *nodes; /* messages */
    size_t node_count;
    onnx_tensor *constants;
    size_t constant_count;
    protobuf_part *inputs, *outputs; /* names */
    size_t input_count, output_count;
    uint64_t opset; /* of the core operators; 0 unknown */
} onnx_file;

/* EPOCL_ERROR_DATA for a file that is damaged, is no ONNX model, or has more than these bounds. */
epocl_status onnx_file_open(const char *path, onnx_file **file);
void onnx_file_release(onnx_file *file);

/* One operator. Inputs that were left out are empty names. */
typedef struct onnx_operator {
    protobuf_part message, name, operator_name, domain;
    protobuf_part inputs[ONNX_NODE_INPUTS], outputs[ONNX_NODE_OUTPUTS];
    size_t input_count, output_count;
} onnx_operator;

epocl_status onnx_operator_read(protobuf_part message, onnx_operator *node);

/* Attributes by name: what is not there leaves the value as it is. EPOCL_ERROR_DATA when one is damaged. */
epocl_status onnx_operator_real(const onnx_operator *node, const char *name, double *value);
epocl_status onnx_operator_whole(const onnx_operator *node, const char *name, int64_t *value);
epocl_status onnx_operator_text(const onnx_operator *node, const char *name, protobuf_part *text);
/* A tensor: *is_there says whether it is. */
epocl_status onnx_operator_tensor(const onnx_operator *node, const char *name, onnx_tensor *tensor, bool *is_there);
/* Lists of floats and of whole numbers: *count is 0 where there is none, and else counts also those beyond `capacity`.
 */
epocl_status onnx_operator_floats(const onnx_operator *node, const char *name, double *values, size_t capacity,
                                  size_t *count);
epocl_status onnx_operator_wholes(const onnx_operator *node, const char *name, int64_t *values, size_t capacity,
                                  size_t *count);

#endif
