/* Tables on the command line: trained, predicted, evaluated; what is refused, and with which words. */
#include "command/fixture.h"
#include "command/flats.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

Suite *tables_suite(void);

static size_t count_lines(const char *text) {
    size_t count = 0;
    for (; *text; text++) count += *text == '\n';
    return count;
}

/* ---- Training ------------------------------------------------------------------------------------ */

START_TEST(a_table_trains_with_its_target_alone) {
    fixture_choose();
    outcome ended =
        run("train", "@flats.csv", "--target", "price", "--ignore", "nr,dear", "--output", "@run", "--epochs", "3");
    assert_status(&ended, 0);
    assert_contains(ended.err, "table    300 rows x 7 columns, separated by ',', with a header");
    assert_contains(ended.err, "area     number    30 to 129");
    assert_contains(ended.err, "quarter  category  3 categories, 75 missing");
    assert_contains(ended.err, "target, a number");
    assert_contains(ended.err, "45 rows (15 %) are set aside for validation");
    assert_contains(ended.err, "network  ");
    assert_contains(ended.err, "-256-256-1, ");
    outcome_release(&ended);
}
END_TEST

/* The mean of the target alone is off by its deviation, some 60. */
START_TEST(prices_are_learned_in_their_unit) {
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs",
          "40");
    char *text = output("evaluate", "--model", "@run", "--data", "@new.csv", "--json");
    json_t *lines = json_lines(text);
    const json_t *line = json_array_get(lines, 0);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(line, "targets"), 0)), "price");
    ck_assert_double_lt(number_of(line, "rmse"), 20);
    ck_assert_double_gt(number_of(line, "r2"), 0.8);
    ck_assert_double_eq(number_of(line, "samples"), 50);
    json_decref(lines);
    free(text);
    text = output("predict", "--model", "@run", "--data", "@new.csv");
    ck_assert_uint_eq(count_lines(text), 51);
    ck_assert_int_eq(strncmp(text, "prediction\n", 11), 0);
    ck_assert_double_gt(atof(text + 11), 50);
    free(text);
}
END_TEST

/* Errors of epochs are in the unit of the price, in history.csv, too, as the last line's is. */
START_TEST(errors_of_epochs_are_in_the_unit_of_the_target) {
    double told = 0, kept = 0;
    outcome ended = run("train", "@flats.csv", "--target", "price", "--ignore", "nr", "--output", "@run", "-e", "1");
    assert_status(&ended, 0);
    assert_contains(ended.err, "rmse of price ");
    ck_assert_int_eq(sscanf(strstr(ended.err, "rmse of price "), "rmse of price %lf", &told), 1);
    outcome_release(&ended);
    FILE *history = fopen(scratch_path("run/history.csv"), "r");
    ck_assert_ptr_nonnull(history);
    ck_assert_int_eq(fscanf(history, "%*[^\n]\n1,%*[^,],%*[^,],%*[^,],%lf", &kept), 1);
    fclose(history);
    ck_assert_double_gt(kept, 2);
    ck_assert_double_eq_tol(kept, told, 1e-5 * told);
}
END_TEST

START_TEST(an_absolute_error_is_told_in_the_unit_of_the_target) {
    double told = 0;
    outcome ended = run("train", "@flats.csv", "--target", "price", "--ignore", "nr", "--cost", "absolute", "--output",
                        "@run", "-e", "1");
    assert_status(&ended, 0);
    assert_contains(ended.err, "mean absolute error of price ");
    ck_assert_int_eq(sscanf(strstr(ended.err, "error of price "), "error of price %lf", &told), 1);
    ck_assert_double_gt(told, 2);
    outcome_release(&ended);
}
END_TEST

