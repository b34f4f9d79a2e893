/* Scores of categories of many levels: what they are, that no row's own target is in them, and that they are saved. */
#include "data/encoder/encoder.h"
#include "data/rows/row_split.h"
#include "data/scores/level_scores.h"
#include "options/values.h"
#include "support/options.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *level_scores_suite(void);

enum { ROWS = 3000, LEVELS = 400, SMALL = 60, SMALL_LEVELS = 7 };

static uint32_t draw(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* ---- The scores ---------------------------------------------------------------------------------- */

typedef struct small_rows {
    uint32_t levels[SMALL], labels[SMALL];
    float values[2 * SMALL];
    unsigned char folds[SMALL];
} small_rows;

static void fill(small_rows *rows) {
    uint64_t state = 5;
    for (size_t i = 0; i < SMALL; i++) {
        rows->levels[i] = draw(&state) % SMALL_LEVELS;
        rows->labels[i] = (rows->levels[i] + draw(&state) % 2) % 3;
        rows->values[2 * i] = (float)rows->levels[i] + (float)(draw(&state) % 100) / 25.0f;
        rows->values[2 * i + 1] = (float)(draw(&state) % 100);
        rows->folds[i] = (unsigned char)(draw(&state) % SCORE_FOLDS);
    }
}

static scored_rows of_values(const small_rows *rows) {
    return (scored_rows){SMALL, SMALL_LEVELS, rows->levels, rows->values, 2, NULL, 0};
}

static scored_rows of_labels(const small_rows *rows) {
    return (scored_rows){SMALL, SMALL_LEVELS, rows->levels, NULL, 1, rows->labels, 3};
}

/* The analysis of variance, from its definition: sums of squares of distances. */
START_TEST(scores_are_means_drawn_to_that_of_all) {
    small_rows rows;
    float scores[2 * SMALL_LEVELS];
    double means[SMALL_LEVELS] = {0}, counts[SMALL_LEVELS] = {0}, mean = 0, within = 0, between = 0, squares = 0;
    fill(&rows);
    const scored_rows scored = of_values(&rows);
    ck_assert_int_eq(level_scores_fit(&scored, scores), EPOCL_OK);
    for (size_t i = 0; i < SMALL; i++) {
        counts[rows.levels[i]]++;
        means[rows.levels[i]] += (double)rows.values[2 * i];
        mean += (double)rows.values[2 * i] / SMALL;
    }
    for (size_t l = 0; l < SMALL_LEVELS; l++) {
        means[l] /= counts[l];
        between += counts[l] * (means[l] - mean) * (means[l] - mean) / (SMALL_LEVELS - 1);
        squares += counts[l] * counts[l];
    }
    for (size_t i = 0; i < SMALL; i++)
        within += pow((double)rows.values[2 * i] - means[rows.levels[i]], 2) / (SMALL - SMALL_LEVELS);
    const double usual = (SMALL - squares / SMALL) / (SMALL_LEVELS - 1), variance = (between - within) / usual;
    ck_assert_double_gt(variance, 0.0);
    for (size_t l = 0; l < SMALL_LEVELS; l++) {
        const double part = counts[l] / (counts[l] + within / variance);
        ck_assert_double_eq_tol((double)scores[2 * l], part * (means[l] - mean) / sqrt(variance), 1e-5);
    }
}
END_TEST

START_TEST(levels_that_say_nothing_score_nothing) {
    uint32_t levels[SMALL];
    float values[SMALL], scores[2];
    for (size_t i = 0; i < SMALL; i++) {
        levels[i] = (uint32_t)(i % 2);
        values[i] = (float)(i / 2);
    }
    const scored_rows rows = {SMALL, 2, levels, values, 1, NULL, 0};
    ck_assert_int_eq(level_scores_fit(&rows, scores), EPOCL_OK);
    ck_assert(scores[0] == 0.0f && scores[1] == 0.0f);
}
END_TEST

START_TEST(so_many_scores_as_the_task_has) {
    ck_assert_uint_eq(level_score_count(1, 0), 1);
    ck_assert_uint_eq(level_score_count(3, 0), 3);
    ck_assert_uint_eq(level_score_count(1, 2), 1);
    ck_assert_uint_eq(level_score_count(1, 3), 3);
    ck_assert_uint_eq(level_score_count(1, 16), 16);
    ck_assert_uint_eq(level_score_count(1, 17), 0);
    ck_assert_uint_eq(level_score_count(17, 0), 0);
}
END_TEST

/* Those that the rows of other folds alone give. */
static void expect_held_out(const small_rows *rows, scored_rows scored) {
    enum { MOST = 3 };
    const size_t count = level_score_count(scored.target_count, scored.class_count);
    float found[MOST * SMALL], others[MOST * SMALL_LEVELS];
    ck_assert_int_eq(level_scores_held_out(&scored, rows->folds, found, MOST), EPOCL_OK);
    for (unsigned char fold = 0; fold < SCORE_FOLDS; fold++) {
        small_rows kept;
        size_t kept_count = 0;
        for (size_t i = 0; i < SMALL; i++) {
            if (rows->folds[i] == fold) continue;
            kept.levels[kept_count] = rows->levels[i];
            kept.labels[kept_count] = rows->labels[i];
            memcpy(&kept.values[2 * kept_count++], &rows->values[2 * i], 2 * sizeof *rows->values);
        }
        scored_rows rest = scored.values ? of_values(&kept) : of_labels(&kept);
        rest.row_count = kept_count;
        ck_assert_int_eq(level_scores_fit(&rest, others), EPOCL_OK);
        for (size_t i = 0; i < SMALL; i++)
            if (rows->folds[i] == fold)
                ck_assert_mem_eq(&found[i * MOST], &others[rows->levels[i] * count], count * sizeof *found);
    }
}

START_TEST(a_row_has_the_scores_of_others) {
    small_rows rows;
    fill(&rows);
    expect_held_out(&rows, of_values(&rows));
    expect_held_out(&rows, of_labels(&rows));
}
END_TEST

/* ---- In an encoder ------------------------------------------------------------------------------- */

typedef struct shop_rows {
    uint32_t shop[ROWS], answer[ROWS];
    float x[ROWS], y[ROWS], customer[ROWS];
    char names[LEVELS][8];
    const char *shops[LEVELS];
} shop_rows;

static const char *const answers[] = {"no", "yes"};

/* Shops of which the first have more rows, one of them is missing, and what is sold there. */
static shop_rows *create_rows(void) {
    shop_rows *rows = calloc(1, sizeof *rows);
    ck_assert_ptr_nonnull(rows);
    uint64_t state = 9;
    for (size_t i = 0; i < LEVELS; i++) {
        snprintf(rows->names[i], sizeof rows->names[i], "s%zu", i * 7 % LEVELS);
        rows->shops[i] = rows->names[i];
    }
    for (size_t i = 0; i < ROWS; i++) {
        const uint32_t shop = draw(&state) % LEVELS * (draw(&state) % LEVELS) / LEVELS;
        rows->shop[i] = i % 50 == 0 ? EPOCL_MISSING : shop;
        rows->x[i] = (float)(draw(&state) % 1000);
        rows->y[i] = (float)(shop * 37 % 101) + (float)(draw(&state) % 1000) / 50.0f;
        rows->answer[i] = shop * 37 % 101 > 50;
        rows->customer[i] = (float)(i / 10);
    }
    return rows;
}

static epocl_table *create_table(const shop_rows *rows) {
    epocl_table *t = NULL;
    ck_assert_int_eq(epocl_table_create(ROWS, &t), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "x", rows->x), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_categories(t, "shop", rows->shop, rows->shops, LEVELS), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "y", rows->y), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_numbers(t, "customer", rows->customer), EPOCL_OK);
    ck_assert_int_eq(epocl_table_add_categories(t, "answer", rows->answer, answers, 2), EPOCL_OK);
    ck_assert_int_eq(epocl_table_set(t, "features", "x,shop"), EPOCL_OK);
    return t;
}

