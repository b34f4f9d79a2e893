/* Ensembles on a device: their answer is the mean of their members', whoever asks and how often. */
#include "data/dataset.h"
#include "device/problem.h"
#include "model/ensemble.h"
#include "support/options.h"
#include "support/scratch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *ensembles_suite(void);

enum { MEMBERS = 3, OUTPUT_VALUES = PROBLEM_SAMPLES * PROBLEM_CLASSES };

static const uint32_t weights[MEMBERS] = {2, 1, 3};
static const size_t hidden[MEMBERS][2] = {{21, 18}, {9, 30}, {21, 18}};

/* What outputs are rounded by on the device and on the host: softmax and sigmoid of one z differ by few steps. */
static const double rounding = 1e-6;

static epocl_dataset *data;
static epocl_network *members[MEMBERS], *ensemble;

/* Members of one kind, each trained a little otherwise. */
static void create(const char *cost, const char *dtype) {
    for (size_t k = 0; k < MEMBERS; k++) {
        epocl_options options = problem_options("tile", 16, 0.05f);
        set_option(&options, "cost", cost);
        options.training.seed = k + 1;
        epocl_dataset_release(data);
        problem_create_of(hidden[k], &data, &members[k]);
        epocl_network_release(members[k]);
        if (strcmp(dtype, "values") == 0) {
            float values[OUTPUT_VALUES];
            const bool of_answers = strcmp(cost, "cross-entropy") == 0;
            for (size_t i = 0; i < OUTPUT_VALUES; i++) {
                const float label = (float)data->labels[i / PROBLEM_CLASSES], output = (float)(i % PROBLEM_CLASSES);
                values[i] = of_answers ? (label >= output ? 1.0f : 0.0f) : label + output / 8.0f;
            }
            ck_assert_ok(epocl_dataset_set_values(data, values, PROBLEM_CLASSES));
        }
        char shape[32];
        snprintf(shape, sizeof shape, "%zu,%zu", hidden[k][0], hidden[k][1]);
        set_option(&options, "hidden", shape);
        ck_assert_ok(epocl_network_create(data, &options, &members[k]));
        problem_train(members[k], data, &options, 2);
    }
    ck_assert_ok(epocl_network_create_ensemble((const epocl_network *const *)members, weights, MEMBERS, &ensemble));
}

static void release(void) {
    epocl_network_release(ensemble);
    for (size_t k = 0; k < MEMBERS; k++) epocl_network_release(members[k]);
    epocl_dataset_release(data);
    data = NULL;
}

/* The weighted means of what the members say. */
static void expected_outputs(double *means) {
    static float outputs[OUTPUT_VALUES];
    memset(means, 0, OUTPUT_VALUES * sizeof *means);
    for (size_t k = 0; k < MEMBERS; k++) {
        ck_assert_ok(epocl_predict(test_device(), members[k], data, outputs));
        for (size_t i = 0; i < OUTPUT_VALUES; i++) means[i] += (double)weights[k] / 6.0 * (double)outputs[i];
    }
}

static void check_outputs(const double *expected) {
    static float outputs[OUTPUT_VALUES], again[OUTPUT_VALUES];
    epocl_predictor *predictor = NULL;
    ck_assert_ok(epocl_predict(test_device(), ensemble, data, outputs));
    for (size_t i = 0; i < OUTPUT_VALUES; i++)
        ck_assert_double_eq_tol((double)outputs[i], expected[i], rounding * (1.0 + fabs(expected[i])));
    /* A predictor says the same, as often as it is asked, whatever was asked between. */
    ck_assert_ok(epocl_predictor_create(test_device(), ensemble, &predictor));
    for (int time = 0; time < 3; time++) {
        epocl_evaluation evaluation;
        ck_assert_ok(epocl_predictor_run(predictor, data, again, NULL));
        ck_assert_mem_eq(again, outputs, sizeof again);
        ck_assert_ok(epocl_predictor_run_member(predictor, (size_t)time, data, again, NULL));
        ck_assert_ok(epocl_predictor_evaluate(predictor, data, &evaluation));
    }
    epocl_predictor_release(predictor);
}

