/* How the rows of a table are split: by classes, by groups, in the order of time; into two parts or folds. */
#include "data/rows/row_parts.h"
#include "data/rows/row_split.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *rows_suite(void);

enum { ROWS = 240, SEED = 7, FOLDS = 5 };

/* Rows of 24 customers, of whom each has 5 to 11, all of one class; a day that falls from row to row, ten rows a day.
 */
static table *read_visits(void) {
    char text[16384];
    size_t used = (size_t)snprintf(text, sizeof text, "customer,day,x,class,y\n");
    for (size_t i = 0; i < ROWS; i++) {
        const size_t day = 24 - i / 10, customer = i * i % 47;
        used += (size_t)snprintf(text + used, sizeof text - used, "c%zu,2024-%zu-%zu,%zu.5,%s,%zu.25\n", customer,
                                 day / 12 + 1, day % 12 + 5, i * 37 % 101, customer % 3 == 0 ? "b" : "a", i);
    }
    table *t = NULL;
    ck_assert_int_eq(table_read(scratch_write("visits.csv", text, used), &(table_options){0}, &t), EPOCL_OK);
    return t;
}

/* All that a test needs of a table, made and released as one. */
typedef struct planned {
    table *t;
    column_plan plan;
    row_list usable;
} planned;

static planned plan_visits(const char *target, const char *group, const char *time) {
    planned p = {.t = read_visits()};
    const column_request asked = {.target = target, .features = "x", .group = group, .time = time};
    ck_assert_msg(column_plan_create(p.t, &asked, &p.plan) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_int_eq(rows_usable(p.t, &p.plan, &p.usable), EPOCL_OK);
    return p;
}

static void planned_release(planned *p) {
    free(p->usable.rows);
    column_plan_release(&p->plan);
    table_release(p->t);
}

static row_split split_rows(const planned *p, double fraction, uint64_t seed) {
    row_split split;
    const epocl_status status = row_split_create(p->t, &p->plan, &p->usable, fraction, seed, &split);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    return split;
}

static bool is_among(const row_list *list, uint32_t row) {
    for (size_t i = 0; i < list->count; i++)
        if (list->rows[i] == row) return true;
    return false;
}

/* Both are in order, and each row is in one of them. */
static void assert_whole(const row_list *one, const row_list *other, size_t row_count) {
    ck_assert_uint_eq(one->count + other->count, row_count);
    for (size_t i = 1; i < one->count; i++) ck_assert_uint_lt(one->rows[i - 1], one->rows[i]);
    for (size_t i = 1; i < other->count; i++) ck_assert_uint_lt(other->rows[i - 1], other->rows[i]);
    for (size_t i = 0; i < one->count; i++) ck_assert(!is_among(other, one->rows[i]));
}

static bool is_shared(const table_column *column, const row_list *one, const row_list *other) {
    for (size_t i = 0; i < one->count; i++)
        for (size_t j = 0; j < other->count; j++)
            if (column->codes[one->rows[i]] == column->codes[other->rows[j]]) return true;
    return false;
}

static size_t count_class(const table *t, const row_list *list, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < list->count; i++)
        count += strcmp(t->columns[3].levels[t->columns[3].codes[list->rows[i]]], name) == 0;
    return count;
}

/* ---- Groups -------------------------------------------------------------------------------------- */

START_TEST(groups_stay_together) {
    for (uint64_t seed = 0; seed < 20; seed++) {
        planned p = plan_visits("class", "customer", NULL);
        row_split split = split_rows(&p, 0.2, seed), again = split_rows(&p, 0.2, seed);
        assert_whole(&split.train, &split.valid, ROWS);
        ck_assert(!is_shared(&p.t->columns[0], &split.train, &split.valid));
        /* Within the largest group of the share, of the rows and of a class. */
        ck_assert_uint_ge(split.valid.count, 48 - 11);
        ck_assert_uint_le(split.valid.count, 48 + 11);
        ck_assert_uint_gt(count_class(p.t, &split.valid, "b"), 0);
        ck_assert_uint_gt(count_class(p.t, &split.train, "b"), 0);
        ck_assert_uint_eq(split.valid.count, again.valid.count);
        ck_assert_mem_eq(split.valid.rows, again.valid.rows, split.valid.count * sizeof *split.valid.rows);
        row_split_release(&again);
        row_split_release(&split);
        planned_release(&p);
    }
}
END_TEST