static void split(epocl_table *t, const char *target, double fraction, epocl_dataset **train, epocl_dataset **valid) {
    epocl_options *options = NULL;
    ck_assert_int_eq(epocl_options_create(&options), EPOCL_OK);
    const epocl_status status = epocl_table_split(t, target, options, fraction, train, valid);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    epocl_options_release(options);
}

/* The source of a row's score: behind the two of x and the shop's place. */
static float score_at(const epocl_dataset *data, size_t row) {
    return ((const float *)data->inputs)[row * data->input_count + 3];
}

START_TEST(many_levels_have_scores) {
    shop_rows *rows = create_rows();
    epocl_table *t = create_table(rows);
    epocl_dataset *train = NULL, *valid = NULL;
    split(t, "y", 0.2, &train, &valid);
    const encoder_column *shop = &train->encoder->columns[1];
    ck_assert_uint_eq(shop->score_count, 1);
    ck_assert(shop->has_rest && shop->place_count < ENCODER_MOST_PLACES && shop->level_count > shop->place_count);
    ck_assert_uint_eq(encoder_column_inputs(shop), shop->place_count + 2);
    ck_assert_uint_eq(encoder_column_sources(shop), 2);
    ck_assert(encoder_place(shop, "nowhere") == (float)shop->level_count);
    ck_assert(encoder_place(shop, NULL) < (float)shop->place_count);
    for (size_t i = 0; i < shop->level_count; i++) ck_assert(encoder_place(shop, shop->levels[i]) == (float)i);
    for (size_t i = 0; i < valid->sample_count; i++) {
        const float *sources = (const float *)valid->inputs + i * valid->input_count;
        bool is_known = false;
        ck_assert(sources[2] >= 0.0f && sources[2] <= (float)shop->place_count);
        for (size_t l = 0; l <= shop->level_count; l++) is_known |= score_at(valid, i) == shop->scores[l];
        ck_assert(is_known);
    }
    epocl_dataset_release(valid);
    epocl_dataset_release(train);
    epocl_table_release(t);
    free(rows);
}
END_TEST

