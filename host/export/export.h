/* A network written as what other programs run, a file each of these. `path` is the file; what a network cannot be
 * written as is EPOCL_ERROR_ARGUMENT. */
#ifndef EPOCL_EXPORT_EXPORT_H
#define EPOCL_EXPORT_EXPORT_H

#include "model/network.h"

/* ONNX: input `input` [samples, inputs], as the data have them, or one [samples, 1] a column of a table. Output
 * `label`: [samples], the class, or with several labels a sample [samples, outputs], 0 or 1; not of values. Output
 * `probabilities` or, where the cost makes none, `value`: [samples, outputs]. */
epocl_status export_onnx(const epocl_network *network, const char *path);

/* C99: two files, path with the ending .c and with .h. Columns of a table are floats, categories by codes. `prefix`
 * begins all names: a C identifier. With `is_quantized` weights are of 8 bits (quantized.h), and the files say what
 * that costs. */
epocl_status export_c(const epocl_network *network, const char *prefix, bool is_quantized, const char *path);

/* safetensors as PyTorch names the parameters of a Sequential: 0.weight, 0.bias, 2.weight, ... The normalisation of
 * inputs is part of the first layer's. */
epocl_status export_sequential(const epocl_network *network, const char *path);

/* What the outputs stand for. */
network_targets export_targets(const epocl_network *network);

/* Values of a sample that are to be given: inputs, or columns of a table. */
size_t export_input_count(const epocl_network *network);

/* "784-128-10 relu softmax, by epocl 0.1.0". */
enum { EXPORT_DOC_CAPACITY = 256 };
void export_doc(const epocl_network *network, char doc[EXPORT_DOC_CAPACITY]);

/* Whether inputs are used as they are. */
bool export_has_normalization(const epocl_network *network);

#endif
