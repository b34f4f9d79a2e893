/* Ensembles in training: what is chosen is what it is said to be, members are what they are alone. */
#include "data/dataset.h"
#include "device/problem.h"
#include "ensemble/ensemble_trainer.h"
#include "support/options.h"
#include "support/scratch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *ensemble_training_suite(void);

enum { MEMBERS = 4, EPOCHS = 5 };

static epocl_dataset *train, *valid;
static epocl_options base;

static void setup(void) {
    epocl_dataset *data = NULL;
    epocl_network *network = NULL;
    problem_create(&data, &network);
    ck_assert_ok(epocl_dataset_split(data, 0.3, 1, &train, &valid));
    epocl_network_release(network);
    epocl_dataset_release(data);
    options_begin_recipe(&base, RECIPE_STANDARD);
    set_option(&base, "hidden", "16,12");
    set_option(&base, "batch-size", "20");
    set_option(&base, "matmul", "tile");
    set_option(&base, "plan", "layered");
}

static void teardown(void) {
    epocl_dataset_release(valid);
    epocl_dataset_release(train);
}

/* Members with settings drawn; `names` as epocl_options_draw() takes them. */
static epocl_ensemble *create(const char *names, size_t count) {
    epocl_options *drawn[MEMBERS];
    epocl_ensemble *ensemble = NULL;
    for (size_t k = 0; k < count; k++) ck_assert_ok(epocl_options_draw(&base, names, k, &drawn[k]));
    ck_assert_ok(
        epocl_ensemble_create(test_device(), train, valid, (const epocl_options *const *)drawn, count, &ensemble));
    for (size_t k = 0; k < count; k++) epocl_options_release(drawn[k]);
    return ensemble;
}

static void save_to(const epocl_ensemble *ensemble, const char *name) {
    epocl_network *network = NULL;
    ck_assert_ok(epocl_ensemble_read(ensemble, &network));
    ck_assert_ok(epocl_network_save(network, scratch_path(name)));
    epocl_network_release(network);
}

static void assert_same_files(const char *one, const char *other) {
    size_t count = 0, other_count = 0;
    unsigned char *bytes = file_read(scratch_path(one), &count), *others = file_read(scratch_path(other), &other_count);
    ck_assert_uint_eq(count, other_count);
    ck_assert_mem_eq(bytes, others, count);
    free(others);
    free(bytes);
}

static void save_and_release(epocl_ensemble *ensemble) {
    ck_assert_ok(epocl_ensemble_save(ensemble, scratch_path("checkpoint")));
    epocl_ensemble_release(ensemble);
}

