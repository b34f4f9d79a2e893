/* Training to its end: the best parameters stay on the device, and the end follows from the history. */
#include "data/dataset.h"
#include "device/problem.h"
#include "layers/count.h"
#include "support/options.h"
#include "support/scratch.h"

#include <math.h>
#include <string.h>

Suite *fit_suite(void);

enum { EPOCHS = 12 };

static epocl_dataset *data, *valid;
static epocl_network *network;

static void setup(void) {
    epocl_dataset *whole = NULL;
    scratch_create();
    problem_create(&whole, &network);
    ck_assert_ok(epocl_dataset_split(whole, 0.3, 5, &data, &valid));
    epocl_dataset_release(whole);
}

static void teardown(void) {
    epocl_network_release(network);
    epocl_dataset_release(valid);
    epocl_dataset_release(data);
    scratch_remove();
}

/* Random labels, and a rate at which the validation cost goes down and up. */
static epocl_options options_for(const char *provider) {
    return problem_options(provider, 16, 1.5f);
}

static epocl_network *shape(void) {
    epocl_network *made = NULL;
    ck_assert_ok(network_clone_shape(network, &made));
    return made;
}

static epocl_trainer *begin(const epocl_options *options) {
    epocl_trainer *trainer = NULL;
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, options, &trainer));
    return trainer;
}

static epocl_progress progress_of(const epocl_trainer *trainer) {
    epocl_progress so_far;
    ck_assert_ok(epocl_trainer_progress(trainer, EPOCHS, &so_far));
    return so_far;
}

/* Runs an epoch; keeps the parameters after it in `best` when no cost was lower before. */
static void run_and_keep(epocl_trainer *trainer, epocl_network *best, double *best_cost) {
    epocl_epoch_result result;
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    if (!(result.valid_cost < *best_cost)) return;
    *best_cost = result.valid_cost;
    ck_assert_ok(epocl_trainer_read(trainer, best));
}

/* Also through a checkpoint in the middle, and after it. */
START_TEST(the_best_parameters_are_those_after_their_epoch) {
    const epocl_options options = options_for(problem_providers[_i]);
    epocl_trainer *trainer = begin(&options);
    epocl_network *best = shape(), *read = shape();
    epocl_checkpoint *checkpoint = NULL;
    double best_cost = INFINITY;
    ck_assert_int_eq(epocl_trainer_read_best(trainer, read), EPOCL_ERROR_ARGUMENT);
    for (size_t epoch = 1; epoch <= EPOCHS; epoch++) {
        run_and_keep(trainer, best, &best_cost);
        ck_assert_ok(epocl_trainer_read_best(trainer, read));
        ck_assert(same_parameters(best, read));
        ck_assert(progress_of(trainer).best_figure == best_cost);
        if (epoch != EPOCHS / 2) continue;
        ck_assert_ok(epocl_trainer_save(trainer, scratch_path("checkpoint")));
        epocl_trainer_release(trainer);
        ck_assert_ok(epocl_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
        ck_assert(same_parameters(best, epocl_checkpoint_best(checkpoint)));
        ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &trainer));
        epocl_checkpoint_release(checkpoint);
        ck_assert_ok(epocl_trainer_read_best(trainer, read));
        ck_assert(same_parameters(best, read));
    }
    const epocl_progress so_far = progress_of(trainer);
    ck_assert_int_eq(so_far.end, EPOCL_END_EPOCHS);
    ck_assert_uint_lt(so_far.best_epoch, EPOCHS); /* the case is there: the best is not the last */
    ck_assert_uint_gt(so_far.best_epoch, 1);
    ck_assert_ok(epocl_trainer_read(trainer, read));
    ck_assert(!same_parameters(best, read));
    epocl_network_release(read);
    epocl_network_release(best);
    epocl_trainer_release(trainer);
}
END_TEST

