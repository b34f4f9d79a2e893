/* Targets that are values, and weights of samples, from files to predictions. */
#include "command/fixture.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

Suite *targets_suite(void);

enum { SAMPLES = 60, INPUTS = 2, OUTPUTS = 2, IDX_BYTES = 0x08, IDX_FLOATS = 0x0D };
#define XY "--data", "@x", "--labels", "@y"

/* An IDX file [rows] or [rows, columns], with a value for each cell. */
static void write_idx(const char *name, unsigned char type, uint32_t rows, uint32_t columns,
                      float (*value)(size_t row, size_t column)) {
    unsigned char bytes[12 + 4 * SAMPLES * 4], *at = bytes;
    const uint32_t sizes[] = {rows, columns};
    memcpy(at, (const unsigned char[]){0, 0, type, columns ? 2 : 1}, 4);
    at += 4;
    for (size_t i = 0; i < (columns ? 2 : 1); i++)
        for (int shift = 24; shift >= 0; shift -= 8) *at++ = (unsigned char)(sizes[i] >> shift);
    for (size_t i = 0; i < rows * (columns ? columns : 1); i++) {
        const float number = value(columns ? i / columns : i, columns ? i % columns : 0);
        uint32_t bits;
        memcpy(&bits, &number, sizeof bits);
        if (type == IDX_BYTES)
            *at++ = (unsigned char)number;
        else
            for (int shift = 24; shift >= 0; shift -= 8) *at++ = (unsigned char)(bits >> shift);
    }
    scratch_write(name, bytes, (size_t)(at - bytes));
}

static float input(size_t row, size_t column) {
    return (float)((row * (column ? 7 : 3) + column) % 11) / 11.0f;
}

static float linear(size_t row, size_t column) {
    return column ? input(row, 0) + 3.0f : 2.0f * input(row, 0) - input(row, 1);
}

static float answer(size_t row, size_t column) {
    return input(row, column) > 0.5f;
}

static float class_of(size_t row, size_t column) {
    (void)column;
    return input(row, 0) > 0.5f;
}

static float weight(size_t row, size_t column) {
    (void)column;
    return row % 3 ? 1.0f : 2.5f;
}

static float negative(size_t row, size_t column) {
    (void)column;
    return row == 7 ? -1.0f : 1.0f;
}

static void create(void) {
    fixture_create_plain();
    write_idx("x", IDX_FLOATS, SAMPLES, INPUTS, input);
}

/* What it said on standard error, and with `lines` on standard output; it ended well. */
static char *told(outcome ended, json_t **lines) {
    assert_status(&ended, 0);
    if (lines) *lines = json_lines(ended.out);
    free(ended.out);
    return ended.err;
}

static json_t *line_of(outcome ended) {
    json_t *lines = NULL;
    free(told(ended, &lines));
    json_t *last = json_incref(json_array_get(lines, json_array_size(lines) - 1));
    json_decref(lines);
    return last;
}

static bool is_same_file(const char *one, const char *other) {
    size_t counts[2];
    unsigned char *bytes[2] = {file_read(scratch_path(one), &counts[0]), file_read(scratch_path(other), &counts[1])};
    const bool is_same = counts[0] == counts[1] && memcmp(bytes[0], bytes[1], counts[0]) == 0;
    free(bytes[0]);
    free(bytes[1]);
    return is_same;
}

