/* Cross-validation on the command line: each fold is as good as a model of the other rows, trained by itself. */
#include "command/flats.h"
#include "data/rows/row_split.h"

#include <check.h>
#include <math.h>
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

START_TEST(what_folds_cannot_be_of_is_refused) {
    assert_refused(run(TRAIN, "--folds", "3", "--output", "@run"), 2, "--folds is for tables");
    assert_refused(run(FOLDED, "--target", "price", "--features", "area,kind", "--valid", "@new.csv"), 2,
                   "--folds and --valid exclude each other");
    assert_refused(run(FOLDED, "--target", "price", "--features", "area,kind", "--dry-run"), 2,
                   "--folds and --dry-run exclude each other");
    assert_refused(run("train", "@flats.csv", "--target", "price", "--features", "area", "--quiet", "--folds", "6",
                       "--group", "rooms"),
                   65, "column 'rooms' has 5 groups, too few for 6 parts");
    assert_refused(run("train", "@flats.csv", "--target", "price", "--features", "area", "--quiet", "--folds", "301"),
                   65, "300 rows are too few for 301 folds");
    ck_assert(!scratch_exists("run"));
}
END_TEST

Suite *folds_suite(void) {
    Suite *suite = suite_create("folds");
    TCase *tests = tcase_create("folds");
    tcase_add_checked_fixture(tests, flats_create, fixture_remove);
    tcase_add_loop_test(tests, a_fold_is_a_training_on_the_other_rows, 0, 4);
    tcase_add_test(tests, means_and_deviations_are_of_the_folds);
    tcase_add_test(tests, what_folds_cannot_be_of_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
