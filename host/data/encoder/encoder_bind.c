#include "data/encoder/encoder_bind.h"

#include "base/checked.h"
#include "base/number.h"
#include "base/printable.h"
#include "data/format/csv/decimal.h"
#include "data/sorted.h"

#include <math.h>
#include <string.h>

/* ---- By name ------------------------------------------------------------------------------------- */

static epocl_status fail_missing(const table *t, const char *name, bool is_target) {
    char shown[PRINTABLE_CAPACITY];
    size_t place;
    if (table_find_column(t, name, &place) == EPOCL_OK)
        return fail(EPOCL_ERROR_DATA, "%s: has no column '%s', which the model takes", t->file_name,
                    printable(name, shown));
    return fail_prefix(EPOCL_ERROR_DATA, "%s: the model %s: ", t->file_name,
                       is_target ? "is compared with its target, which is missing" : "takes a column that is missing");
}

static epocl_status find(const table *t, const column_names *names, const char *name, size_t *place) {
    const epocl_status status = column_names_find(names, name, place);
    return status == EPOCL_OK ? status : fail_prefix(status, "%s: ", t->file_name);
}

static epocl_status find_target(const table *t, const column_names *names, const char *name, size_t *place) {
    const epocl_status status = find(t, names, name, place);
    return status == EPOCL_OK && *place == TABLE_NO_COLUMN ? fail_missing(t, name, true) : status;
}

/* As categories, numbers keep all their digits. */
static epocl_status check_digits(const table *t, size_t place) {
    const epocl_status status = column_check_digits(t, place);
    return status == EPOCL_OK ? status : fail_prefix(status, "%s: ", t->file_name);
}

static epocl_status fail_kind(const table *t, size_t place, bool takes_text) {
    char shown[PRINTABLE_CAPACITY];
    const table_place *first = &t->columns[place].first_text;
    return fail(EPOCL_ERROR_DATA, "%s:%llu:%zu: column '%s' holds %s, and the model takes %s from it", t->file_name,
                (unsigned long long)first->line, first->byte, printable(t->columns[place].name, shown),
                takes_text ? "numbers" : "text", takes_text ? "categories" : "numbers");
}

static epocl_status check_numbers(const table *t, size_t place) {
    const table_column *column = &t->columns[place];
    if (!column->is_text) return table_check_finite(t, place);
    if (column->has_number_commas || column->thousands) return table_check_column(t, place); /* says more */
    return column->missing_count == t->row_count ? EPOCL_OK : fail_kind(t, place, false);
}

epocl_status encoder_find_classes(const table *t, const column_names *names, const char *name, size_t *place) {
    const epocl_status status = find_target(t, names, name, place);
    return status == EPOCL_OK ? check_digits(t, *place) : status;
}

epocl_status encoder_find_numbers(const table *t, const column_names *names, const char *name, size_t *place) {
    const epocl_status status = find_target(t, names, name, place);
    return status == EPOCL_OK ? check_numbers(t, *place) : status;
}

/* ---- Texts --------------------------------------------------------------------------------------- */

/* As column_classes_create() writes numbers; those with an exponent are of earlier versions. */
static bool is_number_name(const char *name) {
    char text[32];
    decimal number;
    if (!decimal_read(name, strlen(name), '.', &number)) return false;
    number_float_text(number.value, text, sizeof text);
    return strcmp(name, text) == 0 || strpbrk(name, "eE");
}

size_t encoder_text_columns(const encoder *e, const char **texts) {
    size_t count = 0;
    bool are_numbers = true;
    for (size_t i = 0; i < e->column_count; i++)
        if (e->columns[i].kind == COLUMN_CATEGORY) texts[count++] = e->columns[i].name;
    for (size_t i = 0; i < e->class_count; i++) are_numbers = are_numbers && is_number_name(e->classes[i]);
    if (!are_numbers) texts[count++] = e->targets[0].name;
    return count;
}

/* ---- Categories ---------------------------------------------------------------------------------- */

static epocl_status bind_texts(const encoder_column *column, const table_column *from, encoder_values *values,
                               float **places) {
    const epocl_status status = allocate(from->level_count, sizeof **places, "the levels of a column", places);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < from->level_count; i++) (*places)[i] = encoder_place(column, from->levels[i]);
    values->codes = from->codes;
    values->code_count = from->level_count;
    values->places = *places;
    return EPOCL_OK;
}