/* Neither a tiny fraction nor a large one leaves a part without a group; without the column, groups are shared. */
START_TEST(no_part_is_without_a_group) {
    planned p = plan_visits("y", "customer", NULL), apart = plan_visits("y", NULL, NULL);
    static const double fractions[] = {0.001, 0.5, 0.999};
    for (size_t i = 0; i < 3; i++) {
        row_split split = split_rows(&p, fractions[i], SEED);
        ck_assert_uint_gt(split.train.count, 0);
        ck_assert_uint_gt(split.valid.count, 0);
        ck_assert(!is_shared(&p.t->columns[0], &split.train, &split.valid));
        row_split_release(&split);
    }
    row_split split = split_rows(&apart, 0.5, SEED);
    ck_assert(is_shared(&apart.t->columns[0], &split.train, &split.valid));
    row_split_release(&split);
    planned_release(&apart);
    planned_release(&p);
}
END_TEST

START_TEST(numbers_are_groups_too) {
    static const char text[] = "g,x,y\n1.5,1,1.5\n,2,2.5\n2,3,3.5\n1.5,4,4.5\n,5,5.5\n2,6,6.5\n";
    table *t = NULL;
    planned p = {0};
    ck_assert_int_eq(table_read(scratch_write("g.csv", text, sizeof text - 1), &(table_options){0}, &t), EPOCL_OK);
    p.t = t;
    ck_assert_int_eq(column_plan_create(t, &(column_request){.target = "y", .group = "g"}, &p.plan), EPOCL_OK);
    ck_assert_int_eq(p.plan.columns[0].use, USE_GROUP);
    ck_assert_int_eq(rows_usable(t, &p.plan, &p.usable), EPOCL_OK);
    row_split split = split_rows(&p, 0.3, SEED);
    ck_assert_uint_eq(split.valid.count, 2);
    ck_assert_uint_eq(split.valid.rows[1], split.valid.rows[0] + 3); /* those of no group are one */
    row_split_release(&split);
    planned_release(&p);
}
END_TEST

/* ---- Time ---------------------------------------------------------------------------------------- */

START_TEST(the_last_rows_validate) {
    planned p = plan_visits("y", NULL, "day");
    row_split split = split_rows(&p, 0.23, SEED), again = split_rows(&p, 0.23, SEED + 1);
    assert_whole(&split.train, &split.valid, ROWS);
    /* Days fall from row to row, and are whole: the first 50 or 60 rows are the last days, of which 50 are nearer. */
    ck_assert_uint_eq(split.valid.count, 60);
    for (size_t i = 0; i < split.valid.count; i++) ck_assert_uint_eq(split.valid.rows[i], i);
    ck_assert_mem_eq(split.valid.rows, again.valid.rows, split.valid.count * sizeof *split.valid.rows);
    row_split_release(&again);
    row_split_release(&split);
    planned_release(&p);
}
END_TEST

static void assert_ranks(const char *values, const char *expected) {
    char text[512], ranks[128] = "", *copy = text + 256, *next = NULL;
    table *t = NULL;
    size_t used = (size_t)snprintf(text, 256, "when,x\n"), count = 0;
    uint32_t of_rows[16];
    snprintf(copy, 256, "%s", values);
    for (char *one = strtok_r(copy, ",", &next); one; one = strtok_r(NULL, ",", &next))
        used += (size_t)snprintf(text + used, 256 - used, "%s,1\n", one);
    const table_options options = {.texts = (const char *const[]){"when"}, .text_count = 1};
    ck_assert_int_eq(table_read(scratch_write("when.csv", text, used), &options, &t), EPOCL_OK);
    ck_assert_msg(column_ranks(t, 0, of_rows, &count) == EPOCL_OK, "%s", epocl_last_error());
    for (size_t row = 0; row < t->row_count; row++)
        snprintf(ranks + strlen(ranks), sizeof ranks - strlen(ranks), of_rows[row] == TABLE_MISSING ? "-" : "%u",
                 (unsigned)of_rows[row]);
    ck_assert_str_eq(ranks, expected);
    table_release(t);
}

/* Numbers, long ones too, by size; dates by their fields. */
START_TEST(times_have_an_order) {
    assert_ranks("10,9.5,-3,1e2", "2103");
    assert_ranks("1600000001,1600000002,1600000000", "120");
    assert_ranks("20241231,NA,20240101", "1-0");
    assert_ranks("2024-3-9,2024-11-10,2024-03-09,2023-12-31", "1210");
    assert_ranks("2024-01-01T10:00:00.5,2024-01-01T10:00:00.25,2024-01-01T9:59:59", "210");
    assert_ranks("09:30,9:05,23:00", "102");
}
END_TEST

