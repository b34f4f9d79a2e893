/* How much a model of a table goes by its columns. */
#include "base/random.h"
#include "command/flats.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *importance_suite(void);

static json_t *first_line(char *text) {
    json_t *lines = json_lines(text);
    ck_assert_uint_eq(json_array_size(lines), 1);
    json_t *line = json_incref(json_array_get(lines, 0));
    json_decref(lines);
    free(text);
    return line;
}

static const json_t *column_of(const json_t *line, const char *name) {
    const json_t *columns = json_object_get(line, "columns");
    for (size_t i = 0; i < json_array_size(columns); i++)
        if (strcmp(text_of(json_array_get(columns, i), "name"), name) == 0) return json_array_get(columns, i);
    ck_abort_msg("no column '%s'", name);
    return NULL;
}

/* A line of a table between commas, cut in place. */
enum { FIELDS = 7, AREA = 1, KIND = 2, QUARTER = 3, ROOMS = 4 };

static void cut(char *line, char *fields[FIELDS]) {
    bool is_quoted = false;
    size_t count = 0;
    fields[count++] = line;
    for (char *at = line; *at; at++) {
        is_quoted ^= *at == '"';
        if (*at != ',' || is_quoted) continue;
        *at = '\0';
        fields[count++] = at + 1;
    }
    ck_assert_uint_eq(count, FIELDS);
}

/* Writes new.csv with one column of it in the order of the first permutation of the seed. */
static void write_shuffled(const char *name, size_t column, uint32_t seed) {
    static char text[1 << 14], made[1 << 14];
    char *rows[NEW_FLATS + 1][FIELDS], *next = NULL;
    size_t used = 0, count = 0;
    FILE *file = fopen(scratch_path("new.csv"), "rb");
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (char *line = strtok_r(text, "\n", &next); line; line = strtok_r(NULL, "\n", &next)) cut(line, rows[count++]);
    ck_assert_uint_eq(count, NEW_FLATS + 1);
    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < FIELDS; i++) {
            size_t from = row;
            if (i == column && row > 0)
                from = 1 + random_permute(seed, 0, RANDOM_SPLIT, 1, (uint32_t)(row - 1), NEW_FLATS);
            used +=
                (size_t)snprintf(made + used, sizeof made - used, "%s%c", rows[from][i], i + 1 == FIELDS ? '\n' : ',');
        }
    scratch_write(name, made, used);
}

/* The model on a file in which somebody has shuffled the column is as much worse. */
START_TEST(a_column_is_shuffled_before_it_is_encoded) {
    static const struct {
        size_t place;
        const char *name;
    } columns[] = {{AREA, "area"}, {KIND, "kind"}, {QUARTER, "quarter"}, {ROOMS, "rooms"}};
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs",
          "30");
    json_t *line = first_line(
        output("importance", "--model", "@run", "--data", "@new.csv", "--json", "--seed", "9", "--repeats", "1"));
    json_t *plain = first_line(output("evaluate", "--model", "@run", "--data", "@new.csv", "--json"));
    ck_assert_str_eq(text_of(line, "metric"), "rmse");
    ck_assert_double_eq(number_of(line, "baseline"), number_of(plain, "rmse"));
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        write_shuffled("shuffled.csv", columns[i].place, 9);
        json_t *worse = first_line(output("evaluate", "--model", "@run", "--data", "@shuffled.csv", "--json"));
        ck_assert_double_eq_tol(number_of(column_of(line, columns[i].name), "mean"),
                                number_of(worse, "rmse") - number_of(plain, "rmse"), 1e-3);
        json_decref(worse);
    }
    json_decref(plain);
    json_decref(line);
}
END_TEST

