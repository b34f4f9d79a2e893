/* Operators that leave values as they are, or only arrange them; and constants. */
#include "export/onnx/import/importer.h"

static epocl_status pass(importer *from) {
    if (from->node.input_count == 0 || !from->inputs[0]) return fail(EPOCL_ERROR_DATA, "has no input");
    return importer_make(from, *from->inputs[0]);
}

static epocl_status cast(importer *from) {
    int64_t type = 0;
    const epocl_status status = onnx_operator_whole(&from->node, "to", &type);
    if (status != EPOCL_OK) return status;
    if (type == ONNX_FLOAT || type == ONNX_DOUBLE) return pass(from);
    return importer_make(from,
                         (graph_value){.kind = importer_is_kind(from, 0, VALUE_SIGNAL) ? VALUE_LABEL : VALUE_SHAPE});
}

static epocl_status flatten(importer *from) {
    int64_t axis = 1;
    const epocl_status status = onnx_operator_whole(&from->node, "axis", &axis);
    if (status != EPOCL_OK) return status;
    if (axis != 1) return fail(EPOCL_ERROR_DATA, "its axis is %lld, not 1", (long long)axis);
    return pass(from);
}

/* [samples, columns] as it was; before the first layer, any shape is made that. */
static epocl_status reshape(importer *from) {
    const size_t width = chain_width(&from->made);
    int64_t sizes[ONNX_DIMENSIONS];
    if (importer_is_kind(from, 1, VALUE_SHAPE) && from->made.layer_count == 0) return pass(from);
    if (!importer_is_kind(from, 1, VALUE_CONSTANT) || !onnx_tensor_is_whole(&from->inputs[1]->constant) ||
        from->inputs[1]->constant.count == 0 || from->inputs[1]->constant.count > ONNX_DIMENSIONS)
        return fail(EPOCL_ERROR_DATA, "its shape is no constant");
    const size_t count = from->inputs[1]->constant.count;
    onnx_tensor_wholes(&from->inputs[1]->constant, sizes);
    const int64_t last = sizes[count - 1];
    const bool is_column = count == 1 && width == 1 && last == -1;
    const bool is_kept = count == 2 && (last == -1 || (last > 0 && (width == 0 || (uint64_t)last == width)));
    if (!is_column && !is_kept) return fail(EPOCL_ERROR_DATA, "it does not keep a sample's values in a row");
    if (width == 0 && last > 0) from->made.input_count = (size_t)last;
    return pass(from);
}

static epocl_status transpose(importer *from) {
    if (!importer_is_kind(from, 0, VALUE_CONSTANT) || from->inputs[0]->constant.dimension_count != 2)
        return fail(EPOCL_ERROR_DATA, "it turns something else than a constant matrix");
    int64_t axes[2] = {1, 0};
    size_t count = 0;
    const epocl_status status = onnx_operator_wholes(&from->node, "perm", axes, 2, &count);
    if (status != EPOCL_OK) return status;
    const bool is_kept = axes[0] == 0 && axes[1] == 1, is_turned = axes[0] == 1 && axes[1] == 0;
    if ((count != 0 && count != 2) || (!is_kept && !is_turned))
        return fail(EPOCL_ERROR_DATA, "its perm is no order of a matrix's axes");
    graph_value made = *from->inputs[0];
    made.is_turned = made.is_turned != is_turned;
    return importer_make(from, made);
}

static epocl_status constant(importer *from) {
    bool is_there = false;
    graph_value made = {.kind = VALUE_CONSTANT};
    const epocl_status status = onnx_operator_tensor(&from->node, "value", &made.constant, &is_there);
    if (status != EPOCL_OK) return status;
    if (!is_there) made.kind = VALUE_SHAPE; /* what is no tensor is no parameter */
    return importer_make(from, made);
}

static epocl_status shape(importer *from) {
    return importer_make(from, (graph_value){.kind = VALUE_SHAPE});
}

const import_operator import_arrangements[] = {
    {.name = "Identity", .apply = pass},     {.name = "Dropout", .apply = pass},
    {.name = "Cast", .apply = cast},         {.name = "Flatten", .apply = flatten},
    {.name = "Reshape", .apply = reshape},   {.name = "Transpose", .apply = transpose},
    {.name = "Constant", .apply = constant}, {.name = "Shape", .apply = shape},
    {.name = "ZipMap", .apply = pass},       {.name = NULL},
};
