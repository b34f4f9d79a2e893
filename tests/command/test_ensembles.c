/* Ensembles on the command line: trained, predicted with their spread, evaluated, exported; what is refused. */
#include "command/commands.h"
#include "command/ensemble/preset.h"
#include "command/fixture.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

Suite *ensembles_suite(void);

enum { ROWS = 240 };

/* y is a bend of x, and more where the kind is b, with noise that no network learns, so that several are better than
 * one; `big` says whether it is above 1.5. */
static void write_table(const char *name, size_t first) {
    static char text[1 << 15];
    size_t used = (size_t)snprintf(text, sizeof text, "x,kind,y,big\n");
    for (size_t i = first; i < first + ROWS; i++) {
        const double x = (double)(i * 37 % 100) / 25.0, noise = (double)(i * 7919 % 101) / 101.0 - 0.5,
                     y = fabs(x - 2.0) + (i % 2 ? 1.0 : 0.0) + noise;
        used += (size_t)snprintf(text + used, sizeof text - used, "%g,%s,%g,%s\n", x, i % 2 ? "b" : "a", y,
                                 y > 1.5 ? "yes" : "no");
    }
    scratch_write(name, text, used);
}

static void create(void) {
    fixture_create_plain();
    write_table("table.csv", 0);
    write_table("new.csv", 1000);
}

static void remove_layers(void) {
    unsetenv("OPENCL_LAYERS");
    unsetenv("ODD_LAYER");
    fixture_remove();
}

static outcome assert_done(outcome ended) {
    assert_status(&ended, 0);
    return ended;
}

static void expect_done(outcome ended) {
    assert_status(&ended, 0);
    outcome_release(&ended);
}

static char *output_of(outcome ended) {
    assert_status(&ended, 0);
    char *text = ended.out;
    ended.out = NULL;
    outcome_release(&ended);
    return text;
}

static double metric_of(const char *model, const char *name) {
    char *text = output_of(run("evaluate", "--model", model, "--data", "@new.csv", "--json"));
    json_t *lines = json_lines(text);
    const double value = number_of(json_array_get(lines, 0), name);
    json_decref(lines);
    free(text);
    return value;
}

#define SMALL "--hidden", "24", "--epochs", "12", "--batch-size", "16"

/* The history's last line has the cost of the model on the validation data, the lowest there is. */
START_TEST(numbers_are_predicted_together) {
    fixture_choose();
    outcome ended = assert_done(run("train", "@table.csv", "--target", "y", "--ignore", "big", "--ensemble", "4",
                                    "--valid", "@new.csv", "--output", "@run", SMALL));
    assert_contains(ended.err, "drawn for each: learning-rate,weight-decay,dropout,seed");
    assert_contains(ended.err, "ensemble of ");
    assert_contains(ended.err, "on the validation data: rmse of y");
    outcome_release(&ended);
    size_t count = 0;
    char *history = (char *)file_read(scratch_path("run/history.csv"), &count);
    ck_assert_int_eq(strncmp(history, "epoch,train_cost,valid_cost,latest_cost,best_member,", 52), 0);
    history[count - 1] = '\0';
    const char *last = strrchr(history, '\n') + 1;
    const double cost = atof(strchr(strchr(last, ',') + 1, ',') + 1);
    ck_assert_double_eq_tol(metric_of("@run", "cost"), cost, 1e-6 * (1.0 + cost));
    ck_assert_double_lt(metric_of("@run", "r2"), 1.0);
    ck_assert_double_gt(metric_of("@run", "r2"), 0.5);
    free(history);

    char *text = output_of(run("inspect", "@run"));
    assert_contains(text, "member    share  layers\n0       ");
    free(text);
    assert_refused(run("export", "--model", "@run", "--output", "@net.safetensors"), 2,
                   "which a PyTorch Sequential cannot be; export it as onnx or c");
    text = output_of(run("predict", "--model", "@run", "--data", "@new.csv", "--spread", "--members"));
    ck_assert_int_eq(strncmp(text, "prediction,spread,member0", 25), 0);
    /* The prediction lies among those of members, the spread is less than their range. */
    const char *row = strchr(text, '\n') + 1;
    char *end = NULL;
    const double prediction = strtod(row, &end), spread = strtod(end + 1, &end);
    double lowest = INFINITY, highest = -INFINITY;
    while (*end == ',') {
        const double one = strtod(end + 1, &end);
        lowest = fmin(lowest, one);
        highest = fmax(highest, one);
    }
    ck_assert(prediction >= lowest - 1e-5 && prediction <= highest + 1e-5);
    ck_assert(spread >= 0.0 && spread <= highest - lowest + 1e-5);
    free(text);
}
END_TEST

