/* Models out and in again: ONNX of every activation and cost is what it was, damage is refused, C is well-formed. */
#include "data/encoder/encoder.h"
#include "export/export.h"
#include "export/onnx/onnx_file.h"
#include "export/onnx/protobuf.h"
#include "model/ensemble.h"
#include "model/safetensors.h"
#include "support/damage.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *export_suite(void);

/* A trained network of `counts` whose values are all different and fit a float's few digits. */
static epocl_network *create_network(const size_t *counts, size_t layer_count, const char *activation, const char *cost,
                                     const char *output) {
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(counts, layer_count, &network), EPOCL_OK);
    ck_assert_msg(network_set_functions(network, activation, cost, output) == EPOCL_OK, "%s", epocl_last_error());
    network->normalization = "zscore";
    float value = 0.5f;
    for (size_t i = 0; i < counts[0]; i++) {
        network->input_scale[i] = value += 0.1f;
        network->input_shift[i] = -(value += 0.1f);
    }
    for (size_t l = 0; l < layer_count; l++) {
        const layer *one = &network->layers[l];
        for (size_t i = 0; i < one->input_count * one->output_count; i++) one->weights[i] = value += 0.07f;
        for (size_t i = 0; i < one->output_count; i++) one->biases[i] = -(value += 0.03f);
    }
    network->has_parameters = true;
    return network;
}

static const size_t usual_counts[] = {3, 4, 2};

static void assert_same_parameters(const epocl_network *network, const epocl_network *other) {
    ck_assert_uint_eq(network->layer_count, other->layer_count);
    ck_assert_int_eq(network->of_values, other->of_values);
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *one = &network->layers[l], *two = &other->layers[l];
        ck_assert(one->input_count == two->input_count && one->output_count == two->output_count);
        ck_assert_mem_eq(one->weights, two->weights, one->input_count * one->output_count * sizeof(float));
        ck_assert_mem_eq(one->biases, two->biases, one->output_count * sizeof(float));
    }
    const size_t input_bytes = network->layers[0].input_count * sizeof(float);
    ck_assert_mem_eq(network->input_scale, other->input_scale, input_bytes);
    ck_assert_mem_eq(network->input_shift, other->input_shift, input_bytes);
}

/* ---- ONNX --------------------------------------------------------------------------------------- */

static const char *const activations[] = {"identity", "sigmoid",  "tanh", "relu",     "leaky-relu", "leaky-relu(0.3)",
                                          "elu",      "elu(0.6)", "selu", "gelu",     "gelu-tanh",  "silu",
                                          "mish",     "softplus", "sine", "sine(30)", "exponential"};
static const char *const costs[] = {"cross-entropy", "softmax-cross-entropy", "squared", "poisson"};

static epocl_network *export_and_import(const epocl_network *network) {
    epocl_network *again = NULL;
    ck_assert_msg(epocl_network_export(network, NULL, NULL, scratch_path("net.onnx")) == EPOCL_OK, "%s",
                  epocl_last_error());
    ck_assert_msg(epocl_network_import(scratch_path("net.onnx"), NULL, NULL, NULL, &again) == EPOCL_OK, "%s: %s",
                  network->activation_text, epocl_last_error());
    return again;
}

/* Also the activations that are made of several operators are known again, by what they compute. */
START_TEST(onnx_keeps_every_activation) {
    const char *name = activations[_i];
    epocl_network *network = create_network(usual_counts, 2, name, "squared", name);
    network->of_values = _i % 2;
    epocl_network *again = export_and_import(network);
    assert_same_parameters(network, again);
    ck_assert_str_eq(again->activation_text, network->activation_text);
    ck_assert_str_eq(again->output_text, network->output_text);
    epocl_network_release(again);
    epocl_network_release(network);
}
END_TEST

START_TEST(onnx_keeps_costs_that_outputs_tell) {
    epocl_network *network = create_network(usual_counts, 2, "relu", costs[_i / 2], NULL);
    network->of_values = _i % 2 && network->head.code != HEAD_softmax_cross_entropy;
    epocl_network *again = export_and_import(network);
    assert_same_parameters(network, again);
    ck_assert_str_eq(again->cost_text, costs[_i / 2]);
    epocl_network_release(again);
    epocl_network_release(network);
}
END_TEST

