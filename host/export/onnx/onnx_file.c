#include "export/onnx/onnx_file.h"

#include "base/checked.h"
#include "base/files/small_file.h"
#include "export/onnx/onnx_fields.h"

#include <string.h>
#include <unistd.h>

static epocl_status damaged(const char *where) {
    return fail(EPOCL_ERROR_DATA, "is damaged, or no ONNX file: its %s does not follow the format", where);
}

static bool is_bytes(const protobuf_field *field, unsigned number) {
    return field->number == number && field->type == PROTOBUF_BYTES;
}

/* ---- The graph ---------------------------------------------------------------------------------- */

/* Appends to a list of parts, which is as long as it can be. */
static epocl_status add_part(protobuf_part *list, size_t *count, size_t most, protobuf_part part) {
    if (*count == most)
        return fail(EPOCL_ERROR_DATA,
                    "has more than %zu operators, or inputs or outputs of one, so it is no fully "
                    "connected network",
                    most);
    list[(*count)++] = part;
    return EPOCL_OK;
}

/* The name in a message that describes an input or output. */
static epocl_status read_name(protobuf_part message, protobuf_part *name) {
    protobuf_field field;
    bool is_damaged = false;
    *name = (protobuf_part){message.end, message.end};
    while (protobuf_next(&message, &field, &is_damaged))
        if (is_bytes(&field, VALUE_NAME)) *name = field.bytes;
    return is_damaged ? damaged("list of inputs and outputs") : EPOCL_OK;
}

static epocl_status read_field(onnx_file *file, const protobuf_field *field) {
    epocl_status status = EPOCL_OK;
    protobuf_part name;
    if (is_bytes(field, GRAPH_NODE)) return add_part(file->nodes, &file->node_count, ONNX_MOST_NODES, field->bytes);
    if (is_bytes(field, GRAPH_INITIALIZER)) {
        if (file->constant_count == ONNX_MOST_NODES)
            return fail(EPOCL_ERROR_DATA, "has more than %d initialisers, so it is no fully connected network",
                        ONNX_MOST_NODES);
        return onnx_tensor_read(field->bytes, &file->constants[file->constant_count++]);
    }
    if (is_bytes(field, GRAPH_SPARSE_INITIALIZER)) return fail(EPOCL_ERROR_DATA, "has sparse parameters");
    if (!is_bytes(field, GRAPH_INPUT) && !is_bytes(field, GRAPH_OUTPUT)) return EPOCL_OK;
    TRY(read_name(field->bytes, &name));
    if (field->number == GRAPH_INPUT)
        status = add_part(file->inputs, &file->input_count, ONNX_MOST_NODES, name);
    else
        status = add_part(file->outputs, &file->output_count, ONNX_MOST_NODES, name);
cleanup:
    return status;
}

/* What there is of a kind in the graph, up to its bound. */
static size_t count_fields(protobuf_part graph, unsigned number) {
    protobuf_field field;
    bool is_damaged = false;
    size_t count = 0;
    while (protobuf_next(&graph, &field, &is_damaged) && count < ONNX_MOST_NODES) count += is_bytes(&field, number);
    return count;
}

static epocl_status read_graph(onnx_file *file, protobuf_part graph) {
    epocl_status status = EPOCL_OK;
    protobuf_field field;
    bool is_damaged = false;
    TRY(allocate(count_fields(graph, GRAPH_NODE), sizeof *file->nodes, "operators", &file->nodes));
    TRY(allocate(count_fields(graph, GRAPH_INITIALIZER), sizeof *file->constants, "tensors", &file->constants));
    TRY(allocate(count_fields(graph, GRAPH_INPUT), sizeof *file->inputs, "inputs", &file->inputs));
    TRY(allocate(count_fields(graph, GRAPH_OUTPUT), sizeof *file->outputs, "outputs", &file->outputs));
    while (protobuf_next(&graph, &field, &is_damaged)) TRY(read_field(file, &field));
    if (is_damaged) status = damaged("graph");
cleanup:
    return status;
}