START_TEST(classes_keep_their_names) {
    train(FLAT_TABLE, "--target", "dear", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs",
          "30");
    char *text = output("evaluate", "--model", "@run", "--data", "@new.csv", "--json");
    json_t *lines = json_lines(text);
    ck_assert_double_gt(number_of(json_array_get(lines, 0), "accuracy"), 0.85);
    json_decref(lines);
    free(text);
    text = output("evaluate", "--model", "@run", "@new.csv");
    assert_contains(text, "\n               no  ");
    assert_contains(text, "confusion matrix");
    free(text);
    text = output("predict", "--model", "@run", "--data", "@new.csv", "--proba", "--id", "nr");
    ck_assert_int_eq(strncmp(text, "nr,prediction,no,yes\nf300,", 26), 0);
    ck_assert(strstr(text, ",yes,") && strstr(text, ",no,"));
    free(text);
    text = output("inspect", "@run");
    assert_contains(text, "kind: category, 3 inputs: flat, house, loft");
    assert_contains(text, "class          1: yes");
    free(text);
}
END_TEST

START_TEST(several_numbers_are_predicted_at_once) {
    train(FLAT_TABLE, "--target", "price,rooms", "--features", "area,kind", "--output", "@run", "--epochs", "2");
    char *text = output("predict", "--model", "@run", "--data", "@new.csv");
    ck_assert_int_eq(strncmp(text, "price,rooms\n", 12), 0);
    free(text);
}
END_TEST

/* ---- Predicting ---------------------------------------------------------------------------------- */

START_TEST(columns_are_taken_by_name) {
    train("train", "@flats.csv", "--quiet", "--target", "price", "--features", "area,kind,quarter,rooms", "--id", "nr",
          "--output", "@run", "--epochs", "2");
    char *one = output("predict", "--model", "@run", "--data", "@new.csv");
    char *other = output("predict", "--model", "@run", "--data", "@turned.csv");
    ck_assert_int_eq(strncmp(one, "nr,prediction\nf300,", 19), 0);
    ck_assert_str_eq(one, other);
    free(other);
    free(one);
}
END_TEST

START_TEST(predictions_follow_the_rows_of_the_file) {
    static const char rows[] = "area;kind;quarter;rooms;note\n50;flat;north;2;\"a; b\"\n;castle;;;\n";
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs",
          "2");
    scratch_write("more.csv", rows, sizeof rows - 1);
    char *got = output("predict", "--model", "@run", "--data", "@more.csv", "--append");
    ck_assert_int_eq(strncmp(got, "area;kind;quarter;rooms;note;prediction\n50;flat;north;2;\"a; b\";", 63), 0);
    assert_contains(got, "\n;castle;;;;");
    ck_assert_uint_eq(count_lines(got), 3);
    free(got);
}
END_TEST

