/* Cross-validation on the command line: each fold is as good as a model of the other rows, trained by itself. */
#include "command/flats.h"
#include "data/rows/row_split.h"

#include <check.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

Suite *folds_suite(void);

enum { FOLDS = 3 };
#define QUICK  "--epochs", "4", "--hidden", "8", "--seed", "5", "--plan", "layered", "--matmul", "plain", "--quiet"
#define FOLDED "train", "@flats.csv", "--folds", "3", QUICK

static json_t *lines_of_words(const char *const *words) {
    char *text = output_words(words);
    json_t *lines = json_lines(text);
    free(text);
    return lines;
}
#define lines_of(...) lines_of_words((const char *const[]){__VA_ARGS__, "--json", NULL})

/* The listed rows of a table, under its header. */
static void write_part(const char *name, const char *text, const row_list *rows) {
    char *made = malloc(strlen(text) + 1);
    const char *line = strchr(text, '\n') + 1;
    size_t used = (size_t)(line - text);
    memcpy(made, text, used);
    for (size_t row = 0, next = 0; next < rows->count; row++) {
        const size_t length = (size_t)(strchr(line, '\n') + 1 - line);
        if (rows->rows[next] == row) {
            memcpy(made + used, line, length);
            used += length;
            next++;
        }
        line += length;
    }
    scratch_write(name, made, used);
    free(made);
}

static char *read_text(const char *name) {
    enum { CAPACITY = 1 << 16 };
    char *text = calloc(CAPACITY, 1);
    FILE *file = fopen(scratch_path(name), "rb");
    ck_assert_ptr_nonnull(file);
    fread(text, 1, CAPACITY - 1, file);
    fclose(file);
    return text;
}

/* A fold's metrics are those of a model that `epocl train` makes of a file without the rows held out, so nothing of
 * them leaks: not into the encoder, nor into the epoch that is taken. */
START_TEST(a_fold_is_a_training_on_the_other_rows) {
    static const struct {
        const char *target, *option, *column, *features, *metric;
    } cases[] = {{"price", "--ignore", "nr", "area,kind,quarter", "rmse"},
                 {"dear", "--ignore", "nr", "area,kind,quarter", "log_loss"},
                 {"price", "--group", "rooms", "area,kind,quarter", "rmse"},
                 {"dear", "--time", "area", "rooms,kind,quarter", "log_loss"}};
    const char *target = cases[_i].target, *option = cases[_i].option, *column = cases[_i].column,
               *features = cases[_i].features;
    json_t *lines = lines_of(FOLDED, "--target", target, "--features", features, option, column);
    char *text = read_text("flats.csv");
    const column_request asked = {.target = target,
                                  .features = features,
                                  .group = strcmp(option, "--group") == 0 ? column : NULL,
                                  .time = strcmp(option, "--time") == 0 ? column : NULL};
    table *t = NULL;
    column_plan plan;
    row_folds folds;
    ck_assert_uint_eq(json_array_size(lines), FOLDS + 1);
    ck_assert_int_eq(table_read(scratch_path("flats.csv"), &(table_options){0}, &t), EPOCL_OK);
    ck_assert_int_eq(column_plan_create(t, &asked, &plan), EPOCL_OK);
    ck_assert_int_eq(row_folds_create(t, &plan, FOLDS, 5, &folds), EPOCL_OK);
    for (size_t fold = 0; fold < FOLDS; fold++) {
        row_list kept, held_out;
        ck_assert_int_eq(row_folds_take(&folds, fold, &kept, &held_out), EPOCL_OK);
        write_part("kept.csv", text, &kept);
        write_part("held.csv", text, &held_out);
        train("train", "@kept.csv", "--features", features, QUICK, "--target", target, option, column, "--output",
              "@fold", "--force");
        json_t *alone = lines_of("evaluate", "--model", "@fold", "--data", "@held.csv");
        const json_t *line = json_array_get(lines, fold), *other = json_array_get(alone, 0);
        ck_assert_double_eq(number_of(line, "fold"), (double)(fold + 1));
        ck_assert_double_eq(number_of(line, "samples"), (double)held_out.count);
        ck_assert_double_eq(number_of(line, cases[_i].metric), number_of(other, cases[_i].metric));
        ck_assert_double_eq(number_of(line, "cost"), number_of(other, "cost"));
        json_decref(alone);
        free(kept.rows);
        free(held_out.rows);
    }
    row_folds_release(&folds);
    column_plan_release(&plan);
    table_release(t);
    free(text);
    json_decref(lines);
}
END_TEST