/* Another target in one row, or in one group, changes scores of other rows of its level, and none of its own. Classes:
 * they are not standardised. */
START_TEST(no_row_knows_its_own_target) {
    shop_rows *rows = create_rows(), *other = create_rows();
    epocl_table *t = create_table(rows), *changed = create_table(other);
    epocl_dataset *train = NULL, *again = NULL;
    const size_t first = 500, end = _i ? 510 : 501;
    for (size_t i = first; i < end; i++) {
        rows->shop[i] = other->shop[i] = 3; /* so that others of its level are many */
        other->answer[i] = 1 - rows->answer[i];
    }
    if (_i) ck_assert_int_eq(epocl_table_set(t, "group", "customer"), EPOCL_OK);
    if (_i) ck_assert_int_eq(epocl_table_set(changed, "group", "customer"), EPOCL_OK);
    split(t, "answer", 0.0, &train, NULL);
    split(changed, "answer", 0.0, &again, NULL);
    size_t differing = 0;
    for (size_t i = 0; i < ROWS; i++) {
        const bool is_same = score_at(train, i) == score_at(again, i);
        differing += !is_same;
        if (i >= first && i < end) ck_assert_msg(is_same, "row %zu", i);
    }
    ck_assert_uint_gt(differing, 10);
    epocl_dataset_release(again);
    epocl_dataset_release(train);
    epocl_table_release(changed);
    epocl_table_release(t);
    free(other);
    free(rows);
}
END_TEST

START_TEST(scores_are_saved) {
    shop_rows *rows = create_rows();
    epocl_table *t = create_table(rows);
    epocl_dataset *train = NULL;
    encoder *again = NULL;
    split(t, _i ? "answer" : "y", 0.0, &train, NULL);
    const encoder *e = train->encoder;
    ck_assert_int_eq(encoder_read_text(e->text, e->text_bytes, e->numbers, e->number_count, &again), EPOCL_OK);
    ck_assert_uint_eq(again->checksum, e->checksum);
    ck_assert(encoder_is_alike(again, e));
    ck_assert_uint_eq(again->columns[1].place_count, e->columns[1].place_count);
    ck_assert_mem_eq(again->columns[1].scores, e->columns[1].scores,
                     (e->columns[1].level_count + 1) * sizeof *e->columns[1].scores);
    encoder_release(again);
    epocl_dataset_release(train);
    epocl_table_release(t);
    free(rows);
}
END_TEST

static void assert_refused(const char *scores, const float *numbers, size_t number_count, const char *part) {
    char text[256];
    encoder *e = NULL;
    snprintf(text, sizeof text,
             "{\"columns\":[{\"name\":\"x\",\"kind\":\"category\",\"levels\":[\"a\",\"b\"],\"rest\":true%s}],"
             "\"targets\":[\"y\"],\"classes\":[]}",
             scores);
    const epocl_status status = encoder_read_text(text, strlen(text), numbers, number_count, &e);
    ck_assert_int_eq(status, part ? EPOCL_ERROR_DATA : EPOCL_OK);
    if (part) ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "%s: %s", scores, epocl_last_error());
    encoder_release(e);
}

START_TEST(damaged_scores_are_refused) {
    static const float numbers[] = {0.5f, -0.5f, 0, 0, 1, 0, 0, 0, 0, 0}, infinite[] = {0.5f, INFINITY, 0, 0, 1, 0, 0};
    assert_refused("", numbers + 3, 4, NULL);
    assert_refused(",\"places\":1,\"scores\":1", numbers, 7, NULL);
    assert_refused(",\"places\":0,\"scores\":1", numbers, 7, NULL);
    assert_refused(",\"places\":1,\"scores\":1", numbers, 2, "lacks numbers");
    assert_refused(",\"places\":1,\"scores\":1", infinite, 7, "not finite");
    assert_refused(",\"places\":3,\"scores\":1", numbers, 7, "scores of 'x'");
    assert_refused(",\"scores\":1", numbers, 7, "scores of 'x'");
    assert_refused(",\"places\":1,\"scores\":0", numbers, 4, "scores of 'x'");
    assert_refused(",\"places\":1,\"scores\":17", numbers, 10, "scores of 'x'");
    assert_refused(",\"places\":1,\"scores\":\"1\"", numbers, 7, "scores of 'x'");
}
END_TEST

Suite *level_scores_suite(void) {
    Suite *suite = suite_create("level_scores");
    TCase *tests = tcase_create("level_scores");
    tcase_add_test(tests, scores_are_means_drawn_to_that_of_all);
    tcase_add_test(tests, levels_that_say_nothing_score_nothing);
    tcase_add_test(tests, so_many_scores_as_the_task_has);
    tcase_add_test(tests, a_row_has_the_scores_of_others);
    tcase_add_test(tests, many_levels_have_scores);
    tcase_add_loop_test(tests, no_row_knows_its_own_target, 0, 2);
    tcase_add_loop_test(tests, scores_are_saved, 0, 2);
    tcase_add_test(tests, damaged_scores_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
