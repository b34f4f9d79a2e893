#include "data/format/csv/csv_rows.h"

#include "base/checked.h"
#include "data/format/csv/csv_numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WINDOW_BYTES = 4 * CSV_SAMPLE_BYTES, WHERE_BYTES = 1024 };

/* Moves what is left to the window's front, doubles a window that is full of it, and fills it. */
static epocl_status refill(csv_rows *rows) {
    epocl_status status = EPOCL_OK;
    size_t count = 0;
    const size_t left = rows->end - rows->begin;
    memmove(rows->window, rows->window + rows->begin, left);
    rows->begin = 0;
    rows->end = left;
    if (left == rows->capacity) {
        char *grown = realloc(rows->window, 2 * rows->capacity + 1);
        if (!grown) TRY(fail(EPOCL_ERROR_MEMORY, "%s: not enough memory for a row", rows->name));
        rows->window = grown;
        rows->capacity *= 2;
    }
    TRY(text_source_read(rows->text, rows->window + left, rows->capacity - left, &count));
    rows->end += count;
    rows->at_end = rows->end < rows->capacity;
cleanup:
    rows->window[rows->end] = '\0';
    return status;
}

epocl_status csv_rows_open(csv_rows *rows, text_source *text, const char *name) {
    epocl_status status = EPOCL_OK;
    *rows = (csv_rows){.text = text, .name = name, .next_line = 1, .capacity = WINDOW_BYTES};
    TRY(allocate(WINDOW_BYTES + 1, 1, "a table's rows", &rows->window));
    TRY(refill(rows));
cleanup:
    return status;
}

epocl_status csv_rows_widen(csv_rows *rows) {
    return refill(rows);
}

epocl_status csv_rows_rewind(csv_rows *rows) {
    rows->begin = rows->end = 0;
    rows->next_line = 1;
    rows->at_end = false;
    const epocl_status status = text_source_rewind(rows->text);
    return status == EPOCL_OK ? refill(rows) : status;
}

static epocl_status fail_scan(csv_rows *rows, csv_result result, const char *place) {
    const size_t offset = (size_t)(place - rows->row.text);
    switch (result) {
    case CSV_UNCLOSED:
        return fail(EPOCL_ERROR_DATA, "%sa quote opens here and is never closed", csv_rows_where(rows, offset));
    case CSV_AFTER_QUOTE:
        return fail(EPOCL_ERROR_DATA,
                    "%stext after a closing quote; a quote within a quoted value is written twice, and a separator "
                    "or the line's end follows the last",
                    csv_rows_where(rows, offset));
    case CSV_NUL:
        return fail(EPOCL_ERROR_DATA, "%sa zero byte, which no text has; is this a table, or UTF-16 without a mark?",
                    csv_rows_where(rows, offset));
    case CSV_TOO_MANY:
        return fail(EPOCL_ERROR_DATA, "%sa row of more than the %zu values that are supported", csv_rows_where(rows, 0),
                    TABLE_MAX_COLUMNS);
    case CSV_INCOMPLETE:
        return fail(EPOCL_ERROR_DATA, "%sa row of more than %zu MiB; is a quote that opens never closed?",
                    csv_rows_where(rows, 0), CSV_MAX_ROW_BYTES >> 20);
    default: return fail(EPOCL_ERROR_MEMORY, "%s: not enough memory for a row's values", rows->name);
    }
}

epocl_status csv_rows_next(csv_rows *rows, bool *has_row) {
    epocl_status status = EPOCL_OK;
    *has_row = false;
    while (!*has_row && (rows->begin < rows->end || !rows->at_end)) {
        const char *next = NULL, *place = NULL;
        rows->line = rows->next_line;
        csv_result result = CSV_INCOMPLETE;
        if (rows->begin < rows->end)
            result = csv_scan_row(&rows->dialect, rows->window + rows->begin, rows->window + rows->end, rows->at_end,
                                  &rows->row, &next, &place);
        if (result == CSV_INCOMPLETE && rows->end - rows->begin < CSV_MAX_ROW_BYTES) {
            TRY(refill(rows));
            continue;
        }
        if (result != CSV_ROW && result != CSV_SKIPPED) TRY(fail_scan(rows, result, place));
        rows->begin = (size_t)(next - rows->window);
        rows->next_line = rows->line + rows->row.line_count;
        *has_row = result == CSV_ROW;
    }
cleanup:
    return status;
}

epocl_status csv_rows_numbers(csv_rows *rows, size_t column_count, size_t row_count, float *numbers, size_t *count) {
    epocl_status status = EPOCL_OK;
    bool is_cut = true;
    for (*count = 0; is_cut;) {
        const char *next = rows->window + rows->begin, *const end = rows->window + rows->end;
        const size_t more = csv_scan_numbers(&rows->dialect, &next, end, column_count, row_count - *count,
                                             numbers + *count * column_count);
        *count += more;
        rows->begin = (size_t)(next - rows->window);
        rows->next_line += more;
        is_cut = more > 0 && *count < row_count && !rows->at_end && !memchr(next, '\n', (size_t)(end - next));
        if (is_cut) TRY(refill(rows));
    }
cleanup:
    return status;
}

const char *csv_rows_unpaired(csv_rows *rows, const csv_cell *cell, size_t *length) {
    if (rows->scratch_bytes < cell->length) {
        char *grown = realloc(rows->scratch, cell->length);
        if (!grown) {
            fail(EPOCL_ERROR_MEMORY, "%s: not enough memory for a value", rows->name);
            return NULL;
        }
        rows->scratch = grown;
        rows->scratch_bytes = cell->length;
    }
    return csv_cell_text(&rows->row, cell, rows->scratch, length);
}

table_place csv_rows_place(const csv_rows *rows, size_t offset) {
    table_place place = {rows->line, 1};
    const char *text = rows->row.text;
    for (size_t i = 0; i < offset; i++) {
        place.byte++;
        if (text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n')) {
            place.line++;
            place.byte = 1;
        }
    }
    return place;
}

const char *csv_rows_where(const csv_rows *rows, size_t offset) {
    static _Thread_local char where[WHERE_BYTES];
    const table_place place = csv_rows_place(rows, offset);
    snprintf(where, sizeof where, "%s:%" PRIu64 ":%zu: ", rows->name, place.line, place.byte);
    return where;
}

void csv_rows_close(csv_rows *rows) {
    csv_row_release(&rows->row);
    free(rows->window);
    free(rows->scratch);
    *rows = (csv_rows){0};
}