START_TEST(means_and_deviations_are_of_the_folds) {
    json_t *lines = lines_of(FOLDED, "--target", "price", "--features", "area,kind", "--output", "@cv");
    const json_t *all = json_array_get(lines, FOLDS);
    double sum = 0, squares = 0;
    for (size_t i = 0; i < FOLDS; i++) sum += number_of(json_array_get(lines, i), "rmse");
    for (size_t i = 0; i < FOLDS; i++) squares += pow(number_of(json_array_get(lines, i), "rmse") - sum / FOLDS, 2);
    ck_assert_str_eq(text_of(all, "event"), "folds");
    ck_assert_double_eq_tol(number_of(json_object_get(all, "mean"), "rmse"), sum / FOLDS, 1e-5);
    ck_assert_double_eq_tol(number_of(json_object_get(all, "deviation"), "rmse"), sqrt(squares / FOLDS), 1e-4);
    /* The file has a line a fold, with the same numbers, and there is no model beside it. */
    char *text = read_text("cv/folds.csv"), first[64];
    snprintf(first, sizeof first, "\n1,170,30,100,%.0f,%.9g,", number_of(json_array_get(lines, 0), "epoch"),
             number_of(json_array_get(lines, 0), "cost"));
    ck_assert_int_eq(strncmp(text, "fold,train_samples,valid_samples,samples,epoch,cost,rmse,mae,r2\n", 64), 0);
    assert_contains(text, first);
    ck_assert(!scratch_exists("cv/model.safetensors") && !scratch_exists("cv/config.json"));
    /* Again, over the file: the same bytes, and for people a table. */
    assert_refused(run(FOLDED, "--target", "price", "--features", "area,kind", "--output", "@cv"), 73,
                   "folds.csv is there already; --force");
    char *shown = output(FOLDED, "--target", "price", "--features", "area,kind", "--output", "@cv", "--force"),
         *again = read_text("cv/folds.csv");
    ck_assert_str_eq(text, again);
    assert_contains(shown, "fold     held out   epoch        rmse         mae          r2\n1             100  ");
    assert_contains(shown, "\nmean  ");
    free(again);
    free(shown);
    free(text);
    json_decref(lines);
}
END_TEST

#define LONG                                                                                                           \
    "train", "@flats.csv", "--target", "price", "--features", "area,kind", "--folds", "3", "--hidden", "8",            \
        "--patience", "9999", "--epochs"

/* Of three folds a device of so much memory has one at a time, or two, and then the other. */
START_TEST(folds_that_do_not_fit_wait_for_the_others) {
    fixture_choose();
    static const struct {
        const char *memory, *first, *second;
    } cases[] = {{"300000", "folds    1 to 1 of 3 at once", "folds    2 to 2 of 3 at once"},
                 {"1200000", "folds    1 to 2 of 3 at once", "folds    3 to 3 of 3 at once"}};
    char *all = output(LONG, "4");
    ck_assert_int_eq(setenv("OPENCL_LAYERS", getenv("TEST_LAYER"), 1), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(setenv("LAYER_MAX_GLOBAL", cases[i].memory, 1), 0);
        outcome ended = run(LONG, "4");
        ck_assert_int_eq(ended.status, 0);
        ck_assert_str_eq(all, ended.out);
        assert_contains(ended.err, cases[i].first);
        assert_contains(ended.err, cases[i].second);
        outcome_release(&ended);
    }
    ck_assert_int_eq(setenv("LAYER_MAX_GLOBAL", "100000", 1), 0);
    assert_refused(run(LONG, "4", "--quiet"), 1, "bytes of device memory");
    free(all);
}
END_TEST

/* By time, the first fold has no more than 10,000 rows to train on, the second more, for which the recipe takes fewer
 * epochs. The rate is so low that each epoch is better than the one before. */
