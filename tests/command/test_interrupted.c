/* Runs that end early: by a signal, or because the disk is full. */

/* For prlimit(). */
#define _GNU_SOURCE

#include "command/fixture.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

Suite *interrupted_suite(void);

#define ENDLESS TRAIN, "--hidden", "64", "--epochs", "1000000", "--output", "@run", "--quiet", "--json"

static const int stop_signals[] = {SIGINT, SIGTERM};

START_TEST(a_signal_saves_the_model) {
    process training = start(ENDLESS);
    process_await(&training, training.out, "\"epoch\":2,");
    ck_assert_int_eq(kill(training.id, stop_signals[_i]), 0);
    outcome ended = process_end(&training);
    assert_status(&ended, 75);
    ck_assert_str_eq(ended.err, "");
    json_t *lines = json_lines(ended.out);
    const json_t *done = json_array_get(lines, json_array_size(lines) - 1);
    ck_assert_str_eq(json_string_value(json_object_get(done, "event")), "done");
    ck_assert(json_is_true(json_object_get(done, "stopped")));
    ck_assert_int_eq(json_integer_value(json_object_get(done, "epochs")), (json_int_t)json_array_size(lines) - 1);
    json_decref(lines);
    outcome_release(&ended);

    ended = run("evaluate", "--model", "@run/model.safetensors", "--data", "@images", "--labels", "@labels");
    assert_status(&ended, 0);
    outcome_release(&ended);
}
END_TEST

START_TEST(a_signal_ends_an_epoch_in_its_middle) {
    fixture_write_images("many", "many-labels", 200000);
    process training = start("train", "--data", "@many", "--labels", "@many-labels", "--batch-size", "1", "--hidden",
                             "8", "--epochs", "1000", "--output", "@run", "--json");
    process_await(&training, training.err, "plan     ");
    ck_assert_int_eq(kill(training.id, SIGINT), 0);
    outcome ended = process_end(&training);
    assert_status(&ended, 75);
    assert_contains(ended.err, "stopped after 0 epochs");
    assert_contains(ended.out, "\"event\":\"done\",\"epochs\":0,");
    outcome_release(&ended);
    ended = run("inspect", "--model", "@run/model.safetensors");
    assert_status(&ended, 0);
    outcome_release(&ended);
}
END_TEST

START_TEST(a_signal_before_training_ends_at_once) {
    process training = start(ENDLESS);
    ck_assert_int_eq(kill(training.id, stop_signals[_i]), 0);
    outcome ended = process_end(&training);
    assert_status(&ended, -stop_signals[_i]);
    ck_assert_str_eq(ended.out, "");
    ck_assert(!scratch_exists("run"));
    outcome_release(&ended);
}
END_TEST

/* As above, once signals are watched: while the kernels are compiled. The folders that were made are removed. */
START_TEST(a_signal_while_kernels_are_compiled_ends_at_once) {
    setenv("POCL_CACHE_DIR", scratch_path("cold"), 1); /* so that it compiles for a while */
    process training = start(TRAIN, "--hidden", "64", "--epochs", "3", "--output", "@new/deep/run");
    process_await(&training, training.err, "device ");
    ck_assert(scratch_exists("new/deep/run"));
    ck_assert_int_eq(kill(training.id, stop_signals[_i]), 0);
    outcome ended = process_end(&training);
    assert_status(&ended, -stop_signals[_i]);
    ck_assert(!scratch_exists("new"));
    outcome_release(&ended);
}
END_TEST

/* Whoever ignores a signal is not disturbed by it, the compiler within a driver included. */
START_TEST(an_ignored_signal_stays_ignored) {
    static const struct timespec pause = {.tv_nsec = 5000000};
    static const int ignored[] = {SIGHUP, SIGUSR1, SIGUSR2};
    setenv("POCL_CACHE_DIR", scratch_path("cold"), 1); /* so that it compiles for a while */
    signal(ignored[_i], SIG_IGN);
    process training = start(TRAIN, "--hidden", "64", "--epochs", "3", "--output", "@run", "--quiet");
    for (int i = 0; i < 300 && kill(training.id, ignored[_i]) == 0; i++) nanosleep(&pause, NULL);
    signal(ignored[_i], SIG_DFL);
    outcome ended = process_end(&training);
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.err, "");
    ck_assert(scratch_exists("run/model.safetensors"));
    outcome_release(&ended);
}
END_TEST

START_TEST(a_full_disk_ends_training_and_keeps_whole_files) {
    const struct rlimit full = {700, 700};
    process training = start(ENDLESS);
    process_await(&training, training.out, "\"epoch\":2,"); /* the first is in the history */
    ck_assert_int_eq(prlimit(training.id, RLIMIT_FSIZE, &full, NULL), 0);
    outcome ended = process_end(&training);
    assert_status(&ended, 74);
    ck_assert_msg(strncmp(ended.err, "epocl: ", 7) == 0, "%s", ended.err);
    outcome_release(&ended);
    ck_assert(scratch_exists("run/history.csv"));
    ck_assert(!scratch_exists("run/model.safetensors"));

    size_t byte_count = 0;
    unsigned char *history = file_read(scratch_path("run/history.csv"), &byte_count);
    ck_assert_uint_gt(byte_count, 0);
    ck_assert_int_eq(history[byte_count - 1], '\n');
    free(history);
    ck_assert_int_eq(remove(scratch_path("run/history.csv")), 0);
    ck_assert_int_eq(remove(scratch_path("run/config.json")), 0);
    ck_assert_msg(remove(scratch_path("run")) == 0, "there is something else in the folder");
}
END_TEST

Suite *interrupted_suite(void) {
    Suite *suite = suite_create("interrupted");
    TCase *interrupted = tcase_create("interrupted");
    tcase_add_checked_fixture(interrupted, fixture_create, fixture_remove);
    tcase_add_loop_test(interrupted, a_signal_saves_the_model, 0, sizeof stop_signals / sizeof *stop_signals);
    tcase_add_test(interrupted, a_signal_ends_an_epoch_in_its_middle);
    tcase_add_loop_test(interrupted, a_signal_before_training_ends_at_once, 0,
                        sizeof stop_signals / sizeof *stop_signals);
    tcase_add_loop_test(interrupted, a_signal_while_kernels_are_compiled_ends_at_once, 0,
                        sizeof stop_signals / sizeof *stop_signals);
    tcase_add_loop_test(interrupted, an_ignored_signal_stays_ignored, 0, 3);
    tcase_add_test(interrupted, a_full_disk_ends_training_and_keeps_whole_files);
    suite_add_tcase(suite, interrupted);
    return suite;
}
