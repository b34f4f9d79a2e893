/* Tensors of ONNX files, read in place. */
#ifndef EPOCL_EXPORT_ONNX_ONNX_TENSOR_H
#define EPOCL_EXPORT_ONNX_ONNX_TENSOR_H

#include "export/onnx/protobuf.h"

enum { ONNX_DIMENSIONS = 8 };

typedef struct onnx_tensor {
    protobuf_part name;
    protobuf_part message; /* all of it, where its values are */
    uint64_t type;
    size_t dimension_count;
    size_t shape[ONNX_DIMENSIONS];
    size_t count; /* of values */
} onnx_tensor;

/* Reads the description and checks that the values are there, in the file itself: of a tensor of a type that is not
 * read, nothing more than the description. EPOCL_ERROR_DATA otherwise. */
epocl_status onnx_tensor_read(protobuf_part message, onnx_tensor *tensor);

/* Whether it holds floats or doubles; 64-bit whole numbers. */
bool onnx_tensor_is_real(const onnx_tensor *tensor);
bool onnx_tensor_is_whole(const onnx_tensor *tensor);

/* Whether all values lie along the last axis. */
bool onnx_tensor_is_row(const onnx_tensor *tensor);

/* Writes all values, of a tensor of reals or whole numbers, in their order. */
void onnx_tensor_reals(const onnx_tensor *tensor, double *values);
void onnx_tensor_wholes(const onnx_tensor *tensor, int64_t *values);

#endif
