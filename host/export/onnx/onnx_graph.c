#include "export/onnx/onnx_graph.h"

#include "base/checked.h"
#include "base/files/output_file.h"
#include "export/onnx/onnx_fields.h"

#include <stdio.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "raw data is written as it lies in memory");

#define ONNX_MOST_BYTES ((uint64_t)INT32_MAX)
#define ONNX_ML_DOMAIN  "ai.onnx.ml"

epocl_status onnx_graph_create(const char *name, onnx_graph **graph) {
    const epocl_status status = allocate(1, sizeof **graph, "a graph", graph);
    if (status == EPOCL_OK) protobuf_put_text(&(*graph)->body, GRAPH_NAME, name);
    return status;
}

void onnx_graph_release(onnx_graph *graph) {
    if (!graph) return;
    for (size_t i = 0; i < graph->constant_count; i++) protobuf_release(&graph->constants[i].head);
    for (size_t i = 0; i < graph->name_count; i++) free(graph->names[i]);
    free(graph->constants);
    free(graph->names);
    protobuf_release(&graph->metadata);
    protobuf_release(&graph->body);
    free(graph);
}

/* ---- Names -------------------------------------------------------------------------------------- */

void onnx_scope(onnx_graph *graph, const char *name) {
    snprintf(graph->scope, sizeof graph->scope, "%s", name);
    graph->value_count = 0;
}

static bool is_taken(const onnx_graph *graph, const char *name) {
    for (size_t i = 0; i < graph->input_count; i++)
        if (strcmp(graph->names[i], name) == 0) return true;
    return false;
}

/* A list with room for one more than `count`, which `*capacity` then has; NULL when there is no memory. */
static void *make_room(void *list, size_t count, size_t *capacity, size_t item_bytes) {
    enum { LEAST_ITEMS = 64 };
    if (count < *capacity) return list;
    const size_t wanted = *capacity ? 2 * *capacity : LEAST_ITEMS;
    void *grown = realloc(list, wanted * item_bytes);
    if (grown) *capacity = wanted;
    return grown;
}

static bool has_room(onnx_graph *graph) {
    char **names = make_room(graph->names, graph->name_count, &graph->name_capacity, sizeof *names);
    if (names) graph->names = names;
    return names != NULL;
}

/* A name with `_` after it as often as inputs have it already. */
static const char *keep_text(onnx_graph *graph, const char *text, bool is_reserved) {
    size_t length = strlen(text);
    char *name = has_room(graph) ? malloc(length + graph->input_count + 2) : NULL;
    if (!name) {
        graph->body.has_failed = true;
        return "";
    }
    memcpy(name, text, length + 1);
    if (is_reserved) strcpy(name + length++, "_");
    for (; is_taken(graph, name); length++) strcpy(name + length, "_");
    graph->names[graph->name_count++] = name;
    return name;
}

/* Keeps a name: one that is given, or "scope/word" with a number where the word was there before. */
static const char *keep_name(onnx_graph *graph, const char *given, const char *word) {
    char name[ONNX_NAME_CAPACITY];
    if (given) return keep_text(graph, given, false);
    snprintf(name, sizeof name, "%s/%s%zu", graph->scope, word, graph->value_count++);
    return keep_text(graph, name, false);
}

const char *onnx_input_name(onnx_graph *graph, const char *wanted) {
    static const char *const outputs[] = {"label", "probabilities", "value"};
    bool is_reserved = *wanted == '\0';
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++)
        is_reserved = is_reserved || strcmp(wanted, outputs[i]) == 0;
    const char *name = keep_text(graph, wanted, is_reserved);
    graph->input_count = graph->name_count;
    return name;
}

/* ---- Nodes -------------------------------------------------------------------------------------- */

static int put_value(protobuf *message, const onnx_attribute *attribute) {
    if (attribute->texts) {
        for (size_t i = 0; i < attribute->count; i++)
            protobuf_put_text(message, ATTRIBUTE_TEXTS, attribute->texts[i] ? attribute->texts[i] : "");
        return ONNX_ATTRIBUTE_TEXTS;
    }
    if (attribute->numbers) {
        for (size_t i = 0; i < attribute->count; i++)
            protobuf_put_float(message, ATTRIBUTE_FLOATS, attribute->numbers[i]);
        return ONNX_ATTRIBUTE_FLOATS;
    }
    if (!attribute->is_whole) {
        protobuf_put_float(message, ATTRIBUTE_FLOAT, attribute->number);
        return ONNX_ATTRIBUTE_FLOAT;
    }
    protobuf_put_whole(message, ATTRIBUTE_WHOLE, (uint64_t)attribute->whole);
    return ONNX_ATTRIBUTE_WHOLE;
}

