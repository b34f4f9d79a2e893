/* Tables from memory, trained on a device: what the library makes of columns, and that a file of the same is the same.
 */
#include "data/encoder/encoder.h"
#include "device/problem.h"
#include "support/array_files.h"
#include "support/options.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *tables_suite(void);

enum { ROWS = 400, COLOURS = 3, EPOCHS = 30 };
static const char *const colours[COLOURS] = {"red", "green", "blue"};

/* y follows from x, where it is there, and colour; the class says whether y is above 1. */
typedef struct columns {
    float x[ROWS], y[ROWS];
    uint32_t colour[ROWS], class[ROWS];
} columns;

static void fill(columns *c) {
    for (size_t i = 0; i < ROWS; i++) {
        const float x = (float)(i * 37 % 101) / 50.0f - 1.0f;
        c->colour[i] = i % 11 == 10 ? EPOCL_MISSING : (uint32_t)(i % COLOURS);
        c->x[i] = i % 13 == 12 ? NAN : x;
        c->y[i] = fabsf(x) + (float)(i % COLOURS);
        c->class[i] = c->y[i] > 1.0f;
    }
}

static epocl_table *create_table(const columns *c, size_t first, size_t count) {
    static const char *const answers[] = {"no", "yes"};
    epocl_table *t = NULL;
    ck_assert_ok(epocl_table_create(count, &t));
    ck_assert_ok(epocl_table_add_numbers(t, "x", c->x + first));
    ck_assert_ok(epocl_table_add_categories(t, "colour", c->colour + first, colours, COLOURS));
    ck_assert_ok(epocl_table_add_numbers(t, "y", c->y + first));
    ck_assert_ok(epocl_table_add_categories(t, "above", c->class + first, answers, 2));
    return t;
}

static epocl_options table_options_of(const char *provider) {
    epocl_options options = problem_options(provider, 32, 0.01f);
    set_option(&options, "hidden", "24");
    set_option(&options, "activation", "relu");
    set_option(&options, "cost", "auto");
    set_option(&options, "optimizer", "adam");
    return options;
}

static epocl_network *train(const epocl_table *t, const char *target, const epocl_options *options) {
    epocl_dataset *data = NULL, *valid = NULL;
    epocl_network *network = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result last = {0};
    ck_assert_ok(epocl_table_split(t, target, options, 0.2, &data, &valid));
    ck_assert_uint_eq(epocl_dataset_sample_count(data) + epocl_dataset_sample_count(valid), epocl_table_row_count(t));
    ck_assert_ok(epocl_network_create(data, options, &network));
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, options, &trainer));
    for (int epoch = 0; epoch < EPOCHS; epoch++) ck_assert_ok(epocl_trainer_run_epoch(trainer, &last));
    ck_assert_double_lt(last.valid_cost, 0.2); /* nothing learned: 0.5 of values, 0.69 of classes */
    ck_assert_ok(epocl_trainer_read(trainer, network));
    epocl_trainer_release(trainer);
    epocl_dataset_release(valid);
    epocl_dataset_release(data);
    return network;
}

/* All providers and plans learn from the same inputs; outputs are in the unit of the target. */
START_TEST(numbers_are_learned_from_columns) {
    columns c;
    fill(&c);
    epocl_table *t = create_table(&c, 0, ROWS);
    epocl_options options = table_options_of(problem_providers[_i]);
    epocl_network *network = train(t, "y", &options);
    epocl_dataset *data = NULL;
    float outputs[ROWS];
    double squares = 0;
    ck_assert_ok(epocl_table_encode(t, network, 1, &data));
    ck_assert_ok(epocl_predict(test_device(), network, data, outputs));
    for (size_t i = 0; i < ROWS; i++) {
        ck_assert(outputs[i] >= 0.0f && outputs[i] <= 3.0f);
        squares += pow((double)outputs[i] - (double)c.y[i], 2);
    }
    ck_assert_double_lt(sqrt(squares / (double)ROWS),
                        0.5); /* the deviation of y is 0.87; x and colour are sometimes missing */
    /* Metrics are of the same values, in that unit. */
    epocl_metrics *metrics = NULL;
    epocl_metric rmse;
    ck_assert_ok(epocl_evaluate_metrics(test_device(), network, data, &metrics));
    ck_assert_ok(epocl_metrics_find(metrics, "rmse", &rmse));
    ck_assert_double_eq_tol(rmse.values[0], sqrt(squares / (double)ROWS), 1e-5);
    epocl_metrics_release(metrics);
    epocl_dataset_release(data);
    epocl_network_release(network);
    epocl_table_release(t);
}
END_TEST

