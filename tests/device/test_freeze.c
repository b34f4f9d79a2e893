/* Frozen layers stay as they are, byte for byte, and cost no launch that only they would want; the others are trained
 * as ever. */
#include "data/dataset.h"
#include "device/problem.h"
#include "support/options.h"

#include <stdlib.h>
#include <string.h>

Suite *freeze_suite(void);

enum { LAYERS = 3 };

static epocl_dataset *data;
static epocl_network *network;

static void setup(void) {
    problem_create(&data, &network);
    const epocl_options options = problem_options("tile", 16, 0.5f);
    problem_train(network, data, &options, 1); /* parameters to begin from */
}

static void teardown(void) {
    epocl_network_release(network);
    epocl_dataset_release(data);
}

static epocl_network *copy_of(const epocl_network *from) {
    epocl_network *made = NULL;
    ck_assert_ok(network_clone_shape(from, &made));
    for (size_t l = 0; l < from->layer_count; l++) {
        const layer *one = &from->layers[l];
        memcpy(made->layers[l].weights, one->weights, one->input_count * one->output_count * sizeof(float));
        memcpy(made->layers[l].biases, one->biases, one->output_count * sizeof(float));
    }
    made->has_parameters = true;
    return made;
}

static bool is_same_layer(const epocl_network *a, const epocl_network *b, size_t l) {
    const layer *one = &a->layers[l], *other = &b->layers[l];
    return memcmp(one->weights, other->weights, one->input_count * one->output_count * sizeof(float)) == 0 &&
           memcmp(one->biases, other->biases, one->output_count * sizeof(float)) == 0;
}

static const char *const frozen_texts[] = {"1", "2", "1-1", "2-2", "0,2", "0-1"};
enum { FROZEN_TEXTS = sizeof frozen_texts / sizeof *frozen_texts };

_Static_assert((int)FROZEN_TEXTS == (int)PROBLEM_PROVIDERS, "each is taken once");

START_TEST(frozen_layers_keep_their_bytes) {
    epocl_options options = problem_options(problem_providers[_i % PROBLEM_PROVIDERS], 16, 0.05f);
    epocl_network *trained = copy_of(network);
    set_option(&options, "freeze", frozen_texts[_i / PROBLEM_PROVIDERS]);
    set_option(&options, "optimizer", _i % 2 ? "adamw" : "momentum");
    set_option(&options, "weight-decay", "0.1");
    if (_i % 3 == 1) set_option(&options, "clip-norm", "0.5");
    if (_i % 3 == 2) set_option(&options, "accumulate", "2");
    problem_train(trained, data, &options, 2);
    for (size_t l = 0; l < LAYERS; l++)
        ck_assert_msg(is_same_layer(network, trained, l) == layer_set_has(options.training.freeze, l), "layer %zu", l);
    epocl_network_release(trained);
}
END_TEST

/* A network to train further has the parameters of its base; where the number of outputs is another, the output layer
 * is what a new network of that shape begins with. */
