/* What the columns of a table are for. */
#include "data/columns/columns.h"
#include "support/scratch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *columns_suite(void);

/* A file of 40 rows: an id, a date, a word that is different in every row, a category, a number, a constant, classes of
 * numbers 3, 5 and 8, a target of numbers, weights. */
static table *read_flats(void) {
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "flat_id,sold,street,kind,area,country,grade,price,weight\n");
    for (int i = 0; i < 40; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%d,2024-01-%02d,street %d,%s,%g,Norway,%d,%g,%d\n",
                                 1000 + i * 7, i % 28 + 1, i, i % 3 ? "flat" : "house", 50.5 + i * 3,
                                 i % 8 == 0 ? 8
                                 : i % 2    ? 5
                                            : 3,
                                 i * 1.25, i % 4);
    table *t = NULL;
    const epocl_status status = table_read(scratch_write("flats.csv", text, used), &(table_options){0}, &t);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    return t;
}

static column_plan plan_of(const table *t, const column_request *asked) {
    column_plan plan;
    const epocl_status status = column_plan_create(t, asked, &plan);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    return plan;
}

static table *read_text(const char *text) {
    table *t = NULL;
    const epocl_status status = table_read(scratch_write("text.csv", text, strlen(text)), &(table_options){0}, &t);
    ck_assert_msg(status == EPOCL_OK, "%s", epocl_last_error());
    return t;
}

static void assert_refused(const column_request *asked, epocl_status expected, const char *part) {
    table *t = read_flats();
    column_plan plan;
    ck_assert_int_eq(column_plan_create(t, asked, &plan), expected);
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
    table_release(t);
}

START_TEST(columns_are_taken_as_they_look) {
    table *t = read_flats();
    column_plan plan = plan_of(t, &(column_request){.target = "price", .ignore = "sold,3", .id = "flat_id"});
    static const column_use uses[] = {USE_ID,       USE_IGNORED, USE_IGNORED, USE_INPUT, USE_INPUT,
                                      USE_CONSTANT, USE_INPUT,   USE_TARGET,  USE_INPUT};
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++)
        ck_assert_msg(plan.columns[i].use == uses[i], "column %zu", i);
    ck_assert_int_eq(plan.columns[3].kind, COLUMN_CATEGORY);
    ck_assert_int_eq(plan.columns[4].kind, COLUMN_NUMBER);
    ck_assert_uint_eq(plan.columns[6].distinct_count, 3);
    ck_assert(!plan.has_classes);
    ck_assert_uint_eq(plan.weight, TABLE_NO_COLUMN);
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

