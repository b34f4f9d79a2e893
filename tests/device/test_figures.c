/* Metrics by which epochs are compared: they are those of the network after the epoch, they choose the best parameters,
 * they go through a checkpoint, and what goes by the cost pays nothing for them. */
#include "data/dataset.h"
#include "device/problem.h"
#include "layers/count.h"
#include "support/options.h"
#include "support/scratch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *figures_suite(void);

enum { EPOCHS = 6, OUTPUTS = 3 };

/* What is trained, by which figure; with `values` targets are those, of 0 and 1 for cross-entropy. */
static const struct {
    const char *cost, *monitor;
    size_t class_count; /* 0: values */
    bool is_weighted, is_lower_better;
} cases[] = {
    {"softmax-cross-entropy", "macro-f1", 4, false, false},
    {"softmax-cross-entropy", "log-loss", 4, true, true},
    {"cross-entropy", "brier-score", 4, false, true},
    {"softmax-cross-entropy", "balanced-accuracy", 4, true, false},
    {"softmax-cross-entropy", "top-5-accuracy", 7, false, false},
    {"softmax-cross-entropy", "roc-auc", 2, false, false},
    {"cross-entropy", "average-precision", 2, true, false},
    {"cross-entropy", "micro-f1", 0, false, false},
    {"cross-entropy", "weighted-recall", 0, true, false},
    {"squared", "rmse", 0, false, true},
    {"huber(0.5)", "mae", 0, true, true},
    {"absolute", "r2", 0, false, false},
};
enum { CASES = sizeof cases / sizeof *cases };

static epocl_dataset *data, *valid;
static epocl_network *network, *read;

/* A quarter of the inputs says something of the targets. */
static void make(size_t which) {
    static uint8_t inputs[PROBLEM_SAMPLES * PROBLEM_INPUTS];
    static float values[PROBLEM_SAMPLES * OUTPUTS], weights[PROBLEM_SAMPLES];
    uint32_t labels[PROBLEM_SAMPLES];
    const size_t classes = cases[which].class_count;
    const bool of_answers = strcmp(cases[which].cost, "cross-entropy") == 0;
    epocl_dataset *whole = NULL;
    epocl_options options;
    for (size_t i = 0; i < PROBLEM_SAMPLES * PROBLEM_INPUTS; i++) inputs[i] = (uint8_t)(i * i % 8191 * 31 % 256);
    for (size_t s = 0; s < PROBLEM_SAMPLES; s++) {
        const uint8_t *x = inputs + s * PROBLEM_INPUTS;
        labels[s] = (uint32_t)((classes ? classes : 1) * x[0] / 256);
        weights[s] = (float)(s % 4);
        for (size_t k = 0; k < OUTPUTS; k++)
            values[s * OUTPUTS + k] = of_answers ? (float)(x[k] / 128) : (float)(x[k] + x[k + 1]) / 128.0f - 2.0f;
    }
    ck_assert_ok(
        epocl_dataset_from_bytes(inputs, labels, PROBLEM_SAMPLES, PROBLEM_INPUTS, classes ? classes : 2, &whole));
    if (!classes) ck_assert_ok(epocl_dataset_set_values(whole, values, OUTPUTS));
    if (cases[which].is_weighted) ck_assert_ok(epocl_dataset_set_weights(whole, weights));
    ck_assert_ok(epocl_dataset_split(whole, 0.3, 5, &data, &valid));
    epocl_dataset_release(whole);
    options_begin(&options);
    set_option(&options, "hidden", "9");
    set_option(&options, "activation", "tanh");
    set_option(&options, "cost", cases[which].cost);
    ck_assert_ok(epocl_network_create(data, &options, &network));
    ck_assert_ok(network_clone_shape(network, &read));
}

static void release(void) {
    epocl_network_release(read);
    epocl_network_release(network);
    epocl_dataset_release(valid);
    epocl_dataset_release(data);
}

static epocl_options options_for(const char *provider, size_t which) {
    epocl_options options = problem_options(provider, 16, 0.3f);
    set_option(&options, "cost", cases[which].cost);
    set_option(&options, "optimizer", "adam");
    set_option(&options, "monitor", cases[which].monitor);
    return options;
}

static double metric_of(const epocl_network *of, const char *word) {
    char name[32];
    epocl_metrics *metrics = NULL;
    epocl_metric metric;
    snprintf(name, sizeof name, "%s", word);
    for (char *c = name; *c; c++)
        if (*c == '-') *c = '_';
    ck_assert_ok(epocl_evaluate_metrics(test_device(), of, valid, &metrics));
    ck_assert_ok(epocl_metrics_find(metrics, name, &metric));
    const double value = metric.values[0];
    epocl_metrics_release(metrics);
    return value;
}

