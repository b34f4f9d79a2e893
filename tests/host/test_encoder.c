/* Encoders: what is fitted, and on which rows alone; what becomes of values; networks that have one. */
#include "data/encoder/encoder_bind.h"
#include "data/sorted.h"
#include "model/network.h"
#include "options/values.h"
#include "support/options.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *encoder_suite(void);

enum { ROWS = 600, TRAIN_ROWS = 400 };

/* A file of ROWS rows, of which those from TRAIN_ROWS on depend on `other`: an even number, one that is mostly 0 and
 * sometimes missing, a pair of numbers, cities of which one is rare, a pair of words, classes, and a number to predict.
 */
static const char *write_rows(const char *name, int other) {
    static char text[1 << 16];
    size_t used = (size_t)snprintf(text, sizeof text, "even,zeros,flag,city,side,class,value\n");
    for (int i = 0; i < ROWS; i++) {
        const int k = i < TRAIN_ROWS ? i : i + other;
        char zeros[16] = "";
        static const char *const cities[] = {"Oslo", "Bergen", "Bodo", ""};
        if (k % 10 != 9) snprintf(zeros, sizeof zeros, "%d", k % 3 ? 0 : k % 50);
        used += (size_t)snprintf(text + used, sizeof text - used, "%g,%s,%d,%s,%s,%s,%g\n", k * 0.5, zeros, k % 2,
                                 k % 100 == 50 ? "Rare" : cities[k % 4], k % 5 ? "left" : "right", k % 7 ? "yes" : "no",
                                 3 + k % 11 * 0.5);
    }
    return scratch_write(name, text, used);
}

static table *read_rows(const char *path) {
    table *t = NULL;
    const epocl_status status = table_read(path, &(table_options){0}, &t);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    return t;
}

static table *read_text(const char *name, const char *text) {
    return read_rows(scratch_write(name, text, strlen(text)));
}

static encoder *fit(const table *t, const char *target, size_t row_count, bool standardises) {
    uint32_t rows[ROWS];
    encoder *e = NULL;
    column_plan plan;
    epocl_status status =
        column_plan_create(t, &(column_request){.target = target, .features = "even,zeros,flag,city,side"}, &plan);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    for (size_t i = 0; i < row_count; i++) rows[i] = (uint32_t)i;
    status = encoder_fit(t, &plan, rows, row_count, standardises, &e);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    column_plan_release(&plan);
    return e;
}

static encoder *fit_rows(const char *target) {
    table *t = read_rows(write_rows("rows.csv", 0));
    encoder *e = fit(t, target, TRAIN_ROWS, true);
    table_release(t);
    return e;
}

/* ---- Order --------------------------------------------------------------------------------------- */

START_TEST(floats_are_sorted) {
    float values[] = {3, -1, 0, 1e30f, -1e30f, 1e-30f, -0.0f, 3, 2.5f, -2.5f}, scratch[10];
    sort_floats(values, scratch, 10);
    for (size_t i = 1; i < 10; i++) ck_assert(values[i - 1] <= values[i]);
    ck_assert(values[0] == -1e30f && values[9] == 1e30f);
    ck_assert_uint_eq(distinct_floats(values, 10), 8);
}
END_TEST

START_TEST(quantiles_of_the_normal_distribution) {
    ck_assert_double_eq_tol(normal_quantile(0.5, 3), 0, 1e-12);
    ck_assert_double_eq_tol(normal_quantile(0.975, 3), 1.959963984540054, 1e-9);
    ck_assert_double_eq_tol(normal_quantile(0.1, 3), -1.2815515655446004, 1e-9);
    ck_assert_double_eq_tol(normal_quantile(0, 3), -3, 1e-9);
    ck_assert_double_eq_tol(normal_quantile(1, 3), 3, 1e-9);
}
END_TEST

/* ---- What is fitted ------------------------------------------------------------------------------ */