START_TEST(the_target_decides_the_task) {
    table *t = read_flats();
    column_request asked = {.target = "grade", .features = "kind,area"};
    column_plan plan = plan_of(t, &asked);
    ck_assert(plan.has_classes); /* three whole numbers */
    ck_assert_int_eq(plan.columns[8].use, USE_IGNORED);
    column_plan_release(&plan);
    asked.task = "values";
    plan = plan_of(t, &asked);
    ck_assert(!plan.has_classes);
    column_plan_release(&plan);
    plan = plan_of(t, &(column_request){.target = "price,grade", .features = "kind,area", .weights = "weight"});
    ck_assert(!plan.has_classes);
    ck_assert_uint_eq(plan.target_count, 2);
    ck_assert_uint_eq(plan.targets[0], 7);
    ck_assert_uint_eq(plan.targets[1], 6);
    ck_assert_uint_eq(plan.weight, 8);
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

START_TEST(what_looks_like_no_feature_is_refused_by_name) {
    assert_refused(&(column_request){.target = "price"}, EPOCL_ERROR_DATA,
                   "'flat_id' looks like an id (40 different in 40 rows), 'sold' looks like dates");
    assert_refused(&(column_request){.target = "price"}, EPOCL_ERROR_DATA,
                   "'street' looks like an id or free text (40 different in 40 rows); --ignore flat_id,sold,street");
    /* Whoever names a column means it. */
    table *t = read_flats();
    column_plan plan =
        plan_of(t, &(column_request){.target = "price", .categorical = "sold,street", .numeric = "flat_id"});
    ck_assert_int_eq(plan.columns[0].use, USE_INPUT);
    ck_assert_int_eq(plan.columns[1].use, USE_INPUT);
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

/* Whole numbers or different texts before all other columns, without a name. */
START_TEST(names_of_rows_are_left_out) {
    static const struct {
        const char *text;
        column_use first, second;
    } cases[] = {{",x,y\n7,1,1.5\n3,2,2.5\n3,5,0.5\n", USE_ROW_NAMES, USE_INPUT},
                 {"Unnamed: 0,x,y\n1,1,1.5\n2,2,2.5\n3,5,0.5\n", USE_ROW_NAMES, USE_INPUT},
                 {",\"\",y\na,1,1.5\nb,2,2.5\nc,5,0.5\n", USE_ROW_NAMES, USE_ROW_NAMES},
                 {",x,y\na,1,1.5\nb,2,2.5\na,5,0.5\n", USE_INPUT, USE_INPUT},
                 {",x,y\n1.5,1,1.5\n2,2,2.5\n3,5,0.5\n", USE_INPUT, USE_INPUT},
                 {"x,,y\n1.5,1,1.5\n2,2,2.5\n3,5,0.5\n", USE_INPUT, USE_INPUT}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        table *t = read_text(cases[i].text);
        column_plan plan = plan_of(t, &(column_request){.target = "y"});
        ck_assert_msg(plan.columns[0].use == cases[i].first && plan.columns[1].use == cases[i].second, "%zu", i);
        column_plan_release(&plan);
        plan = plan_of(t, &(column_request){.target = "y", .features = "1,2"});
        ck_assert(plan.columns[0].use == USE_INPUT && plan.columns[1].use == USE_INPUT);
        column_plan_release(&plan);
        table_release(t);
    }
}
END_TEST

/* ---- Numbers of rows ----------------------------------------------------------------------------- */

/* Ways in which whole numbers may stand in a column. */
typedef enum row_numbers {
    COUNTING,      /* 1, 2, 3, ...                                             */
    WITH_GAPS,     /* in order, three of five left out by a rule without a period */
    SHUFFLED,      /* the same in another order                                */
    FAR_APART,     /* in order, some 40 for each row                           */
    SPREAD,        /* the same in another order                                */
    BEGUN_ANEW,    /* 1 to 20 again and again                                  */
    OF_FEW_ROWS,   /* 1 to 8, and no more rows                                 */
    OF_A_FEW_EACH, /* 1 1 1 2 2 2 ...                                          */
    ROW_NUMBERS
} row_numbers;

static size_t rows_of(row_numbers kind) {
    return kind == OF_FEW_ROWS ? 8 : 60;
}

static int number_of_row(row_numbers kind, int row) {
    const int moved = row * 23 % 60;
    switch (kind) {
    case WITH_GAPS: return row + row / 2 + row * row % 3 / 2;
    case SHUFFLED: return moved + moved / 2;
    case FAR_APART: return row * 41 + row * row % 7;
    case SPREAD: return moved * 41 + moved * moved % 7;
    case BEGUN_ANEW: return row % 20 + 1;
    case OF_A_FEW_EACH: return row / 3;
    default: return row + 1;
    }
}

/* A table of the column, which is the first, the second or alone, a category, and the target `y`. */
static table *read_numbered(const char *name, row_numbers kind, int place) {
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text,
                                   place == 0   ? "%s,b,y\n"
                                   : place == 1 ? "b,%s,y\n"
                                                : "%s,y\n",
                                   name);
    for (int row = 0; row < (int)rows_of(kind); row++) {
        const int number = number_of_row(kind, row);
        const char *word = row * row % 5 > 1 ? "some" : "other";
        if (place == 0) used += (size_t)snprintf(text + used, sizeof text - used, "%d,%s", number, word);
        if (place == 1) used += (size_t)snprintf(text + used, sizeof text - used, "%s,%d", word, number);
        if (place == 2) used += (size_t)snprintf(text + used, sizeof text - used, "%d", number);
        used += (size_t)snprintf(text + used, sizeof text - used, ",%g\n", row * row % 17 * 0.25);
    }
    return read_text(text);
}

/* o: left out; r: refused; t: told; -: learned from without a word. */
static char outcome_of(const char *name, row_numbers kind, int place) {
    table *t = read_numbered(name, kind, place);
    column_plan plan;
    char outcome = 'r';
    if (column_plan_create(t, &(column_request){.target = "y"}, &plan) == EPOCL_OK) {
        const planned_column *planned = &plan.columns[place == 1];
        outcome = planned->use == USE_ROW_NAMES                                    ? 'o'
                  : planned->look == MAY_NUMBER_ROWS || planned->look == MAY_BE_ID ? 't'
                                                                                   : '-';
        column_plan_release(&plan);
    }
    table_release(t);
    return outcome;
}

/* A letter for each way; whoever names the column has it taken as it is. */
static void expect_outcomes(const char *name, int place, const char *expected) {
    char found[ROW_NUMBERS + 1] = "";
    for (int kind = 0; kind < ROW_NUMBERS; kind++) found[kind] = outcome_of(name, (row_numbers)kind, place);
    ck_assert_msg(strcmp(found, expected) == 0, "%s: %s", name, found);
}

START_TEST(what_is_named_for_rows_and_numbers_them_is_no_input) {
    static const char *const names[] = {"X", "X.1", "index", "Index", "obs", "idx", "row", "No.", "S.No", "#"};
    static const char *const certain[] = {"rownames", "row_names",  "Row.Names",   "rowname",
                                          "",         "Unnamed: 0", "Unnamed: 0.1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        expect_outcomes(names[i], 0,
                        "oooot"
                        "oo-");
        expect_outcomes(names[i], 1,
                        "rrrrt"
                        "-t-");
        expect_outcomes(names[i], 2,
                        "ttttt"
                        "-t-"); /* else nothing were left to learn from */
    }
    for (size_t i = 0; i < sizeof certain / sizeof *certain; i++) expect_outcomes(certain[i], 0, "oooooooo");
    expect_outcomes("Id", 0,
                    "rrrrr"
                    "ttt");
    expect_outcomes("customer_id", 1,
                    "rrrrr"
                    "ttt");
}
END_TEST