START_TEST(a_linear_law_is_learned_from_files) {
    fixture_choose();
    write_idx("y", IDX_FLOATS, SAMPLES, OUTPUTS, linear);
    char *text = told(run("train", "--recipe", "seed", XY, "--cost", "auto", "--learning-rate", "0.3", "--epochs",
                          "150", "--valid-split", "0.25", "--output", "@run"),
                      NULL);
    assert_contains(text, "cost auto: targets are values, so squared of identity outputs\n");
    assert_contains(text, " rmse ");
    ck_assert_ptr_null(strstr(text, "accuracy"));
    size_t byte_count = 0;
    unsigned char *history = file_read(scratch_path("run/history.csv"), &byte_count);
    static const char header[] = "epoch,train_cost,train_rmse,valid_cost,valid_rmse,seconds,samples_per_second\n1,";
    ck_assert(byte_count > sizeof header && memcmp(history, header, sizeof header - 1) == 0);
    double fields[4] = {0}; /* of the first epoch */
    char *field = (char *)history + sizeof header - 1;
    for (size_t i = 0; i < 4; i++) fields[i] = strtod(field, &field), field++;
    for (size_t i = 0; i < 4; i += 2)
        ck_assert_double_eq_tol(fields[i + 1], sqrt(2 * fields[i] / (double)OUTPUTS), 1e-6);
    free(history);
    free(text);
    json_t *line = line_of(run("evaluate", "--model", "@run", "--data", "@x", "--targets", "@y", "--json"));
    ck_assert_double_lt(number_of(line, "cost"), 1e-6);
    json_decref(line);
    line = line_of(run("inspect", "@run", "--json"));
    ck_assert_str_eq(text_of(line, "targets"), "values");
    json_decref(line);

    outcome predicted = run("predict", "--model", "@run", "--data", "@x");
    assert_status(&predicted, 0);
    char *at = predicted.out;
    ck_assert(strncmp(at, "value0,value1\n", 14) == 0);
    at += 14;
    for (size_t i = 0; i < SAMPLES * OUTPUTS; i++, at++)
        ck_assert_double_eq_tol(strtod(at, &at), (double)linear(i / OUTPUTS, i % OUTPUTS), 0.01);
    ck_assert_str_eq(at, "");
    outcome_release(&predicted);

    /* On with the cost that "auto" was. */
    text = told(run("train", "--resume", "@run", "--epochs", "151"), NULL);
    ck_assert_ptr_null(strstr(text, "cost auto"));
    free(text);
}
END_TEST

START_TEST(units_that_say_yes_are_learned_from_files) {
    write_idx("y", IDX_BYTES, SAMPLES, OUTPUTS, answer);
    char *text = told(run("train", "--recipe", "seed", XY, "--cost", "auto", "--learning-rate", "3", "--epochs", "300",
                          "--output", "@run"),
                      NULL);
    assert_contains(text, "cost auto: targets are 0 or 1 for each output, so cross-entropy of sigmoid outputs\n");
    free(text);
    outcome predicted = run("predict", "--model", "@run", "--data", "@x", "--proba");
    assert_status(&predicted, 0);
    char *at = predicted.out;
    ck_assert(strncmp(at, "label0,label1,sigmoid0,sigmoid1\n", 32) == 0);
    at += 32;
    for (size_t row = 0; row < SAMPLES; row++)
        for (size_t i = 0; i < 2 * OUTPUTS; i++, at++) {
            const double expected = (double)answer(row, i % OUTPUTS), found = strtod(at, &at);
            ck_assert(i < OUTPUTS ? found == expected : (found > 0.5) == (expected > 0.5));
        }
    outcome_release(&predicted);
}
END_TEST

START_TEST(targets_of_another_kind_are_refused) {
    write_idx("y", IDX_FLOATS, SAMPLES, OUTPUTS, linear);
    write_idx("classes", IDX_BYTES, SAMPLES, 0, class_of);
    write_idx("narrow", IDX_FLOATS, SAMPLES, 0, linear);
    free(told(run("train", "--recipe", "seed", XY, "--cost", "squared", "--epochs", "1", "--output", "@run"), NULL));
    assert_refused(run("evaluate", "--model", "@run", "--data", "@x", "--labels", "@classes"), 65,
                   "classes: holds class labels (integers in one dimension) and the network is made for values; give "
                   "a value for each output");
    assert_refused(run("evaluate", "--model", "@run", "--data", "@x", "--labels", "@narrow"), 65,
                   "narrow: the data set has 1 target values a sample and the network has 2 outputs");
    assert_refused(run("train", "--recipe", "seed", XY, "--valid", "@x", "--valid-labels", "@classes", "--cost",
                       "squared", "--output", "@other", "--quiet"),
                   65, "classes: holds class labels");
    assert_refused(
        run("train", "--recipe", "seed", XY, "--cost", "softmax-cross-entropy", "--output", "@other", "--quiet"), 65,
        "y: target value 0 of sample 0 is -0.0909091; those of cost 'softmax-cross-entropy' are from 0 to 1, and");
}
END_TEST