START_TEST(a_recipe_goes_by_the_rows_of_the_fold) {
    enum { ROWS = 24000, CAPACITY = 16 * ROWS };
    char *text = malloc(CAPACITY);
    size_t used = (size_t)snprintf(text, CAPACITY, "t,x,y\n");
    for (size_t i = 0; i < ROWS; i++)
        used += (size_t)snprintf(text + used, CAPACITY - used, "%zu,%zu,%zu\n", i, i * 37 % 100, i * 37 % 100);
    scratch_write("long.csv", text, used);
    json_t *lines = lines_of("train", "@long.csv", "--target", "y", "--time", "t", "--folds", "2", "--hidden", "none",
                             "--learning-rate", "1e-5", "--batch-size", "1024", "--quiet");
    ck_assert_double_eq(number_of(json_array_get(lines, 0), "epoch"), 100);
    ck_assert_double_eq(number_of(json_array_get(lines, 1), "epoch"), 40);
    json_decref(lines);
    free(text);
}
END_TEST

/* What asks for a save ends nothing; a stop ends all of them, with nothing written. */
START_TEST(signals_end_folds_and_saves_do_not) {
    char *undisturbed = output(LONG, "400", "--json");
    process saved = start(LONG, "400", "--json", "--output", "@saved");
    process_await(&saved, saved.err, "to validate");
    kill(saved.id, SIGUSR1);
    outcome ended = process_end(&saved);
    ck_assert_int_eq(ended.status, 0);
    ck_assert_str_eq(ended.out, undisturbed);
    outcome_release(&ended);
    process stopped = start(LONG, "1000000", "--output", "@stopped");
    process_await(&stopped, stopped.err, "folds    1 to 3 of 3 at once");
    kill(stopped.id, SIGUSR1);
    kill(stopped.id, SIGHUP);
    ended = process_end(&stopped);
    ck_assert_int_eq(ended.status, 75);
    assert_contains(ended.err, "stopped after 0 of 3 folds");
    ck_assert(!scratch_exists("stopped/folds.csv") && scratch_exists("saved/folds.csv"));
    outcome_release(&ended);
    free(undisturbed);
}
END_TEST

/* The sentence is that of a fold trained by itself. */
START_TEST(a_fold_that_diverges_is_told) {
    assert_refused(run("train", "@flats.csv", "--target", "price", "--features", "area,kind", "--folds", "3", "--quiet",
                       "--epochs", "2", "--learning-rate", "1e25", "--output", "@cv"),
                   76, "epocl: the cost of the validation data is not finite");
    ck_assert(!scratch_exists("cv/folds.csv"));
}
END_TEST

START_TEST(what_folds_cannot_be_of_is_refused) {
    assert_refused(run(TRAIN, "--folds", "3", "--output", "@run"), 2, "--folds is for tables");
    assert_refused(run(FOLDED, "--target", "price", "--features", "area,kind", "--valid", "@new.csv"), 2,
                   "--folds and --valid exclude each other");
    assert_refused(run(FOLDED, "--target", "price", "--features", "area,kind", "--dry-run"), 2,
                   "--folds and --dry-run exclude each other");
    assert_refused(run(FOLDED, "--target", "price", "--features", "area,kind", "--tensorboard", "@events"), 2,
                   "--folds and --tensorboard exclude each other");
    assert_refused(run(FOLDED, "--target", "dear", "--features", "area,kind", "--calibrate", "on"), 2,
                   "--folds and --calibrate on exclude each other");
    assert_refused(run("train", "@flats.csv", "--target", "price", "--features", "area", "--quiet", "--folds", "6",
                       "--group", "rooms"),
                   65, "column 'rooms' has 5 groups, too few for 6 parts");
    assert_refused(run("train", "@flats.csv", "--target", "price", "--features", "area", "--quiet", "--folds", "301"),
                   65, "300 rows are too few for 301 folds");
    ck_assert(!scratch_exists("run"));
}
END_TEST

static void remove_layer(void) {
    unsetenv("OPENCL_LAYERS");
    unsetenv("LAYER_MAX_GLOBAL");
    fixture_remove();
}

Suite *folds_suite(void) {
    Suite *suite = suite_create("folds");
    TCase *tests = tcase_create("folds");
    tcase_add_checked_fixture(tests, flats_create, remove_layer);
    tcase_add_loop_test(tests, a_fold_is_a_training_on_the_other_rows, 0, 4);
    tcase_add_test(tests, means_and_deviations_are_of_the_folds);
    tcase_add_test(tests, folds_that_do_not_fit_wait_for_the_others);
    tcase_add_test(tests, a_recipe_goes_by_the_rows_of_the_fold);
    tcase_add_test(tests, signals_end_folds_and_saves_do_not);
    tcase_add_test(tests, a_fold_that_diverges_is_told);
    tcase_add_test(tests, what_folds_cannot_be_of_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
