/* Ensembles in host memory: made of members, written, read back and damaged; the mean of outputs. */
#include "base/files/folder.h"
#include "data/dataset.h"
#include "model/ensemble.h"
#include "model/network_file.h"
#include "support/damage.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *ensemble_suite(void);

/* A trained network of 2 inputs, perhaps a hidden layer, and 2 outputs; all values differ. */
static epocl_network *create_member(size_t hidden, float first) {
    const size_t with_hidden[] = {2, hidden, 2}, without[] = {2, 2};
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(hidden ? with_hidden : without, hidden ? 2 : 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "relu", "softmax-cross-entropy", NULL), EPOCL_OK);
    network->normalization = "zscore";
    for (size_t i = 0; i < 2; i++) {
        network->input_scale[i] = (float)i + 0.5f;
        network->input_shift[i] = (float)i - 0.5f;
    }
    float value = first;
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *one = &network->layers[l];
        for (size_t i = 0; i < one->input_count * one->output_count; i++) one->weights[i] = value++;
        for (size_t i = 0; i < one->output_count; i++) one->biases[i] = -value++;
    }
    network->has_parameters = true;
    return network;
}

static const uint32_t three_weights[] = {3, 1, 2};

static epocl_network *create_ensemble(void) {
    epocl_network *members[] = {create_member(3, 1.0f), create_member(1, 20.0f), create_member(3, 40.0f)};
    epocl_network *ensemble = NULL;
    ck_assert_int_eq(ensemble_create(members, three_weights, 3, &ensemble), EPOCL_OK);
    return ensemble;
}

static void assert_same_layers(const epocl_network *one, const epocl_network *other) {
    ck_assert_uint_eq(one->layer_count, other->layer_count);
    for (size_t l = 0; l < one->layer_count; l++) {
        const layer *a = &one->layers[l], *b = &other->layers[l];
        ck_assert_uint_eq(a->input_count, b->input_count);
        ck_assert_uint_eq(a->output_count, b->output_count);
        ck_assert_mem_eq(a->weights, b->weights, a->input_count * a->output_count * sizeof *a->weights);
        ck_assert_mem_eq(a->biases, b->biases, a->output_count * sizeof *a->biases);
    }
}

/* ---- Made ---------------------------------------------------------------------------------------- */

START_TEST(shows_its_first_member) {
    epocl_network *ensemble = create_ensemble();
    ck_assert_uint_eq(epocl_network_member_count(ensemble), 3);
    ck_assert_uint_eq(epocl_network_layer_count(ensemble), 2);
    ck_assert_uint_eq(epocl_network_output_count(ensemble, 0), 3);
    ck_assert_uint_eq(epocl_network_parameter_count(ensemble), 17 + 7 + 17);
    ck_assert_uint_eq(epocl_network_output_count(epocl_network_member(ensemble, 1), 0), 1);
    ck_assert_ptr_null(epocl_network_member(ensemble, 3));
    ck_assert(epocl_network_member_share(ensemble, 0) == 0.5);
    ck_assert(epocl_network_member_share(ensemble, 2) == 2.0 / 6.0);
    ck_assert(epocl_network_member_share(ensemble, 3) == 0.0);
    epocl_network_release(ensemble);
}
END_TEST

START_TEST(a_network_is_its_only_member) {
    epocl_network *network = create_member(3, 1.0f), *made = NULL;
    const epocl_network *const members[] = {network};
    ck_assert_uint_eq(epocl_network_member_count(network), 1);
    ck_assert_ptr_eq(epocl_network_member(network, 0), network);
    ck_assert(epocl_network_member_share(network, 0) == 1.0);
    ck_assert_int_eq(epocl_network_create_ensemble(members, NULL, 1, &made), EPOCL_OK);
    ck_assert_uint_eq(epocl_network_member_count(made), 1);
    assert_same_layers(made, network);
    epocl_network_release(made);
    epocl_network_release(network);
}
END_TEST

