/* Evaluations with weights and values, by a predictor and at once, and metrics of what the device says. */
#include "data/dataset.h"
#include "device/problem.h"
#include "layers/count.h"
#include "support/options.h"
#include "prediction/predictor.h"

#include <math.h>
#include <string.h>

Suite *evaluations_suite(void);

enum { VALUES = PROBLEM_SAMPLES * PROBLEM_CLASSES };

static epocl_dataset *data;
static epocl_network *network;

static void setup(void) {
    problem_create(&data, &network);
    const epocl_options options = problem_options("tile", 16, 0.5f);
    problem_train(network, data, &options, 1);
}

static void teardown(void) {
    epocl_network_release(network);
    epocl_dataset_release(data);
}

/* The first `count` samples, those with a weight of 2 twice. With `of_values` the targets are values from 0 to 1. */
static epocl_dataset *part_of(size_t count, bool of_values, bool is_repeated) {
    static uint8_t inputs[2 * PROBLEM_SAMPLES * PROBLEM_INPUTS];
    static float weights[2 * PROBLEM_SAMPLES], values[2 * VALUES];
    uint32_t labels[2 * PROBLEM_SAMPLES];
    epocl_dataset *part = NULL;
    size_t made = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t copy = 0; copy < (is_repeated && i % 3 == 0 ? 2 : 1); copy++, made++) {
            memcpy(inputs + made * PROBLEM_INPUTS, (const uint8_t *)data->inputs + i * PROBLEM_INPUTS, PROBLEM_INPUTS);
            labels[made] = data->labels[i];
            weights[made] = i % 3 == 0 ? 2 : 1;
            for (size_t o = 0; o < PROBLEM_CLASSES; o++)
                values[made * PROBLEM_CLASSES + o] = (float)((i * 7 + o * 5) % 11) / 10.0f;
        }
    }
    ck_assert_ok(epocl_dataset_from_bytes(inputs, of_values ? NULL : labels, made, PROBLEM_INPUTS,
                                          of_values ? 0 : PROBLEM_CLASSES, &part));
    if (of_values) ck_assert_ok(epocl_dataset_set_values(part, values, PROBLEM_CLASSES));
    if (!is_repeated) ck_assert_ok(epocl_dataset_set_weights(part, weights));
    return part;
}

/* Costs are sums of at most 400 floats in two orders; what is right is counted. */
static void assert_same(const epocl_evaluation *a, const epocl_evaluation *b) {
    ck_assert_double_eq_tol(a->cost, b->cost, 400 * ldexp(a->cost, -24));
    ck_assert_double_eq_tol(a->accuracy, b->accuracy, 1e-12);
}

static double metric_of(const epocl_metrics *metrics, const char *name, size_t place) {
    epocl_metric metric;
    ck_assert_ok(epocl_metrics_find(metrics, name, &metric));
    ck_assert_uint_lt(place, metric.rows * metric.columns);
    return metric.values[place];
}

/* One predictor for labels and values in turn. */
START_TEST(a_weight_of_two_is_evaluated_as_two) {
    static const size_t batches[] = {1, 7, 64, 1024};
    epocl_predictor *predictor = NULL;
    ck_assert_ok(predictor_create(test_device(), network, batches[_i], false, &predictor));
    for (int turn = 0; turn < 4; turn++) {
        epocl_dataset *weighted = part_of(300, turn % 2, false), *repeated = part_of(300, turn % 2, true);
        epocl_evaluation of_weights, of_copies, once;
        epocl_metrics *metrics = NULL, *copies = NULL;
        ck_assert_ok(epocl_predictor_evaluate(predictor, weighted, &of_weights));
        ck_assert_ok(epocl_predictor_evaluate(predictor, repeated, &of_copies));
        ck_assert_ok(epocl_evaluate(test_device(), network, weighted, &once));
        ck_assert_uint_eq(of_weights.sample_count, 300);
        assert_same(&of_weights, &of_copies);
        assert_same(&of_weights, &once);
        ck_assert_ok(epocl_predictor_metrics(predictor, weighted, &metrics));
        ck_assert_ok(epocl_predictor_metrics(predictor, repeated, &copies));
        ck_assert(metric_of(metrics, "cost", 0) == of_weights.cost);
        ck_assert(metric_of(copies, "cost", 0) == of_copies.cost);
        ck_assert(metric_of(metrics, "accuracy", 0) == of_weights.accuracy);
        for (size_t i = 0; i < PROBLEM_CLASSES; i++)
            ck_assert_double_eq(metric_of(metrics, "support", i), metric_of(copies, "support", i));
        ck_assert_double_eq_tol(metric_of(metrics, "macro_f1", 0), metric_of(copies, "macro_f1", 0), 1e-12);
        epocl_metrics_release(metrics);
        epocl_metrics_release(copies);
        epocl_dataset_release(weighted);
        epocl_dataset_release(repeated);
    }
    epocl_predictor_release(predictor);
}
END_TEST

/* A softmax's log loss is its cost, and squared errors are those of its cost: what the host makes of z is what the
 * device makes of it, with every output in its place. */
