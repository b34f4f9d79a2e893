/* Ensembles on the command line: trained, predicted with their spread, evaluated, exported; what is refused. */
#include "command/fixture.h"

#include <check.h>
#include <math.h>
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
    fixture_create();
    write_table("table.csv", 0);
    write_table("new.csv", 1000);
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

START_TEST(refuses_what_does_not_go_with_them) {
    expect_done(run("train", "@table.csv", "--target", "y", "--ensemble", "2", "--output", "@run", "--hidden", "4",
                    "--epochs", "1"));
    assert_refused(run("train", "--resume", "@run", "--epochs", "2"), 2, "a run of an ensemble does not go on");
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

Suite *ensembles_suite(void) {
    Suite *suite = suite_create("ensembles");
    TCase *tests = tcase_create("ensembles");
    tcase_add_checked_fixture(tests, create, fixture_remove);
    tcase_add_test(tests, numbers_are_predicted_together);
    tcase_add_test(tests, classes_are_predicted_together);
    tcase_add_test(tests, the_same_seed_gives_the_same_model);
    tcase_add_test(tests, idx_files_have_ensembles);
    tcase_add_test(tests, presets_say_how_many);
    tcase_add_test(tests, refuses_what_does_not_go_with_them);
    suite_add_tcase(suite, tests);
    return suite;
}