/* What the price follows from matters, and the rooms do not; the most important come first. */
START_TEST(columns_that_matter_come_first) {
    train(FLAT_TABLE, "--target", "price", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs",
          "30");
    json_t *line =
        first_line(output("importance", "--model", "@run", "--data", "@new.csv", "--json", "--repeats", "8"));
    const json_t *columns = json_object_get(line, "columns");
    ck_assert_uint_eq(json_array_size(columns), 4);
    for (size_t i = 1; i < 4; i++)
        ck_assert_double_ge(number_of(json_array_get(columns, i - 1), "mean"),
                            number_of(json_array_get(columns, i), "mean"));
    ck_assert_str_eq(text_of(json_array_get(columns, 0), "name"), "area");
    ck_assert_str_eq(text_of(json_array_get(columns, 3), "name"), "rooms");
    const json_t *area = column_of(line, "area"), *values = json_object_get(area, "values");
    double sum = 0, squares = 0;
    ck_assert_uint_eq(json_array_size(values), 8);
    for (size_t i = 0; i < 8; i++) sum += json_number_value(json_array_get(values, i));
    for (size_t i = 0; i < 8; i++) squares += pow(json_number_value(json_array_get(values, i)) - sum / 8, 2);
    ck_assert_double_eq_tol(number_of(area, "mean"), sum / 8, 1e-3);
    ck_assert_double_eq_tol(number_of(area, "deviation"), sqrt(squares / 8), 1e-3);
    ck_assert_double_gt(number_of(area, "deviation"), 0); /* permutations differ */
    json_decref(line);
    char *one = output("importance", "--model", "@run", "--data", "@new.csv", "--seed", "3");
    char *again = output("importance", "--model", "@run", "--data", "@new.csv", "--seed", "3");
    ck_assert_str_eq(one, again);
    assert_contains(one, "column   rises by, shuffled 5 times\narea   ");
    free(again);
    free(one);
}
END_TEST

/* A metric that is the better the larger it is falls. */
START_TEST(the_metric_may_be_another) {
    train(FLAT_TABLE, "--target", "dear", "--features", "area,kind,quarter,rooms", "--output", "@run", "--epochs",
          "20");
    json_t *line = first_line(output("importance", "--model", "@run", "@new.csv", "--json"));
    ck_assert_str_eq(text_of(line, "metric"), "log_loss");
    ck_assert_double_gt(number_of(column_of(line, "area"), "mean"), 0);
    json_decref(line);
    line = first_line(output("importance", "--model", "@run", "@new.csv", "--json", "--metric", "accuracy"));
    ck_assert_double_gt(number_of(line, "baseline"), 0.85);
    ck_assert_double_gt(number_of(column_of(line, "area"), "mean"), 0);
    json_decref(line);
    assert_refused(run("importance", "--model", "@run", "@new.csv", "--metric", "rmse"), 2, "no metric 'rmse'");
    assert_refused(run("importance", "--model", "@run", "@new.csv", "--metric", "f1"), 2, "'f1' is no single number");
    assert_ended(run(TRAIN, "--hidden", "4", "--epochs", "1", "--output", "@idx", "--quiet"), 0);
    assert_refused(run("importance", "--model", "@idx", "@new.csv"), 2, "was not trained on a table");
}
END_TEST

/* Of a column of many categories a sample has a score for each class, all of which are shuffled. */
START_TEST(a_column_may_have_many_sources) {
    enum { ROWS = 4000, CLASSES = 16 };
    static char text[ROWS * 24];
    size_t used = (size_t)snprintf(text, sizeof text, "shop,size,kind\n");
    for (size_t i = 0; i < ROWS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "s%zu,%zu,k%zu\n", i * 37 % 401, i * 7 % 31,
                                 i * 37 % 401 % CLASSES);
    scratch_write("shops.csv", text, used);
    train("train", "@shops.csv", "--quiet", "--target", "kind", "--hidden", "8", "--output", "@run", "--epochs", "3");
    json_t *line = first_line(output("importance", "--model", "@run", "@shops.csv", "--json", "--repeats", "2"));
    json_t *plain = first_line(output("evaluate", "--model", "@run", "@shops.csv", "--json"));
    ck_assert_double_eq(number_of(line, "baseline"), number_of(plain, "log_loss"));
    ck_assert_double_gt(number_of(column_of(line, "shop"), "mean"), 0);
    json_decref(plain);
    json_decref(line);
}
END_TEST

Suite *importance_suite(void) {
    Suite *suite = suite_create("importance");
    TCase *tests = tcase_create("importance");
    tcase_add_checked_fixture(tests, flats_create, fixture_remove);
    tcase_add_test(tests, a_column_is_shuffled_before_it_is_encoded);
    tcase_add_test(tests, columns_that_matter_come_first);
    tcase_add_test(tests, the_metric_may_be_another);
    tcase_add_test(tests, a_column_may_have_many_sources);
    suite_add_tcase(suite, tests);
    return suite;
}
