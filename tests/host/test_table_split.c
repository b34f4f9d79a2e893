/* Data sets of tables in memory: what columns are for, and that nothing leaks from rows that are not trained on. */
#include "data/encoder/encoder.h"
#include "data/rows/row_split.h"
#include "options/values.h"
#include "support/options.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *table_split_suite(void);

enum { ROWS = 200, HOMES = 25, COLOURS = 3 };
static const char *const colours[COLOURS] = {"red", "green", "blue"};
static const char *const answers[] = {"no", "yes"};

typedef struct columns {
    float x[ROWS], y[ROWS], z[ROWS], weight[ROWS], home[ROWS], day[ROWS];
    uint32_t colour[ROWS], answer[ROWS];
} columns;

static void fill(columns *c) {
    for (size_t i = 0; i < ROWS; i++) {
        c->x[i] = (float)(i * 37 % 211);
        c->y[i] = (float)(i * 17 % 53) + 0.5f;
        c->z[i] = (float)i / 7.0f;
        c->weight[i] = (float)(i % 4) + 0.25f;
        c->home[i] = (float)(i * i % HOMES);
        c->day[i] = (float)(ROWS - i);
        c->colour[i] = (uint32_t)(i % COLOURS);
        c->answer[i] = i % 7 == 0;
    }
}

static epocl_table *create_table(const columns *c) {
    epocl_table *t = NULL;
    ck_assert_int_eq(epocl_table_create(ROWS, &t), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "x", c->x), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_categories(t, "colour", c->colour, colours, COLOURS), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "y", c->y), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "z", c->z), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "weight", c->weight), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "home", c->home), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "day", c->day), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_categories(t, "answer", c->answer, answers, 2), EPOCL_OK);
    return t;
}

/* Both parts; `valid` NULL: all rows are trained on. */
static void split(epocl_table *t, const char *target, epocl_dataset **train, epocl_dataset **valid) {
    epocl_options *options = NULL;
    ck_assert_int_eq(epocl_options_create(&options), EPOCL_OK);
    const epocl_status status = epocl_table_split(t, target, options, valid ? 0.25 : 0.0, train, valid);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    epocl_options_release(options);
}

/* ---- Leaks --------------------------------------------------------------------------------------- */

/* How rows may be split, and the target: the answer makes classes, which is then not changed. */
static const struct {
    const char *name, *column, *target;
} ways[] = {{NULL, NULL, "y"},           {NULL, NULL, "answer"}, {"group", "home", "y"},
            {"group", "home", "answer"}, {"time", "day", "y,z"}, {"time", "day", "answer"}};

static epocl_table *create_split_by(const columns *c, int way) {
    epocl_table *t = create_table(c);
    ck_assert_int_eq(epocl_table_set(t, "features", "x,colour"), EPOCL_OK);
    if (ways[way].name) ck_assert_int_eq(epocl_table_set(t, ways[way].name, ways[way].column), EPOCL_OK);
    return t;
}

/* Whether a row is in the data set: x is its second source, and another in each row. */
static bool is_in(const epocl_dataset *data, float x) {
    for (size_t i = 0; i < data->sample_count; i++)
        if (((const float *)data->inputs)[i * data->input_count + 1] == x) return true;
    return false;
}

/* Whatever stands in rows that are not trained on: the encoder and the data to train on are the same bytes. */
START_TEST(nothing_leaks_from_rows_that_validate) {
    columns c;
    fill(&c);
    epocl_table *t = create_split_by(&c, _i), *changed = NULL;
    epocl_dataset *train = NULL, *valid = NULL, *train_again = NULL, *valid_again = NULL;
    split(t, ways[_i].target, &train, &valid);
    ck_assert_uint_eq(train->sample_count + valid->sample_count, ROWS);
    size_t changes = 0;
    columns other = c;
    for (size_t i = 0; i < ROWS; i++) {
        if (is_in(train, c.x[i])) continue;
        other.x[i] = 1e6f + (float)i;
        other.y[i] = -5e5f;
        other.z[i] = 7e7f;
        other.colour[i] = 2;
        changes++;
    }
    ck_assert_uint_gt(changes, 5);
    changed = create_split_by(&other, _i);
    split(changed, ways[_i].target, &train_again, &valid_again);
    ck_assert_uint_eq(train->encoder->checksum, train_again->encoder->checksum);
    ck_assert_uint_eq(train->sample_count, train_again->sample_count);
    ck_assert_mem_eq(train->inputs, train_again->inputs, train->sample_count * train->input_count * sizeof(float));
    ck_assert_mem_ne(valid->inputs, valid_again->inputs, valid->sample_count * valid->input_count * sizeof(float));
    ck_assert_ptr_eq(valid->encoder, train->encoder);
    epocl_dataset_release(valid_again);
    epocl_dataset_release(train_again);
    epocl_dataset_release(valid);
    epocl_dataset_release(train);
    epocl_table_release(changed);
    epocl_table_release(t);
}
END_TEST

/* ---- Uses ---------------------------------------------------------------------------------------- */

