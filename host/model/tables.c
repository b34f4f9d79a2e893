#include "model/tables.h"

#include "base/checked.h"
#include "base/result.h"
#include "base/suggest.h"
#include "data/encoder/encoder.h"
#include "data/rows/row_split.h"
#include "model/network.h"

#include <math.h>
#include <string.h>

/* What can be said of a table's columns, in the words of the command line. */
enum { SET_FEATURES, SET_IGNORE, SET_WEIGHTS, SET_ID, SET_GROUP, SET_TIME, SET_TASK, SET_COUNT };
static const char *const set_names[SET_COUNT] = {"features", "ignore", "weights", "id", "group", "time", "task"};

/* Columns that the caller lends, or a table that was read. */
struct epocl_table {
    table *read; /* owned; NULL: `lent`                              */
    table lent;  /* names are owned, values and levels are the caller's */
    size_t capacity;
    char *set[SET_COUNT]; /* owned; NULL where nothing is said */
};

static const table *table_of(const epocl_table *t) {
    return t->read ? t->read : &t->lent;
}

bool tables_standardise(const network_options *wanted) {
    static const char *const costs[] = {"auto", "squared", "absolute", "huber", "quantile"};
    if (*wanted->output && strcmp(wanted->output, "identity") != 0) return false;
    for (size_t i = 0; i < sizeof costs / sizeof *costs; i++)
        if (strncmp(wanted->cost, costs[i], strlen(costs[i])) == 0) return true;
    return false;
}

/* ---- Columns in memory --------------------------------------------------------------------------- */

epocl_status epocl_table_create(size_t row_count, epocl_table **created) {
    if (created) *created = NULL;
    if (!created) return fail(EPOCL_ERROR_ARGUMENT, "epocl_table_create: table is NULL");
    if (row_count < 1 || row_count > TABLE_MAX_ROWS)
        return fail(EPOCL_ERROR_ARGUMENT, "a table has 1 to %zu rows, not %zu", TABLE_MAX_ROWS, row_count);
    const epocl_status status = allocate(1, sizeof **created, "a table", created);
    if (status != EPOCL_OK) return status;
    static char name[] = "the table";
    (*created)->lent = (table){.row_count = row_count, .target = TABLE_NO_COLUMN, .is_utf8 = true, .file_name = name};
    return EPOCL_OK;
}

epocl_status epocl_table_read(const char *path, epocl_table **created) {
    epocl_status status = EPOCL_OK;
    epocl_table *made = NULL;
    if (created) *created = NULL;
    if (!path || !created) return fail(EPOCL_ERROR_ARGUMENT, "epocl_table_read: NULL argument");
    TRY(allocate(1, sizeof *made, "a table", &made));
    TRY(table_read(path, &(table_options){0}, &made->read));
    *created = made;
    made = NULL;
cleanup:
    epocl_table_release(made);
    return status;
}

void epocl_table_release(epocl_table *t) {
    if (!t) return;
    for (size_t i = 0; i < t->lent.column_count; i++) free(t->lent.columns[i].name);
    for (size_t i = 0; i < SET_COUNT; i++) free(t->set[i]);
    free(t->lent.columns);
    table_release(t->read);
    free(t);
}

size_t epocl_table_row_count(const epocl_table *t) {
    return t ? table_of(t)->row_count : 0;
}

size_t epocl_table_column_count(const epocl_table *t) {
    return t ? table_of(t)->column_count : 0;
}

const char *epocl_table_column_name(const epocl_table *t, size_t column) {
    return t && column < table_of(t)->column_count ? table_of(t)->columns[column].name : NULL;
}

/* A further column of that name, all else zero. */
static epocl_status add_column(epocl_table *t, const char *call, const char *name, const void *values,
                               table_column **column) {
    if (!t || !name || !values) return fail(EPOCL_ERROR_ARGUMENT, "%s: NULL argument", call);
    if (t->read) return fail(EPOCL_ERROR_ARGUMENT, "%s: a table that was read has its columns", call);
    if (column_place(&t->lent, name) != TABLE_NO_COLUMN)
        return fail(EPOCL_ERROR_ARGUMENT, "%s: there is a column '%s' already", call, name);
    if (t->lent.column_count == t->capacity) {
        const size_t capacity = t->capacity ? 2 * t->capacity : 16;
        table_column *grown = realloc(t->lent.columns, capacity * sizeof *grown);
        if (!grown) return fail(EPOCL_ERROR_MEMORY, "not enough memory for %zu columns", capacity);
        t->lent.columns = grown;
        t->capacity = capacity;
    }
    *column = &t->lent.columns[t->lent.column_count];
    **column = (table_column){0};
    const epocl_status status = encoder_copy_text(name, &(*column)->name);
    if (status == EPOCL_OK) t->lent.column_count++;
    return status;
}