START_TEST(what_a_model_lacks_is_named) {
    train(FLAT_TABLE, "--target", "dear", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs", "1");
    static const char few[] = "area,rooms\n50,2\n", wrong[] = "area,kind,quarter,rooms\nlarge,flat,north,2\n",
                      unknown[] = "area,kind,quarter,rooms,dear\n50,flat,north,2,perhaps\n";
    scratch_write("few.csv", few, sizeof few - 1);
    scratch_write("wrong.csv", wrong, sizeof wrong - 1);
    scratch_write("unknown.csv", unknown, sizeof unknown - 1);
    assert_refused(run("predict", "--model", "@run", "--data", "@few.csv"), 65,
                   "lacks columns 'kind', 'quarter', which the model was trained on");
    outcome ended = run("predict", "--model", "@run", "--data", "@wrong.csv");
    ck_assert_int_eq(ended.status, 65);
    assert_contains(ended.err, "wrong.csv:2:1: ");
    outcome_release(&ended);
    assert_refused(run("evaluate", "--model", "@run", "--data", "@unknown.csv"), 65,
                   "'dear' is 'perhaps', a class that was not among the rows to train on");
    assert_refused(run("evaluate", "--model", "@run", "--data", "@few.csv"), 65, "no column 'kind'");
    static const char cased[] = "Area,Kind,quarter,rooms\n50,flat,north,2\n",
                      commas[] = "area;kind;quarter;rooms\n50,5;flat;north;2\n";
    scratch_write("cased.csv", cased, sizeof cased - 1);
    scratch_write("commas.csv", commas, sizeof commas - 1);
    assert_refused(run("predict", "--model", "@run", "--data", "@cased.csv"), 65,
                   "lacks columns 'area', 'kind', which the model was trained on: there is no column 'area'; did you "
                   "mean 'Area'?");
    ended = run("predict", "--model", "@run", "--data", "@commas.csv");
    ck_assert_int_eq(ended.status, 65);
    assert_contains(ended.err, "commas.csv:2:1: '50,5' in column area: a number with commas; --decimal ,");
    outcome_release(&ended);
    scratch_write("untold.csv", "area,kind,quarter,rooms\n50,flat,north,2\n", 40);
    assert_refused(run("evaluate", "--model", "@run", "--data", "@untold.csv"), 65,
                   "the model is compared with its target, which is missing: there is no column 'dear'");
}
END_TEST

/* Some are to be expected; if most are, they are likely written otherwise. */
START_TEST(categories_that_most_rows_do_not_share_are_told) {
    static const char told[] =
        "area,kind,quarter,rooms,price\n50,FLAT,north,2,1\n60,LOFT,,1,2\n70,flat,north,1,3\n80,FLAT,,1,\n";
    static const char untold[] = "area,kind,quarter,rooms,price\n50,FLAT,north,2,1\n60,loft,,1,2\n70,flat,north,1,3\n";
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs",
          "1");
    scratch_write("told.csv", told, sizeof told - 1);
    scratch_write("untold.csv", untold, sizeof untold - 1);
    outcome ended = run("predict", "--model", "@run", "--data", "@told.csv");
    assert_status(&ended, 0);
    assert_contains(ended.err, "told.csv: column 'kind' has categories that the model does not know in 3 of 4 rows");
    ck_assert_ptr_null(strstr(ended.err, "quarter"));
    outcome_release(&ended);
    ended = run("evaluate", "--model", "@run", "--data", "@told.csv"); /* of rows with a target */
    assert_status(&ended, 0);
    assert_contains(ended.err, "told.csv: column 'kind' has categories that the model does not know in 2 of 3 rows");
    ck_assert_ptr_null(strstr(ended.err, "quarter"));
    outcome_release(&ended);
    ended = run("evaluate", "--model", "@run", "--data", "@untold.csv");
    assert_status(&ended, 0);
    ck_assert_ptr_null(strstr(ended.err, "does not know"));
    outcome_release(&ended);
    ended = run("predict", "--model", "@run", "--data", "@untold.csv");
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.err, "");
    outcome_release(&ended);
}
END_TEST

/* What speaks against a column without refusing it is told with the option that leaves it out; so is the encoding. */
START_TEST(doubtful_columns_are_told) {
    char text[4096] = "moment,gr\366\337e,copy,price\n";
    size_t used = strlen(text);
    for (size_t i = 0; i < 60; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu,%zu.5,%zu,%zu.25\n", i + i / 4, i * i % 11,
                                 2 * (i * 37 % 60), i * 37 % 60);
    scratch_write("doubtful.csv", text, used);
    outcome ended = run("train", "@doubtful.csv", "--target", "price", "--dry-run");
    assert_status(&ended, 0);
    assert_contains(ended.err, ", with a header, read as Latin-1 (Windows-1252)");
    assert_contains(ended.err, "  gr\303\266\303\237e");
    assert_contains(ended.err,
                    "moment,copy: another whole number in each row, as ids and numbers of rows have; if that "
                    "is all it says, --ignore moment,copy\n");
    assert_contains(ended.err, "copy: tells the target in all rows; if it is made of it, or known only later, --ignore "
                               "copy\n");
    outcome_release(&ended);
    ended = run("train", "@doubtful.csv", "--target", "moment", "--dry-run", "--ignore", "copy");
    assert_status(&ended, 0);
    ck_assert_ptr_null(strstr(ended.err, "as ids have")); /* has gaps */
    outcome_release(&ended);
    used = (size_t)snprintf(text, sizeof text, "area,answer,row\n");
    for (size_t i = 0; i < 60; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu.5,%s,%zu\n", i * i % 11,
                                 i % 3   ? "yes"
                                 : i % 2 ? "Yes"
                                         : "no",
                                 i);
    scratch_write("cased.csv", text, used);
    ended = run("train", "@cased.csv", "--target", "answer", "--ignore", "row", "--dry-run");
    assert_status(&ended, 0);
    assert_contains(ended.err, "target, of 3 classes; some differ in case alone");
    outcome_release(&ended);
    ended = run("train", "@cased.csv", "--target", "row", "--dry-run");
    assert_status(&ended, 0);
    assert_contains(ended.err, "target, a number; another whole number in each row, as ids have");
    outcome_release(&ended);
}
END_TEST

