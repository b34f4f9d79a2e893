/* Runs that end early: by a signal, or because the disk is full. */

/* For prlimit(). */
#define _GNU_SOURCE

#include "command/fixture.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

Suite *interrupted_suite(void);

#define ENDLESS TRAIN, "--hidden", "64", "--epochs", "1000000", "--output", "@run", "--quiet", "--json"

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

START_TEST(a_signal_saves_the_model) {
    signal(stop_signals[_i], SIG_DFL);
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
    process training = start("train", "--recipe", "seed", "--data", "@many", "--labels", "@many-labels", "--batch-size",
                             "1", "--hidden", "8", "--epochs", "1000", "--output", "@run", "--json");
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
    signal(stop_signals[_i], SIG_DFL);
    process training = start(ENDLESS);
    ck_assert_int_eq(kill(training.id, stop_signals[_i]), 0);
    outcome ended = process_end(&training);
    assert_status(&ended, -stop_signals[_i]);
    ck_assert_str_eq(ended.out, "");
    ck_assert(!scratch_exists("run"));
    outcome_release(&ended);
}
END_TEST

/* A closed terminal: SIGHUP comes more than once, and SIGTERM may follow. */
START_TEST(a_hang_up_that_repeats_itself_saves) {
    signal(SIGHUP, SIG_DFL);
    process training = start(ENDLESS);
    process_await(&training, training.out, "\"epoch\":2,");
    kill(training.id, SIGSTOP); /* so that it sees them all at its next moment */
    kill(training.id, SIGHUP);
    if (_i == 1) kill(training.id, SIGTERM);
    kill(training.id, SIGCONT);
    kill(training.id, SIGHUP);
    outcome ended = process_end(&training);
    assert_status(&ended, 75);
    ck_assert(scratch_exists("run/model.safetensors") && scratch_exists("run/checkpoint.safetensors"));
    outcome_release(&ended);
}
END_TEST

/* ---- outputs that are not there ---- */

/* A pipe that nobody reads; NULL: an output that the program is started without. */
static FILE *output_of(const char *kind) {
    int ends[2];
    if (strcmp(kind, "closed") == 0) return NULL;
    if (strcmp(kind, "full") == 0) return fopen("/dev/full", "we");
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(close(ends[0]), 0);
    ck_assert_int_ne(fcntl(ends[1], F_SETFD, FD_CLOEXEC), -1);
    FILE *file = fdopen(ends[1], "w");
    ck_assert_ptr_nonnull(file);
    return file;
}

static const struct {
    const char *out, *err;
    int status;
} outputs[] = {
    {"pipe", "pipe", 0},   {"closed", "pipe", 0}, {"pipe", "closed", 0}, {"closed", "closed", 0},
    {"closed", "full", 0}, {"pipe", "full", 0},   {"full", "pipe", 74}, /* lines of JSON are lost */
};

#define SHORT TRAIN, "--hidden", "8", "--epochs", "3", "--output"

START_TEST(a_training_needs_no_reader) {
    outcome ended = run(SHORT, "@expected", "--json");
    assert_status(&ended, 0);
    outcome_release(&ended);
    const char *const words[] = {SHORT, "@run", "--json", NULL};
    process training = start_words_into(output_of(outputs[_i].out), output_of(outputs[_i].err), words);
    ended = process_end(&training);
    assert_status(&ended, outputs[_i].status);
    outcome_release(&ended);

    size_t byte_count = 0, expected_count = 0;
    unsigned char *model = file_read(scratch_path("run/model.safetensors"), &byte_count);
    unsigned char *expected = file_read(scratch_path("expected/model.safetensors"), &expected_count);
    ck_assert_uint_eq(byte_count, expected_count);
    ck_assert_mem_eq(model, expected, byte_count);
    free(expected);
    free(model);
    ck_assert(scratch_exists("run/history.csv") && scratch_exists("run/checkpoint.safetensors"));
}
END_TEST

/* The number of an output that is not there goes to no file, which what is printed would then go to. */
START_TEST(no_file_becomes_an_output) {
    static const struct timespec pause = {.tv_nsec = 5000000};
    const char *const words[] = {ENDLESS, NULL};
    process training = start_words_into(NULL, NULL, words);
    while (!scratch_exists("run/history.csv") && kill(training.id, 0) == 0) nanosleep(&pause, NULL);
    for (int number = STDOUT_FILENO; number <= STDERR_FILENO; number++) {
        char name[64], file[256] = "";
        snprintf(name, sizeof name, "/proc/%ld/fd/%d", (long)training.id, number);
        ck_assert_int_gt(readlink(name, file, sizeof file - 1), 0);
        ck_assert_str_eq(file, "/dev/null");
    }
    kill(training.id, SIGTERM);
    outcome ended = process_end(&training);
    assert_status(&ended, 75);
    outcome_release(&ended);
}
END_TEST

/* What a command is there for is its output: it ends with its reader, as others do, or says so. */
START_TEST(a_prediction_ends_with_its_reader) {
    outcome ended = run(SHORT, "@run");
    assert_status(&ended, 0);
    outcome_release(&ended);
    const char *const words[] = {"predict", "--model", "@run/model.safetensors", "--data", "@images", NULL};
    process predicting = start_words_into(output_of("pipe"), output_of("closed"), words);
    ended = process_end(&predicting);
    assert_status(&ended, -SIGPIPE);
    outcome_release(&ended);
    predicting = start_words_into(NULL, tmpfile(), words);
    ended = process_end(&predicting);
    assert_status(&ended, 74);
    assert_contains(ended.err, "standard output: cannot write");
    outcome_release(&ended);
}
END_TEST

/* ---- before training, and others ---- */

/* Once signals are watched: while the kernels are compiled. The folders that were made are removed. */
START_TEST(a_signal_while_kernels_are_compiled_ends_at_once) {
    signal(stop_signals[_i], SIG_DFL);
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
    tcase_add_loop_test(interrupted, a_hang_up_that_repeats_itself_saves, 0, 2);
    tcase_add_loop_test(interrupted, a_training_needs_no_reader, 0, sizeof outputs / sizeof *outputs);
    tcase_add_test(interrupted, no_file_becomes_an_output);
    tcase_add_test(interrupted, a_prediction_ends_with_its_reader);
    tcase_add_loop_test(interrupted, a_signal_while_kernels_are_compiled_ends_at_once, 0,
                        sizeof stop_signals / sizeof *stop_signals);
    tcase_add_loop_test(interrupted, an_ignored_signal_stays_ignored, 0, 3);
    tcase_add_test(interrupted, a_full_disk_ends_training_and_keeps_whole_files);
    suite_add_tcase(suite, interrupted);
    return suite;
}