START_TEST(classes_are_predicted_together) {
    expect_done(run("train", "@table.csv", "--target", "big", "--ignore", "y", "--ensemble", "4", "--output", "@run",
                    "--seed", "5", SMALL));
    char *text = output_of(run("predict", "--model", "@run", "--data", "@new.csv", "--proba", "--spread"));
    ck_assert_int_eq(strncmp(text, "prediction,no,yes,spread\n", 25), 0);
    const char *row = strchr(text, '\n') + 1;
    char *end = NULL;
    const double no = strtod(strchr(row, ',') + 1, &end), yes = strtod(end + 1, &end);
    ck_assert_double_eq_tol(no + yes, 1.0, 1e-6);
    ck_assert_int_eq(strncmp(row, yes > no ? "yes" : "no,", 3), 0);
    free(text);
    ck_assert_double_gt(metric_of("@run", "accuracy"), 0.8);
}
END_TEST

/* The same seed gives the same bytes, and so does the run's own configuration; what is given is not drawn. */
START_TEST(the_same_seed_gives_the_same_model) {
    enum { RUNS = 3 };
    static const char *const runs[] = {"@one", "@two", "@three"};
    unsigned char *bytes[RUNS];
    size_t counts[RUNS];
    for (size_t i = 0; i < RUNS; i++) {
        outcome ended = assert_done(i == 2 ? run("train", "--config", "@one/config.json", "--output", runs[i])
                                           : run("train", "@table.csv", "--target", "y", "--ensemble", "3", "--dropout",
                                                 "0", "--output", runs[i], SMALL));
        assert_contains(ended.err, "drawn for each: learning-rate,weight-decay,seed");
        outcome_release(&ended);
        char name[32];
        snprintf(name, sizeof name, "%s/model.safetensors", runs[i] + 1);
        bytes[i] = file_read(scratch_path(name), &counts[i]);
    }
    for (size_t i = 1; i < RUNS; i++) {
        ck_assert_uint_eq(counts[0], counts[i]);
        ck_assert_mem_eq(bytes[0], bytes[i], counts[0]);
    }
    for (size_t i = 0; i < RUNS; i++) free(bytes[i]);
}
END_TEST

/* The images' classes, with their spread; a preset by itself is many networks of several depths. */
START_TEST(idx_files_have_ensembles) {
    outcome ended = assert_done(run(TRAIN, "--recipe", "standard", "--valid-split", "0.3", "--hidden", "8", "--epochs",
                                    "2", "--ensemble", "3", "--preset", "quality", "--output", "@run", "--json"));
    json_t *lines = json_lines(ended.out);
    const json_t *first = json_array_get(lines, 0), *last = json_array_get(lines, json_array_size(lines) - 1);
    ck_assert_str_eq(text_of(first, "event"), "ensemble");
    ck_assert_str_eq(text_of(last, "event"), "done");
    ck_assert_double_le(number_of(last, "valid_cost"), number_of(first, "valid_cost"));
    json_decref(lines);
    outcome_release(&ended);
    char *text = output_of(run("predict", "--model", "@run", "--data", "@images", "--spread", "--members"));
    ck_assert_int_eq(strncmp(text, "class,spread,member0", 20), 0);
    free(text);
}
END_TEST

START_TEST(presets_say_how_many) {
    outcome ended = assert_done(run("train", "@table.csv", "--target", "y", "--preset", "default", "--output", "@run",
                                    "--hidden", "4", "--epochs", "1"));
    assert_contains(ended.err, "ensemble of at most 8 networks");
    outcome_release(&ended);
    ended = assert_done(run("train", "@table.csv", "--target", "y", "--preset", "fast", "--output", "@fast", "--hidden",
                            "4", "--epochs", "1"));
    ck_assert_ptr_null(strstr(ended.err, "ensemble"));
    outcome_release(&ended);
}
END_TEST