static epocl_ensemble *resume_of(epocl_options *const drawn[MEMBERS], size_t count) {
    epocl_ensemble_checkpoint *checkpoint = NULL;
    epocl_ensemble *ensemble = NULL;
    ck_assert_ok(epocl_ensemble_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
    ck_assert_ok(epocl_ensemble_resume(test_device(), checkpoint, train, valid, (const epocl_options *const *)drawn,
                                       count, &ensemble));
    epocl_ensemble_checkpoint_release(checkpoint);
    return ensemble;
}

static epocl_ensemble *resume(epocl_options *const drawn[MEMBERS]) {
    return resume_of(drawn, MEMBERS);
}

START_TEST(costs_are_those_of_the_model) {
    static const char *const costs[] = {"softmax-cross-entropy", "cross-entropy"};
    set_option(&base, "cost", costs[_i]);
    epocl_ensemble *ensemble = create("learning-rate,dropout,depth", MEMBERS);
    double before = INFINITY;
    size_t most = 0;
    for (size_t epoch = 1; epoch <= EPOCHS; epoch++) {
        epocl_ensemble_epoch result;
        epocl_network *network = NULL;
        epocl_evaluation evaluation;
        ck_assert_int_eq(epocl_ensemble_end(ensemble, EPOCHS), EPOCL_END_NONE);
        ck_assert_ok(epocl_ensemble_run_epoch(ensemble, &result));
        ck_assert_uint_eq(result.epoch, epoch);
        ck_assert_uint_eq(result.trained_count, MEMBERS);
        ck_assert_uint_eq(result.sample_count, MEMBERS * epocl_dataset_sample_count(train));
        ck_assert_double_le(result.valid_cost, before);
        ck_assert_double_le(result.valid_cost, result.latest_cost);
        ck_assert_double_le(result.valid_cost, result.best_member_cost);
        ck_assert_ok(epocl_ensemble_read(ensemble, &network));
        ck_assert_uint_eq(epocl_network_member_count(network), result.network_count);
        ck_assert_ok(epocl_evaluate(test_device(), network, valid, &evaluation));
        ck_assert_double_eq_tol(evaluation.cost, result.valid_cost, 1e-6 * (1.0 + result.valid_cost));
        epocl_network_release(network);
        before = result.valid_cost;
        if (result.network_count > most) most = result.network_count;
    }
    ck_assert_int_eq(epocl_ensemble_end(ensemble, EPOCHS), EPOCL_END_EPOCHS);
    ck_assert_uint_gt(most, 1);
    epocl_ensemble_release(ensemble);
}
END_TEST

/* After an epoch the ensemble of one member is that network. */
START_TEST(a_member_is_what_it_is_alone) {
    epocl_ensemble *ensemble = create("learning-rate,weight-decay", 1);
    epocl_ensemble_epoch result;
    epocl_options *drawn = NULL;
    epocl_network *network = NULL, *alone = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result ignored;
    ck_assert_ok(epocl_ensemble_run_epoch(ensemble, &result));
    ck_assert_ok(epocl_ensemble_read(ensemble, &network));
    ck_assert_ok(epocl_options_draw(&base, "learning-rate,weight-decay", 0, &drawn));
    ck_assert_ok(epocl_network_create(train, drawn, &alone));
    ck_assert_ok(epocl_trainer_create(test_device(), alone, train, valid, drawn, &trainer));
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &ignored));
    ck_assert_ok(epocl_trainer_read(trainer, alone));
    ck_assert_uint_eq(epocl_network_member_count(network), 1);
    ck_assert(same_parameters(network, alone));
    ck_assert_double_eq_tol(result.valid_cost, ignored.valid_cost, 1e-6);
    ck_assert(result.valid_cost == result.best_member_cost);
    epocl_trainer_release(trainer);
    epocl_network_release(alone);
    epocl_network_release(network);
    epocl_options_release(drawn);
    epocl_ensemble_release(ensemble);
}
END_TEST

/* The same seed gives the same model; a stop makes no difference. */
START_TEST(the_same_again_is_the_same) {
    static const char *const names[] = {"first", "second", "stopped"};
    scratch_create();
    for (size_t time = 0; time < 3; time++) {
        epocl_ensemble *ensemble = create("learning-rate,dropout", MEMBERS);
        epocl_ensemble_epoch result;
        for (size_t epoch = 0; epoch < EPOCHS; epoch++) {
            if (time == 2) {
                epocl_ensemble_stop(ensemble);
                ck_assert_int_eq(epocl_ensemble_run_epoch(ensemble, &result), EPOCL_STOPPED);
            }
            ck_assert_ok(epocl_ensemble_run_epoch(ensemble, &result));
        }
        save_to(ensemble, names[time]);
        epocl_ensemble_release(ensemble);
    }
    assert_same_files("first", "second");
    assert_same_files("first", "stopped");
    scratch_remove();
}
END_TEST

/* One that diverges takes no part; all that do are a failure. */
START_TEST(goes_on_without_a_member_that_diverges) {
    epocl_options *drawn[2];
    epocl_ensemble *ensemble = NULL;
    epocl_ensemble_epoch result;
    for (size_t k = 0; k < 2; k++) ck_assert_ok(epocl_options_draw(&base, "", k, &drawn[k]));
    set_option(drawn[0], "optimizer", "sgd");
    drawn[0]->training.learning_rate = 1e30;
    ck_assert_ok(epocl_ensemble_create(test_device(), train, valid, (const epocl_options *const *)drawn, 2, &ensemble));
    ck_assert_ok(epocl_ensemble_run_epoch(ensemble, &result));
    ck_assert_uint_eq(result.trained_count, 1);
    ck_assert_uint_eq(result.best_member, 1);
    ck_assert_uint_eq(result.network_count, 1);
    epocl_ensemble_release(ensemble);
    ck_assert_ok(epocl_ensemble_create(test_device(), train, valid, (const epocl_options *const *)drawn, 1, &ensemble));
    ck_assert_int_eq(epocl_ensemble_run_epoch(ensemble, &result), EPOCL_ERROR_DIVERGED);
    epocl_ensemble_release(ensemble);
    for (size_t k = 0; k < 2; k++) epocl_options_release(drawn[k]);
}
END_TEST

/* From now on it goes too far with each step. */
static void spoil_rate(epocl_trainer *t) {
    t->planned.recipe.learning_rate = 1e30f;
    ck_assert_ok(trainer_write_rate(t));
}