START_TEST(numbers_lie_on_the_normal_scale) {
    encoder *e = fit_rows("value");
    const encoder_column *even = &e->columns[0];
    ck_assert_uint_eq(even->knot_count, TRAIN_ROWS / 30);
    ck_assert_uint_eq(even->edge_count, ENCODER_RAMPS + 1);
    ck_assert(!even->has_missing);
    /* Of 0, 0.5, ..., 199.5, each part p lies below 199.5 p. */
    for (size_t i = 0; i < even->knot_count; i++) {
        const double p = (double)i / (double)(even->knot_count - 1);
        ck_assert_double_eq_tol((double)even->knots[i], 199.5 * p, 1e-4);
        if (p > 0.01 && p < 0.99) ck_assert_double_eq_tol(0.5 * erfc(-(double)even->heights[i] * sqrt(0.5)), p, 1e-6);
    }
    ck_assert(encoder_height(even, -1e30f) == -3.0f && encoder_height(even, 1e30f) == 3.0f);
    for (float x = -1; x < 200; x += 0.25f) ck_assert(encoder_height(even, x) <= encoder_height(even, x + 0.25f));
    ck_assert_uint_eq(encoder_column_inputs(even), 1 + ENCODER_RAMPS);
    ck_assert_uint_eq(encoder_column_sources(even), 2);
    encoder_release(e);
}
END_TEST

/* Two thirds of "zeros" and some more are 0: it lies where those rows are on average. */
START_TEST(a_value_of_many_rows_lies_in_their_middle) {
    encoder *e = fit_rows("value");
    const encoder_column *zeros = &e->columns[1];
    const double p = 0.5 * erfc(-(double)encoder_height(zeros, 0) * sqrt(0.5));
    ck_assert_double_gt(p, 0.25);
    ck_assert_double_lt(p, 0.45);
    ck_assert(zeros->has_missing);
    ck_assert_uint_eq(encoder_column_inputs(zeros), 1 + (zeros->edge_count ? zeros->edge_count - 1 : 0) + 1);
    encoder_release(e);
}
END_TEST

START_TEST(categories_have_places) {
    encoder *e = fit_rows("value");
    const encoder_column *flag = &e->columns[2], *city = &e->columns[3], *side = &e->columns[4];
    ck_assert_int_eq(flag->kind, COLUMN_NUMBER); /* 0 and 1 are -1 and 1 */
    ck_assert(encoder_height(flag, 0) == -1.0f && encoder_height(flag, 1) == 1.0f);
    ck_assert_uint_eq(city->level_count, 4); /* "Rare" has 4 rows, too few */
    ck_assert(city->has_rest);
    ck_assert_uint_eq(encoder_column_inputs(city), 5);
    ck_assert(encoder_place(city, "Rare") == 4.0f && encoder_place(city, "Paris") == 4.0f);
    ck_assert(encoder_place(city, NULL) < 4.0f);
    ck_assert_uint_eq(encoder_column_inputs(side), 1);
    ck_assert(!side->has_rest && encoder_place(side, "up") == ENCODER_MISSING);
    encoder_release(e);
}
END_TEST