/* 32, fewer of samples whose training would take too long, and some in any case; what is given holds. */
START_TEST(quality_goes_by_the_samples) {
    static const struct {
        size_t samples, networks;
    } expected[] = {{0, 32}, {1, 32}, {18000, 32}, {18001, 31}, {36000, 16}, {144000, 4}, {10000000, 4}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        settings given = {.preset = 2, .ensemble = 1, .draw = "auto"};
        ck_assert_str_eq(preset_words[given.preset], "quality");
        preset_apply(&command_train, expected[i].samples, &given);
        ck_assert_uint_eq(given.ensemble, expected[i].networks);
    }
}
END_TEST

static void assert_same_model(const char *one, const char *other) {
    const char *const names[] = {one, other};
    unsigned char *bytes[2];
    size_t counts[2];
    for (size_t i = 0; i < 2; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s/model.safetensors", names[i]);
        bytes[i] = file_read(scratch_path(name), &counts[i]);
    }
    ck_assert_uint_eq(counts[0], counts[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], counts[0]);
    for (size_t i = 0; i < 2; i++) free(bytes[i]);
}

/* The lines of history.csv without the last column, the seconds; for free(). */
static char *history_of(const char *run) {
    char name[64];
    size_t count = 0, used = 0;
    snprintf(name, sizeof name, "%s/history.csv", run);
    char *text = (char *)file_read(scratch_path(name), &count);
    text[count - 1] = '\0';
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        const size_t length = (size_t)(strrchr(line, ',') - line);
        memmove(text + used, line, length);
        used += length;
    }
    text[used] = '\0';
    return text;
}

static void assert_same_run(const char *one, const char *other) {
    char *history = history_of(one), *other_history = history_of(other);
    ck_assert_str_eq(history, other_history);
    assert_same_model(one, other);
    free(other_history);
    free(history);
}

#define LONG                                                                                                           \
    "train", "@table.csv", "--target", "y", "--ignore", "big", "--ensemble", "3", "--hidden", "8", "--batch-size",     \
        "4", "--patience", "15", "--draw", "learning-rate,dropout", "--epochs"

/* Killed as soon as there is a checkpoint; stopped; its newest checkpoint damaged; then to the end, and once more. */
START_TEST(a_run_that_was_killed_goes_on_to_the_same_bytes) {
    expect_done(run(LONG, "60", "--output", "@whole"));
    process killed = start(LONG, "60", "--output", "@parts", "--checkpoint-every", "1");
    process_await_file(&killed, "parts/checkpoint-previous.safetensors");
    kill(killed.id, SIGKILL);
    outcome ended = process_end(&killed);
    ck_assert_int_eq(ended.status, -SIGKILL);
    outcome_release(&ended);
    process stopped = start("train", "--resume", "@parts", "--json");
    process_await(&stopped, stopped.out, "\"ensemble\"");
    kill(stopped.id, SIGTERM);
    assert_ended(process_end(&stopped), 75);
    scratch_write("parts/checkpoint.safetensors", "damaged", 7);
    ended = assert_done(run("train", "--resume", "@parts"));
    assert_contains(ended.err, "going on from ");
    outcome_release(&ended);
    assert_same_run("whole", "parts");
    ended = assert_done(run("train", "--resume", "@parts"));
    assert_contains(ended.err, "on the validation data: ");
    outcome_release(&ended);
    assert_same_run("whole", "parts");
    scratch_write("parts/checkpoint-previous.safetensors", "", 0);
    scratch_write("parts/checkpoint.safetensors", "damaged", 7);
    assert_refused(run("train", "--resume", "@parts", "--quiet"), 65, "no checkpoint is whole");
}
END_TEST