START_TEST(refuses_what_does_not_belong_together) {
    epocl_network *members[] = {create_member(3, 1.0f), create_member(1, 20.0f)}, *ensemble = NULL;
    const epocl_network *const both[] = {members[0], members[1]};
    const uint32_t none[] = {1, 0}, most[] = {1, ENSEMBLE_MOST_WEIGHT + 1};
    ck_assert_int_eq(epocl_network_create_ensemble(both, none, 2, &ensemble), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_network_create_ensemble(both, most, 2, &ensemble), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_network_create_ensemble(both, NULL, 0, &ensemble), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_network_create_ensemble(both, NULL, ENSEMBLE_MOST_MEMBERS + 1, &ensemble),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_network_create_ensemble(both, NULL, 2, &ensemble), EPOCL_OK);
    const epocl_network *const nested[] = {members[0], ensemble};
    epocl_network *other = NULL;
    ck_assert_int_eq(epocl_network_create_ensemble(nested, NULL, 2, &other), EPOCL_ERROR_ARGUMENT);
    epocl_network_release(ensemble);
    members[1]->input_shift[1] = 7.0f;
    ck_assert_int_eq(epocl_network_create_ensemble(both, NULL, 2, &ensemble), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "member 1 has other inputs"));
    members[1]->input_shift[1] = members[0]->input_shift[1];
    members[1]->has_parameters = false;
    ck_assert_int_eq(epocl_network_create_ensemble(both, NULL, 2, &ensemble), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(ensemble);
    for (size_t i = 0; i < 2; i++) epocl_network_release(members[i]);
}
END_TEST

START_TEST(is_not_trained_further) {
    const float inputs[] = {1, 2, 3, 4};
    const uint32_t labels[] = {0, 1};
    epocl_network *ensemble = create_ensemble(), *made = NULL;
    epocl_dataset *data = NULL;
    epocl_options *options = NULL;
    ck_assert_int_eq(epocl_dataset_from_floats(inputs, labels, 2, 2, 2, &data), EPOCL_OK);
    ck_assert_int_eq(epocl_options_create(&options), EPOCL_OK);
    ck_assert_int_eq(epocl_network_create_from(ensemble, data, options, &made), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "an ensemble of 3 networks"));
    epocl_options_release(options);
    epocl_dataset_release(data);
    epocl_network_release(ensemble);
}
END_TEST

/* ---- Means --------------------------------------------------------------------------------------- */

/* Of softmax(z): (3 * 0.5 + 1 * 0.75) / 4. */
START_TEST(adds_probabilities) {
    epocl_network *network = create_member(0, 1.0f);
    const float even[] = {5.0f, 5.0f}, odd[] = {0.0f, logf(3.0f)};
    double sums[2] = {0.0, 0.0};
    ensemble_add_outputs(network, even, 3.0, sums);
    ensemble_add_outputs(network, odd, 1.0, sums);
    ck_assert_double_eq_tol(sums[0] / 4.0, 0.4375, 1e-7);
    ck_assert_double_eq_tol(sums[1] / 4.0, 0.5625, 1e-7);
    /* What a cost is computed from gives the mean back, and is finite for every one. */
    ck_assert_double_eq_tol(exp(ensemble_weighted_input(network, 0.4375)), 0.4375, 1e-15);
    ck_assert(isfinite(ensemble_weighted_input(network, 0.0)));
    ck_assert(isnan(ensemble_weighted_input(network, NAN)));
    epocl_network_release(network);
}
END_TEST

START_TEST(turns_means_back) {
    static const char *const costs[] = {"cross-entropy", "squared", "poisson", "huber"};
    static const double means[] = {0.0, 0.25, 1.0};
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++) {
        epocl_network *network = create_member(0, 1.0f);
        ck_assert_int_eq(network_set_functions(network, "relu", costs[i], NULL), EPOCL_OK);
        for (size_t m = 0; m < sizeof means / sizeof *means; m++) {
            const double z = ensemble_weighted_input(network, means[m]);
            ck_assert(isfinite(z));
            ck_assert_double_eq_tol(activation_value(ensemble_output_function(network), z), means[m], 1e-15);
        }
        epocl_network_release(network);
    }
}
END_TEST

/* ---- Files --------------------------------------------------------------------------------------- */

