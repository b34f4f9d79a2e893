#include "data/format/table_build.h"

#include "base/checked.h"
#include "base/number.h"
#include "data/format/csv/text_looks.h"
#include "data/format/input_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DATES_BESIDE_ANOTHER = 20, MOST_OTHERS = 2 };

epocl_status table_create(const char *path, table **created) {
    epocl_status status = EPOCL_OK;
    table *made = NULL;
    const char *const name = input_file_name(path);
    *created = NULL;
    TRY(allocate(1, sizeof *made, "a table", &made));
    made->target = TABLE_NO_COLUMN;
    made->is_utf8 = true;
    TRY(text_arena_create(&made->texts));
    made->file_name = text_arena_copy(made->texts, name, strlen(name));
    if (!made->file_name) TRY(EPOCL_ERROR_MEMORY);
    *created = made;
    made = NULL;
cleanup:
    table_release(made);
    return status;
}

epocl_status table_add_columns(table *made, size_t count) {
    if (count > TABLE_MAX_COLUMNS - made->column_count)
        return fail(EPOCL_ERROR_DATA, "%s: has more than the %zu columns that are supported", made->file_name,
                    TABLE_MAX_COLUMNS);
    const size_t column_count = made->column_count + count;
    table_column *columns = realloc(made->columns, (column_count ? column_count : 1) * sizeof *columns);
    if (!columns) return fail(EPOCL_ERROR_MEMORY, "not enough memory for %zu columns", column_count);
    memset(columns + made->column_count, 0, count * sizeof *columns);
    made->columns = columns;
    made->column_count = column_count;
    return EPOCL_OK;
}

static epocl_status set_name(table *made, size_t column, const char *name, size_t length) {
    made->columns[column].name = text_arena_copy(made->texts, name, length);
    return made->columns[column].name ? EPOCL_OK : EPOCL_ERROR_MEMORY;
}

epocl_status table_number_column(table *made, size_t column, const char *prefix, size_t number) {
    char name[320];
    const int length = snprintf(name, sizeof name, "%.255s%zu", prefix, number);
    return set_name(made, column, name, (size_t)length);
}

epocl_status table_name_column(table *made, size_t column, const char *name, size_t length) {
    static const char of_pandas[] = "Unnamed: ";
    const size_t start = sizeof of_pandas - 1;
    made->columns[column].is_unnamed = length == 0 || (length > start && memcmp(name, of_pandas, start) == 0);
    if (length == 0) return table_number_column(made, column, "column", column + 1);
    return set_name(made, column, name, length);
}

/* ---- Columns asked for as texts ---------------------------------------------------------------------------------- */

size_t table_numbered_column(const table *made, const char *text, size_t length) {
    uint64_t number = 0;
    const bool is_place = length > 0 && *text != '0' && number_whole(text, length, &number);
    return is_place && number <= made->column_count ? (size_t)number - 1 : TABLE_NO_COLUMN;
}

/* All columns of that name, or else the one of that number; false where there is none. */
static bool mark(const table *made, const char *name, size_t length, bool takes_number, bool *asked) {
    bool is_found = false;
    for (size_t i = 0; i < made->column_count; i++) {
        const char *of_column = made->columns[i].name;
        if (strncmp(of_column, name, length) != 0 || of_column[length] != '\0') continue;
        asked[i] = is_found = true;
    }
    const size_t place = takes_number && !is_found ? table_numbered_column(made, name, length) : TABLE_NO_COLUMN;
    if (place != TABLE_NO_COLUMN) asked[place] = true;
    return is_found;
}

void table_mark_asked(const table *made, const char *const *names, size_t count, bool *asked) {
    for (size_t i = 0; i < count; i++) {
        const char *next = names[i];
        if (mark(made, next, strlen(next), false, asked)) continue;
        while (*next) {
            const size_t length = strcspn(next, ",");
            mark(made, next, length, true, asked);
            next += length + (next[length] == ',');
        }
    }
}

static epocl_status make_texts(table *made, table_column *column, const cell_rules *rules) {
    epocl_status status = EPOCL_OK;
    levels texts = {0};
    uint32_t *codes = NULL;
    TRY(allocate(made->row_count, sizeof *codes, "a column's texts", &codes));
    for (size_t row = 0; row < made->row_count; row++) {
        char text[32];
        codes[row] = TABLE_MISSING;
        if (isnan(column->numbers[row])) continue;
        number_float_text(column->numbers[row], text, sizeof text);
        codes[row] = levels_add(&texts, made->texts, text, strlen(text));
        if (codes[row] == LEVEL_NONE) TRY(EPOCL_ERROR_MEMORY);
    }
    free(column->numbers);
    *column = (table_column){.name = column->name, .is_text = true, .codes = codes};
    codes = NULL;
    TRY(table_finish_texts(made, column, &texts, rules));
cleanup:
    free(codes);
    levels_release(&texts);
    return status;
}