/* A finished run goes on with more epochs; one that was killed before its first checkpoint begins again. */
START_TEST(a_run_may_take_more_epochs) {
    expect_done(run(LONG, "3", "--output", "@more"));
    expect_done(run(LONG, "6", "--output", "@six"));
    expect_done(run("train", "--resume", "@more", "--epochs", "6"));
    assert_same_run("six", "more");
    ck_assert_int_eq(remove(scratch_path("more/checkpoint.safetensors")), 0);
    ck_assert_int_eq(remove(scratch_path("more/checkpoint-previous.safetensors")), 0);
    assert_refused(run("train", "--resume", "@more", "--quiet"), 66, "there is a model, but no checkpoint");
    ck_assert_int_eq(remove(scratch_path("more/model.safetensors")), 0);
    outcome ended = assert_done(run("train", "--resume", "@more"));
    assert_contains(ended.err, "no checkpoint was written yet: the run begins again");
    outcome_release(&ended);
    assert_same_run("six", "more");
    write_table("table.csv", 1);
    assert_refused(run("train", "--resume", "@more", "--quiet"), 65, "of a run with another");
}
END_TEST

START_TEST(refuses_what_does_not_go_with_them) {
    expect_done(run("train", "@table.csv", "--target", "y", "--ensemble", "2", "--output", "@run", "--hidden", "4",
                    "--epochs", "1"));
    assert_refused(run("train", "--resume", "@run", "--ensemble", "3"), 2, "was begun with 2, and goes on with it");
    assert_refused(run("train", "--resume", "@run", "--draw", "dropout"), 2, "--draw dropout");
    assert_refused(run("train", "@table.csv", "--target", "y", "--ensemble", "2", "--dry-run", "--quiet"), 2,
                   "--dry-run is for one network");
    assert_refused(run("train", "@table.csv", "--target", "y", "--ensemble", "2", "--folds", "3", "--quiet"), 2,
                   "--folds is for one network");
    assert_refused(run("train", "@table.csv", "--target", "y", "--ensemble", "2", "--draw", "rate", "--output",
                       "@other", "--quiet"),
                   2, "'rate' is not drawn");
    assert_refused(run("train", "@table.csv", "--target", "y", "--ensemble", "65", "--output", "@other"), 2, "1 to 64");
    assert_refused(run(TRAIN, "--ensemble", "2", "--output", "@other", "--epochs", "1", "--quiet"), 2,
                   "an ensemble is chosen on validation data");
    ck_assert(!scratch_exists("other/model.safetensors"));
}
END_TEST

/* ---- Little memory ------------------------------------------------------------------------------- */

/* The networks take turns, epoch by epoch, and come to the same model. */
START_TEST(an_ensemble_in_waves_is_the_same) {
    size_t counts[2];
    unsigned char *models[2];
    expect_done(run("train", "@table.csv", "--target", "big", "--ignore", "y", "--ensemble", "6", "--valid", "@new.csv",
                    "--output", "@whole", SMALL));
    ck_assert_int_eq(setenv("OPENCL_LAYERS", getenv("ODD_LAYER_PATH"), 1), 0);
    ck_assert_int_eq(setenv("ODD_LAYER", "memory=160", 1), 0);
    outcome ended = assert_done(run("train", "@table.csv", "--target", "big", "--ignore", "y", "--ensemble", "6",
                                    "--valid", "@new.csv", "--output", "@waves", SMALL));
    assert_contains(ended.err, "the others wait in host memory for their turn");
    ck_assert_ptr_null(strstr(strstr(ended.err, "for their turn") + 1, "for their turn")); /* said once */
    outcome_release(&ended);
    models[0] = file_read(scratch_path("whole/model.safetensors"), &counts[0]);
    models[1] = file_read(scratch_path("waves/model.safetensors"), &counts[1]);
    ck_assert_uint_eq(counts[0], counts[1]);
    ck_assert_mem_eq(models[0], models[1], counts[0]);
    for (size_t i = 0; i < 2; i++) free(models[i]);
}
END_TEST

/* ---- Calibrated ---------------------------------------------------------------------------------- */

#define OF_CLASSES "train", "@table.csv", "--target", "big", "--ignore", "y", "--valid", "@new.csv", "--json", SMALL

/* The event of that name among JSON lines, whose text is freed; NULL without. */
static json_t *event_of(char *text, const char *name) {
    json_t *lines = json_lines(text), *found = NULL;
    for (size_t i = 0; i < json_array_size(lines) && !found; i++)
        if (strcmp(text_of(json_array_get(lines, i), "event"), name) == 0)
            found = json_incref(json_array_get(lines, i));
    json_decref(lines);
    free(text);
    return found;
}

