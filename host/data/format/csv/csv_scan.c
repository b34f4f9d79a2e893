#include "data/format/csv/csv_scan.h"

#include "base/checked.h"
#include "data/format/csv/short_number.h"
#include "data/table.h"

#include <float.h>
#include <string.h>

csv_dialect csv_dialect_make(char separator, char comment) {
    csv_dialect dialect = {.separator = separator, .point = '.', .comment = comment};
    dialect.ends_cell[(unsigned char)separator] = true;
    dialect.ends_cell['\t'] |= separator == ' ';
    dialect.ends_cell['\r'] = dialect.ends_cell['\n'] = dialect.ends_cell['\0'] = true;
    dialect.takes_short = FLT_EVAL_METHOD == 0 && separator != '-' && (separator < '0' || separator > '9');
    return dialect;
}

static bool is_blank(const csv_dialect *dialect, char c) {
    return (c == ' ' || c == '\t') && (c != dialect->separator || c == ' ');
}

/* Room for a cell more than there are. */
static csv_result reserve_cell(csv_row *row) {
    if (row->cell_count < row->cell_capacity) return CSV_ROW;
    if (row->cell_count >= TABLE_MAX_COLUMNS) return CSV_TOO_MANY;
    const size_t capacity = row->cell_capacity ? smaller(2 * row->cell_capacity, TABLE_MAX_COLUMNS) : 16;
    csv_cell *cells = realloc(row->cells, capacity * sizeof *cells);
    if (!cells) return CSV_NO_MEMORY;
    memset(cells + row->cell_capacity, 0, (capacity - row->cell_capacity) * sizeof *cells);
    row->cells = cells;
    row->cell_capacity = capacity;
    return CSV_ROW;
}

/* The line end at `p`, if there is one: its length, or 0. A CR that is the last byte so far may be half of one. */
static size_t line_end(const char *p, const char *end) {
    if (p == end) return 0;
    if (*p == '\n') return 1;
    return *p == '\r' ? 1 + (size_t)(p + 1 < end && p[1] == '\n') : 0;
}

/* From behind an opening quote to its closing one, at *p; counts lines within. */
static csv_result scan_quoted(const char **p, const char *end, bool is_last, csv_row *row, bool *has_pairs) {
    const char *q = *p;
    for (;;) {
        const char *quote = memchr(q, '"', (size_t)(end - q));
        const char *const stop = quote ? quote : end;
        for (const char *c = q; c < stop; c++) {
            if (*c == '\0') {
                *p = c;
                return CSV_NUL;
            }
            row->line_count += *c == '\n' || (*c == '\r' && !(c + 1 < stop && c[1] == '\n'));
        }
        if (!quote) return is_last ? CSV_UNCLOSED : CSV_INCOMPLETE;
        if (quote + 1 == end && !is_last) return CSV_INCOMPLETE;
        *p = quote;
        if (quote + 1 == end || quote[1] != '"') return CSV_ROW;
        *has_pairs = true;
        q = quote + 2;
    }
}

static void set_cell(csv_cell *cell, const csv_row *row, const char *begin, const char *end) {
    cell->begin = (uint32_t)(begin - row->text);
    cell->length = (uint32_t)(end - begin);
}

/* A cell that is a short number, from *p on; false says nothing, and *p is where it was. */
static inline bool scan_short(const csv_dialect *dialect, const char **p, const char *end, const char *row,
                              csv_cell *cell) {
    float number = 0;
    const char *const stop = short_number_read(dialect, *p, end, &number);
    if (!stop) return false;
    *cell =
        (csv_cell){.begin = (uint32_t)(*p - row), .length = (uint32_t)(stop - *p), .number = number, .is_short = true};
    *p = stop;
    return true;
}