START_TEST(onnx_keeps_the_deepest_network) {
    size_t counts[NETWORK_MAX_LAYERS + 1];
    for (size_t i = 0; i <= NETWORK_MAX_LAYERS; i++) counts[i] = i % 3 + 1;
    epocl_network *network = create_network(counts, NETWORK_MAX_LAYERS, "gelu-tanh", "softmax-cross-entropy", NULL);
    epocl_network *again = export_and_import(network);
    assert_same_parameters(network, again);
    epocl_network_release(again);
    epocl_network_release(network);
}
END_TEST

/* More constants than any single network has. */
START_TEST(onnx_takes_the_largest_ensemble) {
    static const size_t counts[] = {2, 2, 2, 2, 1};
    epocl_network *network = create_network(counts, 4, "gelu", "squared", NULL), *ensemble = NULL;
    const epocl_network *members[ENSEMBLE_MOST_MEMBERS];
    onnx_file *file = NULL;
    for (size_t i = 0; i < ENSEMBLE_MOST_MEMBERS; i++) members[i] = network;
    ck_assert_int_eq(epocl_network_create_ensemble(members, NULL, ENSEMBLE_MOST_MEMBERS, &ensemble), EPOCL_OK);
    const char *path = scratch_path("net.onnx");
    ck_assert_msg(epocl_network_export(ensemble, NULL, NULL, path) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_int_eq(onnx_file_open(path, &file), EPOCL_OK);
    /* Of each member weights, biases and three numbers a hidden layer, and its share. */
    ck_assert_uint_ge(file->constant_count, (size_t)ENSEMBLE_MOST_MEMBERS * (4 * 2 + 3 * 3 + 1));
    onnx_file_release(file);
    epocl_network_release(ensemble);
    epocl_network_release(network);
}
END_TEST

/* A cost that says more than the outputs do may be given; what contradicts the file may not. */
START_TEST(wishes_are_heard_where_the_file_is_silent) {
    epocl_network *network = create_network(usual_counts, 2, "tanh", "squared", "identity"), *again = NULL;
    const char *path = scratch_path("net.onnx");
    ck_assert_int_eq(epocl_network_export(network, "onnx", NULL, path), EPOCL_OK);
    ck_assert_int_eq(epocl_network_import(path, NULL, "softmax-cross-entropy", NULL, &again), EPOCL_OK);
    ck_assert_str_eq(again->output_text, "softmax");
    epocl_network_release(again);
    ck_assert_int_eq(epocl_network_import(path, "tanh", "huber(2)", "softplus", &again), EPOCL_OK);
    ck_assert_str_eq(again->cost_text, "huber(2)");
    ck_assert_str_eq(again->output_text, "softplus");
    epocl_network_release(again);
    ck_assert_int_eq(epocl_network_import(path, "relu", NULL, NULL, &again), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "are tanh, not relu"));
    ck_assert_ptr_null(again);
    epocl_network_release(network);
}
END_TEST

static void try_import(const unsigned char *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    const epocl_status status =
        epocl_network_import(scratch_write("damaged", bytes, byte_count), NULL, NULL, NULL, &network);
    ck_assert_msg(status == EPOCL_OK || status == EPOCL_ERROR_DATA, "%s: %s", epocl_status_name(status),
                  epocl_last_error());
    ck_assert((status == EPOCL_OK) == (network != NULL));
    epocl_network_release(network);
}

static void expect_refusal(const unsigned char *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    const char *path = scratch_write("damaged", bytes, byte_count);
    ck_assert_int_eq(epocl_network_import(path, NULL, NULL, NULL, &network), EPOCL_ERROR_DATA);
    ck_assert(strncmp(epocl_last_error(), path, strlen(path)) == 0);
}

/* Of a file that is cut in its metadata, at the end, the network is there; so only before. */
START_TEST(damaged_onnx_is_refused) {
    static const size_t counts[] = {2, 2, 1};
    size_t byte_count = 0;
    epocl_network *network = create_network(counts, 2, "mish", "squared", NULL);
    ck_assert_int_eq(epocl_network_export(network, "onnx", NULL, scratch_path("net")), EPOCL_OK);
    unsigned char *bytes = file_read(scratch_path("net"), &byte_count);
    damage_each_length(bytes, byte_count / 2, expect_refusal);
    damage_each_length(bytes, byte_count, try_import);
    damage_each_byte(bytes, byte_count, try_import);
    free(bytes);
    epocl_network_release(network);
}
END_TEST