/* Times, sizes, coordinates: learned from, and told where nothing but their order speaks against them. */
START_TEST(what_is_not_named_for_rows_is_an_input) {
    static const char *const values[] = {"size", "x", "paid", "Xylem", "rowing", "obstacles", "noise", "indexed"};
    static const char *const times[] = {"year", "Year", "time_s", "day of year", "minute"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        expect_outcomes(values[i], 0,
                        "rtt--"
                        "---");
        expect_outcomes(values[i], 1,
                        "rtt--"
                        "---");
        expect_outcomes(values[i], 2,
                        "ttt--"
                        "---");
    }
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        expect_outcomes(times[i], 0,
                        "ttt--"
                        "---");
    /* Beside another coordinate X and row are such. */
    table *t = read_text("X,Y,z\n1,2,0.5\n2,5,1.5\n3,3,2.5\n4,7,2.5\n5,6,2.25\n6,6,0.75\n7,6,0.75\n");
    column_plan plan = plan_of(t, &(column_request){.target = "z"});
    ck_assert(plan.columns[0].use == USE_INPUT && plan.columns[0].look == LOOKS_LIKE_VALUES);
    column_plan_release(&plan);
    plan = plan_of(t, &(column_request){.target = "Y"});
    ck_assert_int_eq(plan.columns[0].use, USE_ROW_NAMES);
    column_plan_release(&plan);
    plan = plan_of(t, &(column_request){.target = "Y", .numeric = "X"});
    ck_assert_int_eq(plan.columns[0].use, USE_INPUT);
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

/* In 5 rows each, or two of them; counts have rare ones. */
START_TEST(few_whole_numbers_are_classes_where_none_is_rare) {
    static const struct {
        int row_count, class_count;
        bool are_classes;
    } cases[] = {{25, 5, true}, {24, 5, false}, {100, 20, true}, {99, 20, false}, {1000, 21, false}, {4, 2, true}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char text[16384];
        size_t used = (size_t)snprintf(text, sizeof text, "x,y\n");
        for (int i = 0; i < cases[k].row_count; i++)
            used += (size_t)snprintf(text + used, sizeof text - used, "%g,%d\n", i * 0.5, i % cases[k].class_count);
        table *t = read_text(text);
        column_plan plan = plan_of(t, &(column_request){.target = "y"});
        ck_assert_msg(plan.has_classes == cases[k].are_classes, "%zu", k);
        column_plan_release(&plan);
        table_release(t);
    }
}
END_TEST

START_TEST(a_target_of_which_nothing_is_learned_is_refused) {
    column_request asked = {.target = "street", .features = "area"};
    assert_refused(&asked, EPOCL_ERROR_DATA, "target 'street' looks like an id or free text (40 different in 40 rows)");
    asked.task = "classes";
    table *t = read_flats();
    column_plan plan = plan_of(t, &asked);
    ck_assert(plan.has_classes);
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

/* What is to be copied into a shell says the same there. */
START_TEST(columns_to_ignore_are_listed_as_a_shell_takes_them) {
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text,
                                   "key,a b,\"c,d\",gr\xc3\xb6\xc3\x9f"
                                   "e,y\n");
    for (int i = 0; i < 30; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "a%d,b%d,c%d,d%d,%g\n", i, i, i, i, i * 0.5);
    table *t = read_text(text);
    column_plan plan;
    ck_assert_int_eq(column_plan_create(t, &(column_request){.target = "y"}, &plan), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "--ignore 'key,a b,3,4' leaves out"));
    table_release(t);
}
END_TEST

