/* Trainers begin with orthogonal weights where that is asked for: in every plan, alone or as one of many. */
#include "device/problem.h"
#include "model/orthogonal.h"
#include "support/options.h"

#include <math.h>
#include <string.h>

Suite *orthogonal_start_suite(void);

enum { LAYERS = 3, SEED = 11 };

/* With lengths by activation: relu's layers make up for the half that it leaves out, others and the outputs do not. */
static const struct {
    const char *activation;
    double squares[LAYERS];
} cases[] = {{"relu", {2, 2, 1}}, {"tanh", {1, 1, 1}}, {"selu,gelu", {1, 2, 1}}};
enum { CASES = sizeof cases / sizeof *cases };

static epocl_dataset *data;
static epocl_network *network, *expected;

static void setup(void) {
    problem_create(&data, &network);
    ck_assert_ok(network_clone_shape(network, &expected));
}

static void teardown(void) {
    epocl_network_release(expected);
    epocl_network_release(network);
    epocl_dataset_release(data);
}

static void expect(const double squares[LAYERS]) {
    for (size_t l = 0; l < LAYERS; l++)
        ck_assert_ok(orthogonal_weights(&expected->layers[l], (uint32_t)l, SEED, (float)sqrt(squares[l])));
}

START_TEST(a_trainer_begins_with_orthogonal_weights) {
    const size_t which = (size_t)_i % CASES;
    epocl_options options = problem_options(problem_providers[(size_t)_i / CASES], 16, 0.5f);
    epocl_trainer *trainer = NULL;
    set_option(&options, "initialization", "orthogonal");
    options.training.seed = SEED;
    ck_assert_ok(network_set_functions(network, cases[which].activation, "softmax-cross-entropy", NULL));
    expect(cases[which].squares);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    ck_assert(same_parameters(network, expected)); /* biases are 0 */
    epocl_trainer_release(trainer);
}
END_TEST

/* In an ensemble's or a sweep's training, by seed of its own. */
START_TEST(so_does_a_member) {
    epocl_options options = problem_options("tile", 16, 0.5f);
    epocl_population *population = NULL;
    size_t member = 0;
    set_option(&options, "initialization", "orthogonal");
    ck_assert_ok(network_set_functions(network, "relu", "softmax-cross-entropy", NULL));
    ck_assert_ok(epocl_population_create(test_device(), 2, &population));
    for (size_t i = 0; i < 2; i++) {
        options.training.seed = i ? SEED : SEED + 1;
        ck_assert_ok(epocl_population_add(population, network, data, NULL, &options, &member));
    }
    expect(cases[0].squares);
    ck_assert_ok(epocl_trainer_read(epocl_population_member(population, 0), network));
    ck_assert(!same_parameters(network, expected));
    ck_assert_ok(epocl_trainer_read(epocl_population_member(population, member), network));
    ck_assert(same_parameters(network, expected));
    epocl_population_release(population);
}
END_TEST

/* Layers that are given keep what they have. */
START_TEST(given_layers_are_left_alone) {
    epocl_options options = problem_options("tile", 16, 0.5f);
    epocl_trainer *trainer = NULL;
    set_option(&options, "initialization", "orthogonal");
    options.training.seed = SEED;
    ck_assert_ok(network_set_functions(network, "tanh", "softmax-cross-entropy", NULL));
    expect(cases[1].squares);
    const size_t bytes = network->layers[0].input_count * network->layers[0].output_count * sizeof(float);
    for (size_t i = 0; i < bytes / sizeof(float); i++)
        network->layers[0].weights[i] = expected->layers[0].weights[i] = (float)i;
    network->layers[0].is_given = true;
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    ck_assert(same_parameters(network, expected));
    epocl_trainer_release(trainer);
}
END_TEST

Suite *orthogonal_start_suite(void) {
    Suite *suite = suite_create("orthogonal_start");
    TCase *tests = tcase_create("orthogonal_start");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_trainer_begins_with_orthogonal_weights, 0, PROBLEM_PROVIDERS * CASES);
    tcase_add_test(tests, so_does_a_member);
    tcase_add_test(tests, given_layers_are_left_alone);
    suite_add_tcase(suite, tests);
    return suite;
}