START_TEST(failed_writes_leave_nothing) {
    epocl_network *network = create_network(usual_counts, 2, "gelu", "squared", NULL);
    static const char *const names[] = {"net.onnx", "net.c", "net.safetensors"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        scratch_limit_file_bytes(64);
        const epocl_status status = epocl_network_export(network, NULL, NULL, scratch_path(names[i]));
        scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
        ck_assert_int_eq(status, EPOCL_ERROR_WRITE);
        ck_assert_uint_eq(scratch_file_count(), 0);
    }
    epocl_network_release(network);
}
END_TEST

/* ---- safetensors -------------------------------------------------------------------------------- */

START_TEST(safetensors_are_those_of_a_sequential) {
    epocl_network *network = create_network(usual_counts, 2, "elu(0.5)", "huber", "tanh"), *again = NULL;
    const char *path = scratch_path("net.safetensors");
    ck_assert_int_eq(epocl_network_export(network, NULL, NULL, path), EPOCL_OK);
    ck_assert_int_eq(epocl_network_import(path, NULL, NULL, NULL, &again), EPOCL_OK);
    ck_assert_str_eq(again->activation_text, "elu(0.5)");
    ck_assert_str_eq(again->cost_text, "huber");
    ck_assert_str_eq(again->output_text, "tanh");
    ck_assert_str_eq(again->normalization, "none");
    /* The normalisation is in the first layer. */
    for (size_t o = 0; o < 4; o++) {
        double bias = (double)network->layers[0].biases[o];
        for (size_t i = 0; i < 3; i++) {
            const double weight = (double)network->layers[0].weights[o * 3 + i];
            ck_assert_float_eq(again->layers[0].weights[o * 3 + i], (float)(weight * (double)network->input_scale[i]));
            bias += weight * (double)network->input_shift[i];
        }
        ck_assert_float_eq(again->layers[0].biases[o], (float)bias);
    }
    ck_assert_mem_eq(again->layers[1].weights, network->layers[1].weights, 8 * sizeof(float));
    epocl_network_release(again);
    epocl_network_release(network);
}
END_TEST

/* A file of tensors, 1, 2, 3, ... each. */
typedef struct tensor_case {
    const char *names[4];
    const char *type;
    size_t shapes[4][2]; /* 0: one dimension */
    const char *activation;
    epocl_status status;
    const char *part; /* of the error text */
} tensor_case;

#define SHAPES                                                                                                         \
    {                                                                                                                  \
        {2, 3}, {2, 0}, {1, 2}, {                                                                                      \
            1, 0                                                                                                       \
        }                                                                                                              \
    }
static const tensor_case tensor_cases[] = {
    {{"0.weight", "0.bias", "2.weight", "2.bias"}, "F32", SHAPES, "relu", EPOCL_OK, ""},
    {{"layers.1.weight", "layers.1.bias", "layers.10.weight", "layers.10.bias"}, "F32", SHAPES, "relu", EPOCL_OK, ""},
    {{"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"}, "F64", SHAPES, "relu", EPOCL_OK, ""},
    {{"net.0.weight", "net.2.weight"}, "F16", {{2, 3}, {1, 2}}, "relu", EPOCL_OK, ""},
    {{"net.0.weight", "net.2.weight"}, "BF16", {{2, 3}, {1, 2}}, "relu", EPOCL_OK, ""},
    {{"0.weight", "2.weight"}, "I32", {{2, 3}, {1, 2}}, "relu", EPOCL_ERROR_DATA, "is of type I32"},
    {{"0.weight", "2.weight"}, "F32", {{2, 3}, {1, 2}}, NULL, EPOCL_ERROR_ARGUMENT, "give its activation"},
    {{"0.weight", "2.weight"}, "F32", {{2, 3}, {1, 2}}, "relu,tanh", EPOCL_ERROR_ARGUMENT, "2 activations are given"},
    {{"0.weight", "2.weight"}, "F32", {{2, 3}, {1, 3}}, "relu", EPOCL_ERROR_DATA, "takes 3 values"},
    {{"0.weight", "0.bias"}, "F32", {{2, 3}, {3, 0}}, "relu", EPOCL_ERROR_DATA, "a bias of 3 values"},
    {{"0.weight", "1.weight"}, "F32", {{2, 3}, {2, 0}}, "relu", EPOCL_ERROR_DATA, "'1.weight' has 1 dimensions"},
    {{"0.bias"}, "F32", {{2, 0}}, "relu", EPOCL_ERROR_DATA, "has a bias and no weight"},
    {{"a.0.weight", "b.0.weight"}, "F32", {{2, 2}, {2, 2}}, "relu", EPOCL_ERROR_DATA, "a single Sequential"},
    {{"0.weight", "00.weight"}, "F32", {{2, 2}, {2, 2}}, "relu", EPOCL_ERROR_DATA, "under another name"},
    {{"0.running_mean"}, "F32", {{2, 0}}, "relu", EPOCL_ERROR_DATA, "no weight or bias of a numbered module"},
    {{"embedding.weight"}, "F32", {{2, 2}}, "relu", EPOCL_ERROR_DATA, "no weight or bias of a numbered module"},
    {{NULL}, "F32", {{0}}, "relu", EPOCL_ERROR_DATA, "holds no tensors"},
};