START_TEST(columns_have_the_uses_that_were_set) {
    columns c;
    fill(&c);
    epocl_table *t = create_table(&c);
    epocl_dataset *train = NULL, *valid = NULL;
    ck_assert_int_eq(epocl_table_set(t, "ignore", "answer,z"), EPOCL_OK);
    ck_assert_int_eq(epocl_table_set(t, "weights", "weight"), EPOCL_OK);
    ck_assert_int_eq(epocl_table_set(t, "time", "day"), EPOCL_OK);
    ck_assert_int_eq(epocl_table_set(t, "id", "home"), EPOCL_OK);
    split(t, "y", &train, &valid);
    ck_assert_uint_eq(train->encoder->column_count, 2); /* x, colour */
    ck_assert_str_eq(train->encoder->id_name, "home");
    ck_assert_uint_eq(valid->sample_count, ROWS / 4);
    ck_assert_float_eq(valid->weights[1], c.weight[1]); /* days fall: the first rows are the last */
    ck_assert_float_eq(train->weights[0], c.weight[ROWS / 4]);
    epocl_dataset_release(valid);
    epocl_dataset_release(train);
    /* The last value holds, and NULL takes it back. */
    ck_assert_int_eq(epocl_table_set(t, "ignore", "z"), EPOCL_OK);
    ck_assert_int_eq(epocl_table_set(t, "weights", NULL), EPOCL_OK);
    ck_assert_int_eq(epocl_table_set(t, "time", NULL), EPOCL_OK);
    split(t, "y", &train, NULL);
    ck_assert_uint_eq(train->encoder->column_count, 5); /* x, colour, weight, day, answer */
    ck_assert_ptr_null(train->weights);
    ck_assert_uint_eq(train->sample_count, ROWS);
    epocl_dataset_release(train);
    epocl_table_release(t);
}
END_TEST

START_TEST(several_targets_are_values) {
    columns c;
    fill(&c);
    epocl_table *t = create_table(&c);
    epocl_dataset *train = NULL;
    split(t, "z,y", &train, NULL);
    ck_assert_uint_eq(epocl_dataset_value_count(train), 2);
    for (size_t i = 0; i < 2; i++) {
        const encoder_target *target = &train->encoder->targets[i];
        const float expected = i == 0 ? c.z[50] : c.y[50];
        ck_assert_float_eq_tol((float)encoder_target_value(target, (double)train->values[2 * 50 + i]), expected, 1e-4f);
    }
    epocl_dataset_release(train);
    /* Few whole numbers are classes unless they are said to be values. */
    ck_assert_int_eq(epocl_table_set(t, "task", "classification"), EPOCL_OK);
    split(t, "home", &train, NULL);
    ck_assert_uint_eq(epocl_dataset_class_count(train), 11); /* squares modulo 25 */
    epocl_dataset_release(train);
    ck_assert_int_eq(epocl_table_set(t, "task", "regression"), EPOCL_OK);
    split(t, "home", &train, NULL);
    ck_assert_uint_eq(epocl_dataset_value_count(train), 1);
    epocl_dataset_release(train);
    epocl_table_release(t);
}
END_TEST

START_TEST(uses_that_there_are_not_are_refused) {
    columns c;
    fill(&c);
    epocl_table *t = create_table(&c);
    epocl_options *options = NULL;
    epocl_dataset *train = NULL;
    ck_assert_int_eq(epocl_options_create(&options), EPOCL_OK);
    ck_assert_int_eq(epocl_table_set(NULL, "group", "home"), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_set(t, NULL, "home"), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_set(t, "groups", "home"), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "did you mean 'group'"));
    ck_assert_int_eq(epocl_table_set(t, "task", "classes"), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_set(t, "group", "hone"), EPOCL_OK);
    ck_assert_int_eq(epocl_table_split(t, "y", options, 0, &train, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "did you mean 'home'"));
    ck_assert_ptr_null(train);
    epocl_options_release(options);
    epocl_table_release(t);
}
END_TEST

/* A text would be in two places. */
START_TEST(a_level_is_there_once) {
    static const uint32_t codes[] = {0, 1, 2};
    static const char *const twice[] = {"1", "2", "1"}, *const once[] = {"1", "2", "3"};
    epocl_table *t = NULL;
    ck_assert_int_eq(epocl_table_create(3, &t), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_categories(t, "c", codes, twice, 3), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "column 'c' has the level '1' twice"));
    ck_assert_uint_eq(epocl_table_column_count(t), 0);
    ck_assert_int_eq(epocl_table_add_categories(t, "c", codes, once, 3), EPOCL_OK);
    epocl_table_release(t);
}
END_TEST

Suite *table_split_suite(void) {
    Suite *suite = suite_create("table_split");
    TCase *tests = tcase_create("table_split");
    tcase_add_loop_test(tests, nothing_leaks_from_rows_that_validate, 0, sizeof ways / sizeof *ways);
    tcase_add_test(tests, columns_have_the_uses_that_were_set);
    tcase_add_test(tests, several_targets_are_values);
    tcase_add_test(tests, uses_that_there_are_not_are_refused);
    tcase_add_test(tests, a_level_is_there_once);
    suite_add_tcase(suite, tests);
    return suite;
}