static void put_attribute(protobuf *node, const onnx_attribute *attribute) {
    protobuf message = {0};
    protobuf_put_text(&message, ATTRIBUTE_NAME, attribute->name);
    const int type = put_value(&message, attribute);
    protobuf_put_whole(&message, ATTRIBUTE_TYPE, (uint64_t)type);
    protobuf_put_message(node, NODE_ATTRIBUTE, &message);
}

static const char *put_node(onnx_graph *graph, const char *domain, const char *operator_name, const char *const *inputs,
                            const char *output, const onnx_attribute *attributes) {
    protobuf node = {0};
    const char *name = keep_name(graph, output, operator_name);
    for (size_t i = 0; inputs[i]; i++) protobuf_put_text(&node, NODE_INPUT, inputs[i]);
    protobuf_put_text(&node, NODE_OUTPUT, name);
    protobuf_put_text(&node, NODE_NAME, name);
    protobuf_put_text(&node, NODE_OPERATOR, operator_name);
    for (size_t i = 0; attributes && attributes[i].name; i++) put_attribute(&node, &attributes[i]);
    if (domain) protobuf_put_text(&node, NODE_DOMAIN, domain);
    protobuf_put_message(&graph->body, GRAPH_NODE, &node);
    return name;
}

const char *onnx_node(onnx_graph *graph, const char *operator_name, const char *const *inputs, const char *output,
                      const onnx_attribute *attributes) {
    return put_node(graph, NULL, operator_name, inputs, output, attributes);
}

const char *onnx_ml_node(onnx_graph *graph, const char *operator_name, const char *const *inputs, const char *output,
                         const onnx_attribute *attributes) {
    graph->has_ml = true;
    return put_node(graph, ONNX_ML_DOMAIN, operator_name, inputs, output, attributes);
}

/* ---- Constants ---------------------------------------------------------------------------------- */

/* Begins the description of a constant; NULL when there is no memory. */
static onnx_constant *add_constant(onnx_graph *graph, const char **name, int type, const size_t *shape,
                                   size_t dimension_count) {
    onnx_constant *constants =
        make_room(graph->constants, graph->constant_count, &graph->constant_capacity, sizeof *constants);
    if (!constants) {
        graph->body.has_failed = true;
        return NULL;
    }
    graph->constants = constants;
    onnx_constant *constant = &constants[graph->constant_count++];
    *constant = (onnx_constant){.values = NULL};
    for (size_t i = 0; i < dimension_count; i++) protobuf_put_whole(&constant->head, TENSOR_DIMENSION, shape[i]);
    *name = keep_name(graph, *name, "constant");
    protobuf_put_whole(&constant->head, TENSOR_TYPE, (uint64_t)type);
    protobuf_put_text(&constant->head, TENSOR_NAME, *name);
    return constant;
}

const char *onnx_constant_floats(onnx_graph *graph, const char *name, const float *values, const size_t *shape,
                                 size_t dimension_count) {
    size_t count = 1;
    onnx_constant *constant = add_constant(graph, &name, ONNX_FLOAT, shape, dimension_count);
    if (!constant) return "";
    for (size_t i = 0; i < dimension_count; i++) count *= shape[i];
    constant->values = values;
    constant->byte_count = count * sizeof *values;
    protobuf_put_head(&constant->head, TENSOR_RAW, constant->byte_count);
    return name;
}

const char *onnx_constant_copy(onnx_graph *graph, const char *name, int type, size_t bytes, const void *values,
                               size_t count, bool is_row) {
    const size_t shape[] = {1, count};
    onnx_constant *constant = add_constant(graph, &name, type, is_row ? shape : shape + 1, is_row ? 2 : 1);
    if (!constant) return "";
    protobuf_put_bytes(&constant->head, TENSOR_RAW, values, count * bytes);
    return name;
}

const char *onnx_constant_texts(onnx_graph *graph, const char *name, char *const *texts, size_t count) {
    onnx_constant *constant = add_constant(graph, &name, ONNX_TEXT, &count, 1);
    if (!constant) return "";
    for (size_t i = 0; i < count; i++) protobuf_put_text(&constant->head, TENSOR_TEXTS, texts[i]);
    return name;
}

const char *onnx_constant_number(onnx_graph *graph, float number) {
    const char *name = NULL;
    onnx_constant *constant = add_constant(graph, &name, ONNX_FLOAT, NULL, 0);
    if (!constant) return "";
    protobuf_put_bytes(&constant->head, TENSOR_RAW, &number, sizeof number);
    return name;
}

/* ---- Inputs, outputs, metadata ------------------------------------------------------------------ */