static double figure_at(const epocl_trainer *trainer, size_t index) {
    epocl_epoch_result result;
    ck_assert_ok(epocl_trainer_history(trainer, index, &result));
    return result.valid_figure;
}

/* Each with a provider in turn. That of the evaluation may be another one: outputs differ in their last bits, by which
 * no class of these data is another. */
START_TEST(figures_are_the_metrics_after_an_epoch) {
    const size_t which = (size_t)_i;
    make(which);
    const epocl_options options = options_for(problem_providers[which % PROBLEM_PROVIDERS], which);
    epocl_trainer *trainer = NULL;
    epocl_progress so_far;
    double best = NAN;
    size_t best_epoch = 0;
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer));
    for (size_t epoch = 1; epoch <= EPOCHS; epoch++) {
        epocl_epoch_result result;
        ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
        ck_assert_ok(epocl_trainer_read(trainer, read));
        ck_assert_double_eq_tol(result.valid_figure, metric_of(read, cases[which].monitor), 1e-5);
        ck_assert(figure_at(trainer, epoch - 1) == result.valid_figure);
        const bool is_better = cases[which].is_lower_better ? result.valid_figure < best : result.valid_figure > best;
        if (!best_epoch || is_better) best_epoch = epoch;
        if (best_epoch == epoch) best = result.valid_figure;
    }
    ck_assert_ok(epocl_trainer_progress(trainer, EPOCHS, &so_far));
    ck_assert_uint_eq(so_far.best_epoch, best_epoch);
    ck_assert(so_far.best_figure == best);
    ck_assert_ok(epocl_trainer_read_best(trainer, read));
    ck_assert_double_eq_tol(metric_of(read, cases[which].monitor), best, 1e-5);
    epocl_trainer_release(trainer);
    release();
}
END_TEST

/* A run that goes on has the figures of its epochs, and ends where the other does. */
START_TEST(figures_go_through_a_checkpoint) {
    make(0);
    epocl_options options = options_for("tile", 0);
    epocl_trainer *whole = NULL, *parts = NULL;
    epocl_checkpoint *checkpoint = NULL;
    epocl_progress of_whole, of_parts;
    epocl_network *other = NULL;
    set_option(&options, "patience", "2");
    ck_assert_ok(network_clone_shape(network, &other));
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &whole));
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &parts));
    ck_assert_ok(epocl_trainer_fit(whole, 40, NULL, NULL, &of_whole));
    ck_assert_ok(epocl_trainer_fit(parts, 3, NULL, NULL, NULL));
    ck_assert_ok(epocl_trainer_save(parts, scratch_path("checkpoint")));
    epocl_trainer_release(parts);
    ck_assert_ok(epocl_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
    ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &parts));
    epocl_checkpoint_release(checkpoint);
    ck_assert_ok(epocl_trainer_fit(parts, 40, NULL, NULL, &of_parts));
    ck_assert_uint_eq(of_parts.epoch_count, of_whole.epoch_count);
    ck_assert_uint_eq(of_parts.best_epoch, of_whole.best_epoch);
    ck_assert(of_parts.best_figure == of_whole.best_figure);
    for (size_t i = 0; i < of_whole.epoch_count; i++) ck_assert(figure_at(parts, i) == figure_at(whole, i));
    ck_assert_ok(epocl_trainer_read_best(whole, read));
    ck_assert_ok(epocl_trainer_read_best(parts, other));
    ck_assert(same_parameters(read, other));
    epocl_network_release(other);
    epocl_trainer_release(parts);
    epocl_trainer_release(whole);
    release();
}
END_TEST

/* In the place of the validation data, more than two mini-batches of them. */
static void make_long_valid(void) {
    enum { COUNT = 2 * EVALUATION_BATCH + 300 };
    static uint8_t inputs[COUNT * PROBLEM_INPUTS];
    uint32_t labels[COUNT];
    for (size_t i = 0; i < COUNT * PROBLEM_INPUTS; i++) inputs[i] = (uint8_t)(i * i % 8191 * 37 % 256);
    for (size_t s = 0; s < COUNT; s++) labels[s] = inputs[s * PROBLEM_INPUTS] / 64;
    epocl_dataset_release(valid);
    ck_assert_ok(epocl_dataset_from_bytes(inputs, labels, COUNT, PROBLEM_INPUTS, 4, &valid));
}

/* Outputs so far stay on the device, and each mini-batch's have places of their own. */
START_TEST(a_stopped_validation_goes_on) {
    const uint32_t stop = 1;
    make(0);
    make_long_valid();
    const epocl_options options = options_for(problem_providers[_i], 0);
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer));
    for (size_t epoch = 0; epoch < 2; epoch++) {
        ck_assert_ok(executable_write(&trainer->run.executable, trainer->planned.valid.batch.stop, &stop, sizeof stop));
        ck_assert_int_eq(epocl_trainer_run_epoch(trainer, &result), EPOCL_STOPPED);
        ck_assert_uint_eq(trainer->validated.first, EVALUATION_BATCH);
        ck_assert(isnan(result.valid_figure));
        ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
        ck_assert_ok(epocl_trainer_read(trainer, read));
        ck_assert_double_eq_tol(result.valid_figure, metric_of(read, cases[0].monitor), 1e-5);
    }
    epocl_trainer_release(trainer);
    release();
}
END_TEST