/* Rows may end with a separator that the header lacks, and numbers have the file's decimal comma. */
START_TEST(what_is_appended_stays_in_line) {
    static const char rows[] = "area;kind;quarter;rooms\n50,5;flat;north;2;\n60,5;loft;south;1;\n";
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs",
          "2");
    scratch_write("comma.csv", rows, sizeof rows - 1);
    char *got = output("predict", "--model", "@run", "--data", "@comma.csv", "--append", "--decimal", ",");
    const char *begin = "area;kind;quarter;rooms;prediction\n50,5;flat;north;2;";
    ck_assert_int_eq(strncmp(got, begin, strlen(begin)), 0);
    ck_assert_int_ne(got[strlen(begin)], ';');
    assert_contains(got, "\n60,5;loft;south;1;");
    ck_assert_ptr_nonnull(strchr(got + strlen(begin), ','));
    ck_assert_ptr_null(strchr(got, '.'));
    free(got);
}
END_TEST

START_TEST(rows_that_are_left_out_are_told) {
    static const char rows[] = "area,kind,price\n50,flat,100\n60,loft\n70,flat,140\n80,flat,160,1\n";
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind", "--output", "@run", "--epochs", "1");
    scratch_write("ragged.csv", rows, sizeof rows - 1);
    for (size_t i = 0; i < 2; i++) {
        outcome ended = run(i ? "evaluate" : "predict", "--model", "@run", "--data", "@ragged.csv", "--ragged", "skip");
        assert_status(&ended, 0);
        assert_contains(ended.err, "ragged.csv: 2 rows of another length are left out, the first in line 3");
        outcome_release(&ended);
    }
}
END_TEST

START_TEST(a_name_that_two_columns_have_is_no_name) {
    static const char twice[] = "nr,area,kind,nr\n1,50,flat,2\n";
    train("train", "@flats.csv", "--quiet", "--target", "price", "--features", "area,kind", "--id", "nr", "--output",
          "@run", "--epochs", "1");
    scratch_write("twice.csv", twice, sizeof twice - 1);
    assert_refused(run("predict", "--model", "@run", "--data", "@twice.csv"), 65,
                   "twice.csv: columns 1 and 4 are both called 'nr'");
    char *got = output("predict", "--model", "@run", "--data", "@twice.csv", "--id", "4");
    ck_assert_int_eq(strncmp(got, "nr,prediction\n2,", 16), 0);
    free(got);
    scratch_write("twice.csv", "y,x,y\n1,2,3.5\n2,1,4.5\n", 22);
    assert_refused(run("train", "@twice.csv", "--target", "3", "--output", "@other", "--quiet"), 65,
                   "columns 1 and 3 are both called 'y'");
}
END_TEST

