#include "data/table.h"

#include "base/checked.h"
#include "base/number.h"
#include "base/suggest.h"
#include "data/format/csv/cell.h"
#include "data/format/open.h"
#include "data/format/table_build.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_release(table *read) {
    if (!read) return;
    for (size_t i = 0; i < read->column_count; i++) {
        free(read->columns[i].numbers);
        free(read->columns[i].codes);
        free(read->columns[i].levels);
    }
    free(read->columns);
    text_arena_release(read->texts);
    free(read);
}

epocl_status table_fail_prefix(const table *read, epocl_status status) {
    const size_t length = strlen(read->file_name);
    return strncmp(epocl_last_error(), read->file_name, length) == 0 ? status
                                                                     : fail_prefix(status, "%s: ", read->file_name);
}

/* ---- Columns by name ----------------------------------------------------------------------------------------- */

enum { KNOWN_NAMES = 256, MOST_KNOWN = 8 };

/* "; there are 'a', 'b'", of a table of few columns; one alone may be several. */
static void list_names(const table *read, char text[KNOWN_NAMES]) {
    size_t used = 0;
    if (read->column_count > MOST_KNOWN) return;
    for (size_t i = 0; i < read->column_count && used < KNOWN_NAMES; i++)
        used += (size_t)snprintf(text + used, KNOWN_NAMES - used, "%s'%.60s'",
                                 i > 0                     ? ", "
                                 : read->column_count == 1 ? "; there is only "
                                                           : "; there are ",
                                 read->columns[i].name);
    if (read->column_count == 1 && read->separator && used < KNOWN_NAMES)
        snprintf(text + used, KNOWN_NAMES - used, ": --separator C says what separates columns");
}

epocl_status table_find_column(const table *read, const char *name, size_t *column) {
    suggestion near = suggestion_begin(name);
    *column = TABLE_NO_COLUMN;
    for (size_t i = 0; i < read->column_count; i++) {
        suggestion_consider(&near, read->columns[i].name);
        if (strcmp(read->columns[i].name, name) != 0) continue;
        if (*column != TABLE_NO_COLUMN)
            return fail(EPOCL_ERROR_DATA,
                        "columns %zu and %zu are both called '%s': rename one, or leave both out by their numbers",
                        *column + 1, i + 1, name);
        *column = i;
    }
    if (*column != TABLE_NO_COLUMN) return EPOCL_OK;
    *column = table_numbered_column(read, name, strlen(name));
    if (*column != TABLE_NO_COLUMN) return EPOCL_OK;
    char known[KNOWN_NAMES] = "";
    if (!near.best) list_names(read, known);
    const bool lacks_header = read->format == TABLE_CSV && !read->has_header;
    return fail(EPOCL_ERROR_DATA, "there is no column '%s'%s%s", name, suggestion_text(&near, "", known),
                lacks_header ? "; the first row is taken for values, not names, without --header yes" : "");
}

bool table_implies(const table *read, const char *name) {
    uint64_t index;
    if (read->format == TABLE_LIBSVM) return number_whole(name, strlen(name), &index);
    return read->dropped && strcmp(read->dropped, name) == 0;
}

/* ---- Columns of no use ------------------------------------------------------------------------------------------ */

/* Texts are taken for mistakes, or for missing values, where they say so, where at least so many numbers stand beside
 * each, or beside one or two words so many different ones, or where most values are such, and seldom the same. */
enum {
    NUMBERS_BESIDE_A_MISTAKE = 20,
    NUMBERS_BESIDE_A_PLACEHOLDER = 5,
    MOST_WORDS_FOR_MISSING = 2,
    MANY_WITH_A_UNIT = 20
};

static bool looks_mistaken(const table_column *column, size_t text_count) {
    const size_t number_level_count = column->level_count - column->word_count;
    const bool has_many = number_level_count >= NUMBERS_BESIDE_A_MISTAKE;
    if (text_count == 0 || column->word_count == 0) return false;
    return (column->has_placeholders && column->number_count >= NUMBERS_BESIDE_A_PLACEHOLDER) ||
           column->number_count >= NUMBERS_BESIDE_A_MISTAKE * text_count ||
           (has_many && column->word_count <= MOST_WORDS_FOR_MISSING) ||
           (has_many && column->number_count > text_count && 2 * number_level_count > column->number_count);
}