/* Whether the column beside the target tells it, in 60 rows of `value` and `target` made of the number of the row. */
static bool tells(const char *task, const char *(*value)(int row), const char *(*target)(int row)) {
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "x,b,y\n");
    for (int i = 0; i < 60; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "%s,%d,", value(i), i * i % 7);
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", target(i));
    }
    table *t = read_text(text);
    column_plan plan = plan_of(t, &(column_request){.target = "y", .numeric = "b", .task = task});
    const bool result = plan.columns[0].tells_target;
    ck_assert(!plan.columns[1].tells_target && !plan.columns[2].tells_target);
    column_plan_release(&plan);
    table_release(t);
    return result;
}

static const char *number_text(double number) {
    static char text[32];
    snprintf(text, sizeof text, "%.9g", number);
    return text;
}

static const char *yes_or_no(int row) {
    return row * 7 % 5 > 2 ? "yes" : "no";
}
static const char *yes_as_number(int row) {
    return row * 7 % 5 > 2 ? "1" : "0";
}
static const char *all_but_one(int row) {
    return row == 59 ? "0" : yes_as_number(row);
}
static const char *part_of_yes(int row) { /* each of three values has one class */
    return row * 7 % 5 > 2 ? "a" : row % 5 ? "b" : "";
}
static const char *price(int row) {
    return number_text(row * 37 % 60 * 0.5);
}
static const char *price_with_tax(int row) {
    return number_text(row * 37 % 60 * 0.5 * 1.19 + 3);
}
static const char *price_to_come(int row) {
    return row % 9 == 0 ? "" : number_text(-row * 37 % 60 * 0.5);
}
static const char *near_price(int row) {
    return number_text(row * 37 % 60 * 0.5 + row % 2);
}
static const char *rounded_price(int row) {
    return number_text(row * 37 % 60 / 4);
}
static const char *own_value(int row) {
    return number_text(row * 37 % 60 + 0.5);
}

START_TEST(columns_that_tell_the_target_are_marked) {
    ck_assert(tells(NULL, yes_or_no, yes_or_no));
    ck_assert(tells(NULL, yes_as_number, yes_or_no));
    ck_assert(tells(NULL, part_of_yes, yes_or_no));
    ck_assert(!tells(NULL, all_but_one, yes_or_no));
    ck_assert(!tells(NULL, own_value, yes_or_no)); /* of which no value is there twice */
    ck_assert(tells("values", price, price));
    ck_assert(tells("values", price_with_tax, price));
    ck_assert(tells("values", price_to_come, price));
    ck_assert(!tells("values", near_price, price));
    ck_assert(!tells("values", rounded_price, price));
}
END_TEST

