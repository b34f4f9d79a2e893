#include "export/onnx/import/importer.h"

#include "base/checked.h"

#include <string.h>

/* An empty name is none. */
static bool is_same_name(protobuf_part a, protobuf_part b) {
    const size_t length = protobuf_length(a);
    return length && length == protobuf_length(b) && memcmp(a.next, b.next, length) == 0;
}

const graph_value *importer_find(const importer *from, protobuf_part name) {
    for (size_t i = from->value_count; i > 0; i--)
        if (is_same_name(from->values[i - 1].name, name)) return &from->values[i - 1];
    return NULL;
}

epocl_status importer_add(importer *to, const graph_value *added) {
    if (to->value_count == to->value_capacity) return fail(EPOCL_ERROR_DATA, "has more values than its operators make");
    to->values[to->value_count++] = *added;
    return EPOCL_OK;
}

epocl_status importer_make(importer *to, graph_value made) {
    if (to->node.output_count == 0) return fail(EPOCL_ERROR_DATA, "has no output");
    made.name = to->node.outputs[0];
    return importer_add(to, &made);
}

bool importer_is_operator(const importer *from, const char *name) {
    return protobuf_is_text(from->node.operator_name, name);
}

bool importer_is_kind(const importer *from, size_t place, value_kind kind) {
    return place < from->node.input_count && from->inputs[place] && from->inputs[place]->kind == kind;
}

epocl_status importer_signal(const importer *from, size_t place, const graph_value **signal) {
    if (!importer_is_kind(from, place, VALUE_SIGNAL))
        return fail(EPOCL_ERROR_DATA, "input %zu is not computed from the network's inputs", place);
    *signal = from->inputs[place];
    if ((*signal)->age != from->age)
        return fail(EPOCL_ERROR_DATA, "it takes values from before the last layer, so the network is no plain chain");
    if ((*signal)->signal.is_softmax || (*signal)->signal.is_pair)
        return fail(EPOCL_ERROR_DATA, "it comes after the outputs");
    return EPOCL_OK;
}

epocl_status importer_numbers(const importer *from, size_t place, double **numbers, const onnx_tensor **tensor) {
    if (!importer_is_kind(from, place, VALUE_CONSTANT))
        return fail(EPOCL_ERROR_DATA, "input %zu is no constant", place);
    *tensor = &from->inputs[place]->constant;
    if (!onnx_tensor_is_real(*tensor))
        return fail(EPOCL_ERROR_DATA, "input %zu is of another type than float and double", place);
    const epocl_status status = allocate((*tensor)->count, sizeof **numbers, "a tensor", numbers);
    if (status == EPOCL_OK) onnx_tensor_reals(*tensor, *numbers);
    return status;
}

epocl_status importer_number(const importer *from, size_t place, double *number) {
    if (!importer_is_kind(from, place, VALUE_CONSTANT) || !onnx_tensor_is_real(&from->inputs[place]->constant) ||
        from->inputs[place]->constant.count != 1)
        return fail(EPOCL_ERROR_DATA, "input %zu is not one number", place);
    onnx_tensor_reals(&from->inputs[place]->constant, number);
    return EPOCL_OK;
}
