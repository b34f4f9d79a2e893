/* Columns by their names. */
#include "base/checked.h"
#include "base/printable.h"
#include "data/columns/columns.h"

#include <stdio.h>
#include <string.h>

size_t column_place(const table *t, const char *name) {
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].name, name) == 0) return i;
    return TABLE_NO_COLUMN;
}

/* ---- Many of them -------------------------------------------------------------------------------- */

static int compare_names(const void *left, const void *right) {
    const named_column *a = left, *b = right;
    const int order = strcmp(a->name, b->name);
    return order ? order : (a->place > b->place) - (a->place < b->place);
}

epocl_status column_names_create(const table *t, column_names *names) {
    *names = (column_names){.count = t->column_count};
    const epocl_status status =
        allocate(t->column_count, sizeof *names->sorted, "the names of columns", &names->sorted);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < t->column_count; i++) names->sorted[i] = (named_column){t->columns[i].name, i};
    qsort(names->sorted, names->count, sizeof *names->sorted, compare_names);
    return EPOCL_OK;
}

bool column_names_share(const column_names *names, size_t i) {
    return i > 0 && strcmp(names->sorted[i - 1].name, names->sorted[i].name) == 0;
}

epocl_status column_names_fail(const column_names *names, size_t i) {
    char shown[PRINTABLE_CAPACITY];
    return fail(EPOCL_ERROR_DATA,
                "columns %zu and %zu are both called '%s', and columns that are used are known by their names: rename "
                "one",
                names->sorted[i - 1].place + 1, names->sorted[i].place + 1, printable(names->sorted[i].name, shown));
}

epocl_status column_names_find(const column_names *names, const char *name, size_t *place) {
    size_t first = 0, end = names->count;
    *place = TABLE_NO_COLUMN;
    while (first < end) {
        const size_t middle = first + (end - first) / 2;
        if (strcmp(names->sorted[middle].name, name) < 0)
            first = middle + 1;
        else
            end = middle;
    }
    if (first == names->count || strcmp(names->sorted[first].name, name) != 0) return EPOCL_OK;
    if (first + 1 < names->count && column_names_share(names, first + 1)) return column_names_fail(names, first + 1);
    *place = names->sorted[first].place;
    return EPOCL_OK;
}

void column_names_release(column_names *names) {
    free(names->sorted);
    *names = (column_names){0};
}

/* ---- As a word ----------------------------------------------------------------------------------- */

void column_list_add(const table *t, size_t place, column_list *list) {
    const char *word = t->columns[place].name;
    char number[24], shown[PRINTABLE_CAPACITY];
    snprintf(number, sizeof number, "%zu", place + 1);
    if (strpbrk(word, ",'") || strcmp(printable(word, shown), word) != 0) word = number;
    list->needs_quotes |= strpbrk(word, " !\"#$&()*;<=>?[\\]^`{|}~") != NULL;
    if (list->used < sizeof list->text)
        list->used += (size_t)snprintf(list->text + list->used, sizeof list->text - list->used, "%s%s",
                                       list->used ? "," : "", word);
}