epocl_status epocl_table_add_numbers(epocl_table *t, const char *name, const float *numbers) {
    table_column *column = NULL;
    for (size_t row = 0; t && numbers && row < t->lent.row_count; row++)
        if (isinf(numbers[row])) return fail(EPOCL_ERROR_ARGUMENT, "number %zu of column '%s' is infinite", row, name);
    const epocl_status status = add_column(t, "epocl_table_add_numbers", name, numbers, &column);
    if (status != EPOCL_OK || !t || !numbers || !column) return status;
    column->numbers = (float *)numbers; /* of a lent table they are only read */
    column->is_whole = true;
    for (size_t row = 0; row < t->lent.row_count; row++) {
        column->missing_count += isnan(numbers[row]) != 0;
        if (!isnan(numbers[row]) && numbers[row] != truncf(numbers[row])) column->is_whole = false;
    }
    return EPOCL_OK;
}

static int compare_texts(const void *left, const void *right) {
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static epocl_status check_levels(const char *name, const char *const *levels, size_t count) {
    epocl_status status = EPOCL_OK;
    const char **sorted = NULL;
    for (size_t i = 0; i < count; i++)
        if (!levels[i]) return fail(EPOCL_ERROR_ARGUMENT, "epocl_table_add_categories: level %zu is NULL", i);
    TRY(allocate(count, sizeof *sorted, "the levels of a column", &sorted));
    memcpy(sorted, levels, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare_texts);
    for (size_t i = 1; i < count; i++)
        if (strcmp(sorted[i - 1], sorted[i]) == 0)
            TRY(fail(EPOCL_ERROR_ARGUMENT, "column '%s' has the level '%s' twice", name ? name : "", sorted[i]));
cleanup:
    free(sorted);
    return status;
}

epocl_status epocl_table_add_categories(epocl_table *t, const char *name, const uint32_t *codes,
                                        const char *const *levels, size_t level_count) {
    table_column *column = NULL;
    if (!levels) return fail(EPOCL_ERROR_ARGUMENT, "epocl_table_add_categories: NULL argument");
    const epocl_status are_levels = check_levels(name, levels, level_count);
    if (are_levels != EPOCL_OK) return are_levels;
    for (size_t row = 0; t && codes && row < t->lent.row_count; row++)
        if (codes[row] >= level_count && codes[row] != EPOCL_MISSING)
            return fail(EPOCL_ERROR_ARGUMENT, "code %lu in row %zu (counted from 0) is none of %zu levels",
                        (unsigned long)codes[row], row, level_count);
    const epocl_status status = add_column(t, "epocl_table_add_categories", name, codes, &column);
    if (status != EPOCL_OK) return status;
    column->is_text = true;
    column->codes = (uint32_t *)codes;
    column->levels = (char **)levels;
    column->level_count = level_count;
    for (size_t row = 0; row < t->lent.row_count; row++) column->missing_count += codes[row] == EPOCL_MISSING;
    return EPOCL_OK;
}

/* ---- What columns are for ------------------------------------------------------------------------ */

epocl_status epocl_table_set(epocl_table *t, const char *name, const char *value) {
    suggestion near = {0};
    size_t place = 0;
    char *copy = NULL;
    if (!t || !name) return fail(EPOCL_ERROR_ARGUMENT, "epocl_table_set: NULL argument");
    near = suggestion_begin(name);
    while (place < SET_COUNT && strcmp(set_names[place], name) != 0) suggestion_consider(&near, set_names[place++]);
    if (place == SET_COUNT)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_table_set: nothing is called '%s'%s", name,
                    suggestion_text(&near, "", "; there are features, ignore, weights, id, group, time and task"));
    if (place == SET_TASK && value && strcmp(value, "auto") == 0) value = NULL;
    if (place == SET_TASK && value && strcmp(value, "classification") != 0 && strcmp(value, "regression") != 0)
        return fail(EPOCL_ERROR_ARGUMENT, "the task is auto, classification or regression, not '%s'", value);
    const epocl_status status = encoder_copy_text(value, &copy);
    if (status != EPOCL_OK) return status;
    free(t->set[place]);
    t->set[place] = copy;
    return EPOCL_OK;
}

