/* The encoder of tables made of ONNX's operators: columns to a network's inputs, and its outputs to values. */
#ifndef EPOCL_EXPORT_ONNX_ONNX_ENCODER_H
#define EPOCL_EXPORT_ONNX_ONNX_ENCODER_H

#include "data/encoder/encoder.h"
#include "export/onnx/onnx_graph.h"

/* Declares an input [samples, 1] a column, floats or texts, and makes the network's inputs, [samples, inputs], of them:
 * *inputs is their name. Core operators, but for one of ai.onnx.ml a category. Nothing may be named before. */
epocl_status onnx_encoder_inputs(onnx_graph *graph, const encoder *e, const char **inputs);

/* Turns outputs, [samples, targets], back to values within the range of the rows to train on, named `output`. */
epocl_status onnx_encoder_values(onnx_graph *graph, const encoder *e, const char *outputs, const char *output);

/* Says in the metadata what the columns of the outputs are: class.0, class.1, ... or target.0, target.1, ... */
void onnx_encoder_metadata(onnx_graph *graph, const encoder *e);

#endif