/* Gives the numbers that levels read as their places, of several the first; how many levels are numbers. */
static size_t place_levels(const encoder_column *column, const float *rising, size_t count, float *places) {
    size_t number_count = 0;
    for (size_t i = 0; i < count; i++) places[i] = encoder_rest(column);
    for (size_t level = column->level_count; level-- > 0;) {
        const char *text = column->levels[level];
        decimal number;
        if (!text || !decimal_read(text, strlen(text), '.', &number)) continue;
        const size_t i = floats_find(rising, count, number.value);
        if (count > 0 && rising[i] == number.value) places[i] = (float)level;
        number_count++;
    }
    return number_count;
}

/* Numbers for categories. */
static epocl_status bind_numbers(const encoder_column *column, const table *t, size_t place, encoder_values *values,
                                 float **places, uint32_t **codes) {
    epocl_status status = EPOCL_OK;
    const table_column *from = &t->columns[place];
    float *rising = NULL, *scratch = NULL;
    size_t count = 0;
    TRY(table_check_finite(t, place));
    TRY(check_digits(t, place));
    TRY(allocate(t->row_count, sizeof *rising, "a column in order", &rising));
    TRY(allocate(t->row_count, sizeof *scratch, "a column in order", &scratch));
    TRY(allocate(t->row_count, sizeof **codes, "the levels of rows", codes));
    for (size_t row = 0; row < t->row_count; row++)
        if (!isnan(from->numbers[row])) rising[count++] = from->numbers[row];
    sort_floats(rising, scratch, count);
    count = distinct_floats(rising, count);
    TRY(allocate(count, sizeof **places, "the levels of a column", places));
    if (place_levels(column, rising, count, *places) == 0 && count > 0) TRY(fail_kind(t, place, true));
    for (size_t row = 0; row < t->row_count; row++)
        (*codes)[row] =
            isnan(from->numbers[row]) ? TABLE_MISSING : (uint32_t)floats_find(rising, count, from->numbers[row]);
    values->codes = *codes;
    values->code_count = count;
    values->places = *places;
cleanup:
    free(rising);
    free(scratch);
    return status;
}

/* ---- All ----------------------------------------------------------------------------------------- */

encoder_values encoder_implied_values(const encoder_column *column, const table *t) {
    const bool is_zero = t->format == TABLE_LIBSVM;
    return (encoder_values){.is_zero = is_zero, .missing_place = encoder_place(column, is_zero ? "0" : NULL)};
}

static epocl_status bind_column(const encoder_column *column, const table *t, const column_names *names,
                                encoder_values *values, float **places, uint32_t **codes) {
    epocl_status status = EPOCL_OK;
    size_t place = 0;
    TRY(find(t, names, column->name, &place));
    if (place == TABLE_NO_COLUMN) {
        if (!table_implies(t, column->name)) TRY(fail_missing(t, column->name, false));
        *values = encoder_implied_values(column, t);
        goto cleanup;
    }
    const table_column *from = &t->columns[place];
    if (column->kind == COLUMN_NUMBER) {
        TRY(check_numbers(t, place));
        values->numbers = from->numbers;
        goto cleanup;
    }
    values->missing_place = encoder_place(column, NULL);
    TRY(from->is_text ? bind_texts(column, from, values, places)
                      : bind_numbers(column, t, place, values, places, codes));
cleanup:
    return status;
}

epocl_status encoder_bind(const encoder *e, const table *t, const column_names *names, encoder_bound *bound) {
    epocl_status status = EPOCL_OK;
    *bound = (encoder_bound){.count = e->column_count};
    TRY(allocate(e->column_count, sizeof *bound->values, "the columns of a table", &bound->values));
    TRY(allocate(e->column_count, sizeof *bound->places, "the columns of a table", &bound->places));
    TRY(allocate(e->column_count, sizeof *bound->codes, "the columns of a table", &bound->codes));
    for (size_t i = 0; i < e->column_count; i++)
        TRY(bind_column(&e->columns[i], t, names, &bound->values[i], &bound->places[i], &bound->codes[i]));
cleanup:
    if (status != EPOCL_OK) encoder_bound_release(bound);
    return status;
}

void encoder_bound_release(encoder_bound *bound) {
    for (size_t i = 0; i < bound->count; i++) {
        if (bound->places) free(bound->places[i]);
        if (bound->codes) free(bound->codes[i]);
    }
    free(bound->values);
    free(bound->places);
    free(bound->codes);
    *bound = (encoder_bound){0};
}