START_TEST(metrics_are_of_the_devices_outputs) {
    for (size_t turn = 0; turn < 2; turn++) {
        epocl_options options = problem_options("tile", 16, 0.1f);
        epocl_network *made = NULL;
        epocl_metrics *metrics = NULL;
        epocl_evaluation evaluation;
        epocl_dataset *part = part_of(300, turn == 1, false);
        set_option(&options, "cost", turn ? "squared" : "softmax-cross-entropy");
        if (turn) set_option(&options, "output-activation", "tanh");
        ck_assert_ok(epocl_network_create(part, &options, &made));
        problem_train(made, part, &options, 2);
        ck_assert_ok(epocl_evaluate(test_device(), made, part, &evaluation));
        ck_assert_ok(epocl_evaluate_metrics(test_device(), made, part, &metrics));
        double from_metrics = turn ? 0.0 : metric_of(metrics, "log_loss", 0);
        for (size_t i = 0; turn && i < PROBLEM_CLASSES; i++)
            from_metrics += pow(metric_of(metrics, "output_rmse", i), 2) / 2;
        ck_assert_double_eq_tol(from_metrics, evaluation.cost, 1e-5 * evaluation.cost);
        ck_assert(isnan(evaluation.accuracy) == (turn == 1));
        if (!turn) {
            double right = 0.0, all = 0.0;
            for (size_t i = 0; i < PROBLEM_CLASSES * PROBLEM_CLASSES; i++) {
                all += metric_of(metrics, "confusion_matrix", i);
                if (i % (PROBLEM_CLASSES + 1) == 0) right += metric_of(metrics, "confusion_matrix", i);
            }
            ck_assert_double_eq(all, 400);
            ck_assert_double_eq_tol(right / all, evaluation.accuracy, 1e-12);
        }
        epocl_metrics_release(metrics);
        epocl_network_release(made);
        epocl_dataset_release(part);
    }
}
END_TEST

START_TEST(another_kind_of_targets_is_compiled_once) {
    call_counter calls;
    epocl_predictor *predictor = NULL;
    epocl_evaluation evaluation;
    epocl_metrics *metrics = NULL;
    epocl_dataset *values = part_of(20, true, false), *labels = part_of(20, false, false);
    ck_assert(find_call_counter(&calls));
    ck_assert_ok(epocl_predictor_create(test_device(), network, &predictor));
    ck_assert_ok(epocl_predictor_evaluate(predictor, values, &evaluation));
    calls.reset();
    ck_assert_ok(epocl_predictor_evaluate(predictor, labels, &evaluation));
    ck_assert_ok(epocl_predictor_evaluate(predictor, values, &evaluation));
    ck_assert_ok(epocl_predictor_metrics(predictor, values, &metrics));
    ck_assert_uint_eq(calls.count("clBuildProgram") + calls.count("clCreateBuffer"), 0);
    epocl_metrics_release(metrics);
    epocl_predictor_release(predictor);
    epocl_dataset_release(values);
    epocl_dataset_release(labels);
}
END_TEST

START_TEST(what_has_no_metrics_is_refused) {
    epocl_metrics *metrics = (epocl_metrics *)data;
    epocl_dataset *bare = NULL;
    const float inputs[PROBLEM_INPUTS] = {0};
    ck_assert_ok(epocl_dataset_from_floats(inputs, NULL, 1, PROBLEM_INPUTS, 0, &bare));
    ck_assert_int_eq(epocl_evaluate_metrics(test_device(), network, bare, &metrics), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(metrics);
    ck_assert_int_eq(epocl_evaluate_metrics(test_device(), network, data, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_predictor_metrics(NULL, data, &metrics), EPOCL_ERROR_ARGUMENT);
    epocl_dataset_release(bare);

    /* A cost that is not finite. */
    for (size_t i = 0; i < PROBLEM_CLASSES; i++) network->layers[2].biases[i] = 3e38f;
    for (size_t i = 0; i < PROBLEM_CLASSES * 18; i++) network->layers[2].weights[i] = 3e38f;
    ck_assert_int_eq(epocl_evaluate_metrics(test_device(), network, data, &metrics), EPOCL_ERROR_DIVERGED);
    ck_assert_ptr_null(metrics);
}
END_TEST

/* What is validated in training is what is evaluated afterwards, whichever data have weights; and nobody else's weights
 * change what is trained. */
START_TEST(a_validation_weighs_its_own_samples) {
    const bool has_train_weights = _i % 2, has_valid_weights = _i / 2;
    const epocl_options options = problem_options("tile", 16, 0.5f);
    epocl_dataset *weighted = part_of(300, false, false), *train = has_train_weights ? weighted : data;
    epocl_network *validated = NULL, *alone = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    epocl_evaluation evaluation;
    ck_assert_ok(network_clone_shape(network, &validated));
    ck_assert_ok(network_clone_shape(network, &alone));
    ck_assert_ok(
        epocl_trainer_create(test_device(), validated, train, has_valid_weights ? weighted : data, &options, &trainer));
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, validated));
    epocl_trainer_release(trainer);
    ck_assert_ok(epocl_evaluate(test_device(), validated, has_valid_weights ? weighted : data, &evaluation));
    ck_assert_double_eq_tol(result.valid_cost, evaluation.cost, 400 * ldexp(evaluation.cost, -24));
    const epocl_epoch_result of_alone = problem_train(alone, train, &options, 1);
    ck_assert(same_parameters(validated, alone));
    ck_assert(result.train_cost == of_alone.train_cost);
    epocl_network_release(validated);
    epocl_network_release(alone);
    epocl_dataset_release(weighted);
}
END_TEST

Suite *evaluations_suite(void) {
    Suite *suite = suite_create("evaluations");
    TCase *tests = tcase_create("evaluations");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, a_weight_of_two_is_evaluated_as_two, 0, 4);
    tcase_add_loop_test(tests, a_validation_weighs_its_own_samples, 0, 4);
    tcase_add_test(tests, metrics_are_of_the_devices_outputs);
    tcase_add_test(tests, another_kind_of_targets_is_compiled_once);
    tcase_add_test(tests, what_has_no_metrics_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