START_TEST(classes_are_learned_from_columns) {
    columns c;
    fill(&c);
    epocl_table *t = create_table(&c, 0, ROWS);
    epocl_options options = table_options_of("tile");
    epocl_network *network = train(t, "above", &options), *loaded = NULL;
    ck_assert_str_eq(epocl_network_class_name(network, 0), "no");
    ck_assert_str_eq(epocl_network_class_name(network, 1), "yes");
    ck_assert_ptr_null(epocl_network_class_name(network, 2));
    /* A part of the rows is predicted as it was among all; also by the network from its file. */
    epocl_table *part = create_table(&c, 100, 50);
    epocl_dataset *all_data = NULL, *part_data = NULL;
    uint32_t classes[ROWS], of_part[50];
    ck_assert_ok(epocl_network_save(network, scratch_path("model")));
    ck_assert_ok(epocl_network_load(scratch_path("model"), &loaded));
    ck_assert_ok(epocl_table_encode(t, network, 0, &all_data));
    ck_assert_ok(epocl_table_encode(part, loaded, 0, &part_data));
    ck_assert_ok(epocl_predict_classes(test_device(), network, all_data, classes));
    ck_assert_ok(epocl_predict_classes(test_device(), loaded, part_data, of_part));
    ck_assert_mem_eq(classes + 100, of_part, sizeof of_part);
    epocl_dataset_release(part_data);
    epocl_dataset_release(all_data);
    epocl_network_release(loaded);
    epocl_network_release(network);
    epocl_table_release(part);
    epocl_table_release(t);
}
END_TEST

/* The bytes of the sources, from memory and from a file with the columns in another order. */
START_TEST(a_file_of_the_same_is_the_same) {
    columns c;
    char text[1 << 15];
    fill(&c);
    size_t used = (size_t)snprintf(text, sizeof text, "y,colour,x\n");
    for (size_t i = 0; i < ROWS; i++) {
        char x[32] = "";
        if (!isnan(c.x[i])) snprintf(x, sizeof x, "%.9g", (double)c.x[i]);
        used += (size_t)snprintf(text + used, sizeof text - used, "%.9g,%s,%s\n", (double)c.y[i],
                                 c.colour[i] == EPOCL_MISSING ? "" : colours[c.colour[i]], x);
    }
    epocl_table *lent = NULL, *read = NULL;
    epocl_dataset *one = NULL, *other = NULL;
    epocl_options options = table_options_of("tile");
    ck_assert_ok(epocl_table_create(ROWS, &lent));
    ck_assert_ok(epocl_table_add_numbers(lent, "y", c.y));
    ck_assert_ok(epocl_table_add_categories(lent, "colour", c.colour, colours, COLOURS));
    ck_assert_ok(epocl_table_add_numbers(lent, "x", c.x));
    ck_assert_ok(epocl_table_read(scratch_write("same.csv", text, used), &read));
    ck_assert_uint_eq(epocl_table_column_count(read), 3);
    ck_assert_str_eq(epocl_table_column_name(read, 2), "x");
    ck_assert_ok(epocl_table_split(lent, "y", &options, 0, &one, NULL));
    ck_assert_ok(epocl_table_split(read, "y", &options, 0, &other, NULL));
    ck_assert_uint_eq(one->encoder->checksum, other->encoder->checksum);
    ck_assert_mem_eq(one->inputs, other->inputs, one->sample_count * one->input_count * sizeof(float));
    ck_assert_mem_eq(one->values, other->values, one->sample_count * sizeof(float));
    epocl_dataset_release(other);
    epocl_dataset_release(one);
    epocl_table_release(read);
    epocl_table_release(lent);
}
END_TEST

/* ---- One model of the same numbers ---------------------------------------------------------------- */

/* Two inputs, a value, a class and a weight, called 1 to 5, as files without a header have them. */
enum { NUMBER_COLUMNS = 5, NUMBER_ROWS = 300 };
typedef struct number_rows {
    float rows[NUMBER_ROWS][NUMBER_COLUMNS], columns[NUMBER_COLUMNS][NUMBER_ROWS];
} number_rows;

