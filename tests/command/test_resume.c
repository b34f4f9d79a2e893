/* Runs that are stopped, killed or damaged and go on: what comes out is what comes out of a run that nobody disturbed.
 */

/* For symlink(). */
#define _XOPEN_SOURCE 700

#include "command/fixture.h"

#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

Suite *resume_suite(void);

/* 240 samples in batches of 7: the last of 35 steps has 2. */
#define SETTINGS                                                                                                       \
    TRAIN, "--valid-split", "0.125", "--hidden", "9,5", "--batch-size", "7", "--learning-rate", "0.5", "--seed", "11"

/* A run whose epochs last long enough for a signal to come within one. */
#define MANY "--data", "@many", "--labels", "@many-labels"
#define LONG_RUN                                                                                                       \
    "train", "--recipe", "seed", MANY, "--valid-split", "0.1", "--hidden", "8", "--batch-size", "1", "--epochs", "6",  \
        "--seed", "3"
enum { MANY_SAMPLES = 20000 };

/* The bytes of a file of the scratch folder; of a history without its last two columns, which are times. */
static char *comparable(const char *run_name, const char *name, size_t *byte_count) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", run_name, name);
    ck_assert_msg(scratch_exists(path), "%s is missing", path);
    char *bytes = (char *)file_read(scratch_path(path), byte_count);
    if (strcmp(name, "history.csv") != 0) return bytes;
    size_t kept = 0, commas = 0;
    for (size_t i = 0; i < *byte_count; i++) {
        if (bytes[i] == '\n') commas = 0;
        if (bytes[i] == ',') commas++;
        if (commas < 5) bytes[kept++] = bytes[i];
    }
    *byte_count = kept;
    return bytes;
}

static void assert_same_run(const char *one, const char *other) {
    static const char *const names[] = {"model.safetensors", "best.safetensors", "history.csv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t one_count = 0, other_count = 0;
        char *first = comparable(one, names[i], &one_count), *second = comparable(other, names[i], &other_count);
        ck_assert_msg(one_count == other_count && memcmp(first, second, one_count) == 0, "%s differ", names[i]);
        free(first);
        free(second);
    }
}

/* ---- At an epoch ------------------------------------------------------------------------------ */

START_TEST(more_epochs_are_as_if_asked_for_at_once) {
    static const char *const plans[] = {"layered", "resident"};
    assert_ended(run(SETTINGS, "--epochs", "7", "--matmul", "tile", "--plan", plans[_i], "--output", "@whole"), 0);
    assert_ended(run(SETTINGS, "--epochs", "3", "--matmul", "tile", "--plan", plans[_i], "--output", "@run"), 0);
    outcome ended = run("train", "--resume", "@run", "--epochs", "5", "--json", "--quiet");
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    ck_assert_uint_eq(json_array_size(lines), 3); /* epochs 4 and 5, done */
    ck_assert_int_eq(json_integer_value(json_object_get(json_array_get(lines, 0), "epoch")), 4);
    json_decref(lines);
    outcome_release(&ended);
    assert_ended(run("train", "--resume", "@run/", "--epochs", "7", "--plan", plans[1 - _i]), 0);
    assert_same_run("whole", "run");

    ended = run("train", "--resume", "@run");
    assert_status(&ended, 0);
    assert_contains(ended.err, "done after 7 epochs");
    outcome_release(&ended);
    assert_same_run("whole", "run");
}
END_TEST

START_TEST(a_folder_has_one_run_at_a_time) {
    process training = start(SETTINGS, "--epochs", "1000000", "--output", "@run", "--checkpoint-every", "1", "--json");
    process_await(&training, training.out, "\"epoch\":2,");
    assert_refused(run("train", "--resume", "@run", "--quiet"), 73, "another epocl is training there");
    assert_refused(run(SETTINGS, "--output", "@run", "--force"), 73, "another epocl is training there");
    ck_assert(scratch_exists("run/config.json"));
    ck_assert_int_eq(kill(training.id, SIGKILL), 0);
    assert_ended(process_end(&training), -SIGKILL);
    assert_ended(run("train", "--resume", "@run", "--epochs", "1", "--quiet"), 0);
}
END_TEST