static epocl_status fail_text(const table *read, const table_column *column, const char *what) {
    return fail(EPOCL_ERROR_DATA, "%s:%" PRIu64 ":%zu: '%.*s' in column %s: %s", read->file_name,
                column->first_text.line, column->first_text.byte, CELL_SHOWN_BYTES,
                column->first_word ? column->first_word : "", column->name, what);
}

/* With the word to copy, if it can stand in a list. */
static epocl_status fail_mistake(const table *read, const table_column *column) {
    char what[160], word[32] = "";
    const size_t length = column->first_word ? strlen(column->first_word) : 0;
    if (length > 0 && length < sizeof word - 4 && !strpbrk(column->first_word, "',"))
        snprintf(word, sizeof word, " '%s'", column->first_word);
    snprintf(
        what, sizeof what,
        "a text in a column of numbers; correct it, take it for missing with --na%s, or all of them for names with "
        "--categorical",
        word);
    return fail_text(read, column, what);
}

static epocl_status fail_infinite(const table *read, const table_column *column, const char *advice) {
    char where[64] = "";
    const table_place place = column->first_infinite;
    if (place.line > 0) snprintf(where, sizeof where, "%" PRIu64 ":%zu:", place.line, place.byte);
    return fail(EPOCL_ERROR_DATA,
                "%s:%s a number in column %s is infinite, or too large for a 32-bit float, and no network learns of "
                "it; %s",
                read->file_name, where, column->name, advice);
}

epocl_status table_check_finite(const table *read, size_t place) {
    const table_column *column = &read->columns[place];
    if (column->infinite_count == 0) return EPOCL_OK;
    return fail_infinite(read, column, "correct it, or take it for missing with --na");
}

static epocl_status fail_units(const table *read, const table_column *column) {
    return fail(EPOCL_ERROR_DATA,
                "%s:%" PRIu64 ":%zu: a number in column %s has a unit, a currency or %%, and others have none or "
                "another; make them alike, or take them for names with --categorical",
                read->file_name, column->first_unit.line, column->first_unit.byte, column->name);
}

epocl_status table_check_column(const table *read, size_t place) {
    const table_column *column = &read->columns[place];
    const size_t present_count = read->row_count - column->missing_count;
    if (column->infinite_count > 0)
        return fail_infinite(read, column, "take it for missing with --na, or leave the column out with --ignore");
    if (!column->is_text && column->unit_count > 0 &&
        (column->unit_count < present_count || (column->units & (column->units - 1))))
        return fail_units(read, column);
    if (column->looks_like_date)
        return fail_text(read, column,
                         "dates or times, which are no features as they are; leave the column out with --ignore, make "
                         "numbers of them, or take them for names with --categorical");
    if (column->has_number_commas)
        return fail_text(
            read, column,
            "numbers with commas, which are texts here; --decimal , if they are decimal commas, "
            "--thousands , if they separate thousands, both --decimal , and --thousands . for 1.234,5, --categorical "
            "if they are names");
    if (column->thousands)
        return fail_text(
            read, column,
            column->thousands == ' '
                ? "numbers with blanks between thousands, which are texts here; --thousands space reads "
                  "them as numbers, with --decimal , if they have decimal commas, --categorical takes them for names"
                : "numbers with apostrophes between thousands, which are texts here; --thousands \"'\" reads "
                  "them as numbers, with --decimal , if they have decimal commas, --categorical takes them for names");
    if (column->has_text_unit && column->level_count >= MANY_WITH_A_UNIT)
        return fail_text(read, column,
                         "numbers with a unit, which are texts here; take it off them, leave the column out with "
                         "--ignore, or take them for names with --categorical");
    const size_t text_count = present_count - column->number_count; /* 0: texts because they were asked for */
    if (column->is_text && looks_mistaken(column, text_count)) return fail_mistake(read, column);
    return EPOCL_OK;
}

/* ---- Reading ------------------------------------------------------------------------------------------------- */

epocl_status table_read(const char *path, const table_options *options, table **result) {
    epocl_status status = EPOCL_OK;
    byte_source *bytes = NULL;
    table *made = NULL;
    table_format format = TABLE_FORMAT_AUTO;
    *result = NULL;
    TRY(table_create(path, &made));
    TRY(table_source_open(path, options, made, &bytes, &format));
    TRY(table_load(bytes, options, format, made));
    *result = made;
    made = NULL;
cleanup:
    table_release(made);
    byte_source_close(bytes);
    return status;
}