void onnx_declare(onnx_graph *graph, unsigned field, const char *name, int type, size_t columns, const char *doc) {
    protobuf value = {0}, value_type = {0}, tensor = {0}, shape = {0}, samples = {0}, width = {0};
    protobuf_put_text(&samples, DIMENSION_NAME, "samples");
    protobuf_put_message(&shape, SHAPE_DIMENSION, &samples);
    if (columns) {
        protobuf_put_whole(&width, DIMENSION_VALUE, columns);
        protobuf_put_message(&shape, SHAPE_DIMENSION, &width);
    }
    protobuf_put_whole(&tensor, TENSOR_TYPE_ELEMENT, (uint64_t)type);
    protobuf_put_message(&tensor, TENSOR_TYPE_SHAPE, &shape);
    protobuf_put_message(&value_type, TYPE_TENSOR, &tensor);
    protobuf_put_text(&value, VALUE_NAME, name);
    protobuf_put_message(&value, VALUE_TYPE, &value_type);
    protobuf_put_text(&value, VALUE_DOC, doc);
    protobuf_put_message(&graph->body, field, &value);
}

void onnx_metadata(onnx_graph *graph, const char *key, const char *value) {
    protobuf pair = {0};
    protobuf_put_text(&pair, METADATA_KEY, key);
    protobuf_put_text(&pair, METADATA_VALUE, value);
    protobuf_put_message(&graph->metadata, MODEL_METADATA, &pair);
}

/* ---- Writing ------------------------------------------------------------------------------------ */

/* The bytes of an initialiser within the graph's, and of what comes before its own. */
static uint64_t constant_bytes(const onnx_constant *constant, protobuf *key) {
    const uint64_t byte_count = (uint64_t)constant->head.length + constant->byte_count;
    key->length = 0;
    protobuf_put_head(key, GRAPH_INITIALIZER, byte_count);
    return byte_count + key->length;
}

static void put_opset(protobuf *model, const char *domain, uint64_t version) {
    protobuf opset = {0};
    protobuf_put_text(&opset, OPSET_DOMAIN, domain);
    protobuf_put_whole(&opset, OPSET_VERSION, version);
    protobuf_put_message(model, MODEL_OPSET, &opset);
}

static void describe_model(const onnx_graph *graph, const char *doc, protobuf *model) {
    protobuf_put_whole(model, MODEL_IR_VERSION, ONNX_IR_VERSION);
    protobuf_put_text(model, MODEL_PRODUCER_NAME, "epocl");
    protobuf_put_text(model, MODEL_PRODUCER_VERSION, EPOCL_VERSION);
    protobuf_put_text(model, MODEL_DOC, doc);
    put_opset(model, "", ONNX_OPSET);
    if (graph->has_ml) put_opset(model, ONNX_ML_DOMAIN, ONNX_ML_OPSET);
    model->has_failed = model->has_failed || graph->body.has_failed || graph->metadata.has_failed;
    for (size_t i = 0; i < graph->constant_count; i++)
        model->has_failed = model->has_failed || graph->constants[i].head.has_failed;
}

static epocl_status write_constants(const onnx_graph *graph, protobuf *key, output_file *file) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < graph->constant_count; i++) {
        const onnx_constant *constant = &graph->constants[i];
        constant_bytes(constant, key);
        TRY(output_file_write(file, key->bytes, key->length));
        TRY(output_file_write(file, constant->head.bytes, constant->head.length));
        TRY(output_file_write(file, constant->values, constant->byte_count));
    }
cleanup:
    return status;
}

epocl_status onnx_graph_write(onnx_graph *graph, const char *doc, const char *path) {
    epocl_status status = EPOCL_OK;
    output_file *file = NULL;
    protobuf model = {0}, key = {0};
    uint64_t graph_bytes = graph->body.length;
    describe_model(graph, doc, &model);
    for (size_t i = 0; i < graph->constant_count; i++) graph_bytes += constant_bytes(&graph->constants[i], &key);
    TRY(protobuf_check(&key));
    if (graph_bytes + model.length + graph->metadata.length > ONNX_MOST_BYTES - 16)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "%s: an ONNX file holds 2 GiB at most, and the network needs more", path));
    protobuf_put_head(&model, MODEL_GRAPH, graph_bytes);
    TRY(protobuf_check(&model));
    TRY(output_file_open(path, &file));
    TRY(output_file_write(file, model.bytes, model.length));
    TRY(output_file_write(file, graph->body.bytes, graph->body.length));
    TRY(write_constants(graph, &key, file));
    TRY(output_file_write(file, graph->metadata.bytes, graph->metadata.length));
    TRY(output_file_commit(file));
cleanup:
    output_file_release(file);
    protobuf_release(&model);
    protobuf_release(&key);
    return status;
}
