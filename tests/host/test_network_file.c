#include "model/network.h"
#include "model/functions.h"
#include "model/safetensors.h"
#include "support/damage.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A trained network of 2-3-2 whose values are all different. */
static epocl_network *create_network(void) {
    const size_t counts[] = {2, 3, 2};
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(counts, 2, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "sigmoid", "cross-entropy", NULL), EPOCL_OK);
    network->normalization = "zscore";
    float value = 0.5f;
    for (size_t i = 0; i < 2; i++) {
        network->input_scale[i] = value++;
        network->input_shift[i] = -value++;
    }
    for (size_t l = 0; l < 2; l++) {
        const layer *one = &network->layers[l];
        for (size_t i = 0; i < one->input_count * one->output_count; i++) one->weights[i] = value++;
        for (size_t i = 0; i < one->output_count; i++) one->biases[i] = -value++;
    }
    network->has_parameters = true;
    return network;
}

static const char *save_network(const char *name) {
    epocl_network *network = create_network();
    ck_assert_int_eq(epocl_network_save(network, scratch_path(name)), EPOCL_OK);
    epocl_network_release(network);
    return scratch_path(name);
}

static void assert_refused(const char *path, epocl_status expected, const char *part) {
    epocl_network *network = (epocl_network *)&network;
    const epocl_status status = epocl_network_load(path, &network);
    ck_assert_msg(status == expected, "%s: %s, not '%s'", epocl_status_name(status), epocl_last_error(), part);
    ck_assert_ptr_null(network);
    ck_assert_msg(strncmp(epocl_last_error(), path, strlen(path)) == 0, "'%s' names no file", epocl_last_error());
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
}

/* ---- Round trip --------------------------------------------------------------------------------- */

START_TEST(loads_what_it_saved) {
    epocl_network *saved = create_network(), *loaded = NULL;
    ck_assert_int_eq(epocl_network_load(save_network("model"), &loaded), EPOCL_OK);
    ck_assert_uint_eq(epocl_network_layer_count(loaded), 2);
    ck_assert_uint_eq(epocl_network_input_count(loaded), 2);
    ck_assert_int_eq(loaded->layers[0].activation.code, ACTIVATION_sigmoid);
    ck_assert_int_eq(loaded->head.code, HEAD_cross_entropy);
    ck_assert_str_eq(epocl_network_normalization(loaded), "zscore");
    ck_assert_mem_eq(loaded->input_scale, saved->input_scale, 2 * sizeof(float));
    ck_assert_mem_eq(loaded->input_shift, saved->input_shift, 2 * sizeof(float));
    for (size_t l = 0; l < 2; l++) {
        const layer *one = &saved->layers[l];
        ck_assert_uint_eq(epocl_network_output_count(loaded, l), one->output_count);
        ck_assert_ptr_nonnull(epocl_network_weights(loaded, l));
        ck_assert_mem_eq(epocl_network_weights(loaded, l), one->weights,
                         one->input_count * one->output_count * sizeof(float));
        ck_assert_mem_eq(epocl_network_biases(loaded, l), one->biases, one->output_count * sizeof(float));
    }
    epocl_network_release(saved);
    epocl_network_release(loaded);
}
END_TEST

/* With softmax, which is no activation of hidden layers, and targets that are values. */
START_TEST(loads_what_has_no_hidden_layer) {
    const size_t counts[] = {2, 3};
    epocl_network *saved = NULL, *loaded = NULL;
    ck_assert_int_eq(network_allocate(counts, 1, &saved), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(saved, "relu", "softmax-cross-entropy", NULL), EPOCL_OK);
    saved->normalization = "none";
    saved->has_parameters = true;
    for (int of_values = 0; of_values < 2; of_values++) {
        saved->of_values = of_values;
        ck_assert_int_eq(epocl_network_save(saved, scratch_path("flat")), EPOCL_OK);
        ck_assert_msg(epocl_network_load(scratch_path("flat"), &loaded) == EPOCL_OK, "%s", epocl_last_error());
        ck_assert_str_eq(epocl_network_output(loaded), "softmax");
        ck_assert_int_eq(network_hidden_activation(loaded, 0).code, ACTIVATION_identity);
        ck_assert(loaded->of_values == saved->of_values);
        ck_assert_str_eq(epocl_network_targets(loaded), "classes");
        epocl_network_release(loaded);
    }
    ck_assert_int_eq(network_set_functions(saved, "relu", "squared", NULL), EPOCL_OK);
    ck_assert_str_eq(epocl_network_targets(saved), "values");
    ck_assert_int_eq(network_set_functions(saved, "relu", "cross-entropy", NULL), EPOCL_OK);
    ck_assert_str_eq(epocl_network_targets(saved), "multi-label");
    epocl_network_release(saved);
}
END_TEST