static void fill_numbers(number_rows *n) {
    for (size_t i = 0; i < NUMBER_ROWS; i++) {
        const float x = (float)(i * 37 % 101) / 7.0f, z = sinf((float)i), y = x / 3.0f + z;
        const float row[NUMBER_COLUMNS] = {x, i % 17 ? z : NAN, y, y > 2.0f, (float)(i % 5 + 1) / 3.0f};
        memcpy(n->rows[i], row, sizeof row);
        for (size_t c = 0; c < NUMBER_COLUMNS; c++) n->columns[c][i] = row[c];
    }
}

static epocl_table *table_of_csv(const number_rows *n) {
    static char text[1 << 16];
    size_t used = 0;
    for (size_t i = 0; i < NUMBER_ROWS; i++)
        for (size_t c = 0; c < NUMBER_COLUMNS; c++) {
            char number[32] = "";
            if (!isnan(n->rows[i][c])) snprintf(number, sizeof number, "%.9g", (double)n->rows[i][c]);
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s%c", number, c + 1 < NUMBER_COLUMNS ? ',' : '\n');
        }
    epocl_table *t = NULL;
    ck_assert_ok(epocl_table_read(scratch_write("numbers.csv", text, used), &t));
    return t;
}

static epocl_table *table_of_npy(const number_rows *n) {
    static unsigned char file[ARRAY_FILE_BYTES];
    epocl_table *t = NULL;
    const size_t bytes = npy_write(file, "<f4", false, "(300, 5)", n->rows, sizeof n->rows);
    ck_assert_ok(epocl_table_read(scratch_write("numbers.npy", file, bytes), &t));
    return t;
}

static epocl_table *table_of_memory(const number_rows *n) {
    static const char *const names[NUMBER_COLUMNS] = {"1", "2", "3", "4", "5"};
    epocl_table *t = NULL;
    ck_assert_ok(epocl_table_create(NUMBER_ROWS, &t));
    for (size_t c = 0; c < NUMBER_COLUMNS; c++) ck_assert_ok(epocl_table_add_numbers(t, names[c], n->columns[c]));
    return t;
}

/* Trains for two epochs and saves the model; releases the table. */
static void save_model_of(epocl_table *t, const char *target, const char *name) {
    epocl_options options = table_options_of("tile");
    epocl_dataset *data = NULL, *valid = NULL;
    epocl_network *network = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result last;
    ck_assert_ok(epocl_table_set(t, "weights", "5"));
    ck_assert_ok(epocl_table_split(t, target, &options, 0.2, &data, &valid));
    ck_assert_ok(epocl_network_create(data, &options, &network));
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, valid, &options, &trainer));
    for (int epoch = 0; epoch < 2; epoch++) ck_assert_ok(epocl_trainer_run_epoch(trainer, &last));
    ck_assert_ok(epocl_trainer_read(trainer, network));
    ck_assert_ok(epocl_network_save(network, scratch_path(name)));
    epocl_trainer_release(trainer);
    epocl_network_release(network);
    epocl_dataset_release(valid);
    epocl_dataset_release(data);
    epocl_table_release(t);
}

static void assert_same_file(const char *one, const char *other) {
    static unsigned char bytes[2][1 << 17];
    const char *const names[] = {one, other};
    size_t counts[2];
    for (size_t i = 0; i < 2; i++) {
        FILE *file = fopen(scratch_path(names[i]), "rb");
        ck_assert_ptr_nonnull(file);
        counts[i] = fread(bytes[i], 1, sizeof bytes[i], file);
        fclose(file);
        ck_assert_uint_lt(counts[i], sizeof bytes[i]);
    }
    ck_assert_uint_gt(counts[0], 1000);
    ck_assert_uint_eq(counts[0], counts[1]);
    ck_assert_mem_eq(bytes[0], bytes[1], counts[0]);
}

/* A model of values and one of classes, from a CSV file, an npy file and arrays. */
START_TEST(the_same_numbers_make_the_same_model) {
    static const char *const targets[] = {"3", "4", "3,1"};
    static number_rows n;
    fill_numbers(&n);
    save_model_of(table_of_csv(&n), targets[_i], "of-csv");
    save_model_of(table_of_npy(&n), targets[_i], "of-npy");
    save_model_of(table_of_memory(&n), targets[_i], "of-memory");
    assert_same_file("of-csv", "of-npy");
    assert_same_file("of-csv", "of-memory");
}
END_TEST

/* ---- What is refused ------------------------------------------------------------------------------ */