START_TEST(weights_of_samples_are_read) {
    write_idx("y", IDX_BYTES, SAMPLES, 0, class_of);
    write_idx("w", IDX_FLOATS, SAMPLES, 0, weight);
    write_idx("even", IDX_FLOATS, SAMPLES, 0, answer);
    write_idx("bad", IDX_FLOATS, SAMPLES, 0, negative);
#define WEIGHTED "train", "--recipe", "seed", XY, "--quiet", "--valid-split", "0.25", "--epochs", "2"
    free(told(run(WEIGHTED, "--output", "@plain"), NULL));
    free(told(run(WEIGHTED, "--sample-weights", "@w", "--output", "@run"), NULL));
    ck_assert(!is_same_file("plain/model.safetensors", "run/model.safetensors"));
    free(told(run(WEIGHTED, "--sample-weights", "@w", "--output", "@again"), NULL));
    ck_assert(is_same_file("again/model.safetensors", "run/model.safetensors"));
    free(told(run("train", "--resume", "@run", "--epochs", "3", "--quiet"), NULL));
    assert_refused(run("train", "--resume", "@run", "--epochs", "4", "--sample-weights", "@even", "--quiet"), 65,
                   "training data");
    assert_refused(run(WEIGHTED, "--sample-weights", "@bad", "--output", "@other"), 65,
                   "bad: the weight of sample 7 (counted from 0) must be a finite number, 0 or above, not -1");
    assert_refused(run(WEIGHTED, "--sample-weights", "@y", "--output", "@other"), 65, "y: holds 8-bit unsigned");
    assert_refused(run("evaluate", "--model", "@run", XY, "--sample-weights", "@none"), 66, "none");
    assert_refused(run("evaluate", "--model", "@run", "--data", "-", "--labels", "@y", "--sample-weights", "-"), 2,
                   "standard input (-)");
}
END_TEST

static const json_t *member_of(const json_t *line, const char *name, size_t count) {
    const json_t *value = json_object_get(line, name);
    ck_assert_msg(json_array_size(value) == count, "%s has %zu members", name, json_array_size(value));
    return value;
}