START_TEST(saves_the_same_bytes) {
    epocl_network *loaded = NULL;
    size_t first_count = 0, second_count = 0;
    const char *first_path = save_network("first");
    ck_assert_int_eq(epocl_network_load(first_path, &loaded), EPOCL_OK);
    ck_assert_int_eq(epocl_network_save(loaded, scratch_path("second")), EPOCL_OK);
    unsigned char *first = file_read(first_path, &first_count);
    unsigned char *second = file_read(scratch_path("second"), &second_count);
    ck_assert_uint_eq(first_count, second_count);
    ck_assert_mem_eq(first, second, first_count);
    free(first);
    free(second);
    epocl_network_release(loaded);
}
END_TEST

static void expect_refused_in_memory(const unsigned char *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    unsigned char *exact = malloc(byte_count + !byte_count); /* so that a sanitizer sees what lies behind it */
    ck_assert_ptr_nonnull(exact);
    memcpy(exact, bytes, byte_count);
    ck_assert_int_eq(epocl_network_load_memory(exact, byte_count, &network), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(network);
    ck_assert_msg(strncmp(epocl_last_error(), "memory: ", 8) == 0, "%s", epocl_last_error());
    free(exact);
}

START_TEST(memory_holds_what_a_file_does) {
    epocl_network *network = create_network(), *loaded = NULL;
    size_t of_file_count = 0, count = 0;
    void *bytes = NULL, *again = NULL;
    unsigned char *of_file = file_read(save_network("model"), &of_file_count);
    ck_assert_int_eq(epocl_network_save_memory(network, &bytes, &count), EPOCL_OK);
    ck_assert_uint_eq(count, of_file_count);
    ck_assert_mem_eq(bytes, of_file, count);
    ck_assert_int_eq(epocl_network_load_memory(bytes, count, &loaded), EPOCL_OK);
    damage_each_length(bytes, count, expect_refused_in_memory);
    epocl_memory_release(bytes);
    ck_assert_int_eq(epocl_network_save_memory(loaded, &again, &count), EPOCL_OK);
    ck_assert_uint_eq(count, of_file_count);
    ck_assert_mem_eq(again, of_file, count);
    epocl_memory_release(again);
    epocl_memory_release(NULL);
    network->has_parameters = false;
    ck_assert_int_eq(epocl_network_save_memory(network, &bytes, &count), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(bytes);
    ck_assert_int_eq(epocl_network_save_memory(loaded, NULL, &count), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_network_save_memory(NULL, &bytes, &count), EPOCL_ERROR_ARGUMENT);
    epocl_network_release(loaded);
    ck_assert_int_eq(epocl_network_load_memory(NULL, 0, &loaded), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(loaded);
    free(of_file);
    epocl_network_release(network);
}
END_TEST

START_TEST(loads_as_many_layers_as_there_can_be) {
    size_t counts[NETWORK_MAX_LAYERS + 1];
    for (size_t i = 0; i <= NETWORK_MAX_LAYERS; i++) counts[i] = i % 3 + 1;
    epocl_network *network = NULL, *loaded = NULL;
    ck_assert_int_eq(network_allocate(counts, NETWORK_MAX_LAYERS, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "sigmoid", "cross-entropy", NULL), EPOCL_OK);
    network->normalization = "none";
    network->has_parameters = true;
    ck_assert_int_eq(epocl_network_save(network, scratch_path("deep")), EPOCL_OK);
    ck_assert_int_eq(epocl_network_load(scratch_path("deep"), &loaded), EPOCL_OK);
    ck_assert_uint_eq(epocl_network_parameter_count(loaded), epocl_network_parameter_count(network));
    epocl_network_release(network);
    epocl_network_release(loaded);
}
END_TEST

/* ---- Failures to save --------------------------------------------------------------------------- */

START_TEST(refuses_to_save_bad_networks) {
    epocl_network *network = create_network();
    const char *path = save_network("model");
    size_t old_count = 0, new_count = 0;
    unsigned char *old_bytes = file_read(path, &old_count);

    network->layers[1].weights[4] = NAN;
    ck_assert_int_eq(epocl_network_save(network, path), EPOCL_ERROR_DIVERGED);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "layers.1.weight contains NaN at index 4"));
    network->layers[1].weights[4] = 0.0f;
    network->has_parameters = false;
    ck_assert_int_eq(epocl_network_save(network, path), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "train it first"));
    ck_assert_int_eq(epocl_network_save(NULL, path), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_network_save(network, NULL), EPOCL_ERROR_ARGUMENT);

    unsigned char *new_bytes = file_read(path, &new_count);
    ck_assert_uint_eq(new_count, old_count);
    ck_assert_mem_eq(new_bytes, old_bytes, old_count);
    free(old_bytes);
    free(new_bytes);
    epocl_network_release(network);
}
END_TEST