static const char *save_ensemble(const char *name) {
    epocl_network *ensemble = create_ensemble();
    ck_assert_int_eq(epocl_network_save(ensemble, scratch_path(name)), EPOCL_OK);
    epocl_network_release(ensemble);
    return scratch_path(name);
}

START_TEST(loads_what_it_saved) {
    epocl_network *saved = create_ensemble(), *loaded = NULL;
    ck_assert_int_eq(epocl_network_load(save_ensemble("model"), &loaded), EPOCL_OK);
    ck_assert_uint_eq(epocl_network_member_count(loaded), 3);
    for (size_t k = 0; k < 3; k++) {
        ck_assert_uint_eq(ensemble_weight(loaded, k), three_weights[k]);
        assert_same_layers(ensemble_member(loaded, k), ensemble_member(saved, k));
        ck_assert_mem_eq(ensemble_member(loaded, k)->input_shift, saved->input_shift, 2 * sizeof(float));
    }
    /* And again, to the same bytes. */
    ck_assert_int_eq(epocl_network_save(loaded, scratch_path("again")), EPOCL_OK);
    size_t count = 0, again_count = 0;
    unsigned char *bytes = file_read(scratch_path("model"), &count);
    unsigned char *again = file_read(scratch_path("again"), &again_count);
    ck_assert_uint_eq(count, again_count);
    ck_assert_mem_eq(bytes, again, count);
    free(again);
    free(bytes);
    epocl_network_release(loaded);
    epocl_network_release(saved);
}
END_TEST

/* The parts of a file, to change some. */
enum { PARTS_TENSORS = 7, PARTS_METADATA = 9 };
typedef struct file_parts {
    safetensors_tensor tensors[PARTS_TENSORS];
    safetensors_pair metadata[PARTS_METADATA];
    size_t tensor_count;
} file_parts;

static file_parts valid_parts(void) {
    return (file_parts){
        .tensors = {{.name = "input.scale", .type = "F32", .dimension_count = 1, .shape = {2}},
                    {.name = "input.shift", .type = "F32", .dimension_count = 1, .shape = {2}},
                    {.name = "members.0.layers.0.weight", .type = "F32", .dimension_count = 2, .shape = {2, 2}},
                    {.name = "members.0.layers.0.bias", .type = "F32", .dimension_count = 1, .shape = {2}},
                    {.name = "members.1.layers.0.weight", .type = "F32", .dimension_count = 2, .shape = {2, 2}},
                    {.name = "members.1.layers.0.bias", .type = "F32", .dimension_count = 1, .shape = {2}}},
        .metadata = {{"format", "epocl"},
                     {"format_version", "2"},
                     {"layers", "2,2;2,2"},
                     {"activation", "relu"},
                     {"cost", "softmax-cross-entropy"},
                     {"normalization", "none"},
                     {"members", "2"},
                     {"member_weights", "1,7"},
                     {"epocl_version", "0"}},
        .tensor_count = 6};
}

static epocl_status load_parts(const file_parts *parts, epocl_network **network) {
    static const float zeros[8];
    const void *values[PARTS_TENSORS];
    for (size_t i = 0; i < PARTS_TENSORS; i++) values[i] = zeros;
    ck_assert_int_eq(safetensors_write(file_at(NO_FOLDER, scratch_path("parts")), parts->metadata, PARTS_METADATA,
                                       parts->tensors, values, parts->tensor_count),
                     EPOCL_OK);
    return epocl_network_load(scratch_path("parts"), network);
}

START_TEST(loads_valid_parts) {
    const file_parts parts = valid_parts();
    epocl_network *network = NULL;
    ck_assert_int_eq(load_parts(&parts, &network), EPOCL_OK);
    ck_assert_uint_eq(ensemble_weight(network, 1), 7);
    epocl_network_release(network);
}
END_TEST