START_TEST(a_network_begins_from_another) {
    epocl_options options = problem_options(problem_providers[_i], 16, 0.5f);
    epocl_network *made = NULL, *fresh = NULL, *read = NULL;
    epocl_trainer *trainer = NULL;
    set_hidden(&options, (const size_t[]){21, 18}, 2);
    ck_assert_ok(epocl_network_create_from(network, data, &options, &made));
    ck_assert_ptr_nonnull(epocl_network_weights(made, 2));
    ck_assert_ok(epocl_trainer_create(test_device(), made, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_read(trainer, made));
    ck_assert(same_parameters(network, made));
    epocl_trainer_release(trainer);
    epocl_network_release(made);

    set_option(&options, "classes", "7");
    ck_assert_ok(epocl_network_create_from(network, data, &options, &made));
    ck_assert_ptr_null(epocl_network_weights(made, 0));
    ck_assert_int_eq(epocl_network_save(made, "/dev/null"), EPOCL_ERROR_ARGUMENT);
    ck_assert_ok(epocl_network_create(data, &options, &fresh));
    ck_assert_ok(network_clone_shape(fresh, &read));
    ck_assert_ok(epocl_trainer_create(test_device(), made, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_read(trainer, made));
    epocl_trainer_release(trainer);
    ck_assert_ok(epocl_trainer_create(test_device(), fresh, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_read(trainer, read));
    epocl_trainer_release(trainer);
    for (size_t l = 0; l < LAYERS; l++) ck_assert(is_same_layer(l < LAYERS - 1 ? network : read, made, l));
    ck_assert(!is_same_layer(read, made, 0));
    epocl_network_release(read);
    epocl_network_release(fresh);
    epocl_network_release(made);
}
END_TEST

/* Normalisation is the base's, and what does not fit is refused. */
START_TEST(a_base_must_fit) {
    epocl_options options = problem_options("tile", 16, 0.5f);
    epocl_network *made = NULL, *untrained = NULL;
    epocl_dataset *other = NULL;
    const float inputs[] = {1, 2, 3};
    const uint32_t label = 0;
    memset(network->input_shift, 0, PROBLEM_INPUTS * sizeof *network->input_shift);
    network->input_shift[3] = 0.5f;
    ck_assert_ok(epocl_network_create_from(network, data, &options, &made));
    ck_assert_mem_eq(made->input_shift, network->input_shift, PROBLEM_INPUTS * sizeof(float));
    ck_assert_mem_eq(made->input_scale, network->input_scale, PROBLEM_INPUTS * sizeof(float));
    ck_assert_str_eq(epocl_network_normalization(made), epocl_network_normalization(network));
    ck_assert_ok(epocl_dataset_from_floats(inputs, &label, 1, 3, 4, &other));
    ck_assert_int_eq(epocl_network_create_from(network, other, &options, &untrained), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "30 inputs, and the data set has 3 values"));
    ck_assert_ok(network_clone_shape(network, &untrained));
    epocl_network_release(made);
    ck_assert_int_eq(epocl_network_create_from(untrained, data, &options, &made), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(made);
    epocl_network_release(untrained);
    epocl_dataset_release(other);
}
END_TEST

/* In one step of plain gradient descent the trained layers change as they do when none is frozen. */
START_TEST(the_others_are_trained_as_ever) {
    epocl_options options = problem_options(problem_providers[_i], PROBLEM_SAMPLES, 0.5f);
    epocl_network *all = copy_of(network), *some = copy_of(network);
    problem_train(all, data, &options, 1);
    set_option(&options, "freeze", frozen_texts[_i]);
    problem_train(some, data, &options, 1);
    for (size_t l = 0; l < LAYERS; l++)
        if (!layer_set_has(options.training.freeze, l)) ck_assert_msg(is_same_layer(all, some, l), "layer %zu", l);
    epocl_network_release(some);
    epocl_network_release(all);
}
END_TEST

/* Launches of a step whose kernel begins with a word. */
static size_t count_launches(const char *freeze, const char *word) {
    epocl_options options = problem_options("tile", 16, 0.5f);
    epocl_plan *described = NULL;
    epocl_plan_launch one;
    size_t count = 0;
    set_option(&options, "freeze", freeze);
    ck_assert_ok(epocl_plan_create(test_device(), network, data, NULL, &options, &described));
    for (size_t i = 0; epocl_plan_launch_at(described, i, &one) == EPOCL_OK; i++)
        count += strncmp(one.kernel, word, strlen(word)) == 0;
    epocl_plan_release(described);
    return count;
}

START_TEST(nothing_is_launched_for_frozen_layers_alone) {
    static const struct {
        const char *freeze;
        size_t updates, deltas;
    } cases[] = {{"none", 3, 2}, {"1", 2, 1}, {"2", 1, 0}, {"1-1", 2, 2}, {"2-2", 2, 2}, {"0,2", 1, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_uint_eq(count_launches(cases[i].freeze, "update"), cases[i].updates);
        ck_assert_uint_eq(count_launches(cases[i].freeze, "delta"), cases[i].deltas);
    }
}
END_TEST

START_TEST(something_must_be_trained) {
    static const char *const wrong[][2] = {
        {"3", "nothing to train"}, {"3-3", "there is no layer 3"}, {"0-63", "there is no layer 3"}};
    epocl_trainer *trainer = NULL;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        epocl_options options = problem_options("tile", 16, 0.5f);
        set_option(&options, "freeze", wrong[i][0]);
        ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                         EPOCL_ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), wrong[i][1]));
    }
}
END_TEST

Suite *freeze_suite(void) {
    Suite *suite = suite_create("freeze");
    TCase *layers = tcase_create("layers");
    tcase_add_checked_fixture(layers, setup, teardown);
    tcase_add_loop_test(layers, frozen_layers_keep_their_bytes, 0, PROBLEM_PROVIDERS * FROZEN_TEXTS);
    tcase_add_loop_test(layers, the_others_are_trained_as_ever, 0, PROBLEM_PROVIDERS);
    tcase_add_loop_test(layers, a_network_begins_from_another, 0, PROBLEM_PROVIDERS);
    tcase_add_test(layers, a_base_must_fit);
    tcase_add_test(layers, nothing_is_launched_for_frozen_layers_alone);
    tcase_add_test(layers, something_must_be_trained);
    suite_add_tcase(suite, layers);
    return suite;
}