START_TEST(reports_failed_writes) {
    epocl_network *network = create_network();
    const char *path = save_network("model");
    size_t file_bytes = 0, kept_bytes = 0;
    free(file_read(path, &file_bytes));
    network->layers[0].weights[0] = 99.0f;
    for (size_t limit = 0; limit < file_bytes; limit += 32) {
        scratch_limit_file_bytes(limit);
        const epocl_status status = epocl_network_save(network, path);
        scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
        ck_assert_int_eq(status, EPOCL_ERROR_WRITE);
    }
    ck_assert_uint_eq(scratch_file_count(), 1);
    free(file_read(path, &kept_bytes));
    ck_assert_uint_eq(kept_bytes, file_bytes);
    epocl_network *old = NULL;
    ck_assert_int_eq(epocl_network_load(path, &old), EPOCL_OK);
    ck_assert(old->layers[0].weights[0] != 99.0f);
    epocl_network_release(old);

    ck_assert_int_eq(epocl_network_save(network, scratch_path("missing/model")), EPOCL_ERROR_CREATE);
    ck_assert_int_eq(epocl_network_save(network, scratch_path("model/model")), EPOCL_ERROR_CREATE);
    epocl_network_release(network);
}
END_TEST

/* ---- Files that are not what they should be ------------------------------------------------------ */

/* What a file is composed of: a valid model, changed by the case at hand. */
typedef struct model_parts {
    safetensors_pair metadata[8];
    size_t metadata_count;
    safetensors_tensor tensors[8];
    const void *values[8];
    size_t tensor_count;
} model_parts;

static float zeros[16];

static model_parts valid_parts(void) {
    model_parts parts = {
        .metadata = {{"format", "epocl"},
                     {"format_version", "1"},
                     {"layers", "2,3,2"},
                     {"activation", "sigmoid"},
                     {"cost", "cross-entropy"},
                     {"normalization", "none"}},
        .metadata_count = 6,
        .tensors = {{.name = "input.scale", .type = "F32", .dimension_count = 1, .shape = {2}},
                    {.name = "input.shift", .type = "F32", .dimension_count = 1, .shape = {2}},
                    {.name = "layers.0.weight", .type = "F32", .dimension_count = 2, .shape = {3, 2}},
                    {.name = "layers.0.bias", .type = "F32", .dimension_count = 1, .shape = {3}},
                    {.name = "layers.1.weight", .type = "F32", .dimension_count = 2, .shape = {2, 3}},
                    {.name = "layers.1.bias", .type = "F32", .dimension_count = 1, .shape = {2}}},
        .tensor_count = 6,
    };
    for (size_t i = 0; i < 8; i++) parts.values[i] = zeros;
    return parts;
}

static const char *write_parts(const model_parts *parts) {
    const char *path = scratch_path("parts");
    ck_assert_int_eq(safetensors_write(file_at(NO_FOLDER, path), parts->metadata, parts->metadata_count, parts->tensors,
                                       parts->values, parts->tensor_count),
                     EPOCL_OK);
    return path;
}

typedef struct metadata_case {
    const char *key, *value; /* NULL removes the key */
    const char *part;        /* of the error text    */
} metadata_case;