/* An epoch that is the best so far costs a copy on the device, and no wait, beside one that is not. */
START_TEST(a_best_epoch_waits_for_nothing_more) {
    const epocl_options options = options_for("tile");
    epocl_trainer *trainer = begin(&options);
    epocl_epoch_result result;
    call_counter calls;
    ck_assert(find_call_counter(&calls));
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result)); /* the first is the best */
    for (size_t epoch = 2; epoch <= EPOCHS; epoch++) {
        calls.reset();
        ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
        const bool is_best = progress_of(trainer).best_epoch == epoch;
        ck_assert_uint_eq(calls.count("clEnqueueCopyBuffer"), is_best ? 2 * network->layer_count : 0);
        ck_assert_uint_eq(calls.count("clEnqueueReadBuffer"), 2); /* the states of both passes */
        ck_assert_uint_eq(calls.count("clEnqueueWriteBuffer"), 0);
        ck_assert_uint_eq(calls.count("clFinish"), 0);
    }
    epocl_trainer_release(trainer);
}
END_TEST

static void count(const epocl_epoch_result *result, void *user) {
    size_t *epochs = user;
    ck_assert_uint_eq(result->epoch, ++*epochs);
}

/* The same epochs as one by one, up to where there was no improvement; a resumed trainer knows that, too. */
START_TEST(fit_ends_without_an_improvement) {
    epocl_options options = options_for("tile");
    epocl_trainer *one_by_one = begin(&options), *fitted = NULL;
    epocl_network *last = shape(), *read = shape();
    epocl_checkpoint *checkpoint = NULL;
    epocl_epoch_result result;
    epocl_progress so_far;
    size_t epochs = 0;
    do ck_assert_ok(epocl_trainer_run_epoch(one_by_one, &result));
    while (progress_of(one_by_one).waited < 2);
    ck_assert_ok(epocl_trainer_read(one_by_one, last));

    set_option(&options, "patience", "2");
    fitted = begin(&options);
    ck_assert_ok(epocl_trainer_fit(fitted, 2, count, &epochs, &so_far));
    ck_assert_int_eq(so_far.end, EPOCL_END_EPOCHS);
    ck_assert_uint_eq(epochs, 2);
    ck_assert_ok(epocl_trainer_fit(fitted, 1000, count, &epochs, &so_far));
    ck_assert_int_eq(so_far.end, EPOCL_END_PATIENCE);
    ck_assert_uint_eq(so_far.waited, 2);
    ck_assert_uint_eq(so_far.epoch_count, epochs);
    ck_assert_uint_eq(so_far.best_epoch, epochs - 2);
    ck_assert_uint_eq(epochs, result.epoch);
    ck_assert_ok(epocl_trainer_read(fitted, read));
    ck_assert(same_parameters(last, read));

    ck_assert_ok(epocl_trainer_save(fitted, scratch_path("checkpoint")));
    epocl_trainer_release(fitted);
    ck_assert_ok(epocl_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
    ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &fitted));
    ck_assert_ok(epocl_trainer_fit(fitted, 1000, count, &epochs, NULL));
    ck_assert_uint_eq(epochs, result.epoch);
    epocl_trainer_release(fitted);
    set_option(&options, "patience", "0");
    set_option(&options, "max-seconds", "1e-9");
    ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &fitted));
    ck_assert_ok(epocl_trainer_fit(fitted, 1000, count, &epochs, &so_far));
    ck_assert_int_eq(so_far.end, EPOCL_END_SECONDS);
    ck_assert_uint_eq(epochs, result.epoch);
    epocl_checkpoint_release(checkpoint);
    epocl_network_release(read);
    epocl_network_release(last);
    epocl_trainer_release(fitted);
    epocl_trainer_release(one_by_one);
}
END_TEST

/* The rate of each epoch's steps is what its predecessors' costs make of it; and so it is in a trainer that is resumed
 * between epochs or within one. */
