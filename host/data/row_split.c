/* Classes of a target, and parts of the rows in which each class has its share. */
#include "base/checked.h"
#include "base/number.h"
#include "base/random.h"
#include "data/columns.h"
#include "data/sorted.h"

#include <math.h>
#include <string.h>

/* ---- Classes ------------------------------------------------------------------------------------- */

enum { NUMBER_TEXT = 32 };

static epocl_status copy_name(const char *text, char **copy) {
    const epocl_status status = allocate(strlen(text) + 1, 1, "the name of a class", copy);
    if (status == EPOCL_OK) memcpy(*copy, text, strlen(text));
    return status;
}

static epocl_status allocate_names(size_t count, column_classes *classes) {
    classes->count = count;
    return allocate(count, sizeof *classes->names, "the names of classes", &classes->names);
}

static epocl_status classes_of_numbers(const table *t, const table_column *column, column_classes *classes) {
    epocl_status status = EPOCL_OK;
    float *values = NULL, *scratch = NULL;
    size_t count = 0;
    TRY(allocate(t->row_count, sizeof *values, "a column in order", &values));
    TRY(allocate(t->row_count, sizeof *scratch, "a column in order", &scratch));
    for (size_t row = 0; row < t->row_count; row++)
        if (!isnan(column->numbers[row])) values[count++] = column->numbers[row];
    sort_floats(values, scratch, count);
    count = distinct_floats(values, count);
    TRY(allocate_names(count, classes));
    for (size_t i = 0; i < count; i++) {
        char text[NUMBER_TEXT];
        number_text((double)values[i], text, sizeof text);
        TRY(copy_name(text, &classes->names[i]));
    }
    for (size_t row = 0; row < t->row_count; row++)
        classes->places[row] =
            isnan(column->numbers[row]) ? TABLE_MISSING : (uint32_t)floats_find(values, count, column->numbers[row]);
cleanup:
    free(values);
    free(scratch);
    return status;
}

typedef struct level_place {
    const char *text;
    uint32_t code;
} level_place;

static int compare_levels(const void *left, const void *right) {
    return strcmp(((const level_place *)left)->text, ((const level_place *)right)->text);
}

static epocl_status classes_of_texts(const table *t, const table_column *column, column_classes *classes) {
    epocl_status status = EPOCL_OK;
    level_place *levels = NULL;
    uint32_t *ranks = NULL;
    TRY(allocate(column->level_count, sizeof *levels, "the levels of a column", &levels));
    TRY(allocate(column->level_count, sizeof *ranks, "the levels of a column", &ranks));
    for (size_t i = 0; i < column->level_count; i++) levels[i] = (level_place){column->levels[i], (uint32_t)i};
    qsort(levels, column->level_count, sizeof *levels, compare_levels);
    TRY(allocate_names(column->level_count, classes));
    for (size_t i = 0; i < column->level_count; i++) {
        ranks[levels[i].code] = (uint32_t)i;
        TRY(copy_name(levels[i].text, &classes->names[i]));
    }
    for (size_t row = 0; row < t->row_count; row++) {
        const uint32_t code = column->codes[row];
        classes->places[row] = code == TABLE_MISSING ? TABLE_MISSING : ranks[code];
    }
cleanup:
    free(levels);
    free(ranks);
    return status;
}

epocl_status column_classes_create(const table *t, size_t place, column_classes *classes) {
    epocl_status status = EPOCL_OK;
    const table_column *column = &t->columns[place];
    *classes = (column_classes){0};
    TRY(allocate(t->row_count, sizeof *classes->places, "the classes of rows", &classes->places));
    TRY(column->is_text ? classes_of_texts(t, column, classes) : classes_of_numbers(t, column, classes));
cleanup:
    if (status != EPOCL_OK) column_classes_release(classes);
    return status;
}

void column_classes_release(column_classes *classes) {
    for (size_t i = 0; i < classes->count && classes->names; i++) free(classes->names[i]);
    free(classes->names);
    free(classes->places);
    *classes = (column_classes){0};
}

/* ---- Parts --------------------------------------------------------------------------------------- */