START_TEST(columns_that_cannot_be_are_refused) {
    static const float numbers[] = {1, INFINITY};
    static const uint32_t codes[] = {0, 3};
    epocl_table *t = NULL;
    epocl_dataset *data = NULL;
    epocl_options options = table_options_of("tile");
    ck_assert_int_eq(epocl_table_create(0, &t), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_create(2, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_ok(epocl_table_create(2, &t));
    ck_assert_int_eq(epocl_table_add_numbers(t, "x", numbers), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_add_categories(t, "c", codes, colours, COLOURS), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_add_numbers(t, "x", NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_uint_eq(epocl_table_column_count(t), 0);
    ck_assert_ok(epocl_table_add_numbers(t, "x", (const float[]){1, 2}));
    ck_assert_int_eq(epocl_table_add_numbers(t, "x", (const float[]){1, 2}), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_split(t, "y", &options, 0, &data, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_split(t, "x", &options, 0.5, &data, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_null(data);
    epocl_table_release(t);
    epocl_table_release(NULL);
}
END_TEST

/* A class that is a number, asked to be a value; a column left out; weights. */
START_TEST(what_columns_are_for_can_be_said) {
    columns c;
    float class[ROWS], weights[ROWS];
    fill(&c);
    for (size_t i = 0; i < ROWS; i++) {
        class[i] = (float)c.class[i];
        weights[i] = (float)(1 + i % 3);
    }
    epocl_table *t = create_table(&c, 0, ROWS);
    epocl_dataset *data = NULL, *again = NULL;
    epocl_network *network = NULL;
    epocl_network_column column = {0};
    epocl_options options = table_options_of("tile");
    ck_assert_ok(epocl_table_add_numbers(t, "class", class));
    ck_assert_ok(epocl_table_add_numbers(t, "weight", weights));
    ck_assert_ok(epocl_table_split(t, "class", &options, 0, &data, NULL));
    ck_assert_uint_eq(epocl_dataset_class_count(data), 2);
    ck_assert_ptr_null(data->weights);
    epocl_dataset_release(data);
    ck_assert_ok(epocl_table_set(t, "task", "regression"));
    ck_assert_ok(epocl_table_set(t, "ignore", "y,above"));
    ck_assert_ok(epocl_table_set(t, "weights", "weight"));
    ck_assert_ok(epocl_table_split(t, "class", &options, 0, &data, NULL));
    ck_assert_uint_eq(epocl_dataset_class_count(data), 0);
    ck_assert_uint_eq(epocl_dataset_value_count(data), 1);
    ck_assert_mem_eq(data->weights, weights, sizeof weights);
    ck_assert_ok(epocl_network_create(data, &options, &network));
    static const struct {
        const char *name;
        int is_target;
        size_t level_count;
    } wanted[] = {{"x", 0, 0}, {"colour", 0, COLOURS + 1}, {"class", 1, 0}};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_ok(epocl_network_column_at(network, i, &column));
        ck_assert_str_eq(column.name, wanted[i].name);
        ck_assert_int_eq(column.is_target, wanted[i].is_target);
        ck_assert_uint_eq(column.level_count, wanted[i].level_count);
    }
    ck_assert_int_eq(epocl_network_column_at(network, 3, &column), EPOCL_ERROR_ARGUMENT);
    ck_assert_ok(epocl_table_encode(t, network, 1, &again));
    ck_assert_mem_eq(again->weights, weights, sizeof weights);
    epocl_dataset_release(again);
    ck_assert_ok(epocl_table_set(t, "weights", NULL));
    ck_assert_ok(epocl_table_encode(t, network, 1, &again));
    ck_assert_ptr_null(again->weights);
    ck_assert_ok(epocl_table_set(t, "ignore", "nothing"));
    ck_assert_int_eq(epocl_table_split(t, "class", &options, 0, &data, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_set(t, "task", "guess"), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_table_set(t, "nothing", "x"), EPOCL_ERROR_ARGUMENT);
    epocl_dataset_release(again);
    epocl_network_release(network);
    epocl_table_release(t);
}
END_TEST

Suite *tables_suite(void) {
    Suite *suite = suite_create("tables");
    TCase *tests = tcase_create("tables");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_loop_test(tests, numbers_are_learned_from_columns, 0, PROBLEM_PROVIDERS);
    tcase_add_test(tests, classes_are_learned_from_columns);
    tcase_add_test(tests, a_file_of_the_same_is_the_same);
    tcase_add_loop_test(tests, the_same_numbers_make_the_same_model, 0, 3);
    tcase_add_test(tests, columns_that_cannot_be_are_refused);
    tcase_add_test(tests, what_columns_are_for_can_be_said);
    suite_add_tcase(suite, tests);
    return suite;
}
