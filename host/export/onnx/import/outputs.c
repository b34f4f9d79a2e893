/* Operators that make of the last layer what a network says: probabilities, both of two classes, a class. */
#include "export/onnx/import/importer.h"

#include <math.h>

static epocl_status softmax(importer *from) {
    const graph_value *signal = NULL;
    int64_t axis = -1;
    epocl_status status = onnx_operator_whole(&from->node, "axis", &axis);
    if (status == EPOCL_OK) status = importer_signal(from, 0, &signal);
    if (status != EPOCL_OK) return status;
    if (axis != 1 && axis != -1) return fail(EPOCL_ERROR_DATA, "its axis is %lld, not 1", (long long)axis);
    if (!curve_is_identity(&signal->signal.function)) return fail(EPOCL_ERROR_DATA, "it comes after an activation");
    graph_value made = *signal;
    made.signal.is_softmax = true;
    return importer_make(from, made);
}

/* 1 - p beside p, as programs tell two classes of one unit. */
static epocl_status concat(importer *from) {
    const graph_value *first = NULL, *second = NULL;
    epocl_status status = importer_signal(from, 0, &first);
    if (status == EPOCL_OK) status = importer_signal(from, 1, &second);
    if (status != EPOCL_OK) return status;
    bool is_pair = from->node.input_count == 2 && from->made.layer_count && chain_width(&from->made) == 1;
    for (size_t i = 0; i < CURVE_POINTS && is_pair; i++) {
        const double p = second->signal.function.values[i];
        is_pair = fabs(first->signal.function.values[i] - (1.0 - p)) <= 1e-6 &&
                  fabs(p - activation_value((function){ACTIVATION_sigmoid, 0.0f}, curve_identity().values[i])) <= 1e-6;
    }
    if (!is_pair) return fail(EPOCL_ERROR_DATA, "it joins something else than the two classes of one output");
    graph_value made = *second;
    made.signal.is_pair = true;
    return importer_make(from, made);
}

static epocl_status argmax(importer *from) {
    from->made.has_class = true;
    return importer_make(from, (graph_value){.kind = VALUE_LABEL});
}

const import_operator import_outputs[] = {
    {.name = "Softmax", .apply = softmax},
    {.name = "Concat", .apply = concat},
    {.name = "ArgMax", .apply = argmax},
    {.name = NULL},
};