START_TEST(probabilities_are_means) {
    static double expected[OUTPUT_VALUES];
    uint32_t classes[PROBLEM_SAMPLES];
    epocl_evaluation evaluation;
    double cost = 0.0, right = 0.0;
    create("softmax-cross-entropy", "labels");
    expected_outputs(expected);
    check_outputs(expected);
    ck_assert_ok(epocl_predict_classes(test_device(), ensemble, data, classes));
    for (size_t i = 0; i < PROBLEM_SAMPLES; i++) {
        const double *p = expected + i * PROBLEM_CLASSES;
        for (size_t o = 0; o < PROBLEM_CLASSES; o++) ck_assert(p[o] <= p[classes[i]] + rounding);
        cost -= log(p[data->labels[i]]);
        right += classes[i] == data->labels[i];
    }
    ck_assert_ok(epocl_evaluate(test_device(), ensemble, data, &evaluation));
    ck_assert_double_eq_tol(evaluation.cost, cost / PROBLEM_SAMPLES, 1e-5);
    ck_assert(evaluation.accuracy == right / PROBLEM_SAMPLES);
    ck_assert_uint_eq(evaluation.sample_count, PROBLEM_SAMPLES);
    /* Metrics are of the same. */
    epocl_metrics *metrics = NULL;
    epocl_metric metric;
    ck_assert_ok(epocl_evaluate_metrics(test_device(), ensemble, data, &metrics));
    ck_assert_ok(epocl_metrics_find(metrics, "log_loss", &metric));
    ck_assert_double_eq_tol(metric.values[0], cost / PROBLEM_SAMPLES, 1e-5);
    ck_assert_ok(epocl_metrics_find(metrics, "accuracy", &metric));
    ck_assert_double_eq_tol(metric.values[0], right / PROBLEM_SAMPLES, 1e-12);
    epocl_metrics_release(metrics);
    release();
}
END_TEST

START_TEST(answers_are_means) {
    static double expected[OUTPUT_VALUES];
    epocl_evaluation evaluation;
    double cost = 0.0, right = 0.0;
    create("cross-entropy", "values");
    expected_outputs(expected);
    check_outputs(expected);
    for (size_t i = 0; i < PROBLEM_SAMPLES; i++) {
        bool all_right = true;
        for (size_t o = 0; o < PROBLEM_CLASSES; o++) {
            const double p = expected[i * PROBLEM_CLASSES + o];
            const bool is = data->values[i * PROBLEM_CLASSES + o] > 0.5f;
            cost -= log(is ? p : 1.0 - p);
            all_right = all_right && is == (p > 0.5);
        }
        right += all_right;
    }
    ck_assert_ok(epocl_evaluate(test_device(), ensemble, data, &evaluation));
    ck_assert_double_eq_tol(evaluation.cost, cost / PROBLEM_SAMPLES, 1e-5 * cost / PROBLEM_SAMPLES);
    ck_assert_double_eq_tol(evaluation.accuracy, right / PROBLEM_SAMPLES, 1e-12);
    release();
}
END_TEST

START_TEST(values_are_means) {
    static double expected[OUTPUT_VALUES];
    epocl_evaluation evaluation;
    double cost = 0.0;
    create("squared", "values");
    expected_outputs(expected);
    check_outputs(expected);
    for (size_t i = 0; i < OUTPUT_VALUES; i++) cost += 0.5 * pow(expected[i] - (double)data->values[i], 2.0);
    ck_assert_ok(epocl_evaluate(test_device(), ensemble, data, &evaluation));
    ck_assert_double_eq_tol(evaluation.cost, cost / PROBLEM_SAMPLES, 1e-5 * cost / PROBLEM_SAMPLES);
    ck_assert(isnan(evaluation.accuracy));
    epocl_metrics *metrics = NULL;
    epocl_metric rmse;
    ck_assert_ok(epocl_evaluate_metrics(test_device(), ensemble, data, &metrics));
    ck_assert_ok(epocl_metrics_find(metrics, "rmse", &rmse));
    ck_assert_double_eq_tol(rmse.values[0], sqrt(2.0 * cost / OUTPUT_VALUES), 1e-5);
    epocl_metrics_release(metrics);
    release();
}
END_TEST

/* Weights of samples count as they do for a network. */
START_TEST(samples_have_weights) {
    static float sample_weights[PROBLEM_SAMPLES];
    static double expected[OUTPUT_VALUES];
    epocl_evaluation evaluation;
    double cost = 0.0, weight = 0.0;
    create("softmax-cross-entropy", "labels");
    for (size_t i = 0; i < PROBLEM_SAMPLES; i++) sample_weights[i] = (float)(i % 4);
    ck_assert_ok(epocl_dataset_set_weights(data, sample_weights));
    expected_outputs(expected);
    for (size_t i = 0; i < PROBLEM_SAMPLES; i++) {
        cost -= (double)sample_weights[i] * log(expected[i * PROBLEM_CLASSES + data->labels[i]]);
        weight += (double)sample_weights[i];
    }
    ck_assert_ok(epocl_evaluate(test_device(), ensemble, data, &evaluation));
    ck_assert_double_eq_tol(evaluation.cost, cost / weight, 1e-5);
    release();
}
END_TEST