/* Of 60 rows of a text made of the number of the row, or what it is told to look like. */
static void expect_text_look(const char *format, int modulus, const char *refusal) {
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "a;y\n");
    for (int i = 0; i < 60; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, format, i % modulus);
        used += (size_t)snprintf(text + used, sizeof text - used, ";%g\n", i * i % 17 * 0.25);
    }
    table *t = read_text(text);
    column_plan plan;
    const epocl_status status = column_plan_create(t, &(column_request){.target = "y"}, &plan);
    if (status == EPOCL_OK) column_plan_release(&plan);
    ck_assert_msg(*refusal ? status == EPOCL_ERROR_DATA && strstr(epocl_last_error(), refusal) : status == EPOCL_OK,
                  "%s: %s", format, epocl_last_error());
    table_release(t);
}

/* Of which none could have an input, so that a column of numbers would be left out as one of categories. */
/* What stands for a missing value in a column of 60 rows, each sixth of which is `value`, the others 0 to `highest`. */
static float placeholder_of(int value, int highest) {
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "a,y\n");
    for (int i = 0; i < 60; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%d,%g\n", i % 6 ? i % 7 * highest / 6 : value,
                                 i * i % 17 * 0.25);
    table *t = read_text(text);
    column_plan plan = plan_of(t, &(column_request){.target = "y"});
    const float found = plan.columns[0].placeholder;
    column_plan_release(&plan);
    table_release(t);
    return found;
}

START_TEST(numbers_that_stand_for_missing_ones_are_marked) {
    ck_assert(placeholder_of(-999, 100) == -999.0f);
    ck_assert(placeholder_of(9999, 100) == 9999.0f);
    ck_assert(placeholder_of(-999, 1200) == 0.0f); /* not apart */
    ck_assert(placeholder_of(99, 100) == 0.0f);
    ck_assert(placeholder_of(-1000, 100) == 0.0f);
    ck_assert(placeholder_of(-999, 0) == 0.0f); /* one other value */
}
END_TEST

START_TEST(codes_of_few_rows_are_refused) {
    static const char refusal[] = "'a' looks like codes, or numbers with something else (20 different in 60 rows)";
    expect_text_look("0x%x", 20, refusal);
    expect_text_look("2024-W%02d", 20, refusal);
    expect_text_look("\342\210\222%d", 20, refusal); /* a minus that is no hyphen */
    expect_text_look("2024-W%02d", 12, "");
    expect_text_look("word%d", 20, "");
}
END_TEST

START_TEST(numbers_that_are_days_are_dates) {
    expect_text_look("202401%02d", 31, "'a' looks like dates"); /* the 0th would be none */
    expect_text_look("2024%02d77", 12, "");
    expect_text_look("1024%02d11", 12, "");
}
END_TEST

START_TEST(what_cannot_be_is_refused) {
    assert_refused(&(column_request){0}, EPOCL_ERROR_ARGUMENT, "a table needs --target COLUMN");
    assert_refused(&(column_request){.target = "prise"}, EPOCL_ERROR_ARGUMENT, "did you mean 'price'");
    assert_refused(&(column_request){.target = "price,price"}, EPOCL_ERROR_ARGUMENT, "is given twice");
    assert_refused(&(column_request){.target = "price", .ignore = "price"}, EPOCL_ERROR_ARGUMENT,
                   "--ignore: column 8 is the target already");
    assert_refused(&(column_request){.target = "kind", .features = "area", .task = "values"}, EPOCL_ERROR_DATA,
                   "target 'kind' is text");
    assert_refused(&(column_request){.target = "price", .ignore = "sold,street,flat_id", .numeric = "kind"},
                   EPOCL_ERROR_DATA, "--numeric: column 'kind' holds text, first in line 2, byte ");
    assert_refused(&(column_request){.target = "country", .features = "area"}, EPOCL_ERROR_DATA,
                   "target 'country' has the same value in all rows");
    assert_refused(&(column_request){.target = "price", .features = "area", .weights = "kind"}, EPOCL_ERROR_DATA,
                   "'kind' is text and gives no weights");
    assert_refused(&(column_request){.target = "price", .features = "area", .group = "price"}, EPOCL_ERROR_ARGUMENT,
                   "--group: column 8 is the target already");
    assert_refused(&(column_request){.target = "price", .features = "area,sold", .time = "sold"}, EPOCL_ERROR_ARGUMENT,
                   "--features: column 2 is the time already");
    assert_refused(&(column_request){.target = "price", .group = "street", .time = "sold"}, EPOCL_ERROR_ARGUMENT,
                   "--group and --time exclude each other");
}
END_TEST