/* Zips as classes: read as text by all, since 01234 is no 1234. */
START_TEST(classes_of_digits_keep_them) {
    char text[2048] = "zip,area,2\n";
    size_t used = strlen(text);
    for (size_t i = 0; i < 60; i++)
        used +=
            (size_t)snprintf(text + used, sizeof text - used, "%s,%zu,0%zu\n", i % 2 ? "01234" : "1234", i, i % 3 + 1);
    scratch_write("zips.csv", text, used);
    train("train", "@zips.csv", "--quiet", "--target", "zip", "--categorical", "zip,2", "--numeric", "area", "--hidden",
          "4", "--valid", "@zips.csv", "--output", "@run", "--epochs", "1");
    char *got = output("evaluate", "--model", "@run", "--data", "@zips.csv", "--json");
    json_t *lines = json_lines(got);
    const json_t *line = json_array_get(lines, 0);
    ck_assert_str_eq(json_string_value(json_array_get(json_object_get(line, "classes"), 0)), "01234");
    ck_assert_double_eq(number_of(line, "samples"), 60);
    json_decref(lines);
    free(got);
    free(output("importance", "--model", "@run", "--data", "@zips.csv", "--repeats", "1"));
    train("train", "@zips.csv", "--quiet", "--target", "zip", "--categorical", "zip,2", "--numeric", "area", "--init",
          "@run", "--output", "@next", "--epochs", "1");
    /* As numbers they are one class, which is said. */
    outcome ended = run("train", "@zips.csv", "--target", "2", "--features", "area", "--numeric", "area", "--output",
                        "@third", "--epochs", "1");
    assert_status(&ended, 0);
    assert_contains(ended.err, "target, of 3 classes; has leading zeros");
    outcome_release(&ended);
}
END_TEST

/* A file of zeros at its end is as long as the others to a model. */
START_TEST(libsvm_files_may_end_at_different_indices) {
    char text[2048];
    size_t used = 0;
    for (size_t i = 0; i < 40; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu.5 1:%zu 2:%zu 4:%zu\n", i % 7, i % 5, i % 3,
                                 i % 4 + 1);
    scratch_write("long.svm", text, used);
    scratch_write("short.svm", "0.5 1:3\n1.5 1:4\n", 16);
    scratch_write("filled.svm", "0.5 1:3 4:0\n1.5 1:4\n", 20);
    train("train", "@long.svm", "--quiet", "--target", "label", "--categorical", "2", "--hidden", "4", "--output",
          "@run", "--epochs", "1");
    char *columns = output("inspect", "@run"), *one = output("predict", "--model", "@run", "--data", "@short.svm");
    char *other = output("predict", "--model", "@run", "--data", "@filled.svm");
    assert_contains(columns, "2: category, ");
    ck_assert_str_eq(one, other);
    free(other);
    free(one);
    free(columns);
}
END_TEST

/* ---- Refused ------------------------------------------------------------------------------------- */

START_TEST(columns_that_say_nothing_are_refused) {
    assert_refused(run("train", "@flats.csv", "--target", "price", "--output", "@run", "--quiet"), 65,
                   "column 'nr' looks like an id or free text (300 different in 300 rows); --ignore nr leaves out");
    assert_refused(run(FLAT_TABLE, "--target", "prise", "--output", "@run"), 2, "did you mean 'price'");
    assert_refused(run(FLAT_TABLE, "--target", "price", "--features", "area,knid", "--output", "@run"), 2,
                   "--features: ");
    assert_refused(run(FLAT_TABLE, "--target", "kind", "--task", "regression", "--output", "@run"), 65,
                   "target 'kind' is text");
    assert_refused(run("train", "@flats.csv", "--output", "@run"), 2, "--target COLUMN of a table");
    assert_refused(run("train", "--data", "@images", "--labels", "@labels", "--target", "x", "--output", "@run"), 2,
                   "--target and --labels exclude each other");
    ck_assert_int_eq(scratch_exists("run"), 0);
}
END_TEST

/* 12 rows of a class for each remainder of 2, or of a class for each row; `last` is the last of them. */
static void write_weighed(const char *name, bool has_own_classes, const char *last) {
    char text[1024];
    size_t used = (size_t)snprintf(text, sizeof text, "area,weight,class\n");
    for (size_t i = 0; i < 11; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%zu.5,1,c%zu\n", i, has_own_classes ? i : i % 2);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", last);
    scratch_write(name, text, used);
}

#define WEIGHED "train", "@weighed.csv", "--target", "class", "--weights", "weight", "--hidden", "4", "--epochs", "1"

