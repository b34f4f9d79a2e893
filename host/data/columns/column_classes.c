/* The classes of a target: their names in order, and that of each row. */
#include "base/checked.h"
#include "base/number.h"
#include "data/columns/column_looks.h"
#include "data/sorted.h"

#include <math.h>
#include <string.h>

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
    float *values = NULL;
    size_t count = 0;
    TRY(column_sort(t, column, &values, &count));
    count = distinct_floats(values, count);
    TRY(allocate_names(count, classes));
    for (size_t i = 0; i < count; i++) {
        char text[NUMBER_TEXT];
        number_float_text(values[i], text, sizeof text);
        TRY(copy_name(text, &classes->names[i]));
    }
    for (size_t row = 0; row < t->row_count; row++)
        classes->places[row] =
            isnan(column->numbers[row]) ? TABLE_MISSING : (uint32_t)floats_find(values, count, column->numbers[row]);
cleanup:
    free(values);
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