/* Of a list the last one would hold without a word. */
START_TEST(some_uses_are_of_one_column) {
    assert_refused(&(column_request){.target = "price", .features = "area", .weights = "weight,grade"},
                   EPOCL_ERROR_ARGUMENT, "--weights takes one column, not columns 9 and 7");
    assert_refused(&(column_request){.target = "price", .features = "area", .id = "flat_id,street"},
                   EPOCL_ERROR_ARGUMENT, "--id takes one column, not columns 1 and 3");
    assert_refused(&(column_request){.target = "price", .features = "area", .group = "kind,street"},
                   EPOCL_ERROR_ARGUMENT, "--group takes one column, not columns 4 and 3");
    assert_refused(&(column_request){.target = "price", .features = "area", .time = "sold,flat_id"},
                   EPOCL_ERROR_ARGUMENT, "--time takes one column, not columns 2 and 1");
}
END_TEST

/* ---- Names --------------------------------------------------------------------------------------- */

/* Later on a column is found by its name, so that the other one would be taken. */
START_TEST(what_is_used_has_its_name_alone) {
    table *t = read_text("y,x,y,c,c\n1.5,2,3.5,1,2\n2.5,1,3.25,2,3\n3.5,3,1.5,3,1\n");
    static const column_request refused[] = {{.target = "3", .ignore = "4,5"},
                                             {.target = "3", .ignore = "1,4,5"},
                                             {.target = "x", .ignore = "1,3,4"},
                                             {.target = "x", .ignore = "3,4,5", .weights = "1"},
                                             {.target = "x", .ignore = "1,3,5", .id = "4"},
                                             {.target = "x", .features = "1", .group = "4"},
                                             {.target = "x", .ignore = "4", .time = "5"}};
    column_plan plan;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ck_assert_int_eq(column_plan_create(t, &refused[i], &plan), EPOCL_ERROR_DATA);
        ck_assert_msg(strstr(epocl_last_error(), "are both called '"), "%s", epocl_last_error());
    }
    ck_assert_int_eq(column_plan_create(t, &(column_request){.target = "y", .ignore = "4,5"}, &plan),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "columns 1 and 3 are both called 'y': rename one"));
    table_release(t);
    /* Those that are not used may be. */
    t = read_text("y,x,c,c\n1.5,2,1,2\n2.5,1,2,3\n3.5,3,3,1\n");
    plan = plan_of(t, &(column_request){.target = "y", .ignore = "3,4"});
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

START_TEST(columns_are_found_in_the_order_of_their_names) {
    table *t = read_text("b,10,a,c,9,c\nx,1,2,3,4,5\n");
    column_names names;
    size_t place = 0;
    ck_assert_int_eq(column_names_create(t, &names), EPOCL_OK);
    for (size_t i = 0; i < t->column_count; i++) {
        if (strcmp(t->columns[i].name, "c") == 0) continue;
        ck_assert_int_eq(column_names_find(&names, t->columns[i].name, &place), EPOCL_OK);
        ck_assert_uint_eq(place, i);
    }
    ck_assert_int_eq(column_names_find(&names, "d", &place), EPOCL_OK);
    ck_assert_uint_eq(place, TABLE_NO_COLUMN);
    ck_assert_int_eq(column_names_find(&names, "", &place), EPOCL_OK);
    ck_assert_uint_eq(place, TABLE_NO_COLUMN);
    ck_assert_int_eq(column_names_find(&names, "c", &place), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "columns 4 and 6 are both called 'c'"));
    column_names_release(&names);
    table_release(t);
}
END_TEST

/* ---- Classes ------------------------------------------------------------------------------------- */