START_TEST(a_plateau_lowers_the_rate_of_the_steps) {
    epocl_options options = options_for(problem_providers[_i]);
    epocl_trainer *whole = NULL, *resumed = NULL;
    epocl_network *a = shape(), *b = shape();
    epocl_epoch_result result, other;
    double best = INFINITY, rate = 1.0;
    set_option(&options, "schedule", "plateau");
    set_option(&options, "plateau-patience", "1");
    set_option(&options, "plateau-factor", "0.5");
    set_option(&options, "final-rate", "0");
    whole = begin(&options), resumed = begin(&options);
    for (size_t epoch = 1; epoch <= EPOCHS; epoch++) {
        epocl_checkpoint *checkpoint = NULL;
        const uint32_t stop = 1;
        ck_assert_ok(epocl_trainer_run_epoch(whole, &result));
        ck_assert(whole->position.learning_rate == (float)(1.5 * rate));
        if (epoch % 2) {
            ck_assert_ok(
                executable_write(&resumed->run.executable, resumed->planned.train.batch.stop, &stop, sizeof stop));
            ck_assert_int_eq(epocl_trainer_run_epoch(resumed, &other), EPOCL_STOPPED);
        }
        ck_assert_ok(epocl_trainer_save(resumed, scratch_path("checkpoint")));
        epocl_trainer_release(resumed);
        ck_assert_ok(epocl_checkpoint_load(scratch_path("checkpoint"), &checkpoint));
        ck_assert_ok(epocl_trainer_resume(test_device(), checkpoint, data, valid, &options, &resumed));
        epocl_checkpoint_release(checkpoint);
        ck_assert_ok(epocl_trainer_run_epoch(resumed, &other));
        ck_assert(result.valid_cost == other.valid_cost);
        if (!(result.valid_cost < best)) rate *= 0.5;
        best = fmin(best, result.valid_cost);
        ck_assert(progress_of(whole).rate_factor == rate);
    }
    ck_assert(rate < 0.3); /* the case is there: it fell more than once */
    ck_assert_ok(epocl_trainer_read(whole, a));
    ck_assert_ok(epocl_trainer_read(resumed, b));
    ck_assert(same_parameters(a, b));
    epocl_network_release(b);
    epocl_network_release(a);
    epocl_trainer_release(resumed);
    epocl_trainer_release(whole);
}
END_TEST

static void stop(const epocl_epoch_result *result, void *user) {
    if (result->epoch == 3) epocl_trainer_stop(user);
}

START_TEST(a_fit_can_be_stopped) {
    const epocl_options options = options_for("tile");
    epocl_trainer *trainer = begin(&options);
    epocl_progress so_far;
    ck_assert_int_eq(epocl_trainer_fit(trainer, EPOCHS, stop, trainer, &so_far), EPOCL_STOPPED);
    ck_assert_uint_eq(so_far.epoch_count, 3);
    ck_assert_int_eq(so_far.end, EPOCL_END_NONE);
    ck_assert_ok(epocl_trainer_fit(trainer, EPOCHS, NULL, NULL, &so_far));
    ck_assert_uint_eq(so_far.epoch_count, EPOCHS);
    epocl_trainer_release(trainer);
}
END_TEST

/* Patience and figures need something to go by. */
START_TEST(what_has_no_figure_is_refused) {
    static const char *const asked[][2] = {{"patience", "3"}, {"monitor", "accuracy"}, {"schedule", "plateau"}};
    epocl_trainer *trainer = NULL;
    epocl_network *read = shape(), *of_values = NULL;
    float values[PROBLEM_SAMPLES] = {0};
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        epocl_options options = options_for("tile");
        set_option(&options, asked[i][0], asked[i][1]);
        ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                         EPOCL_ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), asked[i][0]));
    }
    epocl_options options = options_for("tile");
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert_ok(epocl_trainer_fit(trainer, 2, NULL, NULL, NULL));
    ck_assert_uint_eq(progress_of(trainer).best_epoch, 0);
    ck_assert(isnan(progress_of(trainer).best_figure));
    ck_assert_int_eq(epocl_trainer_read_best(trainer, read), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "validation data"));
    epocl_trainer_release(trainer);

    set_option(&options, "cost", "squared");
    set_option(&options, "monitor", "accuracy");
    ck_assert_ok(epocl_dataset_set_values(data, values, 1));
    ck_assert_ok(epocl_dataset_set_values(valid, values, 1));
    ck_assert_ok(epocl_network_create(data, &options, &of_values));
    ck_assert_int_eq(epocl_trainer_create(test_device(), of_values, data, valid, &options, &trainer),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "no output is right or wrong"));
    epocl_network_release(of_values);
    epocl_network_release(read);
}
END_TEST