static const struct {
    size_t place;
    const char *value, *says;
} metadata_cases[] = {
    {1, "1", "has format version '1'"},
    {2, "2,2", "other shapes than those of 2 members"},
    {2, "2,2;2,2;2,2", "other shapes than those of 2 members"},
    {2, "2,2;2,2;", "other shapes than those of 2 members"},
    {2, ";2,2", "not a list of unit counts"},
    {2, "2,2;2,02", "not a list of unit counts"},
    {2, "2,2;2,3", "member 1 has other inputs or outputs"},
    {2, "2,2;2,1,2", "'members.1.layers.0.weight' is F32 [2, 2] where the layers need F32 [1, 2]"},
    {6, "1", "'members' is '1' and not a number from 2 to 64"},
    {6, "65", "'members' is '65'"},
    {6, "02", "'members' is '02'"},
    {6, "2 ", "'members' is '2 '"},
    {6, "-2", "'members' is '-2'"},
    {6, "3", "not 3 numbers"},
    {7, "1", "not 2 numbers"},
    {7, "1,7,7", "not 2 numbers"},
    {7, "1,0", "not 2 numbers"},
    {7, "1,1048577", "not 2 numbers"},
    {7, "1;7", "not 2 numbers"},
};

START_TEST(refuses_bad_metadata) {
    file_parts parts = valid_parts();
    epocl_network *network = NULL;
    parts.metadata[metadata_cases[_i].place].value = metadata_cases[_i].value;
    const epocl_status status = load_parts(&parts, &network);
    ck_assert_msg(status == EPOCL_ERROR_DATA, "%s: %s", epocl_status_name(status), epocl_last_error());
    ck_assert_msg(strstr(epocl_last_error(), metadata_cases[_i].says), "'%s'", epocl_last_error());
    ck_assert_ptr_null(network);
}
END_TEST

START_TEST(refuses_further_tensors) {
    static const char *const names[] = {"members.2.layers.0.weight", "members.1.layers.1.bias", "members.00.gain"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        file_parts parts = valid_parts();
        epocl_network *network = NULL;
        parts.tensors[parts.tensor_count++] =
            (safetensors_tensor){.name = names[i], .type = "F32", .dimension_count = 1, .shape = {1}};
        ck_assert_int_eq(load_parts(&parts, &network), EPOCL_ERROR_DATA);
        ck_assert_ptr_null(network);
    }
}
END_TEST

static void expect_refused(const unsigned char *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    ck_assert_int_eq(epocl_network_load(scratch_write("file", bytes, byte_count), &network), EPOCL_ERROR_DATA);
}

static void expect_refused_or_sound(const unsigned char *bytes, size_t byte_count) {
    epocl_network *network = NULL;
    const epocl_status status = epocl_network_load(scratch_write("file", bytes, byte_count), &network);
    ck_assert(status == EPOCL_OK ? network != NULL : status == EPOCL_ERROR_DATA && !network);
    epocl_network_release(network);
}

START_TEST(refuses_every_truncation) {
    size_t byte_count = 0;
    unsigned char *bytes = file_read(save_ensemble("model"), &byte_count);
    damage_each_length(bytes, byte_count, expect_refused);
    free(bytes);
}
END_TEST

START_TEST(survives_every_changed_byte) {
    size_t byte_count = 0;
    unsigned char *bytes = file_read(save_ensemble("model"), &byte_count);
    damage_each_byte(bytes, byte_count, expect_refused_or_sound);
    free(bytes);
}
END_TEST

Suite *ensemble_suite(void) {
    Suite *suite = suite_create("ensemble");
    TCase *made = tcase_create("made");
    tcase_add_test(made, shows_its_first_member);
    tcase_add_test(made, a_network_is_its_only_member);
    tcase_add_test(made, refuses_what_does_not_belong_together);
    tcase_add_test(made, is_not_trained_further);
    tcase_add_test(made, adds_probabilities);
    tcase_add_test(made, turns_means_back);
    suite_add_tcase(suite, made);
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, scratch_create, scratch_remove);
    tcase_add_test(files, loads_what_it_saved);
    tcase_add_test(files, loads_valid_parts);
    tcase_add_loop_test(files, refuses_bad_metadata, 0, sizeof metadata_cases / sizeof *metadata_cases);
    tcase_add_test(files, refuses_further_tensors);
    tcase_add_test(files, refuses_every_truncation);
    tcase_add_test(files, survives_every_changed_byte);
    suite_add_tcase(suite, files);
    return suite;
}