/* Where the last member diverges, the ensemble is what it was before: there is no epoch more, and no failure. Its
 * checkpoint is at its end, too. */
START_TEST(ends_where_the_last_member_diverges) {
    epocl_options *drawn[MEMBERS];
    epocl_ensemble *ensemble = NULL;
    epocl_ensemble_epoch result, again;
    scratch_create();
    for (size_t k = 0; k < MEMBERS; k++) {
        ck_assert_ok(epocl_options_draw(&base, "", k, &drawn[k]));
        set_option(drawn[k], "optimizer", "sgd");
    }
    ck_assert_ok(
        epocl_ensemble_create(test_device(), train, valid, (const epocl_options *const *)drawn, MEMBERS, &ensemble));
    for (size_t epoch = 0; epoch < 2; epoch++) ck_assert_ok(epocl_ensemble_run_epoch(ensemble, &result));
    save_to(ensemble, "before");
    for (size_t k = 0; k < MEMBERS; k++) spoil_rate(ensemble_member_trainer(ensemble, k));
    ck_assert_ok(epocl_ensemble_run_epoch(ensemble, &again));
    ck_assert_mem_eq(&result, &again, sizeof result);
    ck_assert_uint_eq(epocl_ensemble_epoch_count(ensemble), 2);
    ck_assert_int_eq(epocl_ensemble_end(ensemble, EPOCHS), EPOCL_END_PATIENCE);
    save_to(ensemble, "after");
    assert_same_files("before", "after");
    save_and_release(ensemble);
    ensemble = resume(drawn);
    ck_assert_int_eq(epocl_ensemble_end(ensemble, EPOCHS), EPOCL_END_PATIENCE);
    save_to(ensemble, "resumed");
    assert_same_files("before", "resumed");
    epocl_ensemble_release(ensemble);
    for (size_t k = 0; k < MEMBERS; k++) epocl_options_release(drawn[k]);
    scratch_remove();
}
END_TEST

/* Numbers to train on that are small, and one to validate on that is infinite on their scale. */
START_TEST(costs_that_never_are_finite_are_a_divergence) {
    enum { SAMPLES = 60, INPUTS = 2 };
    float inputs[SAMPLES * INPUTS];
    uint32_t labels[SAMPLES];
    epocl_dataset *small = NULL, *large = NULL;
    epocl_ensemble *ensemble = NULL;
    epocl_ensemble_epoch result;
    epocl_network *network = NULL;
    const epocl_options *const one[] = {&base};
    for (size_t i = 0; i < SAMPLES * INPUTS; i++) inputs[i] = 1e-3f * (float)(i * 7 % 11);
    for (size_t i = 0; i < SAMPLES; i++) labels[i] = (uint32_t)(i % 2);
    ck_assert_ok(epocl_dataset_from_floats(inputs, labels, SAMPLES, INPUTS, 2, &small));
    inputs[0] = inputs[1] = 3e38f;
    ck_assert_ok(epocl_dataset_from_floats(inputs, labels, SAMPLES, INPUTS, 2, &large));
    set_option(&base, "activation", "tanh");
    ck_assert_ok(epocl_ensemble_create(test_device(), small, large, one, 1, &ensemble));
    while (epocl_ensemble_end(ensemble, 100) == EPOCL_END_NONE)
        ck_assert_ok(epocl_ensemble_run_epoch(ensemble, &result));
    ck_assert(isfinite(result.train_cost) && result.network_count == 0);
    ck_assert_int_eq(epocl_ensemble_read(ensemble, &network), EPOCL_ERROR_DIVERGED);
    ck_assert_ptr_null(network);
    epocl_ensemble_release(ensemble);
    epocl_dataset_release(large);
    epocl_dataset_release(small);
}
END_TEST

