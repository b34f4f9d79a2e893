/* Activations made of ONNX's core operators. */
#ifndef EPOCL_EXPORT_ONNX_ONNX_ACTIVATION_H
#define EPOCL_EXPORT_ONNX_ONNX_ACTIVATION_H

#include "export/onnx/onnx_graph.h"
#include "model/functions.h"

/* Adds the operators that make the activation of value `z`; returns the result's name, which is `output` unless that
 * is NULL. Softmax is over the last axis. */
const char *onnx_activation(onnx_graph *graph, function activation, const char *z, const char *output);

#endif
