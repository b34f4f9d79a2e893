/* Runs side by side, finished or not, with whatever is in their files. */
#include "command/fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

Suite *compare_suite(void);

static void write_text(const char *name, const char *text) {
    scratch_write(name, text, strlen(text));
}

/* The line of a table that begins with `label`, in memory that the next call reuses; "" without. */
static const char *row_of(const char *table, const char *label) {
    static char row[512];
    const size_t length = strlen(label);
    for (const char *line = table; *line;) {
        const size_t line_length = strcspn(line, "\n");
        if (strncmp(line, label, length) == 0 && line_length < sizeof row) {
            memcpy(row, line, line_length);
            row[line_length] = '\0';
            return row;
        }
        line += line_length + (line[line_length] == '\n');
    }
    return "";
}

static void assert_row(const char *table, const char *label, const char *first, const char *second) {
    char expected[512];
    snprintf(expected, sizeof expected, "%-20s  %-30s  %s", label, first, second);
    ck_assert_str_eq(row_of(table, label), expected);
}

static void make_folder(const char *name) {
    ck_assert_int_eq(mkdir(scratch_path(name), 0777), 0);
}

START_TEST(settings_that_differ_are_shown) {
    assert_ended(run(TRAIN, "--valid-split", "0.25", "--epochs", "2", "--quiet", "--output", "@a"), 0);
    assert_ended(run(TRAIN, "--valid-split", "0.25", "--epochs", "3", "--hidden", "5", "--quiet", "--output", "@b"), 0);
    outcome ended = run("compare", "@a", "@b");
    assert_status(&ended, 0);
    assert_row(ended.out, "hidden", "none", "5");
    assert_row(ended.out, "network", "16-3", "16-5-3");
    ck_assert_str_eq(row_of(ended.out, "seed"), "");
    ck_assert_str_eq(row_of(ended.out, "activation"), "");
    assert_contains(ended.out, "\nepochs                2 of 2                          3 of 3\n");
    ck_assert_ptr_nonnull(strstr(row_of(ended.out, "best valid accuracy"), "(epoch "));
    ck_assert_str_eq(row_of(ended.out, "best valid rmse"), "");
    outcome_release(&ended);
    ended = run("compare", "--json", "@a", "@b");
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    ck_assert_uint_eq(json_array_size(lines), 2);
    const json_t *second = json_array_get(lines, 1), *settings = json_object_get(second, "settings");
    ck_assert_str_eq(text_of(second, "event"), "compare");
    ck_assert_uint_eq(json_object_size(settings), 2);
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(settings, "hidden"), 0)), 5);
    ck_assert_double_eq(number_of(second, "epochs"), 3);
    json_decref(lines);
    outcome_release(&ended);
}
END_TEST

/* The figures are those of the lines, the best of them by number; half a line is none. */
START_TEST(unfinished_runs_are_shown_as_far_as_they_are) {
    make_folder("begun");
    write_text("begun/config.json", "{\"settings\": {\"epochs\": 9, \"seed\": \"1\"}}");
    make_folder("killed");
    write_text("killed/config.json", "{\"settings\": {\"epochs\": 9, \"init\": null}, \"device\": {\"name\": \"x\"}}");
    write_text("killed/history.csv",
               "epoch,train_cost,train_rmse,valid_cost,valid_rmse,seconds,samples_per_second\n"
               "1,0.5,0.7,0.625,0.75,1.5,10\n2,0.375,0.5,0.25,0.5,1.5,10\n3,0.25,0.375,,0.625,1,10\n4,0.125,0.2");
    outcome ended = run("compare", "@begun", "@killed");
    assert_status(&ended, 0);
    assert_row(ended.out, "seed", "1", "-");
    assert_row(ended.out, "epochs", "0 of 9, no model yet", "3 of 9, no model yet");
    assert_row(ended.out, "best valid cost", "-", "0.25 (epoch 2)");
    assert_row(ended.out, "best valid rmse", "-", "0.5 (epoch 2)");
    assert_row(ended.out, "last train cost", "-", "0.25");
    assert_row(ended.out, "seconds", "0.00", "4.00");
    assert_row(ended.out, "network", "-", "-");
    assert_row(ended.out, "device used", "-", "x");
    outcome_release(&ended);
}
END_TEST

START_TEST(texts_of_files_reach_no_terminal_as_they_are) {
    make_folder("a");
    make_folder("b");
    write_text("a/config.json", "{\"settings\": {\"data\": \"\\u001b[2Jx\", \"\\u001b]0;name\": 1}}");
    write_text("b/config.json", "{\"settings\": {\"data\": \"/a/very/long/path/to/some/data-of-a-run.csv\"}}");
    outcome ended = run("compare", "@a", "@b");
    assert_status(&ended, 0);
    assert_text_only(ended.out);
    assert_row(ended.out, "data", "?[2Jx", "...h/to/some/data-of-a-run.csv");
    outcome_release(&ended);
}
END_TEST

START_TEST(what_is_no_run_is_refused) {
    make_folder("empty");
    make_folder("odd");
    assert_refused(run("compare"), 2, "epocl compare needs DIR...");
    assert_refused(run("compare", "@empty"), 66, "empty: holds no run");
    assert_refused(run("compare", "@none"), 66, "none: cannot open: No such file");
    write_text("odd/config.json", "{\"settings\": [1]}");
    assert_refused(run("compare", "@odd"), 65, "is not the configuration of a run");
    write_text("odd/config.json", "{");
    assert_refused(run("compare", "@odd"), 65, "odd/config.json: ");
}
END_TEST

Suite *compare_suite(void) {
    Suite *suite = suite_create("compare");
    TCase *tcase = tcase_create("compare");
    tcase_add_checked_fixture(tcase, fixture_create_plain, fixture_remove);
    tcase_add_test(tcase, settings_that_differ_are_shown);
    tcase_add_test(tcase, unfinished_runs_are_shown_as_far_as_they_are);
    tcase_add_test(tcase, texts_of_files_reach_no_terminal_as_they_are);
    tcase_add_test(tcase, what_is_no_run_is_refused);
    suite_add_tcase(suite, tcase);
    return suite;
}
