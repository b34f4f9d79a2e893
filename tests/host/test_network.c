#include "data/dataset.h"
#include "model/network.h"
#include "support/options.h"

#include <check.h>
#include <string.h>

enum { SAMPLES = 3, INPUTS = 4, CLASSES = 5 };

static const uint32_t labels[SAMPLES] = {0, 4, 2};

static epocl_dataset *create_dataset(const uint32_t *with_labels) {
    static const uint8_t inputs[SAMPLES * INPUTS] = {0, 1, 2, 3, 255, 254, 253, 252, 7, 7, 7, 7};
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(
        epocl_dataset_from_bytes(inputs, with_labels, SAMPLES, INPUTS, with_labels ? CLASSES : 0, &dataset), EPOCL_OK);
    return dataset;
}

static void assert_refused(const uint32_t *with_labels, const epocl_options *options, const char *part) {
    epocl_dataset *dataset = create_dataset(with_labels);
    epocl_network *network = (epocl_network *)dataset;
    ck_assert_int_eq(epocl_network_create(dataset, options, &network), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(network);
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
    epocl_dataset_release(dataset);
}

START_TEST(creates_and_describes) {
    epocl_dataset *dataset = create_dataset(labels);
    const size_t hidden[] = {7, 6};
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    set_hidden(&options, hidden, 2);
    epocl_network *network = NULL;
    ck_assert_int_eq(epocl_network_create(dataset, &options, &network), EPOCL_OK);
    ck_assert_uint_eq(epocl_network_layer_count(network), 3);
    ck_assert_uint_eq(epocl_network_input_count(network), INPUTS);
    ck_assert_uint_eq(epocl_network_output_count(network, 0), 7);
    ck_assert_uint_eq(epocl_network_output_count(network, 1), 6);
    ck_assert_uint_eq(epocl_network_output_count(network, 2), CLASSES);
    ck_assert_uint_eq(epocl_network_output_count(network, 3), 0);
    ck_assert_uint_eq(epocl_network_parameter_count(network), 7 * 5 + 6 * 8 + 5 * 7);
    ck_assert_str_eq(epocl_network_activation(network), "sigmoid");
    ck_assert_str_eq(epocl_network_cost(network), "cross-entropy");
    ck_assert_str_eq(epocl_network_normalization(network), "scale255");
    ck_assert(network->input_scale[3] == 1.0f / 255.0f && network->input_shift[3] == 0.0f);
    ck_assert_ptr_null(epocl_network_weights(network, 0));
    ck_assert_ptr_null(epocl_network_biases(network, 0));
    network->has_parameters = true;
    ck_assert_ptr_eq(epocl_network_weights(network, 2), network->layers[2].weights);
    ck_assert_ptr_eq(epocl_network_biases(network, 2), network->layers[2].biases);
    ck_assert_ptr_null(epocl_network_weights(network, 3));
    ck_assert_ptr_null(epocl_network_biases(network, 3));
    epocl_network_release(network);
    epocl_network_release(NULL);
    epocl_dataset_release(dataset);
}
END_TEST

START_TEST(works_without_hidden_layers) {
    epocl_dataset *dataset = create_dataset(NULL);
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    set_option(&options, "classes", "9");
    set_option(&options, "normalize", "minmax");
    epocl_network *network = NULL;
    ck_assert_int_eq(epocl_network_create(dataset, &options, &network), EPOCL_OK);
    ck_assert_uint_eq(epocl_network_layer_count(network), 1);
    ck_assert_uint_eq(epocl_network_output_count(network, 0), 9);
    ck_assert_str_eq(epocl_network_normalization(network), "minmax");
    epocl_network_release(network);
    epocl_dataset_release(dataset);
}
END_TEST

START_TEST(refuses_bad_options) {
    epocl_options good, bad;
    const size_t one[] = {3};
    options_begin_recipe(&good, RECIPE_SEED);
    set_hidden(&good, one, 1);

    assert_refused(labels, NULL, "options is NULL");
    bad = good;
    set_option(&bad, "activation", "rel");
    assert_refused(
        labels, &bad,
        "unknown activation 'rel'; did you mean 'relu'? (there are: identity, sigmoid, tanh, relu, leaky-relu(p)");
    bad = good;
    set_option(&bad, "activation", "relu,tanh");
    assert_refused(labels, &bad, "2 activations are given for 1 hidden layers");
    bad = good;
    set_option(&bad, "output-activation", "identity");
    assert_refused(labels, &bad, "the outputs of cost 'cross-entropy' are sigmoid, not identity");
    bad = good;
    set_option(&bad, "cost", "hinge");
    assert_refused(labels, &bad, "unknown cost 'hinge'");
    bad = good;
    set_option(&bad, "classes", "4");
    assert_refused(labels, &bad, "4 outputs do not suffice");
    assert_refused(NULL, &good, "has no labels");
}
END_TEST

START_TEST(refuses_absurd_sizes) {
    size_t hidden[NETWORK_MAX_LAYERS];
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    hidden[0] = hidden[1] = NETWORK_MAX_UNITS;
    set_hidden(&options, hidden, 2);
    assert_refused(labels, &options, "parameters");
    for (size_t i = 0; i < NETWORK_MAX_LAYERS; i++) hidden[i] = 1;
    set_hidden(&options, hidden, NETWORK_MAX_LAYERS);
    assert_refused(labels, &options, "at most 63 hidden layers");
    options.network.hidden.count = 2;
    options.network.hidden.values[1] = NETWORK_MAX_UNITS + 1;
    assert_refused(labels, &options, "hidden layer 2 would have");
    options.network.output_count = NETWORK_MAX_UNITS + 1;
    options.network.hidden.count = 0;
    assert_refused(labels, &options, "16777217 outputs");
}
END_TEST

START_TEST(checks_a_data_set) {
    const size_t counts[] = {INPUTS, CLASSES}, narrow[] = {INPUTS, CLASSES - 1}, other[] = {INPUTS + 1, CLASSES};
    epocl_network *network = NULL, *narrow_network = NULL, *other_network = NULL;
    epocl_dataset *labelled = create_dataset(labels), *unlabelled = create_dataset(NULL);
    ck_assert_int_eq(network_allocate(counts, 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_allocate(narrow, 1, &narrow_network), EPOCL_OK);
    ck_assert_int_eq(network_allocate(other, 1, &other_network), EPOCL_OK);
    ck_assert_int_eq(network_check_dataset(network, labelled, true), EPOCL_OK);
    ck_assert_int_eq(network_check_dataset(network, unlabelled, false), EPOCL_OK);
    ck_assert_int_eq(network_check_dataset(network, unlabelled, true), EPOCL_ERROR_DATA);
    ck_assert_int_eq(network_check_dataset(other_network, labelled, false), EPOCL_ERROR_DATA);
    ck_assert_str_eq(epocl_last_error(), "the data set has 4 values a sample and the network takes 5");
    ck_assert_int_eq(network_check_dataset(narrow_network, labelled, false), EPOCL_ERROR_DATA);
    ck_assert_str_eq(epocl_last_error(), "sample 1 has label 4 and the network has outputs for labels 0 to 3 only "
                                         "(the option classes says how many)");
    epocl_network_release(network);
    epocl_network_release(narrow_network);
    epocl_network_release(other_network);
    epocl_dataset_release(labelled);
    epocl_dataset_release(unlabelled);
}
END_TEST

Suite *network_suite(void);

Suite *network_suite(void) {
    Suite *suite = suite_create("network");
    TCase *tests = tcase_create("network");
    tcase_add_test(tests, creates_and_describes);
    tcase_add_test(tests, works_without_hidden_layers);
    tcase_add_test(tests, refuses_bad_options);
    tcase_add_test(tests, refuses_absurd_sizes);
    tcase_add_test(tests, checks_a_data_set);
    suite_add_tcase(suite, tests);
    return suite;
}