/* A date alone is its beginning; fractions come after none. */
START_TEST(times_say_more_or_less) {
    assert_ranks("2024-01-02,2024-01-01T10:00,2024-01-01,2024-01-01T10:00:05", "3102");
    assert_ranks("2024-01-01T10:00:00Z,2024-01-01T10:00:00.5Z,2024-01-01T10:00:00.55Z,2024-01-01T09:00:00Z", "1230");
    assert_ranks("2024-01-01 10:00:00 UTC,2024-01-01 9:00:00 UTC", "10");
    assert_ranks("2024-01-01 10:00+01:00,2024-01-01 09:30+01:00", "10");
    assert_ranks("2024-Q3,2024-Q1,2023-Q4", "210");
}
END_TEST

static void assert_no_order(const char *first, const char *second, const char *part) {
    char text[256];
    const size_t used = (size_t)snprintf(text, sizeof text, "when,y\n%s,1.5\n%s,2.5\n", first, second);
    table *t = NULL;
    uint32_t ranks[2];
    size_t count = 0;
    const table_options options = {.texts = (const char *const[]){"when"}, .text_count = 1};
    ck_assert_int_eq(table_read(scratch_write("w.csv", text, used), &options, &t), EPOCL_OK);
    ck_assert_int_eq(column_ranks(t, 0, ranks, &count), EPOCL_ERROR_DATA);
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
    table_release(t);
}

START_TEST(an_order_that_is_not_known_is_refused) {
    assert_no_order("31/12/2024", "01/02/2025", "'when' holds '31/12/2024', whose order is not known");
    assert_no_order("2024-Jan-31", "2024-Feb-01", "'2024-Jan-31', whose order is not known: write dates with");
    assert_no_order("2024-01-31 11:00 AM", "2024-01-31 01:00 PM", "'2024-01-31 11:00 AM', whose order is not known");
    assert_no_order("2024-01-31 11:00", "2024-01-31 01:00pm", "'2024-01-31 01:00pm', whose order is not known");
    assert_no_order("2024-01-31", "2024/01/30", "'2024-01-31' and '2024/01/30', whose order is not known");
    assert_no_order("2024-01-31 10:00", "2024-01-31T09:00", "write all in one way");
    assert_no_order("2024-01-31T10:00+02:00", "2024-01-31T09:30Z", "of one zone");
}
END_TEST

START_TEST(one_group_or_time_cannot_be_split) {
    static const char text[] = "g,x,y\na,1,1.5\na,2,2.5\na,3,3.5\n";
    table *t = NULL;
    row_split split;
    row_list usable;
    ck_assert_int_eq(table_read(scratch_write("one.csv", text, sizeof text - 1), &(table_options){0}, &t), EPOCL_OK);
    column_plan plan;
    ck_assert_int_eq(column_plan_create(t, &(column_request){.target = "y", .group = "g"}, &plan), EPOCL_OK);
    ck_assert_int_eq(rows_usable(t, &plan, &usable), EPOCL_OK);
    ck_assert_int_eq(row_split_create(t, &plan, &usable, 0.2, SEED, &split), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "--group: column 'g' has 1 group, too few for 2 parts"));
    ck_assert_int_eq(row_split_create(t, &plan, &usable, 0, SEED, &split), EPOCL_OK); /* nothing to split */
    row_split_release(&split);
    free(usable.rows);
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

/* ---- Folds --------------------------------------------------------------------------------------- */

/* Each row is held out once, and kept in all other folds. */
static void assert_folds(const planned *p, bool by_group) {
    row_folds folds;
    size_t held[ROWS] = {0};
    ck_assert_int_eq(row_folds_create(p->t, &p->plan, FOLDS, SEED, &folds), EPOCL_OK);
    for (size_t fold = 0; fold < FOLDS; fold++) {
        row_list kept, held_out;
        ck_assert_int_eq(row_folds_take(&folds, fold, &kept, &held_out), EPOCL_OK);
        assert_whole(&kept, &held_out, ROWS);
        for (size_t i = 0; i < held_out.count; i++) held[held_out.rows[i]]++;
        if (by_group) ck_assert(!is_shared(&p->t->columns[0], &kept, &held_out));
        if (!by_group) ck_assert_uint_eq(held_out.count, ROWS / FOLDS);
        if (!by_group && p->plan.has_classes) {
            const double share = (double)count_class(p->t, &p->usable, "b") / (double)FOLDS;
            ck_assert_double_lt(fabs((double)count_class(p->t, &held_out, "b") - share), 1.0);
        }
        free(kept.rows);
        free(held_out.rows);
    }
    for (size_t row = 0; row < ROWS; row++) ck_assert_uint_eq(held[row], 1);
    row_folds_release(&folds);
}