START_TEST(a_run_goes_on_in_a_folder_that_is_moved) {
    process training = start(SETTINGS, "--epochs", "1000000", "--output", "@run", "--checkpoint-every", "1", "--json");
    process_await(&training, training.out, "\"epoch\":2,");
    ck_assert_int_eq(rename(scratch_path("run"), scratch_path("old")), 0);
    assert_ended(run(SETTINGS, "--epochs", "3", "--output", "@run"), 0);
    assert_ended(run(SETTINGS, "--epochs", "3", "--output", "@three"), 0);
    ck_assert_int_eq(kill(training.id, SIGTERM), 0);
    outcome ended = process_end(&training);
    assert_status(&ended, 75);
    assert_contains(ended.err, "run was moved while it trained");
    outcome_release(&ended);
    assert_same_run("three", "run");
    assert_ended(run("evaluate", "--model", "@old/model.safetensors", "--data", "@images", "--labels", "@labels"), 0);
    assert_ended(run("train", "--resume", "@old", "--epochs", "1", "--quiet"), 0);
}
END_TEST

/* What a link within the folder leads to is neither read nor written. */
START_TEST(links_in_the_folder_are_not_followed) {
    static const char *const names[] = {"history.csv", "model.safetensors", "best.safetensors",
                                        "checkpoint-next.safetensors"};
    char name[64];
    assert_ended(run(SETTINGS, "--epochs", "3", "--output", "@whole"), 0);
    assert_ended(run(SETTINGS, "--epochs", "2", "--output", "@run"), 0);
    scratch_write("precious", "mine", 4);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "run/%s", names[i]);
        remove(scratch_path(name));
        ck_assert_int_eq(symlink("../precious", scratch_path(name)), 0);
    }
    assert_ended(run("train", "--resume", "@run", "--epochs", "3"), 0);
    assert_same_run("whole", "run");
    size_t byte_count = 0;
    char *text = (char *)file_read(scratch_path("precious"), &byte_count);
    ck_assert(byte_count == 4 && memcmp(text, "mine", 4) == 0);
    free(text);

    ck_assert_int_eq(rename(scratch_path("run/checkpoint.safetensors"), scratch_path("moved")), 0);
    remove(scratch_path("run/checkpoint-previous.safetensors"));
    ck_assert_int_eq(symlink("../moved", scratch_path("run/checkpoint.safetensors")), 0);
    assert_refused(run("train", "--resume", "@run", "--epochs", "4", "--quiet"), 66, "symbolic link");
    ck_assert_int_eq(rename(scratch_path("run/config.json"), scratch_path("config")), 0);
    ck_assert_int_eq(symlink("../config", scratch_path("run/config.json")), 0);
    assert_refused(run("train", "--resume", "@run", "--epochs", "4", "--quiet"), 66, "symbolic link");
}
END_TEST

START_TEST(checkpoints_are_so_many_epochs_apart) {
    assert_ended(run(SETTINGS, "--epochs", "5", "--checkpoint-every", "3", "--output", "@run"),
                 0); /* after 3, and at the end */
    ck_assert_int_eq(remove(scratch_path("run/checkpoint.safetensors")), 0);
    outcome ended = run("train", "--resume", "@run", "--json", "--quiet");
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    ck_assert(number_of(json_array_get(lines, 0), "epoch") == 4);
    json_decref(lines);
    outcome_release(&ended);
}
END_TEST