/* 1 in the types of floats. */
static void put_ones(const char *type, unsigned char *bytes, size_t count) {
    const float narrow = 1.0f;
    const double wide = 1.0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(type, "F64") == 0) memcpy(bytes + i * 8, &wide, 8);
        if (strcmp(type, "F32") == 0) memcpy(bytes + i * 4, &narrow, 4);
        if (strcmp(type, "F16") == 0) memcpy(bytes + i * 2, (const unsigned char[]){0x00, 0x3c}, 2);
        if (strcmp(type, "BF16") == 0) memcpy(bytes + i * 2, (const unsigned char[]){0x80, 0x3f}, 2);
    }
}

START_TEST(imports_safetensors) {
    const tensor_case *one = &tensor_cases[_i];
    unsigned char bytes[128] = {0};
    safetensors_tensor tensors[4];
    const void *values[4] = {bytes, bytes, bytes, bytes};
    epocl_network *network = NULL;
    size_t count = 0;
    for (; count < 4 && one->names[count]; count++)
        tensors[count] = (safetensors_tensor){.name = one->names[count],
                                              .type = one->type,
                                              .dimension_count = one->shapes[count][1] ? 2 : 1,
                                              .shape = {one->shapes[count][0], one->shapes[count][1]}};
    put_ones(one->type, bytes, 8);
    ck_assert_int_eq(safetensors_write(file_at(NO_FOLDER, scratch_path("net")), NULL, 0, tensors, values, count),
                     EPOCL_OK);
    const epocl_status status = epocl_network_import(scratch_path("net"), one->activation, "squared", NULL, &network);
    ck_assert_msg(status == one->status, "%s: %s", epocl_status_name(status), epocl_last_error());
    if (status == EPOCL_OK) {
        ck_assert_uint_eq(network->layer_count, 2);
        ck_assert_uint_eq(network->layers[0].input_count, 3);
        for (size_t i = 0; i < 6; i++) ck_assert_float_eq(network->layers[0].weights[i], 1.0f);
    } else {
        ck_assert_msg(strstr(epocl_last_error(), one->part) != NULL, "'%s' is not in '%s'", one->part,
                      epocl_last_error());
    }
    epocl_network_release(network);
}
END_TEST

START_TEST(a_model_of_epocl_needs_no_import) {
    epocl_network *network = create_network(usual_counts, 2, "relu", "squared", NULL), *again = NULL;
    ck_assert_int_eq(epocl_network_save(network, scratch_path("net")), EPOCL_OK);
    ck_assert_int_eq(epocl_network_import(scratch_path("net"), NULL, NULL, NULL, &again), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "is a model of epocl already"));
    epocl_network_release(network);
}
END_TEST

/* ---- Arguments ---------------------------------------------------------------------------------- */