START_TEST(each_row_is_held_out_once) {
    planned by_class = plan_visits("class", NULL, NULL), values = plan_visits("y", NULL, NULL),
            by_group = plan_visits("class", "customer", NULL);
    assert_folds(&by_class, false);
    assert_folds(&values, false);
    assert_folds(&by_group, true);
    planned_release(&by_group);
    planned_release(&values);
    planned_release(&by_class);
}
END_TEST

/* In the order of time, whatever is held out is later than all that is kept. */
START_TEST(folds_of_time_look_ahead) {
    planned p = plan_visits("class", NULL, "day");
    row_folds folds;
    size_t earlier = 0;
    ck_assert_int_eq(row_folds_create(p.t, &p.plan, 3, SEED, &folds), EPOCL_OK);
    for (size_t fold = 0; fold < 3; fold++) {
        row_list kept, held_out;
        ck_assert_int_eq(row_folds_take(&folds, fold, &kept, &held_out), EPOCL_OK);
        ck_assert_uint_eq(kept.count, 60 * (fold + 1));
        ck_assert_uint_eq(held_out.count, 60);
        ck_assert_uint_lt(held_out.rows[59], kept.rows[0]); /* days fall */
        ck_assert_uint_gt(kept.count, earlier);
        earlier = kept.count;
        free(kept.rows);
        free(held_out.rows);
    }
    row_folds_release(&folds);
    ck_assert_int_eq(row_folds_create(p.t, &p.plan, 24, SEED, &folds), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "24 different values, too few for 25 parts"));
    planned_release(&p);
}
END_TEST

/* ---- Classes ------------------------------------------------------------------------------------- */

/* Every class gives its part, rounded; however large the part, no class is left without a row to train on. */
START_TEST(each_class_has_its_share_of_a_split) {
    planned p = plan_visits("class", NULL, NULL);
    const size_t b = count_class(p.t, &p.usable, "b");
    row_split split = split_rows(&p, 0.2, SEED), other = split_rows(&p, 0.2, SEED + 1);
    assert_whole(&split.train, &split.valid, ROWS);
    ck_assert_uint_eq(count_class(p.t, &split.valid, "b"), (size_t)(0.2 * (double)b + 0.5));
    ck_assert_uint_eq(count_class(p.t, &split.valid, "a"), (size_t)(0.2 * (double)(ROWS - b) + 0.5));
    ck_assert_uint_eq(other.valid.count, split.valid.count);
    ck_assert_mem_ne(other.valid.rows, split.valid.rows, split.valid.count * sizeof *split.valid.rows);
    row_split_release(&other);
    row_split_release(&split);
    split = split_rows(&p, 0.9999, SEED);
    ck_assert_uint_eq(split.train.count, 2);
    row_split_release(&split);
    planned_release(&p);
}
END_TEST

START_TEST(rows_without_a_target_are_left_out) {
    static const char text[] = "x,y,w,when\n1,2.5,1,5\n2,,1,4\n3,4.5,1,3\n4,NA,1,2\n5,6.5,,1\n6,7.5,1,\n";
    static const struct {
        column_request asked;
        size_t count;
    } cases[] = {{{.target = "y"}, 4}, {{.target = "y", .weights = "w"}, 3}, {{.target = "y", .time = "when"}, 3}};
    table *t = NULL;
    ck_assert_int_eq(table_read(scratch_write("gaps.csv", text, sizeof text - 1), &(table_options){0}, &t), EPOCL_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        column_plan plan;
        row_list usable;
        ck_assert_int_eq(column_plan_create(t, &cases[i].asked, &plan), EPOCL_OK);
        ck_assert_int_eq(rows_usable(t, &plan, &usable), EPOCL_OK);
        ck_assert_uint_eq(usable.count, cases[i].count);
        ck_assert_uint_eq(usable.rows[1], 2);
        free(usable.rows);
        column_plan_release(&plan);
    }
    table_release(t);
}
END_TEST

Suite *rows_suite(void) {
    Suite *suite = suite_create("rows");
    TCase *tests = tcase_create("rows");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, groups_stay_together);
    tcase_add_test(tests, no_part_is_without_a_group);
    tcase_add_test(tests, numbers_are_groups_too);
    tcase_add_test(tests, the_last_rows_validate);
    tcase_add_test(tests, times_have_an_order);
    tcase_add_test(tests, times_say_more_or_less);
    tcase_add_test(tests, an_order_that_is_not_known_is_refused);
    tcase_add_test(tests, one_group_or_time_cannot_be_split);
    tcase_add_test(tests, each_row_is_held_out_once);
    tcase_add_test(tests, folds_of_time_look_ahead);
    tcase_add_test(tests, each_class_has_its_share_of_a_split);
    tcase_add_test(tests, rows_without_a_target_are_left_out);
    suite_add_tcase(suite, tests);
    return suite;
}
