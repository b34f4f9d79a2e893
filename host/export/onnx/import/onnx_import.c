/* An ONNX graph as a network: its operators are gone through in turn. */
#include "base/checked.h"
#include "base/printable.h"
#include "export/onnx/import/importer.h"

#include <string.h>

static const char *part_text(protobuf_part part, char text[PRINTABLE_CAPACITY]) {
    char copy[PRINTABLE_CAPACITY];
    const size_t length = smaller(protobuf_length(part), sizeof copy - 1);
    memcpy(copy, part.next, length);
    copy[length] = '\0';
    return printable(copy, text);
}

/* Of its inputs, one is of the kind, and no other a signal. */
static bool reads(const importer *from, value_kind kind) {
    bool is_read = false;
    for (size_t i = 0; i < from->node.input_count; i++) {
        if (kind != VALUE_SIGNAL && importer_is_kind(from, i, VALUE_SIGNAL)) return false;
        is_read = is_read || importer_is_kind(from, i, kind);
    }
    return is_read;
}

static const import_operator *find_operator(const importer *from) {
    const import_operator *const tables[] = {import_functions, import_layers, import_arrangements, import_outputs};
    const protobuf_part domain = from->node.domain;
    if (!protobuf_is_text(domain, "") && !protobuf_is_text(domain, "ai.onnx") &&
        !protobuf_is_text(domain, "ai.onnx.ml"))
        return NULL;
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (const import_operator *o = tables[t]; o->name; o++)
            if (protobuf_is_text(from->node.operator_name, o->name)) return o;
    return NULL;
}

static epocl_status apply_operator(importer *from) {
    /* What is made of labels and sizes is of their kind, whatever it is. */
    if (reads(from, VALUE_LABEL)) return importer_make(from, (graph_value){.kind = VALUE_LABEL});
    if (reads(from, VALUE_SHAPE)) return importer_make(from, (graph_value){.kind = VALUE_SHAPE});
    from->present = find_operator(from);
    if (!from->present) return fail(EPOCL_ERROR_DATA, "it is none of a fully connected network");
    return from->present->apply(from);
}

static epocl_status import_node(importer *from, protobuf_part message) {
    char name[PRINTABLE_CAPACITY], operator_name[PRINTABLE_CAPACITY];
    epocl_status status = onnx_operator_read(message, &from->node);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < from->node.input_count && status == EPOCL_OK; i++) {
        const protobuf_part input = from->node.inputs[i];
        from->inputs[i] = protobuf_length(input) ? importer_find(from, input) : NULL;
        if (protobuf_length(input) && !from->inputs[i])
            status = fail(EPOCL_ERROR_DATA, "input '%s' is not there before it", part_text(input, name));
    }
    if (status == EPOCL_OK) status = apply_operator(from);
    if (status == EPOCL_OK) return EPOCL_OK;
    return fail_prefix(status,
                       "operator %s%s%s%s cannot be imported: ", part_text(from->node.operator_name, operator_name),
                       protobuf_length(from->node.name) ? " '" : "", part_text(from->node.name, name),
                       protobuf_length(from->node.name) ? "'" : "");
}

static epocl_status add_inputs(importer *from) {
    epocl_status status = EPOCL_OK;
    size_t count = 0;
    for (size_t i = 0; i < from->file->constant_count; i++) {
        const onnx_tensor *tensor = &from->file->constants[i];
        TRY(importer_add(from, &(graph_value){.name = tensor->name, .kind = VALUE_CONSTANT, .constant = *tensor}));
    }
    for (size_t i = 0; i < from->file->input_count; i++) {
        const protobuf_part name = from->file->inputs[i];
        if (importer_find(from, name)) continue; /* old files list initialisers, too */
        if (++count > 1) TRY(fail(EPOCL_ERROR_DATA, "has more than one input, and a network has one"));
        TRY(importer_add(from,
                         &(graph_value){.name = name, .kind = VALUE_SIGNAL, .signal.function = curve_identity()}));
    }
    if (count == 0) status = fail(EPOCL_ERROR_DATA, "has no input");
cleanup:
    return status;
}

/* The first output that the network computes. */
static epocl_status find_output(const importer *from, const graph_value **output) {
    char shown[PRINTABLE_CAPACITY];
    for (size_t i = 0; i < from->file->output_count; i++) {
        *output = importer_find(from, from->file->outputs[i]);
        if (!*output)
            return fail(EPOCL_ERROR_DATA, "output '%s' is not computed", part_text(from->file->outputs[i], shown));
        if ((*output)->kind != VALUE_SIGNAL) continue;
        if ((*output)->age == from->age) return EPOCL_OK;
        return fail(EPOCL_ERROR_DATA, "output '%s' is not that of the last layer",
                    part_text(from->file->outputs[i], shown));
    }
    return fail(EPOCL_ERROR_DATA, "has no output that is the network's");
}

epocl_status import_onnx(const char *path, const import_wishes *wishes, epocl_network **network) {
    epocl_status status = EPOCL_OK;
    importer from = {.file = NULL};
    const graph_value *output = NULL;
    TRY(onnx_file_open(path, &from.file));
    TRY(chain_begin(&from.made));
    from.value_capacity = from.file->constant_count + from.file->input_count + from.file->node_count;
    TRY(allocate(from.value_capacity, sizeof *from.values, "values", &from.values));
    TRY(add_inputs(&from));
    for (size_t i = 0; i < from.file->node_count; i++) TRY(import_node(&from, from.file->nodes[i]));
    TRY(find_output(&from, &output));
    TRY(chain_finish(&from.made, &output->signal, wishes, network));
cleanup:
    chain_release(&from.made);
    free(from.values);
    onnx_file_release(from.file);
    return status;
}