/* By default, told, and never worse; the networks that are chosen are the same. */
START_TEST(an_ensemble_says_calibrated_probabilities) {
    json_t *event = event_of(output_of(run(OF_CLASSES, "--ensemble", "4", "--output", "@run")), "calibration");
    ck_assert_ptr_nonnull(event);
    const double before = number_of(event, "log_loss_before"), after = number_of(event, "log_loss_after");
    ck_assert_double_le(after, before);
    ck_assert_double_gt(number_of(event, "temperature"), 0.0);
    ck_assert_double_eq_tol(metric_of("@run", "log_loss"), after, 1e-5);
    json_decref(event);
    event = event_of(output_of(run(OF_CLASSES, "--ensemble", "4", "--calibrate", "off", "--output", "@raw")),
                     "calibration");
    ck_assert_ptr_null(event);
    ck_assert_double_eq_tol(metric_of("@raw", "log_loss"), before, 1e-5);
    ck_assert_double_eq(metric_of("@raw", "accuracy"), metric_of("@run", "accuracy"));
    outcome ended = assert_done(run(OF_CLASSES, "--ensemble", "4", "--output", "@told"));
    assert_contains(ended.err, "calibrated by the temperature ");
    outcome_release(&ended);
    /* Off after all: the checkpoint is of what was trained. */
    expect_done(run("train", "--resume", "@run", "--calibrate", "off", "--epochs", "13"));
    expect_done(run("train", "--resume", "@raw", "--epochs", "13"));
    ck_assert_double_eq(metric_of("@run", "log_loss"), metric_of("@raw", "log_loss"));
}
END_TEST

START_TEST(a_network_is_calibrated_where_it_is_asked_for) {
    json_t *event = event_of(output_of(run(OF_CLASSES, "--output", "@raw")), "calibration");
    ck_assert_ptr_null(event);
    event = event_of(output_of(run(OF_CLASSES, "--calibrate", "on", "--output", "@run")), "calibration");
    ck_assert_ptr_nonnull(event);
    ck_assert_double_lt(number_of(event, "log_loss_after"), number_of(event, "log_loss_before"));
    ck_assert_double_eq_tol(metric_of("@run", "log_loss"), number_of(event, "log_loss_after"), 1e-5);
    ck_assert_double_eq_tol(metric_of("@raw", "log_loss"), number_of(event, "log_loss_before"), 1e-5);
    json_decref(event);
    assert_refused(run("train", "@table.csv", "--target", "y", "--ignore", "big", "--calibrate", "on", "--output",
                       "@none", "--quiet", SMALL),
                   2, "only probabilities are calibrated");
    assert_refused(
        run("train", "--data", "@images", "--labels", "@labels", "--calibrate", "on", "--output", "@none", "--quiet"),
        2, "--valid");
    ck_assert(!scratch_exists("none"));
}
END_TEST

Suite *ensembles_suite(void) {
    Suite *suite = suite_create("ensembles");
    TCase *tests = tcase_create("ensembles");
    tcase_add_checked_fixture(tests, create, remove_layers);
    tcase_add_test(tests, numbers_are_predicted_together);
    tcase_add_test(tests, classes_are_predicted_together);
    tcase_add_test(tests, the_same_seed_gives_the_same_model);
    tcase_add_test(tests, idx_files_have_ensembles);
    tcase_add_test(tests, presets_say_how_many);
    tcase_add_test(tests, quality_goes_by_the_samples);
    tcase_add_test(tests, a_run_that_was_killed_goes_on_to_the_same_bytes);
    tcase_add_test(tests, a_run_may_take_more_epochs);
    tcase_add_test(tests, refuses_what_does_not_go_with_them);
    tcase_add_test(tests, an_ensemble_in_waves_is_the_same);
    tcase_add_test(tests, an_ensemble_says_calibrated_probabilities);
    tcase_add_test(tests, a_network_is_calibrated_where_it_is_asked_for);
    suite_add_tcase(suite, tests);
    return suite;
}