START_TEST(members_say_what_they_say_alone) {
    static float alone[OUTPUT_VALUES], outputs[OUTPUT_VALUES];
    uint32_t alone_classes[PROBLEM_SAMPLES], classes[PROBLEM_SAMPLES];
    epocl_predictor *predictor = NULL;
    epocl_network *loaded = NULL;
    create("softmax-cross-entropy", "labels");
    scratch_create();
    ck_assert_ok(epocl_network_save(ensemble, scratch_path("model")));
    ck_assert_ok(epocl_network_load(scratch_path("model"), &loaded));
    ck_assert_ok(epocl_predictor_create(test_device(), loaded, &predictor));
    epocl_network_release(loaded);
    for (size_t k = MEMBERS; k-- > 0;) {
        ck_assert_ok(epocl_predict(test_device(), members[k], data, alone));
        ck_assert_ok(epocl_predict_classes(test_device(), members[k], data, alone_classes));
        ck_assert_ok(epocl_predictor_run_member(predictor, k, data, outputs, classes));
        ck_assert_mem_eq(outputs, alone, sizeof outputs);
        ck_assert_mem_eq(classes, alone_classes, sizeof classes);
    }
    ck_assert_int_eq(epocl_predictor_run_member(predictor, MEMBERS, data, outputs, classes), EPOCL_ERROR_ARGUMENT);
    epocl_predictor_release(predictor);
    scratch_remove();
    release();
}
END_TEST

/* An ensemble is no network to train, nor to read a trainer's parameters into. */
START_TEST(is_not_trained) {
    epocl_trainer *trainer = NULL;
    const epocl_options options = problem_options("tile", 16, 0.5f);
    create("softmax-cross-entropy", "labels");
    ck_assert_int_eq(epocl_trainer_create(test_device(), ensemble, data, NULL, &options, &trainer),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "ensemble"));
    ck_assert_ok(epocl_trainer_create(test_device(), members[0], data, NULL, &options, &trainer));
    ck_assert_int_eq(epocl_trainer_read(trainer, ensemble), EPOCL_ERROR_ARGUMENT);
    epocl_trainer_release(trainer);
    release();
}
END_TEST

/* Makes a network surer by this factor. */
static void sharpen(epocl_network *one, float factor) {
    layer *last = &one->layers[one->layer_count - 1];
    for (size_t i = 0; i < last->input_count * last->output_count; i++) last->weights[i] *= factor;
    for (size_t i = 0; i < last->output_count; i++) last->biases[i] *= factor;
}

/* Of an ensemble and of a network: the cost is no higher than before, and what everybody sees afterwards; twice as sure
 * a network has twice the temperature, and comes to the same. */
START_TEST(is_calibrated) {
    static const char *const costs[] = {"softmax-cross-entropy", "cross-entropy"};
    epocl_network *const all[] = {(create(costs[_i], _i ? "values" : "labels"), ensemble), members[0]};
    for (size_t i = 0; i < 2; i++) {
        epocl_evaluation before, after;
        epocl_calibration made, again, twice;
        ck_assert_ok(epocl_evaluate(test_device(), all[i], data, &before));
        ck_assert_ok(epocl_network_calibrate(test_device(), all[i], data, &made));
        ck_assert_ok(epocl_evaluate(test_device(), all[i], data, &after));
        ck_assert(made.cost_before == before.cost && made.cost_after == after.cost);
        ck_assert_double_lt(after.cost, before.cost); /* two epochs leave a network unsure */
        ck_assert(after.accuracy == before.accuracy || i == 0);
        ck_assert_ok(epocl_network_calibrate(test_device(), all[i], data, &again));
        ck_assert_double_eq_tol(again.temperature, 1.0, 2e-3);
        ck_assert_double_le(again.cost_after, again.cost_before);
        for (size_t k = 0; k < ensemble_member_count(all[i]); k++)
            sharpen((epocl_network *)ensemble_member(all[i], k), 2.0f);
        ck_assert_ok(epocl_network_calibrate(test_device(), all[i], data, &twice));
        ck_assert_double_eq_tol(twice.temperature, 2.0, 4e-3);
        ck_assert_double_eq_tol(twice.cost_after, made.cost_after, 1e-5);
    }
    release();
}
END_TEST

START_TEST(values_are_not_calibrated) {
    epocl_calibration made;
    create("squared", "values");
    ck_assert_int_eq(epocl_network_calibrate(test_device(), ensemble, data, &made), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "only probabilities are calibrated"));
    release();
}
END_TEST

Suite *ensembles_suite(void) {
    Suite *suite = suite_create("ensembles");
    TCase *tests = tcase_create("ensembles");
    tcase_add_test(tests, probabilities_are_means);
    tcase_add_test(tests, answers_are_means);
    tcase_add_test(tests, values_are_means);
    tcase_add_test(tests, samples_have_weights);
    tcase_add_test(tests, members_say_what_they_say_alone);
    tcase_add_test(tests, is_not_trained);
    tcase_add_loop_test(tests, is_calibrated, 0, 2);
    tcase_add_test(tests, values_are_not_calibrated);
    suite_add_tcase(suite, tests);
    return suite;
}