START_TEST(weights_are_checked_in_both_tables) {
    write_weighed("weighed.csv", false, "12,1,c1");
    write_weighed("text.csv", false, "12,many,c1");
    write_weighed("gap.csv", false, "12,,c1");
    write_weighed("below.csv", false, "12,-2,c1");
    assert_refused(run(WEIGHED, "--valid", "@text.csv", "--output", "@run", "--quiet"), 65,
                   "text.csv:13:4: column 'weight' holds text, and gives no weights");
    assert_refused(
        run("train", "@below.csv", "--target", "class", "--weights", "weight", "--output", "@run", "--quiet"), 65,
        "column 'weight' has a weight of -2");
    outcome ended = run(WEIGHED, "--valid", "@gap.csv", "--output", "@run");
    assert_status(&ended, 0);
    assert_contains(ended.err, "12 samples to train, 11 to validate");
    outcome_release(&ended);
}
END_TEST

START_TEST(infinite_numbers_are_refused_by_all) {
    write_weighed("weighed.csv", false, "12,1,c1");
    write_weighed("huge.csv", false, "1e300,1,c1");
    assert_refused(run(WEIGHED, "--valid", "@huge.csv", "--output", "@run", "--quiet"), 65, "huge.csv:13:1: a number");
    train(WEIGHED, "--output", "@run", "--quiet");
    assert_refused(run("evaluate", "--model", "@run", "--data", "@huge.csv"), 65, "huge.csv:13:1: a number");
    outcome ended = run("predict", "--model", "@run", "--data", "@huge.csv");
    assert_status(&ended, 65);
    assert_contains(ended.err, "huge.csv:13:1: '1e300' in column area");
    outcome_release(&ended);
}
END_TEST

START_TEST(classes_of_one_row_leave_nothing_to_validate) {
    write_weighed("own.csv", true, "12,1,c11");
    outcome ended = run("train", "@own.csv", "--target", "class", "--epochs", "2", "--output", "@run");
    assert_status(&ended, 0);
    assert_contains(ended.err, "no row is set aside for validation: no class has two of them");
    assert_contains(ended.err, "12 samples to train, 0 to validate");
    outcome_release(&ended);
    train("train", "--resume", "@run", "--epochs", "3", "--quiet");
    assert_refused(run("train", "@own.csv", "--target", "class", "--patience", "2", "--output", "@other", "--quiet"), 2,
                   "patience goes by validation data");
}
END_TEST

START_TEST(what_spoils_a_column_of_numbers_is_said) {
    char commas[1024] = "area;rooms;class\n", late[1024] = "area,class\n";
    size_t comma_bytes = strlen(commas), late_bytes = strlen(late);
    for (size_t i = 0; i < 40; i++) {
        comma_bytes +=
            (size_t)snprintf(commas + comma_bytes, sizeof commas - comma_bytes, "%zu,5;%zu;c%zu\n", i, i % 3, i % 2);
        late_bytes += (size_t)snprintf(late + late_bytes, sizeof late - late_bytes, "%zu.5,c%zu\n", i, i % 2);
    }
    late_bytes += (size_t)snprintf(late + late_bytes, sizeof late - late_bytes, "much,c1\n");
    scratch_write("commas.csv", commas, comma_bytes);
    scratch_write("late.csv", late, late_bytes);
    assert_refused(run("train", "@commas.csv", "--target", "class", "--output", "@run", "--quiet"), 65, "--decimal ,");
    assert_refused(run("train", "@late.csv", "--target", "class", "--output", "@run", "--quiet"), 65,
                   "late.csv:42:1: 'much' in column area: a text in a column of numbers");
    scratch_write("blank.csv", "area,price\n1,\n2,\n3,\n", 20);
    assert_refused(run("train", "@blank.csv", "--target", "price", "--output", "@run", "--quiet"), 65,
                   "target 'price' is missing in all rows");
    assert_refused(run(FLAT_TABLE, "--target", "price", "--normalize", "zscore", "--output", "@run"), 2,
                   "--target and --normalize exclude each other");
}
END_TEST