static column_request request_of(const epocl_table *t, const char *target) {
    const char *task = t->set[SET_TASK];
    return (column_request){.target = target,
                            .features = t->set[SET_FEATURES],
                            .ignore = t->set[SET_IGNORE],
                            .weights = t->set[SET_WEIGHTS],
                            .id = t->set[SET_ID],
                            .group = t->set[SET_GROUP],
                            .time = t->set[SET_TIME],
                            .task = !task                                 ? NULL
                                    : strcmp(task, "classification") == 0 ? "classes"
                                                                          : "values",
                            .takes_all = true};
}

/* ---- Data sets ----------------------------------------------------------------------------------- */

epocl_status epocl_table_split(const epocl_table *from, const char *target, const epocl_options *options,
                               double valid_fraction, epocl_dataset **train, epocl_dataset **valid) {
    epocl_status status = EPOCL_OK;
    column_plan plan = {0};
    row_list usable = {0};
    row_split split = {0};
    encoder *e = NULL;
    if (train) *train = NULL;
    if (valid) *valid = NULL;
    if (!from || !target || !options || !train) return fail(EPOCL_ERROR_ARGUMENT, "epocl_table_split: NULL argument");
    if (!(valid_fraction >= 0.0 && valid_fraction < 1.0) || (valid_fraction > 0.0 && !valid))
        return fail(EPOCL_ERROR_ARGUMENT,
                    "the fraction to split off must be 0 or above and below 1, with a place for "
                    "it, not %g",
                    valid_fraction);
    const table *t = table_of(from);
    const column_request request = request_of(from, target);
    status = column_plan_create(t, &request, &plan);
    if (status != EPOCL_OK) TRY(table_fail_prefix(t, status));
    TRY(rows_usable(t, &plan, &usable));
    TRY(row_split_create(t, &plan, &usable, valid_fraction, options->training.seed, &split));
    TRY(encoder_fit(t, &plan, split.train.rows, split.train.count, tables_standardise(&options->network), &e));
    if (split.valid.count) TRY(encoder_encode(e, t, split.valid.rows, split.valid.count, true, plan.weight, valid));
    TRY(encoder_encode_training(e, t, &plan, split.train.rows, split.train.count, train));
cleanup:
    encoder_release(e);
    row_split_release(&split);
    free(usable.rows);
    column_plan_release(&plan);
    if (status != EPOCL_OK && valid) {
        epocl_dataset_release(*valid);
        *valid = NULL;
    }
    return status;
}

epocl_status epocl_table_encode(const epocl_table *from, const epocl_network *network, int with_targets,
                                epocl_dataset **dataset) {
    epocl_status status = EPOCL_OK;
    uint32_t *rows = NULL;
    size_t row_count = 0, weight = TABLE_NO_COLUMN;
    if (dataset) *dataset = NULL;
    if (!from || !network || !dataset) return fail(EPOCL_ERROR_ARGUMENT, "epocl_table_encode: NULL argument");
    if (!network->encoder) return fail(EPOCL_ERROR_ARGUMENT, "the network was not made for a table");
    const table *t = table_of(from);
    row_count = t->row_count;
    if (with_targets && from->set[SET_WEIGHTS]) status = table_find_column(t, from->set[SET_WEIGHTS], &weight);
    if (status != EPOCL_OK) TRY(fail_prefix(status, "%s: weights: ", t->file_name));
    if (with_targets) TRY(encoder_rows(network->encoder, t, weight, &rows, &row_count));
    TRY(encoder_encode(network->encoder, t, rows, row_count, with_targets != 0, weight, dataset));
cleanup:
    free(rows);
    return status;
}

const char *epocl_network_class_name(const epocl_network *network, size_t class) {
    const encoder *e = network ? network->encoder : NULL;
    return e && class < e->class_count ? e->classes[class] : NULL;
}

epocl_status epocl_network_column_at_sized(const epocl_network *network, size_t index, epocl_network_column *column,
                                           size_t column_bytes) {
    if (!network || !column) return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_column_at: NULL argument");
    const encoder *e = network->encoder;
    const size_t input_count = e ? e->column_count : 0, count = input_count + (e ? e->target_count : 0);
    if (!e || index >= count)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_column_at: the network takes %zu columns of a table", count);
    epocl_network_column found = {0};
    if (index < input_count) {
        const encoder_column *from = &e->columns[index];
        found = (epocl_network_column){from->name, 0, (const char *const *)from->levels, from->level_count};
    } else {
        found = (epocl_network_column){e->targets[index - input_count].name, 1, (const char *const *)e->classes,
                                       e->class_count};
    }
    result_write(column, column_bytes, &found, sizeof found);
    return EPOCL_OK;
}