static const metadata_case metadata_cases[] = {
    {"format", NULL, "is not a model of epocl: its metadata has no 'format'"},
    {"format", "pt", "its format is 'pt'"},
    {"format_version", NULL, "no 'format_version'"},
    {"format_version", "2", "format version '2'"},
    {"format_version", "\x1b[31m", "format version '?[31m'"},
    {"activation", NULL, "no 'activation'"},
    {"activation", "rel", "unknown activation 'rel'"},
    {"activation", "relu,relu,relu,relu", "activations are given for"},
    {"cost", NULL, "no 'cost'"},
    {"cost", "\x1b", "unknown cost '?'"},
    {"normalization", NULL, "no 'normalization'"},
    {"normalization", "auto", "unknown normalization 'auto'"},
    {"layers", NULL, "no 'layers'"},
    {"layers", "", "not a list of unit counts"},
    {"layers", "2", "not a list"},
    {"layers", "2,", "not a list"},
    {"layers", ",3,2", "not a list"},
    {"layers", "2,,2", "not a list"},
    {"layers", "2, 3,2", "not a list"},
    {"layers", "2,-3,2", "not a list"},
    {"layers", "2,+3,2", "not a list"},
    {"layers", "2,03,2", "not a list"},
    {"layers", "2,0,2", "not a list"},
    {"layers", "2,3.0,2", "not a list"},
    {"layers", "2,3,2\n", "not a list"},
    {"layers", "2,0x3,2", "not a list"},
    {"layers", "2,99999999999999999999999999,2", "not a list"},
    {"layers",
     "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"
     "1,1,1,1,1,1,1,1,1,1,1,1,1",
     "not a list"},
    {"layers", "3,3,2", "tensor 'input.scale' is F32 [2] where the layers need F32 [3]"},
    {"layers", "2,4,2", "tensor 'layers.0.weight' is F32 [3, 2] where the layers need F32 [4, 2]"},
    {"layers", "2,3", "tensor 'layers.1.weight' belongs to none of the 1 layers"},
    {"layers", "2,3,2,2", "tensor 'layers.2.weight' is missing"},
    {"layers", "2,2147483648,2", "not a list"},
    {"layers", "2,16777216,2", "layers need F32 [16777216, 2]"},
};

START_TEST(refuses_bad_metadata) {
    const metadata_case *one = &metadata_cases[_i];
    model_parts parts = valid_parts();
    for (size_t i = 0; i < parts.metadata_count; i++)
        if (strcmp(parts.metadata[i].key, one->key) == 0)
            parts.metadata[i] = one->value ? (safetensors_pair){one->key, one->value} : (safetensors_pair){"other", ""};
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, one->part);
}
END_TEST

START_TEST(loads_valid_parts) {
    model_parts parts = valid_parts();
    epocl_network *network = NULL;
    parts.tensors[parts.tensor_count++] =
        (safetensors_tensor){.name = "other", .type = "U8", .dimension_count = 1, .shape = {3}};
    ck_assert_int_eq(epocl_network_load(write_parts(&parts), &network), EPOCL_OK);
    ck_assert_uint_eq(epocl_network_parameter_count(network), 3 * 3 + 2 * 4);
    epocl_network_release(network);
}
END_TEST

START_TEST(refuses_bad_tensors) {
    model_parts parts = valid_parts();
    parts.tensors[4].name = "layers.2.weight";
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, "tensor 'layers.1.weight' is missing");

    parts = valid_parts();
    parts.tensors[0].name = "scale";
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, "tensor 'input.scale' is missing");

    parts = valid_parts();
    parts.tensors[parts.tensor_count++] = (safetensors_tensor){.name = "layers.0.gain\x1b", .type = "F32"};
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, "tensor 'layers.0.gain?' belongs to none of the 2 layers");

    parts = valid_parts();
    parts.tensors[3].type = "I32";
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, "'layers.0.bias' is I32 [3] where the layers need F32 [3]");

    parts = valid_parts();
    parts.tensors[4].shape[0] = 3;
    parts.tensors[4].shape[1] = 2;
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, "is F32 [3, 2] where the layers need F32 [2, 3]");

    parts = valid_parts();
    parts.tensors[3].dimension_count = 2;
    parts.tensors[3].shape[1] = 1;
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, "is F32 [3, 1] where the layers need F32 [3]");

    parts = valid_parts();
    parts.tensors[3].dimension_count = 0;
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, "is F32 [] where the layers need F32 [3]");

    parts = valid_parts();
    parts.tensors[3].dimension_count = 8;
    for (size_t i = 0; i < 8; i++) parts.tensors[3].shape[i] = i ? (size_t)1 << 62 : 0;
    assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, "where the layers need F32 [3]");
}
END_TEST

