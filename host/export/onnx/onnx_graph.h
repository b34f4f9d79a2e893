/* An ONNX graph in the making: operators in the order in which they compute, constants, inputs and outputs. Names of
 * values are the caller's. What is missing for want of memory shows when the graph is written. */
#ifndef EPOCL_EXPORT_ONNX_ONNX_GRAPH_H
#define EPOCL_EXPORT_ONNX_ONNX_GRAPH_H

#include "export/onnx/protobuf.h"

enum { ONNX_NAME_CAPACITY = 64, ONNX_IR_VERSION = 7, ONNX_OPSET = 13, ONNX_ML_OPSET = 2 };

/* An initialiser: its description, and what follows it of floats that are the caller's until the graph is written. */
typedef struct onnx_constant {
    protobuf head;
    const float *values;
    size_t byte_count;
} onnx_constant;

typedef struct onnx_graph {
    protobuf body; /* of the graph, without the initialisers */
    protobuf metadata;
    onnx_constant *constants;
    size_t constant_count, constant_capacity;
    char scope[ONNX_NAME_CAPACITY / 2];
    size_t value_count; /* names made up in the scope */
    char **names;       /* the inputs' first */
    size_t name_count, name_capacity, input_count;
    bool has_ml; /* operators of ai.onnx.ml */
} onnx_graph;

epocl_status onnx_graph_create(const char *name, onnx_graph **graph);
void onnx_graph_release(onnx_graph *graph);

/* Names that onnx_node() gives from now on begin with this one and a slash. */
void onnx_scope(onnx_graph *graph, const char *name);

/* Attributes of a node: floats and whole numbers by name, and lists of floats or texts; a NULL name ends the list. */
typedef struct onnx_attribute {
    const char *name;
    bool is_whole;
    float number;
    int64_t whole;
    const float *numbers;
    char *const *texts; /* NULL stands for an empty one */
    size_t count;       /* of either */
} onnx_attribute;

/* Adds an operator with inputs up to a NULL and one output. `output` NULL makes up a name. Returns the output's name,
 * which holds as long as the graph. */
const char *onnx_node(onnx_graph *graph, const char *operator_name, const char *const *inputs, const char *output,
                      const onnx_attribute *attributes);

/* The same with an operator of ai.onnx.ml. */
const char *onnx_ml_node(onnx_graph *graph, const char *operator_name, const char *const *inputs, const char *output,
                         const onnx_attribute *attributes);
#define ONNX_INPUTS(...)     ((const char *const[]){__VA_ARGS__, NULL})
#define ONNX_ATTRIBUTES(...) ((const onnx_attribute[]){__VA_ARGS__, {.name = NULL}})

/* Adds a constant of floats, and one of a single number without a shape; return the name. */
const char *onnx_constant_floats(onnx_graph *graph, const char *name, const float *values, const size_t *shape,
                                 size_t dimension_count);
const char *onnx_constant_number(onnx_graph *graph, float number);

/* Adds a constant [count], or [1, count] if it is a row, that is copied: numbers of `type`, of `bytes` each; and one
 * of texts, [count]. */
const char *onnx_constant_copy(onnx_graph *graph, const char *name, int type, size_t bytes, const void *values,
                               size_t count, bool is_row);
const char *onnx_constant_texts(onnx_graph *graph, const char *name, char *const *texts, size_t count);

/* Names the next input as wanted, with `_` after it as often as it is taken. To be called for all inputs before
 * anything else is named. */
const char *onnx_input_name(onnx_graph *graph, const char *wanted);

/* Declares an input or output [samples, columns], or [samples] with no column. */
void onnx_declare(onnx_graph *graph, unsigned field, const char *name, int type, size_t columns, const char *doc);

void onnx_metadata(onnx_graph *graph, const char *key, const char *value);

/* Writes the model whole or not at all. EPOCL_ERROR_ARGUMENT when it is larger than the format allows (2 GiB). */
epocl_status onnx_graph_write(onnx_graph *graph, const char *doc, const char *path);

#endif