static epocl_status read_opset(onnx_file *file, protobuf_part message) {
    protobuf_field field;
    bool is_damaged = false, is_core = true;
    uint64_t version = 0;
    while (protobuf_next(&message, &field, &is_damaged)) {
        if (is_bytes(&field, OPSET_DOMAIN))
            is_core = protobuf_is_text(field.bytes, "") || protobuf_is_text(field.bytes, "ai.onnx");
        if (field.number == OPSET_VERSION && field.type == PROTOBUF_WHOLE) version = field.whole;
    }
    if (is_core) file->opset = version;
    return is_damaged ? damaged("list of operator sets") : EPOCL_OK;
}

static epocl_status read_model(onnx_file *file, protobuf_part model) {
    epocl_status status = EPOCL_OK;
    protobuf_field field;
    bool is_damaged = false, has_graph = false;
    while (protobuf_next(&model, &field, &is_damaged)) {
        if (is_bytes(&field, MODEL_OPSET)) TRY(read_opset(file, field.bytes));
        if (!is_bytes(&field, MODEL_GRAPH)) continue;
        if (has_graph) TRY(damaged("graph"));
        has_graph = true;
        TRY(read_graph(file, field.bytes));
    }
    if (is_damaged || !has_graph) status = damaged("content");
cleanup:
    return status;
}

epocl_status onnx_file_open(const char *path, onnx_file **file) {
    epocl_status status = EPOCL_OK;
    onnx_file *opened = NULL;
    uint64_t file_bytes = 0;
    size_t byte_count = 0;
    *file = NULL;
    const int descriptor = regular_file_open_at(NO_FOLDER, path, &file_bytes);
    if (descriptor < 0) return fail_file("");
    close(descriptor);
    if (file_bytes > INT32_MAX) return fail(EPOCL_ERROR_DATA, "is larger than an ONNX file can be");
    TRY(allocate(1, sizeof *opened, "a model", &opened));
    opened->bytes = small_file_read_at(NO_FOLDER, path, (size_t)file_bytes, &byte_count);
    if (!opened->bytes) TRY(fail_file(""));
    const unsigned char *bytes = (const unsigned char *)opened->bytes;
    TRY(read_model(opened, (protobuf_part){bytes, bytes + byte_count}));
    *file = opened;
    opened = NULL;
cleanup:
    onnx_file_release(opened);
    return status;
}

void onnx_file_release(onnx_file *file) {
    if (!file) return;
    free(file->nodes);
    free(file->constants);
    free(file->inputs);
    free(file->outputs);
    free(file->bytes);
    free(file);
}

/* ---- Operators ---------------------------------------------------------------------------------- */

epocl_status onnx_operator_read(protobuf_part message, onnx_operator *node) {
    epocl_status status = EPOCL_OK;
    const protobuf_part nothing = {message.end, message.end};
    protobuf_part rest = message;
    protobuf_field field;
    bool is_damaged = false;
    *node = (onnx_operator){.message = message, .name = nothing, .operator_name = nothing, .domain = nothing};
    while (protobuf_next(&rest, &field, &is_damaged)) {
        if (is_bytes(&field, NODE_NAME)) node->name = field.bytes;
        if (is_bytes(&field, NODE_OPERATOR)) node->operator_name = field.bytes;
        if (is_bytes(&field, NODE_DOMAIN)) node->domain = field.bytes;
        if (is_bytes(&field, NODE_INPUT))
            TRY(add_part(node->inputs, &node->input_count, ONNX_NODE_INPUTS, field.bytes));
        if (is_bytes(&field, NODE_OUTPUT))
            TRY(add_part(node->outputs, &node->output_count, ONNX_NODE_OUTPUTS, field.bytes));
    }
    if (is_damaged) status = damaged("list of operators");
cleanup:
    return status;
}

/* The attribute of that name, as its message; empty where there is none. */
static epocl_status find_attribute(const onnx_operator *node, const char *name, protobuf_part *found) {
    protobuf_part rest = node->message;
    protobuf_field field, inner;
    bool is_damaged = false;
    *found = (protobuf_part){rest.end, rest.end};
    while (protobuf_next(&rest, &field, &is_damaged)) {
        if (!is_bytes(&field, NODE_ATTRIBUTE)) continue;
        protobuf_part attribute = field.bytes;
        while (protobuf_next(&attribute, &inner, &is_damaged))
            if (is_bytes(&inner, ATTRIBUTE_NAME) && protobuf_is_text(inner.bytes, name)) *found = field.bytes;
        if (is_damaged) break;
    }
    return is_damaged ? damaged("list of attributes") : EPOCL_OK;
}

