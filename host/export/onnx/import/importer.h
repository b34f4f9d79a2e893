/* What an import of an ONNX graph knows while it goes through the operators in turn: each value is a constant or a
 * function of the newest layer's weighted inputs. Operators are entries of tables, each in a file of its kind. */
#ifndef EPOCL_EXPORT_ONNX_IMPORT_IMPORTER_H
#define EPOCL_EXPORT_ONNX_IMPORT_IMPORTER_H

#include "export/chain.h"
#include "export/onnx/onnx_fields.h"
#include "export/onnx/onnx_file.h"

typedef enum value_kind {
    VALUE_CONSTANT,
    VALUE_SIGNAL, /* a function of what the chain has newest, [samples, columns]         */
    VALUE_LABEL,  /* a class, or what is made of one: of no interest                     */
    VALUE_SHAPE   /* sizes that the graph computes                                       */
} value_kind;

typedef struct graph_value {
    protobuf_part name;
    value_kind kind;
    onnx_tensor constant;
    bool is_turned; /* the constant is the tensor with rows and columns exchanged */
    size_t age;     /* of a signal: the chain's, when it was made                 */
    chain_output signal;
    bool is_condition; /* a label that says where a signal is so, `signal` being 1 there and else 0, for Where */
} graph_value;

typedef struct importer importer;

/* An operator: how it is applied, and what it computes of one value or of two. */
typedef struct import_operator {
    const char *name;
    epocl_status (*apply)(importer *from);
    double (*of_one)(double z);
    double (*of_two)(double a, double b);
} import_operator;

struct importer {
    onnx_file *file;
    chain made;
    size_t age; /* counts factors, summands and layers: only the newest can go on */
    graph_value *values;
    size_t value_count, value_capacity;
    const import_operator *present; /* the operator that is applied */
    onnx_operator node;             /* as the file has it, and what it reads: NULL for an input that was left out */
    const graph_value *inputs[ONNX_NODE_INPUTS];
};

/* The newest value of that name; NULL: there is none. */
const graph_value *importer_find(const importer *from, protobuf_part name);

/* A value of the graph, and what the present operator makes. */
epocl_status importer_add(importer *to, const graph_value *added);
epocl_status importer_make(importer *to, graph_value made);

/* What the present operator reads in that place. */
bool importer_is_kind(const importer *from, size_t place, value_kind kind);
bool importer_is_operator(const importer *from, const char *name);

/* The signal in that place, of the newest values. */
epocl_status importer_signal(const importer *from, size_t place, const graph_value **signal);

/* The numbers of a constant, to be freed; a constant that is one number. */
epocl_status importer_numbers(const importer *from, size_t place, double **numbers, const onnx_tensor **tensor);
epocl_status importer_number(const importer *from, size_t place, double *number);

/* The operators of each file, ended by one without a name. */
extern const import_operator import_functions[], import_layers[], import_arrangements[], import_outputs[];

#endif