/* ---- Resuming ------------------------------------------------------------------------------------ */

static bool is_same_file(const char *first, const char *second) {
    size_t first_bytes = 0, second_bytes = 0;
    unsigned char *one = file_read(scratch_path(first), &first_bytes);
    unsigned char *other = file_read(scratch_path(second), &second_bytes);
    const bool is_same = first_bytes == second_bytes && memcmp(one, other, first_bytes) == 0;
    free(other);
    free(one);
    return is_same;
}

START_TEST(a_run_on_a_table_goes_on_to_the_same_bytes) {
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter", "--output", "@whole", "--epochs", "4",
          "--plan", "layered", "--matmul", "plain");
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter", "--output", "@part", "--epochs", "2",
          "--plan", "layered", "--matmul", "plain");
    train("train", "--resume", "@part", "--epochs", "4", "--quiet");
    ck_assert(is_same_file("whole/model.safetensors", "part/model.safetensors"));
    ck_assert(is_same_file("whole/best.safetensors", "part/best.safetensors"));
    /* Other rows than those it was begun with are noticed. */
    flats_write("flats.csv", true, 1, FLATS);
    assert_refused(run("train", "--resume", "@part", "--epochs", "6", "--quiet"), 65, "data");
}
END_TEST

/* Rows are split by a column, which is no input: the model predicts tables without it. */
START_TEST(rows_are_split_by_a_column) {
    static const char *const others[][2] = {{"--group", "whole groups"}, {"--time", "the last ones"}};
    for (size_t i = 0; i < 2; i++) {
        outcome ended = run("train", "@flats.csv", "--target", "price", "--ignore", "nr,dear", others[i][0], "rooms",
                            "--output", i ? "@time" : "@group", "--epochs", "1", "--valid-split", "0.25");
        assert_status(&ended, 0);
        assert_contains(ended.err, i ? "rows are split by its order; no input" : "groups of rows that stay together");
        assert_contains(ended.err, i ? "60 rows (20 %, the last ones)" : "60 rows (20 %, whole groups)");
        outcome_release(&ended);
        char *columns = output_words((const char *const[]){"inspect", i ? "@time" : "@group", NULL});
        ck_assert_ptr_null(strstr(columns, "rooms"));
        free(columns);
    }
    assert_refused(run("train", "@flats.csv", "--target", "price", "--ignore", "dear", "--time", "nr", "--output",
                       "@run", "--quiet"),
                   65, "'nr' holds 'f0', whose order is not known");
    train(FLAT_TABLE, "--target", "price", "--group", "rooms", "--output", "@run", "--epochs", "1");
    train("train", "--resume", "@run", "--epochs", "2", "--quiet");
}
END_TEST

/* Shops of which most have few rows; what is sold depends on the shop. New ones are none of them. */
static void write_shops(const char *name, size_t row_count, const char *of) {
    static char text[1 << 16];
    size_t length = (size_t)sprintf(text, "shop,size,sales\n");
    for (size_t i = 0; i < row_count; i++) {
        const size_t shop = i * i * 13 % 997 % 500;
        length += (size_t)sprintf(text + length, "%s%zu,%zu,%g\n", of, shop, i * 7 % 31,
                                  (double)(shop % 11) + (double)(i * 7 % 31) / 31.0);
    }
    scratch_write(name, text, length);
}