/* Of equal frequency, levels are in the order of their texts: not of the file's rows. */
START_TEST(rows_in_another_order_give_the_same_encoder) {
    table *t = read_rows(write_rows("rows.csv", 0));
    uint32_t rows[TRAIN_ROWS];
    column_plan plan;
    encoder *e = fit(t, "class", TRAIN_ROWS, true), *turned = NULL;
    for (uint32_t i = 0; i < TRAIN_ROWS; i++) rows[i] = TRAIN_ROWS - 1 - i;
    ck_assert_int_eq(
        column_plan_create(t, &(column_request){.target = "class", .features = "even,zeros,flag,city,side"}, &plan),
        EPOCL_OK);
    ck_assert_int_eq(encoder_fit(t, &plan, rows, TRAIN_ROWS, true, &turned), EPOCL_OK);
    ck_assert_str_eq(e->text, turned->text);
    ck_assert_uint_eq(e->checksum, turned->checksum);
    encoder_release(turned);
    encoder_release(e);
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

/* Rows that are not trained on may be anything: the encoder is the same, byte for byte. */
START_TEST(nothing_leaks_from_other_rows) {
    static const char *const targets[] = {"value", "class"};
    for (size_t i = 0; i < 2; i++) {
        table *one = read_rows(write_rows("one.csv", 0)), *other = read_rows(write_rows("other.csv", 7777));
        encoder *e = fit(one, targets[i], TRAIN_ROWS, true), *same = fit(other, targets[i], TRAIN_ROWS, true);
        encoder *all = fit(one, targets[i], ROWS, true);
        ck_assert_str_eq(e->text, same->text);
        ck_assert_uint_eq(e->number_count, same->number_count);
        ck_assert_mem_eq(e->numbers, same->numbers, e->number_count * sizeof *e->numbers);
        ck_assert_uint_eq(e->checksum, same->checksum);
        ck_assert_uint_ne(e->checksum, all->checksum);
        encoder_release(all);
        encoder_release(same);
        encoder_release(e);
        table_release(other);
        table_release(one);
    }
}
END_TEST

START_TEST(columns_of_one_value_are_left_out) {
    static const char text[] = "a,b,y\n1,x,1.5\n1,x,2.5\n1,x,3.5\n2,z,4.5\n";
    table *t = read_rows(scratch_write("few.csv", text, sizeof text - 1));
    column_plan plan;
    encoder *e = NULL;
    static const uint32_t rows[] = {0, 1, 2};
    ck_assert_int_eq(column_plan_create(t, &(column_request){.target = "y"}, &plan), EPOCL_OK);
    ck_assert_int_eq(encoder_fit(t, &plan, rows, 3, true, &e), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "no column is left to learn from"));
    ck_assert_ptr_null(e);
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

/* ---- What becomes of values ----------------------------------------------------------------------- */

START_TEST(targets_are_standardised_and_turned_back) {
    table *t = read_rows(write_rows("rows.csv", 0));
    encoder *e = fit(t, "value", TRAIN_ROWS, true), *plain = fit(t, "value", TRAIN_ROWS, false);
    epocl_dataset *data = NULL;
    double sum = 0, squares = 0;
    ck_assert_int_eq(encoder_encode(e, t, NULL, TRAIN_ROWS, true, TABLE_NO_COLUMN, &data), EPOCL_OK);
    for (size_t i = 0; i < TRAIN_ROWS; i++) {
        sum += (double)data->values[i];
        squares += (double)data->values[i] * (double)data->values[i];
    }
    ck_assert_double_eq_tol(sum / (double)TRAIN_ROWS, 0, 1e-5);
    ck_assert_double_eq_tol(squares / (double)TRAIN_ROWS, 1, 1e-5);
    encoder_decode(e, data->values, TRAIN_ROWS);
    for (size_t i = 0; i < TRAIN_ROWS; i++)
        ck_assert_double_eq_tol((double)data->values[i], 3 + (double)(i % 11) * 0.5, 1e-5);
    float far[] = {1e9f, -1e9f, NAN};
    encoder_decode(e, far, 3);
    ck_assert(far[0] == 8.0f && far[1] == 3.0f && isnan(far[2]));
    ck_assert(plain->targets[0].mean == 0.0f && plain->targets[0].scale == 1.0f);
    epocl_dataset_release(data);
    encoder_release(plain);
    encoder_release(e);
    table_release(t);
}
END_TEST

/* The columns of a file in any order, with further ones, are the same samples. */
START_TEST(columns_are_found_by_name) {
    static const char text[] = "more,side,city,even,flag,zeros\n7,left,Oslo,12.5,1,0\n8,up,,1e9,0,\n";
    static const char again[] = "zeros,even,flag,city,side\n0,12.5,1,Oslo,left\n,1e9,0,,up\n";
    encoder *e = fit_rows("value");
    table *one = read_rows(scratch_write("one.csv", text, sizeof text - 1));
    table *other = read_rows(scratch_write("other.csv", again, sizeof again - 1));
    epocl_dataset *data = NULL, *same = NULL;
    ck_assert_int_eq(encoder_encode(e, one, NULL, 2, false, TABLE_NO_COLUMN, &data), EPOCL_OK);
    ck_assert_int_eq(encoder_encode(e, other, NULL, 2, false, TABLE_NO_COLUMN, &same), EPOCL_OK);
    ck_assert_uint_eq(data->input_count, e->source_count);
    ck_assert_mem_eq(data->inputs, same->inputs, 2 * e->source_count * sizeof(float));
    const float *sources = data->inputs;
    ck_assert(sources[e->source_count - 1] == 0.0f && sources[2 * e->source_count - 1] == ENCODER_MISSING);
    ck_assert_ptr_null(data->labels);
    epocl_dataset_release(same);
    epocl_dataset_release(data);
    table_release(other);
    table_release(one);
    encoder_release(e);
}
END_TEST

static void assert_not_encoded(const char *text, bool takes_targets, const char *part) {
    encoder *e = fit_rows("class");
    table *t = read_rows(scratch_write("new.csv", text, strlen(text)));
    epocl_dataset *data = NULL;
    ck_assert_int_eq(encoder_encode(e, t, NULL, t->row_count, takes_targets, TABLE_NO_COLUMN, &data), EPOCL_ERROR_DATA);
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
    table_release(t);
    encoder_release(e);
}

START_TEST(what_does_not_fit_is_named) {
    assert_not_encoded("even,zeros,flag,side\n1,2,3,left\n", false, "no column 'city'");
    assert_not_encoded("even,zeros,flag,city,side\nmuch,2,3,Oslo,left\n", false, "'even' holds text");
    assert_not_encoded("even,zeros,flag,city,side,class\n1,2,3,Oslo,left,perhaps\n", true, "'class' is 'perhaps'");
    assert_not_encoded("even,zeros,flag,city,side\n1,2,3,Oslo,left\n", true, "class");
    assert_not_encoded("even,even,zeros,flag,city,side\n1,1,2,3,Oslo,left\n", false,
                       "new.csv: columns 1 and 2 are both called 'even'");
    assert_not_encoded("even,zeros,flag,city,side,class,class\n1,2,3,Oslo,left,yes,no\n", true,
                       "columns 6 and 7 are both called 'class'");
    assert_not_encoded("even,zeros,flag,city,side\n1,2,3,4,left\n", false,
                       "'city' holds numbers, and the model takes categories");
}
END_TEST

/* ---- Numbers and categories ----------------------------------------------------------------------- */

/* An encoder of `c`, read as text, and x, with the whole table as rows to train on. */
static encoder *fit_text(const char *text, const char *target, table **kept) {
    table *t = NULL;
    column_plan plan;
    encoder *e = NULL;
    uint32_t rows[64];
    const table_options options = {.texts = (const char *const[]){"c"}, .text_count = 1};
    epocl_status status = table_read(scratch_write("text.csv", text, strlen(text)), &options, &t);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    for (uint32_t i = 0; i < t->row_count; i++) rows[i] = i;
    status = column_plan_create(t, &(column_request){.target = target, .takes_all = true}, &plan);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    status = encoder_fit(t, &plan, rows, t->row_count, true, &e);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    column_plan_release(&plan);
    *kept = t;
    return e;
}

static const char codes[] = "c,x,y\n07,1,0.5\n07,2,1.5\n07,3,0.5\n07,4,1.5\n07,5,0.5\n12,6,1.5\n12,7,2.5\n"
                            "12,8,0.5\n12,9,1.5\n12,10,0.5\n,11,1.5\n,12,1.5\n,13,1.5\n,14,1.5\n,15,1.5\n";

/* A file in which a category looks like a number; one that is not known is the rest, here none. */
START_TEST(numbers_are_the_categories_that_they_read_as) {
    table *t = NULL, *numbers = NULL;
    encoder *e = fit_text(codes, "y", &t);
    epocl_dataset *all = NULL, *some = NULL;
    numbers = read_text("numbers.csv", "c,x\n12,6\n7,1\n,11\n13,1\n");
    ck_assert(!numbers->columns[0].is_text);
    ck_assert_int_eq(encoder_encode(e, t, NULL, t->row_count, false, TABLE_NO_COLUMN, &all), EPOCL_OK);
    ck_assert_msg(encoder_encode(e, numbers, NULL, 4, false, TABLE_NO_COLUMN, &some) == EPOCL_OK, "%s",
                  epocl_last_error());
    static const size_t same[] = {5, 0, 10};
    const size_t bytes = e->source_count * sizeof(float);
    for (size_t i = 0; i < 3; i++)
        ck_assert_mem_eq((const char *)some->inputs + i * bytes, (const char *)all->inputs + same[i] * bytes, bytes);
    ck_assert(((const float *)some->inputs)[3 * e->source_count] == encoder_rest(&e->columns[0]));
    epocl_dataset_release(some);
    epocl_dataset_release(all);
    table_release(numbers);
    table_release(t);
    encoder_release(e);
}
END_TEST

START_TEST(numbers_are_the_classes_that_they_read_as) {
    table *t = NULL, *numbers = NULL;
    encoder *e = fit_text(codes, "c", &t);
    epocl_dataset *data = NULL;
    const char *texts[4];
    ck_assert_str_eq(e->classes[0], "07");
    numbers = read_text("numbers.csv", "c,x,y\n12,6,0.5\n7,1,1.5\n");
    const epocl_status status = encoder_encode(e, numbers, NULL, 2, true, TABLE_NO_COLUMN, &data);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    ck_assert(data->labels[0] == 1 && data->labels[1] == 0);
    /* The program reads such a target as text. */
    ck_assert_uint_eq(encoder_text_columns(e, texts), 1);
    ck_assert_str_eq(texts[0], "c");
    memcpy(e->classes[0], "7", 2);
    ck_assert_uint_eq(encoder_text_columns(e, texts), 0);
    epocl_dataset_release(data);
    table_release(numbers);
    table_release(t);
    encoder_release(e);
}
END_TEST

/* ---- Columns that are not written ----------------------------------------------------------------- */

/* LIBSVM does not write zeros, so a file may end at a lower index. */
START_TEST(what_libsvm_does_not_write_is_0) {
    table *t = NULL;
    encoder *e = fit_text("1.5 1:1 2:5 3:2\n2.5 1:2 3:1\n0.5 1:3 2:4 3:3\n", "label", &t);
    table *one = read_text("few", "1.5 1:1\n2.5 1:2\n"), *other = read_text("same", "1.5 1:1 3:0\n2.5 1:2\n");
    epocl_dataset *data = NULL, *whole = NULL;
    ck_assert_uint_eq(one->column_count, 2);
    ck_assert_msg(encoder_encode(e, one, NULL, 2, true, TABLE_NO_COLUMN, &data) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_int_eq(encoder_encode(e, other, NULL, 2, true, TABLE_NO_COLUMN, &whole), EPOCL_OK);
    ck_assert_mem_eq(data->inputs, whole->inputs, 2 * e->source_count * sizeof(float));
    epocl_dataset_release(whole);
    epocl_dataset_release(data);
    table_release(other);
    table_release(one);
    table_release(t);
    encoder_release(e);
}
END_TEST

/* Without a header a last column that is empty looks like a separator at the end of each row. */
START_TEST(a_last_column_may_be_empty_in_all_rows) {
    static const char *const files[] = {"1,5,\n2,4,\n", "1,5,NA\n2,4,NA\n"};
    table *t = NULL;
    encoder *e = fit_text("1,5,1.5\n2,4,2.5\n3,3,\n4,2,0.5\n", "1", &t);
    for (size_t i = 0; i < 2; i++) {
        table *one = read_text("one.csv", files[i]);
        epocl_dataset *data = NULL;
        ck_assert_msg(encoder_encode(e, one, NULL, 2, false, TABLE_NO_COLUMN, &data) == EPOCL_OK, "%s",
                      epocl_last_error());
        ck_assert(((const float *)data->inputs)[e->source_count - 1] == ENCODER_MISSING);
        epocl_dataset_release(data);
        table_release(one);
    }
    table_release(t);
    encoder_release(e);
}
END_TEST

/* ---- In a network --------------------------------------------------------------------------------- */

static epocl_network *create_network(const char *target) {
    table *t = read_rows(write_rows("rows.csv", 0));
    encoder *e = fit(t, target, TRAIN_ROWS, true);
    epocl_dataset *data = NULL;
    epocl_network *network = NULL;
    epocl_options options;
    options_begin(&options);
    set_option(&options, "hidden", "2");
    set_option(&options, "cost", "auto");
    ck_assert_int_eq(encoder_encode(e, t, NULL, TRAIN_ROWS, true, TABLE_NO_COLUMN, &data), EPOCL_OK);
    ck_assert_int_eq(epocl_network_create(data, &options, &network), EPOCL_OK);
    ck_assert_uint_eq(epocl_network_input_count(network), e->input_count);
    network->has_parameters = true;
    epocl_dataset_release(data);
    encoder_release(e);
    table_release(t);
    return network;
}

START_TEST(an_encoder_is_saved_with_its_network) {
    static const char *const targets[] = {"value", "class"};
    for (size_t i = 0; i < 2; i++) {
        epocl_network *network = create_network(targets[i]), *loaded = NULL;
        ck_assert_int_eq(epocl_network_save(network, scratch_path("model")), EPOCL_OK);
        const epocl_status status = epocl_network_load(scratch_path("model"), &loaded);
        ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
        const encoder *e = network->encoder, *again = loaded->encoder;
        ck_assert_uint_eq(again->checksum, e->checksum);
        ck_assert_str_eq(again->text, e->text);
        ck_assert_uint_eq(again->input_count, e->input_count);
        for (size_t input = 0; input < e->input_count; input++) {
            ck_assert_uint_eq(again->inputs[input].source, e->inputs[input].source);
            ck_assert_int_eq(again->inputs[input].shape, e->inputs[input].shape);
            ck_assert(again->inputs[input].offset == e->inputs[input].offset);
            ck_assert(again->inputs[input].factor == e->inputs[input].factor);
        }
        ck_assert_str_eq(epocl_network_normalization(loaded), "encoder");
        epocl_network_release(loaded);
        epocl_network_release(network);
    }
}
END_TEST

/* Data that another encoder made, or none, does not fit a network. */
START_TEST(a_network_takes_what_its_encoder_made) {
    epocl_network *network = create_network("value");
    table *t = read_rows(write_rows("rows.csv", 0));
    encoder *other = fit(t, "value", ROWS, true);
    epocl_dataset *data = NULL;
    ck_assert_int_eq(encoder_encode(network->encoder, t, NULL, 10, false, TABLE_NO_COLUMN, &data), EPOCL_OK);
    ck_assert_int_eq(network_check_dataset(network, data, false), EPOCL_OK);
    epocl_dataset_release(data);
    ck_assert_int_eq(encoder_encode(other, t, NULL, 10, false, TABLE_NO_COLUMN, &data), EPOCL_OK);
    ck_assert_int_eq(network_check_dataset(network, data, false), EPOCL_ERROR_DATA);
    epocl_dataset_release(data);
    encoder_release(other);
    table_release(t);
    epocl_network_release(network);
}
END_TEST

/* Predictions take an output's class from the encoder, and its target's unit. */
START_TEST(outputs_are_those_of_the_encoder) {
    table *t = read_rows(write_rows("rows.csv", 0));
    epocl_options options;
    options_begin(&options);
    set_option(&options, "hidden", "2");
    set_option(&options, "cost", "auto");
    set_option(&options, "classes", "5");
    static const char *const targets[] = {"class", "value"};
    for (size_t i = 0; i < 2; i++)
        for (int takes_targets = 0; takes_targets < 2; takes_targets++) {
            encoder *e = fit(t, targets[i], TRAIN_ROWS, true);
            epocl_dataset *data = NULL;
            epocl_network *network = NULL;
            const float values[2 * 3] = {0};
            ck_assert_int_eq(encoder_encode(e, t, NULL, 3, takes_targets != 0, TABLE_NO_COLUMN, &data), EPOCL_OK);
            ck_assert_int_eq(epocl_network_create(data, &options, &network), EPOCL_ERROR_ARGUMENT);
            ck_assert_ptr_nonnull(strstr(epocl_last_error(), "5 outputs do not fit the "));
            ck_assert_ptr_null(network);
            ck_assert_int_eq(epocl_dataset_set_values(data, values, 2), EPOCL_ERROR_ARGUMENT);
            epocl_dataset_release(data);
            encoder_release(e);
        }
    table_release(t);
}
END_TEST

Suite *encoder_suite(void) {
    Suite *suite = suite_create("encoder");
    TCase *tests = tcase_create("encoder");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, floats_are_sorted);
    tcase_add_test(tests, quantiles_of_the_normal_distribution);
    tcase_add_test(tests, numbers_lie_on_the_normal_scale);
    tcase_add_test(tests, a_value_of_many_rows_lies_in_their_middle);
    tcase_add_test(tests, categories_have_places);
    tcase_add_test(tests, rows_in_another_order_give_the_same_encoder);
    tcase_add_test(tests, nothing_leaks_from_other_rows);
    tcase_add_test(tests, columns_of_one_value_are_left_out);
    tcase_add_test(tests, targets_are_standardised_and_turned_back);
    tcase_add_test(tests, columns_are_found_by_name);
    tcase_add_test(tests, what_does_not_fit_is_named);
    tcase_add_test(tests, numbers_are_the_categories_that_they_read_as);
    tcase_add_test(tests, numbers_are_the_classes_that_they_read_as);
    tcase_add_test(tests, what_libsvm_does_not_write_is_0);
    tcase_add_test(tests, a_last_column_may_be_empty_in_all_rows);
    tcase_add_test(tests, an_encoder_is_saved_with_its_network);
    tcase_add_test(tests, outputs_are_those_of_the_encoder);
    tcase_add_test(tests, a_network_takes_what_its_encoder_made);
    suite_add_tcase(suite, tests);
    return suite;
}