/* A cell from *p, up to what ends it. */
static csv_result scan_cell(const csv_dialect *dialect, const char **p, const char *end, bool is_last, csv_row *row,
                            csv_cell *cell, const char **place) {
    const char *begin = *p, *q;
    cell->is_quoted = cell->has_pairs = cell->is_short = false;
    while (is_blank(dialect, *begin)) begin++;
    if (*begin == '"' && !dialect->has_no_quotes) {
        q = begin + 1;
        bool has_pairs = false;
        const csv_result result = scan_quoted(&q, end, is_last, row, &has_pairs);
        *place = result == CSV_UNCLOSED ? begin : q;
        if (result != CSV_ROW) return result;
        set_cell(cell, row, begin + 1, q);
        cell->is_quoted = true;
        cell->has_pairs = has_pairs;
        q++;
        if (dialect->separator != ' ')
            while (is_blank(dialect, *q)) q++;
        if (!dialect->ends_cell[(unsigned char)*q]) {
            *place = q;
            return CSV_AFTER_QUOTE;
        }
    } else {
        q = begin;
        while (!dialect->ends_cell[(unsigned char)*q]) q++;
        const char *last = q;
        while (last > begin && is_blank(dialect, last[-1])) last--;
        set_cell(cell, row, begin, last);
    }
    *p = q;
    return CSV_ROW;
}

/* A blank line, or a comment, whose end is known: its end, else NULL. */
static const char *find_skipped(const csv_dialect *dialect, const char *text, const char *end, bool *may_be) {
    const char *p = text;
    *may_be = false;
    if (dialect->comment && *text == dialect->comment && text < end) {
        while (p < end && *p != '\n' && *p != '\r') p++;
        *may_be = true;
        return p;
    }
    if (dialect->keeps_blank) return NULL;
    while (p < end && is_blank(dialect, *p)) p++;
    *may_be = p == end || *p == '\n' || *p == '\r';
    return *may_be ? p : NULL;
}

csv_result csv_scan_row(const csv_dialect *dialect, const char *text, const char *end, bool is_last, csv_row *row,
                        const char **next, const char **place) {
    const char *p = text;
    bool is_skipped = false;
    row->text = text;
    row->cell_count = 0;
    row->line_count = 1;
    const char *skipped = find_skipped(dialect, text, end, &is_skipped);
    if (is_skipped)
        p = skipped;
    else
        for (;;) {
            csv_result result = reserve_cell(row);
            if (result != CSV_ROW) return result;
            csv_cell *const cell = &row->cells[row->cell_count++];
            if (!dialect->takes_short || !scan_short(dialect, &p, end, text, cell)) {
                result = scan_cell(dialect, &p, end, is_last, row, cell, place);
                if (result != CSV_ROW) return result;
            }
            if (*p == '\n' || *p == '\r' || *p == '\0') break; /* as at `end` */
            p++;
            if (dialect->separator == ' ') { /* blanks at the end of a line end no cell */
                while (is_blank(dialect, *p)) p++;
                if (p == end || *p == '\n' || *p == '\r') break;
            }
        }
    if (p < end && *p == '\0') {
        *place = p;
        return CSV_NUL;
    }
    const size_t ending = line_end(p, end);
    if (!is_last && (ending == 0 || (*p == '\r' && p + 1 == end))) return CSV_INCOMPLETE;
    row->bytes = (size_t)(p - text);
    *next = p + ending;
    return is_skipped ? CSV_SKIPPED : CSV_ROW;
}

void csv_row_release(csv_row *row) {
    free(row->cells);
    *row = (csv_row){0};
}

const char *csv_cell_text(const csv_row *row, const csv_cell *cell, char *scratch, size_t *length) {
    const char *text = row->text + cell->begin;
    *length = cell->length;
    if (!cell->has_pairs) return text;
    size_t written = 0;
    for (size_t i = 0; i < cell->length; i++) {
        scratch[written++] = text[i];
        i += text[i] == '"'; /* the second of the pair */
    }
    *length = written;
    return scratch;
}