/* An improvement is one by min-delta upon the last one; gone on with after each epoch, too. */
START_TEST(small_improvements_are_none) {
    enum { MOST = 40, PATIENCE = 3 };
    const double least = 0.03;
    epocl_options *drawn[MEMBERS];
    epocl_ensemble *whole = NULL, *parts = NULL;
    epocl_ensemble_epoch result, ignored;
    double improved = INFINITY, best = INFINITY;
    size_t waited = 0, better_than_best = 0;
    const epocl_options *const *options = (const epocl_options *const *)drawn;
    scratch_create();
    set_option(&base, "patience", "3");
    base.training.min_delta = least;
    for (size_t k = 0; k < MEMBERS; k++) ck_assert_ok(epocl_options_draw(&base, "", k, &drawn[k]));
    ck_assert_ok(epocl_ensemble_create(test_device(), train, valid, options, 1, &whole));
    ck_assert_ok(epocl_ensemble_create(test_device(), train, valid, options, 1, &parts));
    while (epocl_ensemble_end(whole, MOST) == EPOCL_END_NONE) {
        ck_assert_ok(epocl_ensemble_run_epoch(whole, &result));
        ck_assert_ok(epocl_ensemble_run_epoch(parts, &ignored));
        save_and_release(parts);
        parts = resume_of(drawn, 1);
        ck_assert_int_eq(epocl_ensemble_end(parts, MOST), epocl_ensemble_end(whole, MOST));
        const double cost = whole->members[0].latest.cost;
        waited = improved - cost >= least ? 0 : waited + 1;
        better_than_best += waited > 0 && cost < best;
        improved = waited ? improved : cost;
        best = fmin(best, cost);
        ck_assert(epocl_ensemble_epoch_count(whole) == MOST || (waited < PATIENCE) == whole->members[0].is_trained);
    }
    ck_assert(waited == PATIENCE && better_than_best > 0);
    ck_assert_int_eq(epocl_ensemble_end(whole, MOST), EPOCL_END_PATIENCE);
    epocl_ensemble_release(whole);
    epocl_ensemble_release(parts);
    for (size_t k = 0; k < MEMBERS; k++) epocl_options_release(drawn[k]);
    scratch_remove();
}
END_TEST

/* Members with options of their own: one diverges at once, one comes to its end early, one keeps an average beside its
 * parameters. */
static void draw_unlike(epocl_options *drawn[MEMBERS]) {
    for (size_t k = 0; k < MEMBERS; k++)
        ck_assert_ok(epocl_options_draw(&base, "learning-rate,dropout,depth", k, &drawn[k]));
    set_option(drawn[0], "optimizer", "sgd");
    drawn[0]->training.learning_rate = 1e30;
    drawn[1]->training.patience = 2;
    drawn[1]->training.learning_rate = 0.3;
    set_option(drawn[2], "average", "0.5");
    drawn[2]->training.learning_rate = 0.02;
    drawn[3]->training.learning_rate = 0.05;
}

/* As a stop leaves members within an epoch: the first and the third have done it, the last one a step of it. */
static void begin_epoch(epocl_ensemble *ensemble) {
    const uint32_t stop = 1;
    epocl_epoch_result ignored;
    if (ensemble->members[0].is_trained)
        ck_assert_int_eq(epocl_trainer_run_epoch(ensemble_member_trainer(ensemble, 0), &ignored), EPOCL_ERROR_DIVERGED);
    ck_assert_ok(epocl_trainer_run_epoch(ensemble_member_trainer(ensemble, 2), &ignored));
    epocl_trainer *last = ensemble_member_trainer(ensemble, 3);
    ck_assert_ok(executable_write(&last->run.executable, last->planned.train.batch.stop, &stop, sizeof stop));
    ck_assert_int_eq(epocl_trainer_run_epoch(last, &ignored), EPOCL_STOPPED);
}

/* Saved before each epoch and within it, and gone on with by another trainer each time: the same history but for the
 * seconds, and the same model. */
START_TEST(goes_on_from_checkpoints_to_the_same) {
    enum { LONGER = 26 };
    epocl_options *drawn[MEMBERS];
    const epocl_options *const *options = (const epocl_options *const *)drawn;
    epocl_ensemble *whole = NULL, *parts = NULL;
    epocl_ensemble_epoch one, other;
    scratch_create();
    draw_unlike(drawn);
    ck_assert_ok(epocl_ensemble_create(test_device(), train, valid, options, MEMBERS, &whole));
    ck_assert_ok(epocl_ensemble_create(test_device(), train, valid, options, MEMBERS, &parts));
    for (size_t epoch = 0; epoch < LONGER; epoch++) {
        ck_assert_ok(epocl_ensemble_run_epoch(whole, &one));
        save_and_release(parts);
        parts = resume(drawn);
        ck_assert_uint_eq(epocl_ensemble_epoch_count(parts), epoch);
        begin_epoch(parts);
        save_and_release(parts);
        parts = resume(drawn);
        ck_assert_ok(epocl_ensemble_run_epoch(parts, &other));
        ck_assert_ok(epocl_ensemble_history(parts, epoch, &other));
        other.seconds = one.seconds;
        ck_assert_mem_eq(&one, &other, sizeof one);
        ck_assert_int_eq(epocl_ensemble_end(whole, LONGER), epocl_ensemble_end(parts, LONGER));
        ck_assert_str_eq(epocl_ensemble_plan_name(whole), epocl_ensemble_plan_name(parts));
    }
    ck_assert_uint_eq(one.trained_count, MEMBERS - 2);
    save_to(whole, "whole");
    save_to(parts, "parts");
    assert_same_files("whole", "parts");
    epocl_ensemble_release(whole);
    epocl_ensemble_release(parts);
    for (size_t k = 0; k < MEMBERS; k++) epocl_options_release(drawn[k]);
    scratch_remove();
}
END_TEST