/* The first field of that number and type in the attribute; false where there is none. The attribute was read before,
 * so it is not damaged. */
static bool find_field(protobuf_part attribute, unsigned number, protobuf_type type, protobuf_field *field) {
    bool is_damaged = false;
    while (protobuf_next(&attribute, field, &is_damaged))
        if (field->number == number && field->type == type) return true;
    return false;
}

epocl_status onnx_operator_real(const onnx_operator *node, const char *name, double *value) {
    protobuf_part attribute;
    protobuf_field field;
    const epocl_status status = find_attribute(node, name, &attribute);
    if (status == EPOCL_OK && find_field(attribute, ATTRIBUTE_FLOAT, PROTOBUF_FOUR, &field))
        *value = (double)protobuf_float(field.bytes.next);
    return status;
}

epocl_status onnx_operator_whole(const onnx_operator *node, const char *name, int64_t *value) {
    protobuf_part attribute;
    protobuf_field field;
    const epocl_status status = find_attribute(node, name, &attribute);
    if (status == EPOCL_OK && find_field(attribute, ATTRIBUTE_WHOLE, PROTOBUF_WHOLE, &field))
        memcpy(value, &field.whole, sizeof *value);
    return status;
}

epocl_status onnx_operator_text(const onnx_operator *node, const char *name, protobuf_part *text) {
    protobuf_part attribute;
    protobuf_field field;
    const epocl_status status = find_attribute(node, name, &attribute);
    if (status == EPOCL_OK && find_field(attribute, ATTRIBUTE_TEXT, PROTOBUF_BYTES, &field)) *text = field.bytes;
    return status;
}

epocl_status onnx_operator_tensor(const onnx_operator *node, const char *name, onnx_tensor *tensor, bool *is_there) {
    protobuf_part attribute;
    protobuf_field field;
    const epocl_status status = find_attribute(node, name, &attribute);
    *is_there = status == EPOCL_OK && find_field(attribute, ATTRIBUTE_TENSOR, PROTOBUF_BYTES, &field);
    return *is_there ? onnx_tensor_read(field.bytes, tensor) : status;
}

epocl_status onnx_operator_floats(const onnx_operator *node, const char *name, double *values, size_t capacity,
                                  size_t *count) {
    protobuf_part attribute;
    protobuf_field field;
    bool is_damaged = false;
    *count = 0;
    const epocl_status status = find_attribute(node, name, &attribute);
    while (status == EPOCL_OK && protobuf_next(&attribute, &field, &is_damaged)) {
        if (field.number != ATTRIBUTE_FLOATS) continue;
        if (field.type == PROTOBUF_WHOLE || protobuf_length(field.bytes) % sizeof(float) != 0)
            return damaged("list of attributes");
        for (; field.bytes.next < field.bytes.end; field.bytes.next += sizeof(float), (*count)++)
            if (*count < capacity) values[*count] = (double)protobuf_float(field.bytes.next);
    }
    return status;
}

static void add_whole(uint64_t whole, int64_t *values, size_t capacity, size_t *count) {
    if (*count < capacity) memcpy(&values[*count], &whole, sizeof *values);
    (*count)++;
}

epocl_status onnx_operator_wholes(const onnx_operator *node, const char *name, int64_t *values, size_t capacity,
                                  size_t *count) {
    protobuf_part attribute;
    protobuf_field field;
    bool is_damaged = false;
    *count = 0;
    const epocl_status status = find_attribute(node, name, &attribute);
    while (status == EPOCL_OK && protobuf_next(&attribute, &field, &is_damaged)) {
        if (field.number != ATTRIBUTE_WHOLES) continue;
        if (field.type == PROTOBUF_WHOLE) add_whole(field.whole, values, capacity, count);
        while (field.type == PROTOBUF_BYTES && protobuf_next_whole(&field.bytes, &field.whole, &is_damaged))
            add_whole(field.whole, values, capacity, count);
        if (is_damaged) return damaged("list of attributes");
    }
    return status;
}