START_TEST(refuses_values_that_are_not_finite) {
    static const float bad_values[] = {NAN, INFINITY, -INFINITY};
    for (size_t tensor = 0; tensor < valid_parts().tensor_count; tensor++)
        for (size_t i = 0; i < 3; i++) {
            model_parts parts = valid_parts();
            float values[6] = {1.0f, bad_values[i]};
            char part[96];
            parts.values[tensor] = values;
            snprintf(part, sizeof part, "%s contains %s at index 1", parts.tensors[tensor].name,
                     i ? "infinity" : "NaN");
            assert_refused(write_parts(&parts), EPOCL_ERROR_DATA, part);
        }
}
END_TEST

static void expect_refused(const unsigned char *bytes, size_t byte_count) {
    assert_refused(scratch_write("cut", bytes, byte_count), EPOCL_ERROR_DATA, "");
}

START_TEST(refuses_every_truncation) {
    size_t byte_count = 0;
    unsigned char *bytes = file_read(save_network("model"), &byte_count);
    damage_each_length(bytes, byte_count, expect_refused);
    bytes[byte_count] = 0;
    assert_refused(scratch_write("long", bytes, byte_count + 1), EPOCL_ERROR_DATA, "1 bytes follow the last tensor");
    free(bytes);
}
END_TEST

static size_t accepted_count;

/* A changed file is refused as damaged, or is a network in good order, which can be saved again. */
static void expect_refused_or_sound(const unsigned char *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    const char *path = scratch_write("changed", bytes, byte_count);
    const epocl_status status = epocl_network_load(path, &network);
    if (status == EPOCL_OK) {
        accepted_count++;
        ck_assert_uint_eq(epocl_network_parameter_count(network), 3 * 3 + 2 * 4);
        for (size_t i = 0; i < 2; i++)
            for (size_t j = 0; j < 6; j++) ck_assert(isfinite(epocl_network_weights(network, i)[j]));
    } else {
        ck_assert_ptr_null(network);
        ck_assert_int_eq(status, EPOCL_ERROR_DATA);
        ck_assert_msg(strncmp(epocl_last_error(), path, strlen(path)) == 0, "%s", epocl_last_error());
    }
    epocl_network_release(network);
}

START_TEST(survives_every_changed_byte) {
    enum { CHANGES_OF_A_BYTE = 24, VALUE_BYTES = 4 * (2 + 2 + 3 * 3 + 2 * 4) };
    size_t byte_count = 0;
    unsigned char *bytes = file_read(save_network("model"), &byte_count);
    accepted_count = 0;
    damage_each_byte(bytes, byte_count, expect_refused_or_sound);
    /* Most values may be anything; of the header, little. */
    ck_assert_uint_gt(accepted_count, (size_t)VALUE_BYTES * CHANGES_OF_A_BYTE / 2);
    ck_assert_uint_lt(accepted_count, (size_t)VALUE_BYTES * CHANGES_OF_A_BYTE + byte_count);
    free(bytes);
}
END_TEST

START_TEST(refuses_what_is_no_file) {
    epocl_network *network = NULL;
    assert_refused(scratch_path("missing"), EPOCL_ERROR_NO_INPUT, "No such file");
    assert_refused(scratch_path("."), EPOCL_ERROR_NO_INPUT, "is a folder");
    ck_assert_int_eq(epocl_network_load(NULL, &network), EPOCL_ERROR_ARGUMENT);
}
END_TEST

Suite *network_file_suite(void);

Suite *network_file_suite(void) {
    Suite *suite = suite_create("network_file");
    TCase *tests = tcase_create("network_file");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, loads_what_it_saved);
    tcase_add_test(tests, loads_what_has_no_hidden_layer);
    tcase_add_test(tests, saves_the_same_bytes);
    tcase_add_test(tests, memory_holds_what_a_file_does);
    tcase_add_test(tests, loads_as_many_layers_as_there_can_be);
    tcase_add_test(tests, refuses_to_save_bad_networks);
    tcase_add_test(tests, reports_failed_writes);
    tcase_add_test(tests, loads_valid_parts);
    tcase_add_loop_test(tests, refuses_bad_metadata, 0, sizeof metadata_cases / sizeof *metadata_cases);
    tcase_add_test(tests, refuses_bad_tensors);
    tcase_add_test(tests, refuses_values_that_are_not_finite);
    tcase_add_test(tests, refuses_every_truncation);
    tcase_add_test(tests, survives_every_changed_byte);
    tcase_add_test(tests, refuses_what_is_no_file);
    suite_add_tcase(suite, tests);
    return suite;
}