START_TEST(a_column_may_have_many_categories) {
#define SHOPS "train", "@shops.csv", "--target", "sales", "--hidden", "16", "--plan", "layered", "--matmul", "plain"
    write_shops("shops.csv", 2000, "s");
    write_shops("new.csv", 5, "t");
    outcome ended = run(SHOPS, "--output", "@whole", "--epochs", "20");
    assert_status(&ended, 0);
    assert_contains(ended.err, " most frequent, and the target's mean in each of ");
    outcome_release(&ended);
    char *text = output("evaluate", "--model", "@whole", "--data", "@shops.csv", "--json");
    json_t *lines = json_lines(text);
    ck_assert_double_gt(number_of(json_array_get(lines, 0), "r2"), 0.5);
    json_decref(lines);
    free(text);
    text = output("predict", "--model", "@whole", "--data", "@new.csv");
    ck_assert_uint_eq(count_lines(text), 6);
    free(text);
    text = output("inspect", "@whole");
    assert_contains(text, "; and the target's mean in each of ");
    free(text);
    train("export", "@whole", "--output", "@net.onnx");
    train("export", "@whole", "--output", "@net.c");
    /* A run that goes on scores its rows as it did. */
    train(SHOPS, "--output", "@part", "--epochs", "3", "--quiet");
    train("train", "--resume", "@part", "--epochs", "20", "--quiet");
    ck_assert(is_same_file("whole/model.safetensors", "part/model.safetensors"));
    train("train", "@shops.csv", "--target", "sales", "--init", "@whole", "--output", "@next", "--epochs", "1",
          "--quiet");
    train("train", "--resume", "@next", "--epochs", "2", "--quiet");
#undef SHOPS
}
END_TEST

/* Defaults of a table give way to what is given. */
START_TEST(options_that_are_given_hold) {
    outcome ended =
        run("train", "@flats.csv", "--target", "price", "--ignore", "nr,dear", "--output", "@run", "--epochs", "2",
            "--hidden", "7", "--activation", "tanh", "--cost", "huber(1)", "--valid-split", "0.5");
    assert_status(&ended, 0);
    assert_contains(ended.err, "-7-1, ");
    assert_contains(ended.err, "tanh, huber,");
    assert_contains(ended.err, "150 rows (50 %)");
    outcome_release(&ended);
}
END_TEST

Suite *tables_suite(void) {
    Suite *suite = suite_create("tables");
    TCase *tests = tcase_create("tables");
    tcase_add_checked_fixture(tests, flats_create, fixture_remove);
    tcase_add_test(tests, a_table_trains_with_its_target_alone);
    tcase_add_test(tests, prices_are_learned_in_their_unit);
    tcase_add_test(tests, errors_of_epochs_are_in_the_unit_of_the_target);
    tcase_add_test(tests, an_absolute_error_is_told_in_the_unit_of_the_target);
    tcase_add_test(tests, classes_keep_their_names);
    tcase_add_test(tests, several_numbers_are_predicted_at_once);
    tcase_add_test(tests, columns_are_taken_by_name);
    tcase_add_test(tests, predictions_follow_the_rows_of_the_file);
    tcase_add_test(tests, what_a_model_lacks_is_named);
    tcase_add_test(tests, categories_that_most_rows_do_not_share_are_told);
    tcase_add_test(tests, doubtful_columns_are_told);
    tcase_add_test(tests, what_is_appended_stays_in_line);
    tcase_add_test(tests, rows_that_are_left_out_are_told);
    tcase_add_test(tests, a_name_that_two_columns_have_is_no_name);
    tcase_add_test(tests, classes_of_digits_keep_them);
    tcase_add_test(tests, libsvm_files_may_end_at_different_indices);
    tcase_add_test(tests, columns_that_say_nothing_are_refused);
    tcase_add_test(tests, weights_are_checked_in_both_tables);
    tcase_add_test(tests, infinite_numbers_are_refused_by_all);
    tcase_add_test(tests, classes_of_one_row_leave_nothing_to_validate);
    tcase_add_test(tests, what_spoils_a_column_of_numbers_is_said);
    tcase_add_test(tests, a_run_on_a_table_goes_on_to_the_same_bytes);
    tcase_add_test(tests, rows_are_split_by_a_column);
    tcase_add_test(tests, options_that_are_given_hold);
    suite_add_tcase(suite, tests);
    TCase *categories = tcase_create("categories");
    tcase_add_checked_fixture(categories, fixture_create_plain, fixture_remove);
    tcase_add_test(categories, a_column_may_have_many_categories);
    suite_add_tcase(suite, categories);
    return suite;
}