epocl_status table_make_texts(table *made, const table_options *options) {
    epocl_status status = EPOCL_OK;
    static const table_options no_options = {0};
    cell_rules rules;
    bool *asked = NULL;
    if (options->text_count == 0) return EPOCL_OK;
    TRY(cell_rules_make(&no_options, &rules));
    TRY(allocate(made->column_count, sizeof *asked, "a table's columns", &asked));
    table_mark_asked(made, options->texts, options->text_count, asked);
    for (size_t i = 0; i < made->column_count; i++) {
        table_column *column = &made->columns[i];
        const bool is_exact = !column->is_text && !column->loses_digits && column->infinite_count == 0;
        if (asked[i] && is_exact) TRY(make_texts(made, column, &rules));
    }
cleanup:
    free(asked);
    return status;
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

epocl_status table_resize_column(const table *made, table_column *column, size_t row_count) {
    size_t bytes = 0;
    void *memory = NULL;
    void *const held = column->is_text ? (void *)column->codes : (void *)column->numbers;
    if (checked_multiply(row_count, sizeof(float), &bytes)) memory = realloc(held, bytes ? bytes : 1);
    if (!memory)
        return fail(EPOCL_ERROR_MEMORY, "%s: not enough memory for %zu rows of %zu columns", made->file_name, row_count,
                    made->column_count);
    if (column->is_text)
        column->codes = memory;
    else
        column->numbers = memory;
    return EPOCL_OK;
}

void table_finish_numbers(const table *made, table_column *column) {
    size_t missing_count = 0, infinite_count = 0;
    bool is_broken = false;
    for (size_t i = 0; i < made->row_count; i++) {
        const float number = column->numbers[i];
        if (fabsf(number) < 0x1p23f) { /* from there on no float has digits behind the point */
            is_broken |= (float)(int32_t)number != number;
        } else {
            missing_count += isnan(number) != 0;
            infinite_count += isinf(number) != 0;
        }
    }
    column->missing_count = missing_count;
    column->infinite_count = infinite_count;
    column->is_whole = !is_broken;
}

/* Dates among which few other texts stand, as mistakes or for missing ones. */
static bool are_dates(size_t date_count, size_t other_count) {
    return date_count > 0 && (other_count == 0 || date_count >= DATES_BESIDE_ANOTHER * other_count ||
                              (other_count <= MOST_OTHERS && date_count >= DATES_BESIDE_ANOTHER));
}

/* What the texts that are levels have in common; which of them are numbers is told by `is_number`. */
static void look_at_texts(table *made, table_column *column, const bool *is_number) {
    const char *unit = column->level_count > 0 ? text_unit(column->levels[0]) : NULL;
    bool is_boolean = column->level_count > 0, has_commas = is_boolean, has_unit = unit != NULL, stands_for_none = true,
         has_blanks = is_boolean, has_apostrophes = is_boolean;
    size_t date_count = 0;
    for (size_t i = 0; i < column->level_count; i++) {
        const char *text = column->levels[i], *rest = has_unit ? text_unit(text) : NULL;
        is_boolean = is_boolean && text_is_boolean(text);
        date_count += text_is_date(text);
        has_commas = has_commas && (is_number[i] || cell_has_number_comma(text, strlen(text)));
        has_unit = rest && strcmp(rest, unit) == 0;
        has_blanks = has_blanks && (is_number[i] || cell_is_number_by(text, ' '));
        has_apostrophes = has_apostrophes && (is_number[i] || cell_is_number_by(text, '\''));
        stands_for_none = stands_for_none && (is_number[i] || text_is_placeholder(text));
        if (!is_number[i] && column->word_count++ == 0) column->first_word = text;
        made->is_utf8 = made->is_utf8 && text_is_utf8(text, strlen(text));
    }
    column->is_boolean = is_boolean;
    column->looks_like_date = are_dates(date_count, column->level_count - date_count);
    column->has_number_commas = has_commas && column->word_count > 0;
    column->thousands = column->word_count == 0 || has_commas ? '\0' : has_blanks ? ' ' : has_apostrophes ? '\'' : '\0';
    column->has_text_unit = has_unit;
    column->has_placeholders = stands_for_none && column->word_count > 0 && column->word_count < column->level_count;
}

epocl_status table_finish_texts(table *made, table_column *column, levels *texts, const cell_rules *rules) {
    epocl_status status = EPOCL_OK;
    bool *is_number = NULL;
    levels_release_slots(texts);
    column->levels = texts->texts;
    column->level_count = texts->count;
    *texts = (levels){0};
    TRY(allocate(column->level_count, sizeof *is_number, "a column's texts", &is_number));
    for (size_t i = 0; i < column->level_count; i++) {
        decimal number;
        const size_t length = strlen(column->levels[i]);
        is_number[i] = cell_classify(rules, column->levels[i], length, false, &number) == CELL_NUMBER;
    }
    for (size_t row = 0; row < made->row_count; row++) {
        const uint32_t code = column->codes[row];
        column->missing_count += code == TABLE_MISSING;
        if (code != TABLE_MISSING) column->number_count += is_number[code];
    }
    look_at_texts(made, column, is_number);
cleanup:
    free(is_number);
    return status;
}