START_TEST(refuses_a_checkpoint_of_another_run) {
    epocl_options *drawn[MEMBERS];
    epocl_ensemble *ensemble = create("", MEMBERS), *other = NULL;
    epocl_ensemble_checkpoint *checkpoint = NULL;
    epocl_ensemble_epoch ignored;
    const epocl_options *const *options = (const epocl_options *const *)drawn;
    scratch_create();
    ck_assert_ok(epocl_ensemble_run_epoch(ensemble, &ignored));
    save_and_release(ensemble);
    ck_assert_ok(epocl_ensemble_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
    for (size_t k = 0; k < MEMBERS; k++) ck_assert_ok(epocl_options_draw(&base, "", k, &drawn[k]));
#define RESUME(train_, valid_, count_)                                                                                 \
    epocl_ensemble_resume(test_device(), checkpoint, train_, valid_, options, count_, &other)
    ck_assert_int_eq(RESUME(train, valid, MEMBERS - 1), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(RESUME(train, NULL, MEMBERS), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(RESUME(train, train, MEMBERS), EPOCL_ERROR_DATA);
    ck_assert_int_eq(RESUME(valid, valid, MEMBERS), EPOCL_ERROR_DATA);
    set_option(drawn[1], "batch-size", "7");
    ck_assert_int_eq(RESUME(train, valid, MEMBERS), EPOCL_ERROR_ARGUMENT);
    set_option(drawn[1], "batch-size", "20");
    set_option(drawn[2], "hidden", "5");
    ck_assert_int_eq(RESUME(train, valid, MEMBERS), EPOCL_ERROR_DATA);
    ck_assert_ptr_null(other);
    for (size_t k = 0; k < MEMBERS; k++) epocl_options_release(drawn[k]);
    epocl_ensemble_checkpoint_release(checkpoint);
    scratch_remove();
}
END_TEST

START_TEST(refuses_what_does_not_go_with_it) {
    epocl_ensemble *ensemble = NULL;
    epocl_network *network = NULL;
    const epocl_options *const one[] = {&base};
    ck_assert_int_eq(epocl_ensemble_create(test_device(), train, NULL, one, 1, &ensemble), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_ensemble_create(test_device(), train, valid, one, 0, &ensemble), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_ensemble_create(test_device(), train, valid, one, 65, &ensemble), EPOCL_ERROR_ARGUMENT);
    set_option(&base, "monitor", "accuracy");
    ck_assert_int_eq(epocl_ensemble_create(test_device(), train, valid, one, 1, &ensemble), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(ensemble);
    set_option(&base, "monitor", "cost");
    ck_assert_ok(epocl_ensemble_create(test_device(), train, valid, one, 1, &ensemble));
    ck_assert_int_eq(epocl_ensemble_read(ensemble, &network), EPOCL_ERROR_ARGUMENT);
    epocl_ensemble_release(ensemble);
}
END_TEST

Suite *ensemble_training_suite(void) {
    Suite *suite = suite_create("ensemble_training");
    TCase *tests = tcase_create("ensemble_training");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, costs_are_those_of_the_model, 0, 2);
    tcase_add_test(tests, a_member_is_what_it_is_alone);
    tcase_add_test(tests, the_same_again_is_the_same);
    tcase_add_test(tests, goes_on_without_a_member_that_diverges);
    tcase_add_test(tests, ends_where_the_last_member_diverges);
    tcase_add_test(tests, costs_that_never_are_finite_are_a_divergence);
    tcase_add_test(tests, small_improvements_are_none);
    tcase_add_test(tests, goes_on_from_checkpoints_to_the_same);
    tcase_add_test(tests, refuses_a_checkpoint_of_another_run);
    tcase_add_test(tests, refuses_what_does_not_go_with_it);
    suite_add_tcase(suite, tests);
    return suite;
}