/* Data of two classes; the metrics are told as a table and as JSON. */
START_TEST(metrics_of_classes_are_told) {
    write_idx("y", IDX_BYTES, SAMPLES, 0, class_of);
    write_idx("w", IDX_FLOATS, SAMPLES, 0, weight);
    free(told(run("train", "--recipe", "seed", XY, "--cost", "auto", "--learning-rate", "3", "--epochs", "100",
                  "--output", "@run", "-q"),
              NULL));
#define EVALUATE "evaluate", "--model", "@run", "--data", "@x"
    json_t *line = line_of(run(EVALUATE, "--labels", "@y", "--json"));
    ck_assert_double_eq(number_of(line, "samples"), SAMPLES);
    ck_assert_double_eq(number_of(line, "accuracy"), 1);
    ck_assert_double_eq(number_of(line, "roc_auc"), 1);
    ck_assert_double_eq(number_of(line, "macro_f1"), 1);
    ck_assert_double_eq_tol(number_of(line, "log_loss"), number_of(line, "cost"), 1e-5);
    const json_t *confusion = member_of(line, "confusion_matrix", 2), *support = member_of(line, "support", 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_double_eq(json_number_value(json_array_get(json_array_get(confusion, i), i)),
                            json_number_value(json_array_get(support, i)));
    json_decref(line);

    line = line_of(run(EVALUATE, "--labels", "@y", "--sample-weights", "@w", "--json"));
    support = member_of(line, "support", 2);
    ck_assert_double_eq(json_number_value(json_array_get(support, 0)) + json_number_value(json_array_get(support, 1)),
                        20 * 2.5 + 40);
    json_decref(line);

    outcome ended = run(EVALUATE, "--labels", "@y");
    assert_status(&ended, 0);
    ck_assert(strncmp(ended.out, "cost ", 5) == 0);
    assert_contains(ended.out, "class   precision      recall          F1     support\n");
    assert_contains(ended.out, "\n                0      1.0000      1.0000      1.0000          ");
    assert_contains(ended.out, "\n        macro avg      1.0000      1.0000      1.0000          60\n");
    assert_contains(ended.out, "\n          ROC AUC           1\n");
    assert_contains(ended.out, "\nconfusion matrix, ");
    outcome_release(&ended);
}
END_TEST

static float nothing(size_t row, size_t column) {
    (void)row, (void)column;
    return 0;
}

START_TEST(what_is_undefined_is_told_as_such) {
    write_idx("y", IDX_BYTES, SAMPLES, 0, class_of);
    write_idx("zeros", IDX_BYTES, SAMPLES, 0, nothing);
    free(told(run("train", "--recipe", "seed", XY, "--epochs", "1", "--output", "@run", "-q"), NULL));
    json_t *line = line_of(run(EVALUATE, "--labels", "@zeros", "--json"));
    ck_assert(json_is_null(json_object_get(line, "roc_auc")));
    ck_assert(json_is_null(json_array_get(member_of(line, "recall", 2), 1)));
    json_decref(line);
    outcome ended = run(EVALUATE, "--labels", "@zeros");
    assert_status(&ended, 0);
    assert_contains(ended.out, "\n          ROC AUC           -\n");
    outcome_release(&ended);
}
END_TEST

START_TEST(metrics_of_values_and_answers_are_told) {
    write_idx("y", IDX_FLOATS, SAMPLES, OUTPUTS, linear);
    free(told(run("train", "--recipe", "seed", XY, "--cost", "auto", "--epochs", "150", "--output", "@run", "-q"),
              NULL));
    json_t *line = line_of(run(EVALUATE, "--labels", "@y", "--json"));
    ck_assert(json_is_null(json_object_get(line, "accuracy")));
    ck_assert_double_gt(number_of(line, "r2"), 0.999);
    ck_assert_double_lt(number_of(line, "rmse"), 0.01);
    member_of(line, "output_mae", OUTPUTS);
    json_decref(line);
    outcome ended = run(EVALUATE, "--labels", "@y");
    assert_status(&ended, 0);
    ck_assert_ptr_null(strstr(ended.out, "accuracy"));
    assert_contains(ended.out, "            value        RMSE         MAE          R2\n                0  ");
    assert_contains(ended.out, "\n             RMSE  ");
    outcome_release(&ended);

    write_idx("y", IDX_BYTES, SAMPLES, OUTPUTS, answer);
    free(told(
        run("train", "--recipe", "seed", XY, "--cost", "auto", "--epochs", "2", "--output", "@run", "-q", "--force"),
        NULL));
    line = line_of(run(EVALUATE, "--labels", "@y", "--json"));
    member_of(line, "output_accuracy", OUTPUTS);
    ck_assert(json_is_number(json_object_get(line, "micro_f1")) && json_is_number(json_object_get(line, "accuracy")));
    json_decref(line);
    ended = run(EVALUATE, "--labels", "@y");
    assert_status(&ended, 0);
    assert_contains(ended.out, "           output   precision      recall          F1    accuracy     support\n");
    assert_contains(ended.out, "\n        micro avg  ");
    outcome_release(&ended);
}
END_TEST

START_TEST(classes_are_weighed) {
    write_idx("y", IDX_BYTES, SAMPLES, 0, class_of);
#define WEIGHED "train", "--recipe", "seed", XY, "--quiet", "--epochs", "1"
    free(told(run(WEIGHED, "--class-weights", "balanced", "--output", "@run"), NULL));
    free(told(run(WEIGHED, "--class-weights", "1,2", "--output", "@other"), NULL));
    ck_assert(!is_same_file("run/model.safetensors", "other/model.safetensors"));
    free(told(run("train", "--resume", "@run", "--epochs", "2", "--class-weights", "balanced"), NULL));
    assert_refused(run("train", "--resume", "@run", "--epochs", "3", "--class-weights", "1,2"), 2,
                   "--class-weights 1,2: the run in");
    assert_refused(run(WEIGHED, "--class-weights", "even", "--output", "@bad"), 2,
                   "--class-weights must be balanced, none, or 1 to 64 numbers");
    assert_refused(run(WEIGHED, "--class-weights", "1,-1", "--output", "@bad"), 2, "not '1,-1'");
    assert_refused(run(WEIGHED, "--class-weights", "1", "--output", "@bad"), 2, "1 weights for 2 classes");
}
END_TEST

Suite *targets_suite(void) {
    Suite *suite = suite_create("targets");
    TCase *tests = tcase_create("targets");
    tcase_add_checked_fixture(tests, create, fixture_remove);
    tcase_add_test(tests, a_linear_law_is_learned_from_files);
    tcase_add_test(tests, units_that_say_yes_are_learned_from_files);
    tcase_add_test(tests, targets_of_another_kind_are_refused);
    tcase_add_test(tests, weights_of_samples_are_read);
    tcase_add_test(tests, metrics_of_classes_are_told);
    tcase_add_test(tests, what_is_undefined_is_told_as_such);
    tcase_add_test(tests, metrics_of_values_and_answers_are_told);
    tcase_add_test(tests, classes_are_weighed);
    suite_add_tcase(suite, tests);
    return suite;
}