/* ---- within an epoch ---- */

enum { STOP_NEVER = 1000000 };

typedef struct told {
    size_t count, latest, total, stop_at;
    epocl_trainer *trainer;
} told;

static void tell(size_t done, size_t total, void *user) {
    told *so_far = user;
    ck_assert_uint_gt(done, so_far->latest);
    ck_assert_uint_le(done, total);
    so_far->latest = done;
    so_far->total = total;
    if (++so_far->count == so_far->stop_at) epocl_trainer_stop(so_far->trainer);
}

/* The device's place comes nearer and nearer, of training and then of validation; the parameters are the same. */
START_TEST(a_first_epoch_is_told_of) {
    epocl_network *plain = shape(), *watched = shape();
    epocl_epoch_result result, plain_result;
    epocl_options options = options_for(problem_providers[_i]);
    epocl_trainer *trainer = begin(&options);
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &plain_result));
    ck_assert_ok(epocl_trainer_read(trainer, plain));
    epocl_trainer_release(trainer);

    told so_far = {.stop_at = STOP_NEVER};
    epocl_options_set_progress(&options, tell, &so_far);
    trainer = begin(&options);
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, watched));
    ck_assert_uint_gt(so_far.count, 0);
    ck_assert_uint_eq(so_far.total, data->sample_count + valid->sample_count);
    ck_assert_uint_ge(so_far.latest, data->sample_count);
    ck_assert(same_parameters(plain, watched));
    ck_assert_double_eq(result.valid_cost, plain_result.valid_cost);
    epocl_trainer_release(trainer);
    epocl_network_release(watched);
    epocl_network_release(plain);
}
END_TEST

/* Who is told may stop the epoch, which goes on later to the same parameters. */
START_TEST(who_is_told_may_stop) {
    epocl_network *plain = shape(), *stopped = shape();
    epocl_epoch_result result;
    epocl_options options = options_for("plain");
    epocl_trainer *trainer = begin(&options);
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, plain));
    epocl_trainer_release(trainer);

    told so_far = {.stop_at = 1};
    epocl_options_set_progress(&options, tell, &so_far);
    so_far.trainer = trainer = begin(&options);
    epocl_status status = epocl_trainer_run_epoch(trainer, &result);
    ck_assert(status == EPOCL_OK || status == EPOCL_STOPPED); /* it may have been too late */
    so_far.latest = 0;
    while (status == EPOCL_STOPPED) {
        status = epocl_trainer_run_epoch(trainer, &result);
        so_far.latest = 0;
    }
    ck_assert_ok(status);
    ck_assert_ok(epocl_trainer_read(trainer, stopped));
    ck_assert(same_parameters(plain, stopped));
    epocl_trainer_release(trainer);
    epocl_network_release(stopped);
    epocl_network_release(plain);
}
END_TEST

Suite *fit_suite(void) {
    Suite *suite = suite_create("fit");
    TCase *ends = tcase_create("ends");
    tcase_add_checked_fixture(ends, setup, teardown);
    tcase_add_loop_test(ends, the_best_parameters_are_those_after_their_epoch, 0, PROBLEM_PROVIDERS);
    tcase_add_test(ends, a_best_epoch_waits_for_nothing_more);
    tcase_add_test(ends, fit_ends_without_an_improvement);
    tcase_add_loop_test(ends, a_plateau_lowers_the_rate_of_the_steps, 0, PROBLEM_PROVIDERS);
    tcase_add_test(ends, a_fit_can_be_stopped);
    tcase_add_test(ends, what_has_no_figure_is_refused);
    tcase_add_loop_test(ends, a_first_epoch_is_told_of, 0, PROBLEM_PROVIDERS);
    tcase_add_test(ends, who_is_told_may_stop);
    suite_add_tcase(suite, ends);
    return suite;
}