START_TEST(refuses_what_cannot_be_exported) {
    epocl_network *network = create_network(usual_counts, 2, "relu", "squared", NULL);
    static const struct {
        const char *format, *prefix, *name, *part;
    } cases[] = {
        {"tflite", NULL, "net", "unknown format 'tflite'"}, {NULL, NULL, "net", "tells no format"},
        {NULL, NULL, ".onnx", "tells no format"},           {"c", "1net", "net.c", "not the beginning of a name in C"},
        {"c", "a-b", "net.c", "not the beginning"},         {"onnx", "net", "net.onnx", "a prefix is for names in C"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        /* A path's name alone has no ending. */
        const char *path = strcmp(cases[i].name, ".onnx") == 0 ? cases[i].name : scratch_path(cases[i].name);
        ck_assert_int_eq(epocl_network_export(network, cases[i].format, cases[i].prefix, path), EPOCL_ERROR_ARGUMENT);
        ck_assert_msg(strstr(epocl_last_error(), cases[i].part) != NULL, "%s", epocl_last_error());
    }
    ck_assert_int_eq(epocl_network_export(NULL, "c", NULL, "net.c"), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_network_export(network, "c", NULL, NULL), EPOCL_ERROR_ARGUMENT);
    network->normalization = "other";
    ck_assert_int_eq(epocl_network_export(network, "c", NULL, scratch_path("net.c")), EPOCL_ERROR_ARGUMENT);
    network->normalization = "none";
    network->layers[1].biases[1] = INFINITY;
    ck_assert_int_eq(epocl_network_export(network, "c", NULL, scratch_path("net.c")), EPOCL_ERROR_DIVERGED);
    network->has_parameters = false;
    ck_assert_int_eq(epocl_network_export(network, "c", NULL, scratch_path("net.c")), EPOCL_ERROR_ARGUMENT);
    ck_assert_uint_eq(scratch_file_count(), 0);
    epocl_network_release(network);
}
END_TEST

/* ---- Tables ------------------------------------------------------------------------------------- */

/* A network of columns of numbers, each with two knots, and one target. */
static epocl_network *create_table_network(char *const *names, size_t count, float distance) {
    const size_t counts[] = {count, 1};
    epocl_network *network = create_network(counts, 1, "identity", "squared", NULL);
    encoder *e = NULL;
    ck_assert_int_eq(encoder_allocate(count, 1, 0, &e), EPOCL_OK);
    for (size_t i = 0; i < count; i++) {
        encoder_column *column = &e->columns[i];
        *column = (encoder_column){.kind = COLUMN_NUMBER, .knot_count = 2};
        ck_assert_int_eq(encoder_copy_text(names[i], &column->name), EPOCL_OK);
        column->knots = calloc(2, sizeof *column->knots);
        column->heights = calloc(2, sizeof *column->heights);
        ck_assert(column->knots && column->heights);
        column->knots[0] = -distance / 2.0f;
        column->knots[1] = distance / 2.0f;
        column->heights[1] = 1.0f;
    }
    ck_assert_int_eq(encoder_copy_text("cost", &e->targets[0].name), EPOCL_OK);
    e->targets[0].scale = 2.0f;
    e->targets[0].high = 9.0f;
    ck_assert_int_eq(encoder_finish(e), EPOCL_OK);
    for (size_t i = 0; i < count; i++) {
        network->input_scale[i] = 1.0f;
        network->input_shift[i] = 0.0f;
    }
    network->normalization = NETWORK_ENCODED;
    network->encoder = e;
    network->of_values = true;
    return network;
}

/* Columns are inputs by their names, which are made different from each other and from the outputs'. */
START_TEST(onnx_names_columns) {
    char *const names[] = {"value", "x", "", "x", "x_", "label", "_", "encoder.knots", "layers.0.weight"};
    const char *const wanted[] = {"value_", "x", "_", "x_", "x__", "label_", "__", "encoder.knots", "layers.0.weight"};
    enum { COUNT = sizeof names / sizeof *names };
    epocl_network *network = create_table_network(names, COUNT, 2.0f), *again = NULL;
    onnx_file *file = NULL;
    const char *path = scratch_path("net.onnx");
    ck_assert_msg(epocl_network_export(network, NULL, NULL, path) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_int_eq(onnx_file_open(path, &file), EPOCL_OK);
    ck_assert_uint_eq(file->input_count, COUNT);
    for (size_t i = 0; i < COUNT; i++) ck_assert_msg(protobuf_is_text(file->inputs[i], wanted[i]), "input %zu", i);
    for (size_t c = 0; c < file->constant_count; c++)
        for (size_t i = 0; i < COUNT; i++) ck_assert(!protobuf_is_text(file->constants[c].name, wanted[i]));
    onnx_file_release(file);
    ck_assert_int_eq(epocl_network_import(path, NULL, NULL, NULL, &again), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(again);
    epocl_network_release(network);
}
END_TEST

START_TEST(tables_are_refused_where_they_do_not_fit) {
    char *const names[] = {"wide"};
    epocl_network *network = create_table_network(names, 1, FLT_MAX);
    ck_assert_int_eq(epocl_network_export(network, "safetensors", NULL, scratch_path("net")), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_network_export(network, "c", NULL, scratch_path("net.c")), EPOCL_OK);
    network->encoder->columns[0].knots[0] = -FLT_MAX;
    ck_assert_int_eq(epocl_network_export(network, "c", NULL, scratch_path("other.c")), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "column 'wide'"));
    ck_assert_uint_eq(scratch_file_count(), 2);
    epocl_network_release(network);
}
END_TEST

/* ---- The wire format ---------------------------------------------------------------------------- */

START_TEST(whole_numbers_of_every_length) {
    for (unsigned shift = 0; shift < 64; shift++) {
        const uint64_t wanted = UINT64_MAX >> shift;
        protobuf message = {0};
        protobuf_field field;
        bool is_damaged = false;
        protobuf_put_whole(&message, 1000, wanted);
        protobuf_part rest = {message.bytes, message.bytes + message.length};
        ck_assert(protobuf_next(&rest, &field, &is_damaged) && field.number == 1000 && field.whole == wanted);
        ck_assert(!protobuf_next(&rest, &field, &is_damaged) && !is_damaged);
        rest = (protobuf_part){message.bytes, message.bytes + message.length - 1};
        ck_assert(!protobuf_next(&rest, &field, &is_damaged) && is_damaged);
        protobuf_release(&message);
    }
}
END_TEST

START_TEST(damaged_messages_are_told) {
    static const struct {
        size_t length;
        unsigned char bytes[12];
    } cases[] = {
        {1, {0x08}},                                                              /* no value                     */
        {2, {0x00, 0x01}},                                                        /* field 0                      */
        {2, {0x0b, 0x01}},                                                        /* a group                      */
        {2, {0x0e, 0x01}},                                                        /* a type that there is not     */
        {3, {0x0a, 0x02, 0x00}},                                                  /* bytes past the end           */
        {4, {0x0d, 0x00, 0x00, 0x00}},                                            /* a float cut short            */
        {8, {0x09, 0, 0, 0, 0, 0, 0, 0}},                                         /* a double likewise            */
        {11, {0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}}, /* 65 bits */
        {11, {0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}}, /* 2^64 - 1 bytes */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        protobuf_part rest = {cases[i].bytes, cases[i].bytes + cases[i].length};
        protobuf_field field;
        bool is_damaged = false;
        ck_assert_msg(!protobuf_next(&rest, &field, &is_damaged) && is_damaged, "case %zu", i);
    }
}
END_TEST

#define COUNT(list) (int)(sizeof(list) / sizeof *(list))

Suite *export_suite(void) {
    Suite *suite = suite_create("export");
    TCase *tests = tcase_create("export");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_loop_test(tests, onnx_keeps_every_activation, 0, COUNT(activations));
    tcase_add_loop_test(tests, onnx_keeps_costs_that_outputs_tell, 0, 2 * COUNT(costs));
    tcase_add_test(tests, onnx_keeps_the_deepest_network);
    tcase_add_test(tests, onnx_takes_the_largest_ensemble);
    tcase_add_test(tests, wishes_are_heard_where_the_file_is_silent);
    tcase_add_test(tests, damaged_onnx_is_refused);
    tcase_add_test(tests, failed_writes_leave_nothing);
    tcase_add_test(tests, safetensors_are_those_of_a_sequential);
    tcase_add_loop_test(tests, imports_safetensors, 0, COUNT(tensor_cases));
    tcase_add_test(tests, a_model_of_epocl_needs_no_import);
    tcase_add_test(tests, refuses_what_cannot_be_exported);
    tcase_add_test(tests, onnx_names_columns);
    tcase_add_test(tests, tables_are_refused_where_they_do_not_fit);
    tcase_add_test(tests, whole_numbers_of_every_length);
    tcase_add_test(tests, damaged_messages_are_told);
    suite_add_tcase(suite, tests);
    return suite;
}