START_TEST(classes_have_their_names_in_order) {
    table *t = read_flats();
    column_classes classes;
    ck_assert_int_eq(column_classes_create(t, 6, &classes), EPOCL_OK);
    ck_assert_uint_eq(classes.count, 3);
    ck_assert_str_eq(classes.names[0], "3");
    ck_assert_str_eq(classes.names[2], "8");
    ck_assert_uint_eq(classes.places[0], 2);
    ck_assert_uint_eq(classes.places[1], 1);
    column_classes_release(&classes);
    ck_assert_int_eq(column_classes_create(t, 3, &classes), EPOCL_OK);
    ck_assert_str_eq(classes.names[0], "flat");
    ck_assert_str_eq(classes.names[1], "house");
    ck_assert_uint_eq(classes.places[0], 1);
    column_classes_release(&classes);
    table_release(t);
}
END_TEST

static void assert_classes(const char *text, const char *const *names, size_t count) {
    table *t = read_text(text);
    column_classes classes;
    ck_assert_int_eq(column_classes_create(t, 0, &classes), EPOCL_OK);
    ck_assert_uint_eq(classes.count, count);
    for (size_t i = 0; i < count; i++) ck_assert_str_eq(classes.names[i], names[i]);
    column_classes_release(&classes);
    table_release(t);
}

START_TEST(numbers_are_classes_as_people_write_them) {
    static const char *const zeros[] = {"0", "1"}, *const large[] = {"-1000000", "0.5", "16777216", "1000000000"};
    assert_classes("y\n-0.0\n1\n0\n", zeros, 2);
    assert_classes("y\n1000000000\n0.5\n-1e6\n16777216\n", large, 4);
}
END_TEST

/* 16777217 is 16777216 as a float. */
START_TEST(classes_that_would_be_one_are_refused) {
    table *t = read_text("y,x\n16777216,1\n16777217,2\n16777218,3\n16777216,4\n");
    column_plan plan;
    ck_assert_int_eq(column_plan_create(t, &(column_request){.target = "y"}, &plan), EPOCL_ERROR_DATA);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "'y' has whole numbers of more digits than a 32-bit float keeps"));
    ck_assert_int_eq(
        column_plan_create(t, &(column_request){.target = "x", .task = "values", .categorical = "y"}, &plan),
        EPOCL_ERROR_DATA); /* that it is no text here is for other formats */
    plan = plan_of(t, &(column_request){.target = "y", .task = "values"});
    column_plan_release(&plan);
    table_release(t);
}
END_TEST

Suite *columns_suite(void) {
    Suite *suite = suite_create("columns");
    TCase *tests = tcase_create("columns");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, columns_are_taken_as_they_look);
    tcase_add_test(tests, the_target_decides_the_task);
    tcase_add_test(tests, what_looks_like_no_feature_is_refused_by_name);
    tcase_add_test(tests, names_of_rows_are_left_out);
    tcase_add_test(tests, what_is_named_for_rows_and_numbers_them_is_no_input);
    tcase_add_test(tests, what_is_not_named_for_rows_is_an_input);
    tcase_add_test(tests, few_whole_numbers_are_classes_where_none_is_rare);
    tcase_add_test(tests, a_target_of_which_nothing_is_learned_is_refused);
    tcase_add_test(tests, columns_to_ignore_are_listed_as_a_shell_takes_them);
    tcase_add_test(tests, columns_that_tell_the_target_are_marked);
    tcase_add_test(tests, numbers_that_stand_for_missing_ones_are_marked);
    tcase_add_test(tests, codes_of_few_rows_are_refused);
    tcase_add_test(tests, numbers_that_are_days_are_dates);
    tcase_add_test(tests, what_cannot_be_is_refused);
    tcase_add_test(tests, some_uses_are_of_one_column);
    tcase_add_test(tests, what_is_used_has_its_name_alone);
    tcase_add_test(tests, columns_are_found_in_the_order_of_their_names);
    tcase_add_test(tests, classes_have_their_names_in_order);
    tcase_add_test(tests, numbers_are_classes_as_people_write_them);
    tcase_add_test(tests, classes_that_would_be_one_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