START_TEST(settings_are_the_runs_own) {
    static const char *const refused[][2] = {{"--hidden", "4"},     {"--seed", "2"},          {"--batch-size", "5"},
                                             {"--matmul", "plain"}, {"--valid-split", "0.5"}, {"--output", "@other"}};
    assert_ended(run(SETTINGS, "--epochs", "2", "--output", "@run"), 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        assert_refused(run("train", "--resume", "@run", refused[i][0], refused[i][1]), 2, refused[i][0]);
    assert_refused(run("train", "--resume", "@run", "--dry-run"), 2, "--dry-run");

    assert_ended(
        run("train", "--resume", "@run", "--epochs", "3", "--learning-rate", "0.25", "--checkpoint-every", "3"), 0);
    json_t *config = json_load_file(scratch_path("run/config.json"), 0, NULL);
    const json_t *given = json_object_get(config, "settings");
    ck_assert_int_eq(json_integer_value(json_object_get(given, "epochs")), 3);
    ck_assert(json_real_value(json_object_get(given, "learning_rate")) == 0.25);
    ck_assert_str_eq(json_string_value(json_object_get(given, "checkpoint_every")), "3");
    ck_assert_str_eq(json_string_value(json_object_get(given, "seed")), "11");
    json_decref(config);
}
END_TEST

START_TEST(data_can_move_but_not_change) {
    assert_ended(run(SETTINGS, "--epochs", "2", "--output", "@run"), 0);
    assert_ended(run(SETTINGS, "--epochs", "4", "--output", "@whole"), 0);
    fixture_write_images("moved", "moved-labels", FIXTURE_SAMPLES);
    remove(scratch_path("images"));
    assert_refused(run("train", "--resume", "@run", "--epochs", "4", "--quiet"), 66, "images");
    assert_ended(run("train", "--resume", "@run", "--epochs", "4", "--data", "@moved"), 0);
    assert_same_run("whole", "run");
    fixture_write_images("moved", "moved-labels", FIXTURE_SAMPLES - 1);
    assert_refused(
        run("train", "--resume", "@run", "--epochs", "5", "--data", "@moved", "--labels", "@moved-labels", "--quiet"),
        65, "another training data");
}
END_TEST

START_TEST(what_cannot_be_resumed_is_told) {
    assert_refused(run("train", "--resume", "@none"), 66, "no run to resume");
    assert_ended(run(SETTINGS, "--epochs", "2", "--output", "@run"), 0);
    ck_assert_int_eq(remove(scratch_path("run/checkpoint.safetensors")), 0);
    assert_refused(run("train", "--resume", "@run"), 66, "no checkpoint");
    scratch_write("run/config.json", "{}", 2);
    assert_refused(run("train", "--resume", "@run"), 65, "config.json");
    static const char wrong[] = "{\"schema\": 1, \"settings\": {\"data\": 5, \"epochs\": -3}}";
    scratch_write("run/config.json", wrong, strlen(wrong));
    assert_refused(run("train", "--resume", "@run"), 65, "'data' is not of the type");
}
END_TEST

/* ---- Within an epoch -------------------------------------------------------------------------- */

static void pause_for(double seconds) {
    const struct timespec time = {.tv_sec = (time_t)seconds,
                                  .tv_nsec = (long)(1e9 * (seconds - (double)(time_t)seconds))};
    nanosleep(&time, NULL);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* Trains without a disturbance into `whole`; the seconds that training took. */
static double train_whole(void) {
    fixture_write_images("many", "many-labels", MANY_SAMPLES);
    assert_ended(run(LONG_RUN, "--output", "@whole"), 0); /* compiles */
    process training = start(LONG_RUN, "--output", "@whole", "--force");
    process_await(&training, training.err, "plan     ");
    const double begin = now();
    assert_ended(process_end(&training), 0);
    return now() - begin;
}

/* Starts, or goes on with, the run in `run`, and waits until it trains. */
static process begin_run(bool is_first) {
    process training =
        is_first ? start(LONG_RUN, "--output", "@run", "--checkpoint-every", "1") : start("train", "--resume", "@run");
    process_await(&training, training.err, "plan     ");
    return training;
}

/* The moments are spread over the training by the loop's number and are different in every run of the test. */
START_TEST(a_stop_is_gone_on_from) {
    static const int signals[] = {SIGINT, SIGTERM};
    const double seconds = train_whole();
    for (int i = 0; i < 6; i++) {
        process training = begin_run(i == 0);
        pause_for(seconds * (0.02 + 0.06 * i));
        kill(training.id, signals[i % 2]);
        outcome ended = process_end(&training);
        if (ended.status != 0) {
            assert_status(&ended, 75);
            assert_contains(ended.err, "go on with: epocl train --resume ");
        }
        outcome_release(&ended);
        assert_ended(run("evaluate", "--model", "@run/checkpoint.safetensors", MANY), 0);
    }
    assert_ended(run("train", "--resume", "@run"), 0);
    assert_same_run("whole", "run");
}
END_TEST

/* An epoch of 8 steps, and a validation that takes far longer: the stops come within it. */
START_TEST(a_stop_within_validation_is_gone_on_from) {
    fixture_write_images("many", "many-labels", 10 * MANY_SAMPLES);
    assert_ended(
        run(TRAIN, "--valid", "@many", "--valid-labels", "@many-labels", "--epochs", "3", "--output", "@whole"), 0);
    for (int i = 0; i < 5; i++) {
        process training = i == 0 ? start(TRAIN, "--valid", "@many", "--valid-labels", "@many-labels", "--epochs", "3",
                                          "--output", "@run", "--checkpoint-every", "1")
                                  : start("train", "--resume", "@run");
        process_await(&training, training.err, "plan     ");
        kill(training.id, SIGTERM);
        outcome ended = process_end(&training);
        if (ended.status != 0) assert_status(&ended, 75);
        outcome_release(&ended);
    }
    assert_ended(run("train", "--resume", "@run"), 0);
    assert_same_run("whole", "run");
}
END_TEST

START_TEST(a_killed_run_is_gone_on_from) {
    const double seconds = train_whole();
    bool is_first = true;
    for (int i = 0; i < 6; i++) {
        process training = begin_run(is_first);
        pause_for(seconds * (0.1 + 0.15 * i));
        kill(training.id, SIGKILL);
        outcome ended = process_end(&training);
        ck_assert(ended.status == 0 || ended.status == -SIGKILL);
        outcome_release(&ended);
        is_first = !scratch_exists("run/config.json");
    }
    assert_ended(is_first ? run(LONG_RUN, "--output", "@run") : run("train", "--resume", "@run"), 0);
    assert_same_run("whole", "run");
}
END_TEST

START_TEST(saves_change_nothing) {
    const double seconds = train_whole();
    process training = start(LONG_RUN, "--output", "@run");
    process_await(&training, training.err, "device ");
    kill(training.id, SIGUSR1); /* while there is no trainer yet */
    process_await(&training, training.err, "plan     ");
    for (int i = 0; i < 8; i++) {
        pause_for(seconds / 10);
        kill(training.id, SIGUSR1);
    }
    outcome ended = process_end(&training);
    assert_status(&ended, 0);
    outcome_release(&ended);
    ck_assert(scratch_exists("run/checkpoint-previous.safetensors"));
    assert_same_run("whole", "run");
}
END_TEST

START_TEST(a_clock_saves) {
    fixture_write_images("many", "many-labels", MANY_SAMPLES);
    process training = start(LONG_RUN, "--epochs", "100000", "--output", "@run", "--checkpoint-every", "1s");
    process_await_file(&training, "run/checkpoint-previous.safetensors");
    kill(training.id, SIGKILL);
    assert_ended(process_end(&training), -SIGKILL);
    assert_ended(run("inspect", "--model", "@run/checkpoint-previous.safetensors"), 0);
}
END_TEST

START_TEST(a_second_signal_ends_at_once) {
    fixture_write_images("many", "many-labels", MANY_SAMPLES);
    process training = start(LONG_RUN, "--epochs", "100000", "--output", "@run");
    process_await(&training, training.err, "epoch   1/");
    /* Stopped, the process sees both at its next moment: that of the one kind first, and it ends by the other. */
    kill(training.id, SIGSTOP);
    kill(training.id, SIGINT);
    kill(training.id, SIGTERM);
    kill(training.id, SIGCONT);
    outcome ended = process_end(&training);
    ck_assert_msg(ended.status == -SIGINT || ended.status == -SIGTERM, "exit status %d: %s", ended.status, ended.err);
    outcome_release(&ended);
    ck_assert(!scratch_exists("run/model.safetensors"));
}
END_TEST

/* ---- Damage ----------------------------------------------------------------------------------- */

static void damage(const char *name) {
    size_t byte_count = 0;
    unsigned char *bytes = file_read(scratch_path(name), &byte_count);
    bytes[byte_count * 3 / 4] ^= 0x10;
    scratch_write(name, bytes, byte_count);
    free(bytes);
}

START_TEST(a_damaged_checkpoint_falls_back) {
    static const char newest[] = "run/checkpoint.safetensors", previous[] = "run/checkpoint-previous.safetensors";
    assert_ended(run(SETTINGS, "--epochs", "9", "--output", "@whole"), 0);
    assert_ended(run(SETTINGS, "--epochs", "5", "--checkpoint-every", "2", "--output", "@run"), 0);
    if (_i == 0)
        damage(newest);
    else
        ck_assert_int_eq(remove(scratch_path(newest)), 0);
    outcome ended = run("train", "--resume", "@run", "--epochs", "6", "--checkpoint-every", "100");
    assert_status(&ended, 0);
    assert_contains(ended.err, _i == 0 ? "damaged" : "cannot open");
    assert_contains(ended.err, "checkpoint-previous.safetensors");
    assert_contains(ended.err, "epoch   5/6"); /* from after epoch 4 */
    outcome_release(&ended);
    assert_ended(
        run("evaluate", "--model", "@run/checkpoint-previous.safetensors", "--data", "@images", "--labels", "@labels"),
        0); /* the damaged one has not taken its place */
    assert_ended(run("train", "--resume", "@run", "--epochs", "9"), 0);
    assert_same_run("whole", "run");

    damage(newest);
    damage(previous);
    assert_refused(run("train", "--resume", "@run", "--epochs", "10"), 65, "no checkpoint is whole");
    assert_same_run("whole", "run");
}
END_TEST

/* The best model after a fall-back is that of the epochs gone on from, also where the run never comes to the later one
 * again. */
START_TEST(the_best_is_of_the_epochs_gone_on_from) {
    assert_ended(run(SETTINGS, "--epochs", "4", "--output", "@four"), 0);
    assert_ended(run(SETTINGS, "--epochs", "6", "--output", "@six"), 0);
    assert_ended(run(SETTINGS, "--epochs", "5", "--checkpoint-every", "2", "--output", "@run"), 0);
    ck_assert_int_eq(remove(scratch_path("run/checkpoint.safetensors")), 0);
    outcome ended = run("train", "--resume", "@run", "--epochs", "4");
    assert_status(&ended, 0);
    assert_contains(ended.err, "best.safetensors is not the best model of the epochs gone on from: that of epoch 4");
    outcome_release(&ended);
    assert_same_run("four", "run");

    ck_assert_int_eq(remove(scratch_path("run/best.safetensors")), 0);
    assert_ended(run("train", "--resume", "@run", "--quiet"), 0);
    assert_same_run("four", "run");
    assert_ended(run("train", "--resume", "@run", "--epochs", "6"), 0);
    assert_same_run("six", "run");
}
END_TEST

/* Before the first epoch has ended there is no best model. */
START_TEST(a_best_of_no_epoch_is_removed) {
    fixture_write_images("many", "many-labels", 10 * MANY_SAMPLES);
    process training = start(LONG_RUN, "--output", "@run");
    process_await(&training, training.err, "plan     ");
    kill(training.id, SIGINT);
    outcome ended = process_end(&training);
    assert_status(&ended, 75);
    assert_contains(ended.err, "stopped after 0 epochs");
    outcome_release(&ended);
    assert_ended(run(SETTINGS, "--epochs", "1", "--output", "@other"), 0);
    ck_assert_int_eq(rename(scratch_path("other/best.safetensors"), scratch_path("run/best.safetensors")), 0);

    training = start("train", "--resume", "@run");
    process_await(&training, training.err, "best.safetensors is of none of the epochs gone on from");
    process_await(&training, training.err, "plan     ");
    kill(training.id, SIGINT);
    ended = process_end(&training);
    assert_status(&ended, 75);
    if (strstr(ended.err, "stopped after 0 epochs")) ck_assert(!scratch_exists("run/best.safetensors"));
    outcome_release(&ended);
}
END_TEST

START_TEST(divergence_keeps_the_last_checkpoint) {
#define LARGE_INPUTS                                                                                                   \
    "train", "--recipe", "seed", "--data", "@floats", "--labels", "@labels", "--valid-split", "0.125", "--normalize",  \
        "none"
    assert_ended(run(LARGE_INPUTS, "--epochs", "4", "--learning-rate", "1e-31", "--output", "@whole"), 0);
    assert_ended(run(LARGE_INPUTS, "--epochs", "2", "--learning-rate", "1e-31", "--output", "@run"), 0);
    outcome ended = run("train", "--resume", "@run", "--epochs", "4", "--learning-rate", "1e29", "--quiet");
    assert_status(&ended, 76);
    assert_contains(ended.err, "of epoch 3 on, first in layer 0 (the output layer); try a smaller learning rate");
    assert_contains(ended.err, "run/checkpoint.safetensors");
    assert_contains(ended.err, "--learning-rate RATE");
    outcome_release(&ended);
    assert_ended(run("train", "--resume", "@run", "--epochs", "4", "--learning-rate", "1e-31"), 0);
    assert_same_run("whole", "run");
}
END_TEST

Suite *resume_suite(void) {
    Suite *suite = suite_create("resume");
    TCase *resume = tcase_create("resume");
    tcase_add_checked_fixture(resume, fixture_create, fixture_remove);
    tcase_add_loop_test(resume, more_epochs_are_as_if_asked_for_at_once, 0, 2);
    tcase_add_test(resume, a_folder_has_one_run_at_a_time);
    tcase_add_test(resume, a_run_goes_on_in_a_folder_that_is_moved);
    tcase_add_test(resume, links_in_the_folder_are_not_followed);
    tcase_add_test(resume, checkpoints_are_so_many_epochs_apart);
    tcase_add_test(resume, settings_are_the_runs_own);
    tcase_add_test(resume, data_can_move_but_not_change);
    tcase_add_test(resume, what_cannot_be_resumed_is_told);
    tcase_add_test(resume, a_stop_is_gone_on_from);
    tcase_add_test(resume, a_stop_within_validation_is_gone_on_from);
    tcase_add_test(resume, a_killed_run_is_gone_on_from);
    tcase_add_test(resume, saves_change_nothing);
    tcase_add_test(resume, a_clock_saves);
    tcase_add_test(resume, a_second_signal_ends_at_once);
    tcase_add_loop_test(resume, a_damaged_checkpoint_falls_back, 0, 2);
    tcase_add_test(resume, the_best_is_of_the_epochs_gone_on_from);
    tcase_add_test(resume, a_best_of_no_epoch_is_removed);
    tcase_add_test(resume, divergence_keeps_the_last_checkpoint);
    suite_add_tcase(suite, resume);
    return suite;
}