/* Launches and reads of an epoch: by the cost as ever, by a metric a read more and, in each mini-batch of the
 * validation, a launch, or two where the output layer is fused with its cost. */
START_TEST(only_who_asks_pays) {
    static const char *const providers[] = {"tile", "plain", "local"};
    unsigned long launches[2], reads[2];
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    make(0);
    for (size_t which = 0; which < 2; which++) {
        epocl_options options = options_for(providers[_i], 0);
        epocl_trainer *trainer = NULL;
        epocl_epoch_result result;
        if (!which) set_option(&options, "monitor", "cost");
        ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer));
        ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
        calls.reset();
        ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
        launches[which] = calls.count("clEnqueueNDRangeKernel");
        reads[which] = calls.count("clEnqueueReadBuffer");
        ck_assert_uint_eq(calls.count("clEnqueueWriteBuffer"), 0);
        if (!which) ck_assert(result.valid_figure == result.valid_cost);
        ck_assert_uint_eq(trainer->planned.valid.kept != TENSOR_NONE, which);
        epocl_trainer_release(trainer);
    }
    /* 210 samples in 14 mini-batches of gather, forward, cost (with the last forward, or after it), delta, 2 updates
     * and metrics; 90 in one of gather, forward, cost and metrics; before each pass, metrics and shuffle. */
    const unsigned long separate = _i ? 1 : 0;
    ck_assert_uint_eq(launches[0], 2 + 14 * (7 + separate) + 2 + 4 + separate);
    ck_assert_uint_eq(launches[1], launches[0] + 2 - separate);
    ck_assert_uint_eq(reads[0], 2);
    ck_assert_uint_eq(reads[1], 3);
    release();
}
END_TEST

/* A schedule goes by them, too: here no figure ever improves by so much. */
START_TEST(a_plateau_heeds_a_metric) {
    make(0);
    epocl_options options = options_for("tile", 0);
    epocl_trainer *trainer = NULL;
    epocl_progress so_far;
    set_option(&options, "schedule", "plateau");
    set_option(&options, "plateau-patience", "2");
    set_option(&options, "min-delta", "2");
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer));
    ck_assert_ok(epocl_trainer_fit(trainer, 3, NULL, NULL, &so_far));
    ck_assert_double_eq_tol(so_far.rate_factor, 0.1, 1e-12);
    epocl_trainer_release(trainer);
    release();
}
END_TEST

START_TEST(what_is_no_metric_of_the_targets_is_refused) {
    static const struct {
        size_t which;
        const char *monitor, *sentence;
    } refused[] = {{0, "roc-auc", "macro-f1"},
                   {0, "rmse", "these targets and outputs have none"},
                   {0, "micro-f1", "these targets and outputs have none"},
                   {5, "top-5-accuracy", "roc-auc"},
                   {7, "roc-auc", "micro-f1"},
                   {9, "macro-f1", "rmse, mae, r2"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        make(refused[i].which);
        epocl_options options = options_for("tile", refused[i].which);
        epocl_trainer *trainer = NULL;
        set_option(&options, "monitor", refused[i].monitor);
        ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer),
                         EPOCL_ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), refused[i].monitor));
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), refused[i].sentence));
        ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                         EPOCL_ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "validation data"));
        release();
    }
}
END_TEST

/* All of one class have no curve, whatever the outputs. */
START_TEST(what_is_undefined_is_refused) {
    make(5);
    const epocl_options options = options_for("tile", 5);
    epocl_trainer *trainer = NULL;
    for (size_t i = 0; i < valid->sample_count; i++) valid->labels[i] = 1;
    ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "roc-auc: the validation data have too few kinds of targets"));
    release();
}
END_TEST

Suite *figures_suite(void) {
    Suite *suite = suite_create("figures");
    TCase *tests = tcase_create("figures");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_loop_test(tests, figures_are_the_metrics_after_an_epoch, 0, CASES);
    tcase_add_test(tests, figures_go_through_a_checkpoint);
    tcase_add_loop_test(tests, a_stopped_validation_goes_on, 0, PROBLEM_PROVIDERS);
    tcase_add_loop_test(tests, only_who_asks_pays, 0, 3);
    tcase_add_test(tests, a_plateau_heeds_a_metric);
    tcase_add_test(tests, what_is_no_metric_of_the_targets_is_refused);
    tcase_add_test(tests, what_is_undefined_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
