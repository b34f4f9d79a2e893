#include "support/short_cells.h"

#include "data/format/csv/csv_numbers.h"
#include "data/format/csv/decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *cell_difference(const csv_row *row, const csv_cell *cell, const csv_cell *plain) {
    decimal read = {0};
    const char *text = row->text + cell->begin;
    if (cell->begin != plain->begin || cell->length != plain->length) return "a cell has another place";
    if (cell->is_quoted != plain->is_quoted || cell->has_pairs != plain->has_pairs) return "a cell has other quotes";
    if (plain->is_short) return "a cell is short where none is to be";
    if (!cell->is_short) return NULL;
    if (cell->is_quoted || !decimal_read(text, cell->length, '.', &read)) return "a short number is none";
    if (memcmp(&cell->number, &read.value, sizeof cell->number) != 0) return "a short number has another value";
    return read.has_leading_zeros || read.loses_digits ? "a short number has zeros before it or too many digits" : NULL;
}

static const char *row_difference(const csv_row *row, const csv_row *plain, size_t *short_count) {
    const char *difference = NULL;
    if (row->cell_count != plain->cell_count || row->bytes != plain->bytes) return "a row has other cells";
    if (row->line_count != plain->line_count) return "a row has other lines";
    for (size_t i = 0; i < row->cell_count && !difference; i++) {
        difference = cell_difference(row, &row->cells[i], &plain->cells[i]);
        *short_count += row->cells[i].is_short;
    }
    return difference;
}

/* Rows that are read at once from `text` on, of as many cells as its first has, against their cells. */
static const char *numbers_difference(const csv_dialect *slow, const char *text, const char *end, csv_row *row) {
    enum { MOST_ROWS = 3, MOST_CELLS = 64 };
    float numbers[MOST_ROWS * MOST_CELLS];
    const char *p = text, *rest = text, *place = NULL;
    if (csv_scan_row(slow, p, end, false, row, &p, &place) != CSV_ROW || row->cell_count > MOST_CELLS) return NULL;
    const size_t cell_count = row->cell_count;
    const size_t row_count = csv_scan_numbers(slow, &rest, end, cell_count, MOST_ROWS, numbers);
    p = text;
    for (size_t i = 0; i < row_count; i++) {
        if (csv_scan_row(slow, p, end, false, row, &p, &place) != CSV_ROW) return "a row of numbers is none";
        if (row->cell_count != cell_count || row->line_count != 1) return "a row of numbers has other cells";
        for (size_t k = 0; k < cell_count; k++) {
            const csv_cell *cell = &row->cells[k];
            const float number = numbers[i * cell_count + k];
            decimal read = {0};
            if (cell->is_quoted || (cell->length == 0 && !isnan(number))) return "a cell is a number";
            if (cell->length == 0) continue;
            if (!decimal_read(row->text + cell->begin, cell->length, slow->point, &read)) return "a number is none";
            if (memcmp(&number, &read.value, sizeof number) != 0) return "a number has another value";
            if (read.has_leading_zeros || read.loses_digits || isinf(number)) return "a number is not plain";
        }
    }
    return p == rest ? NULL : "rows of numbers end elsewhere";
}

const char *short_cells_difference(const char *text, size_t length, char separator, bool is_last, size_t *short_count) {
    csv_dialect dialect = csv_dialect_make(separator, '\0'), slow = dialect;
    csv_row row = {0}, plain = {0};
    const char *difference = NULL;
    char *const copy = malloc(length + 1); /* its end is watched under AddressSanitizer */
    if (!copy) abort();
    memcpy(copy, text, length);
    copy[length] = '\0';
    slow.takes_short = false;
    *short_count = 0;
    const char *const end = copy + length;
    for (const char *p = copy; p < end && !difference;) {
        const char *next = p, *plain_next = p, *place = NULL, *plain_place = NULL;
        const csv_result result = csv_scan_row(&dialect, p, end, is_last, &row, &next, &place);
        if (separator != ' ' && dialect.takes_short) difference = numbers_difference(&slow, p, end, &plain);
        if (difference) break;
        if (csv_scan_row(&slow, p, end, is_last, &plain, &plain_next, &plain_place) != result)
            difference = "a row ends otherwise";
        else if (result != CSV_ROW && result != CSV_SKIPPED)
            difference = place != plain_place && result != CSV_INCOMPLETE ? "an error has another place" : NULL;
        else if (next != plain_next)
            difference = "the next row begins elsewhere";
        else if (result == CSV_ROW)
            difference = row_difference(&row, &plain, short_count);
        if (result != CSV_ROW && result != CSV_SKIPPED) break;
        p = next;
    }
    csv_row_release(&row);
    csv_row_release(&plain);
    free(copy);
    return difference;
}