/* Whether the row has all targets, and a weight where there are weights. */
static bool has_targets(const table *t, const column_plan *plan, size_t row) {
    for (size_t i = 0; i < plan->target_count; i++) {
        const table_column *column = &t->columns[plan->targets[i]];
        if (column->is_text ? column->codes[row] == TABLE_MISSING : isnan(column->numbers[row])) return false;
    }
    return plan->weight == TABLE_NO_COLUMN || !isnan(t->columns[plan->weight].numbers[row]);
}

/* The part that a group of rows of one class gives to validation. */
static size_t share(size_t count, double fraction) {
    const size_t wanted = (size_t)((double)count * fraction + 0.5);
    return count ? smaller(wanted, count - 1) : 0;
}

/* Turns the rows of each group into those that it gives; where all round to none, the largest gives one, unless it has
 * no other. */
static void settle_shares(size_t *counts, size_t group_count, double fraction) {
    size_t largest = 0, given = 0;
    for (size_t g = 1; g < group_count; g++)
        if (counts[g] > counts[largest]) largest = g;
    const bool can_give = counts[largest] > 1;
    for (size_t g = 0; g < group_count; g++) given += counts[g] = share(counts[g], fraction);
    if (given == 0 && can_give) counts[largest] = 1;
}

/* Sets the places of those rows that go to validation: of each group the first ones in the permuted order. */
static epocl_status draw(const uint32_t *rows, const uint32_t *groups, size_t row_count, size_t group_count,
                         double fraction, uint64_t seed, bool *is_valid) {
    epocl_status status = EPOCL_OK;
    size_t *left = NULL;
    uint32_t *order = NULL;
    TRY(allocate(group_count, sizeof *left, "the classes of a split", &left));
    TRY(allocate(row_count, sizeof *order, "the order of a split", &order));
    for (size_t i = 0; i < row_count; i++) left[groups ? groups[rows[i]] : 0]++;
    settle_shares(left, group_count, fraction);
    for (size_t i = 0; i < row_count; i++)
        order[random_permute((uint32_t)seed, (uint32_t)(seed >> 32), RANDOM_SPLIT, 0, (uint32_t)i,
                             (uint32_t)row_count)] = (uint32_t)i;
    for (size_t i = 0; i < row_count; i++) {
        size_t *group = &left[groups ? groups[rows[order[i]]] : 0];
        if (*group == 0) continue;
        is_valid[order[i]] = true;
        --*group;
    }
cleanup:
    free(order);
    free(left);
    return status;
}

epocl_status row_split_create(const table *t, const column_plan *plan, double fraction, uint64_t seed,
                              row_split *split) {
    epocl_status status = EPOCL_OK;
    column_classes classes = {0};
    uint32_t *rows = NULL;
    bool *is_valid = NULL;
    size_t count = 0;
    *split = (row_split){0};
    TRY(allocate(t->row_count, sizeof *rows, "the rows of a table", &rows));
    for (size_t row = 0; row < t->row_count; row++)
        if (has_targets(t, plan, row)) rows[count++] = (uint32_t)row;
    if (count == 0) TRY(fail(EPOCL_ERROR_DATA, "no row has a target"));
    TRY(allocate(count, sizeof *is_valid, "the parts of a table", &is_valid));
    if (fraction > 0.0 && plan->has_classes) TRY(column_classes_create(t, plan->targets[0], &classes));
    if (fraction > 0.0)
        TRY(draw(rows, classes.places, count, classes.places ? classes.count : 1, fraction, seed, is_valid));
    TRY(allocate(count, sizeof *split->train, "the rows to train on", &split->train));
    TRY(allocate(count, sizeof *split->valid, "the rows to validate on", &split->valid));
    for (size_t i = 0; i < count; i++) {
        if (is_valid[i])
            split->valid[split->valid_count++] = rows[i];
        else
            split->train[split->train_count++] = rows[i];
    }
cleanup:
    column_classes_release(&classes);
    free(is_valid);
    free(rows);
    if (status != EPOCL_OK) row_split_release(split);
    return status;
}

void row_split_release(row_split *split) {
    free(split->train);
    free(split->valid);
    *split = (row_split){0};
}
