#include "data/format/csv/csv_layout.h"

#include "base/checked.h"

#include <string.h>

static const char separators[] = ",;\t|";

enum { LEAST_BELOW_TITLE = 2 };

/* A walk over the whole rows of a sample. */
typedef struct walk {
    const csv_sample *sample;
    csv_dialect dialect;
    const char *place;
    csv_row row; /* released by the owner */
} walk;

static walk walk_begin(const csv_sample *sample, char separator, const cell_rules *rules) {
    return (walk){sample, csv_dialect_make(separator, rules->options->comment), sample->text, {0}};
}

/* False at the end, and at what is no row. */
static bool walk_next(walk *rows, csv_result *result) {
    const char *next = NULL, *place = NULL;
    *result = CSV_SKIPPED;
    while (*result == CSV_SKIPPED && rows->place < rows->sample->end) {
        *result = csv_scan_row(&rows->dialect, rows->place, rows->sample->end, rows->sample->is_whole, &rows->row,
                               &next, &place);
        if (*result == CSV_ROW || *result == CSV_SKIPPED) rows->place = next;
    }
    return *result == CSV_ROW;
}

/* ---- The separator ------------------------------------------------------------------------------------------- */

/* How well one fits. */
typedef struct fit {
    size_t width, first_width; /* the cells of most rows, and of the first                   */
    double agreeing, numbers;  /* the shares of rows of that width, and of numbers below the first row */
} fit;

/* The width that most rows have, if more than half of them share one; the first row votes last. */
static size_t find_width(walk *rows, size_t *first_width) {
    size_t width = 0, votes = 0;
    csv_result result;
    *first_width = 0;
    while (walk_next(rows, &result)) {
        if (*first_width == 0) {
            *first_width = rows->row.cell_count;
            continue;
        }
        if (votes == 0) width = rows->row.cell_count;
        if (rows->row.cell_count == width)
            votes++;
        else
            votes--;
    }
    return width ? width : *first_width;
}

static bool is_number(const cell_rules *rules, const walk *rows, size_t i) {
    decimal number;
    const csv_cell *cell = &rows->row.cells[i];
    const char *text = rows->row.text + cell->begin;
    return cell_classify(rules, text, cell->length, cell->is_quoted, &number) != CELL_TEXT ||
           decimal_read(text, cell->length, ',', &number);
}

static fit try_separator(const csv_sample *sample, char separator, const cell_rules *rules) {
    walk rows = walk_begin(sample, separator, rules);
    size_t row_count = 0, agreeing = 0, cell_count = 0, number_count = 0;
    bool all_end_empty = true;
    csv_result result;
    fit found = {0};
    found.width = find_width(&rows, &found.first_width);
    rows.place = sample->text;
    for (; walk_next(&rows, &result); row_count++) {
        const size_t width = rows.row.cell_count;
        agreeing += width == found.width;
        if (row_count == 0 || !rows.row.cells) continue;
        all_end_empty = all_end_empty && width == found.width && rows.row.cells[width - 1].length == 0;
        for (size_t i = 0; i < width; i++) number_count += is_number(rules, &rows, i);
        cell_count += width;
    }
    /* Below a header that ends without a separator, or names none of the rows' names. */
    agreeing += found.width == found.first_width + 1 && (all_end_empty || found.first_width > 1);
    if (result != CSV_INCOMPLETE && result != CSV_SKIPPED) row_count++; /* what is no row agrees with none */
    csv_row_release(&rows.row);
    found.agreeing = row_count ? (double)agreeing / (double)row_count : 0.0;
    found.numbers = cell_count ? (double)number_count / (double)cell_count : 0.0;
    return found;
}

/* The separator by which most rows have the same number of cells, at least two; then the one that leaves most numbers.
 */
static epocl_status guess_separator(const csv_sample *sample, const cell_rules *rules, char *separator) {
    fit best = {0};
    *separator = *separators;
    for (const char *candidate = separators; *candidate; candidate++) {
        if (*candidate == rules->point) continue; /* a decimal comma */
        const fit tried = try_separator(sample, *candidate, rules);
        if (tried.width < 2 || tried.agreeing < best.agreeing ||
            (tried.agreeing == best.agreeing && tried.numbers <= best.numbers && best.width > 0))
            continue;
        best = tried;
        *separator = *candidate;
    }
    if (best.width > 0) return EPOCL_OK;
    if (*separator == rules->point) *separator = separators[1];
    const fit blanks = try_separator(sample, ' ', rules);
    if (blanks.first_width > 1 && blanks.width > 1 && blanks.agreeing == 1.0)
        return fail(EPOCL_ERROR_DATA,
                    "%s: one column, with blanks within; if those separate columns, say so: --separator ' ', and "
                    "--separator , if not",
                    sample->name);
    return EPOCL_OK;
}

/* ---- Header and columns -------------------------------------------------------------------------------------- */

/* What is known of a column below the first row. */
typedef struct column_facts {
    const csv_cell *first;
    cell_kind first_kind;
    size_t number_count, text_count;
    bool recurs; /* the first row's text */
} column_facts;

/* The first row, and what lies below it. */
typedef struct top_rows {
    csv_row first;
    column_facts *columns; /* [first.cell_count]                                     */
    size_t row_count;      /* below the first                                        */
    size_t width;          /* of most of them                                        */
    bool all_end_empty;    /* each has one cell more than the first, the last empty  */
    bool all_named;        /* each has one cell more: a quoted text or the row's number, before the others */
} top_rows;

static cell_kind classify(const cell_rules *rules, const csv_row *row, const csv_cell *cell) {
    decimal number;
    return cell_classify(rules, row->text + cell->begin, cell->length, cell->is_quoted, &number);
}

/* As R writes those of rows. */
static bool is_row_name(const csv_row *row, size_t row_number) {
    decimal number;
    return row->cells->is_quoted || (decimal_read(row->text + row->cells->begin, row->cells->length, '.', &number) &&
                                     number.value == (float)row_number);
}

static void look_at_row(top_rows *top, const cell_rules *rules, const csv_row *row) {
    const size_t width = top->first.cell_count;
    top->row_count++;
    top->all_end_empty &= row->cell_count == width + 1 && row->cells[width].length == 0;
    top->all_named &= row->cell_count == width + 1 && is_row_name(row, top->row_count);
    for (size_t i = 0; i < width && i < row->cell_count; i++) {
        column_facts *column = &top->columns[i];
        const csv_cell *cell = &row->cells[i];
        const cell_kind kind = classify(rules, row, cell);
        column->number_count += kind == CELL_NUMBER || kind == CELL_INFINITE;
        column->text_count += kind == CELL_TEXT;
        if (cell->length == column->first->length && cell->length > 0 &&
            memcmp(row->text + cell->begin, top->first.text + column->first->begin, cell->length) == 0)
            column->recurs = true;
    }
}

static epocl_status look(const csv_sample *sample, const cell_rules *rules, char separator, top_rows *top) {
    epocl_status status = EPOCL_OK;
    walk rows = walk_begin(sample, separator, rules);
    csv_result result;
    size_t first_width = 0;
    top->width = find_width(&rows, &first_width);
    rows.place = sample->text;
    if (walk_next(&rows, &result)) {
        top->first = rows.row;
        rows.row = (csv_row){0};
        TRY(allocate(top->first.cell_count, sizeof *top->columns, "a table's columns", &top->columns));
        for (size_t i = 0; i < top->first.cell_count; i++) {
            top->columns[i].first = &top->first.cells[i];
            top->columns[i].first_kind = classify(rules, &top->first, &top->first.cells[i]);
        }
        top->all_end_empty = top->all_named = true;
        while (walk_next(&rows, &result)) look_at_row(top, rules, &rows.row);
        top->all_end_empty &= top->row_count > 0;
        top->all_named &= top->row_count > 1 && !top->all_end_empty;
    }
cleanup:
    csv_row_release(&rows.row);
    return status;
}

/* A name may be empty; it is no missing value, and does not begin as numbers and dates do. */
static bool may_be_name(const top_rows *top, size_t i) {
    const column_facts *column = &top->columns[i];
    const char *text = top->first.text + column->first->begin;
    if (column->first->length == 0) return true;
    return column->first_kind == CELL_TEXT && !strchr("0123456789+-.", *text);
}

/* A header has a word over numbers; or, where there are no numbers to tell by, names that are not found below. Over
 * row names it has none. */
static bool guess_header(const top_rows *top) {
    bool may_be = true;
    for (size_t i = 0; i < top->first.cell_count; i++) {
        const column_facts *column = &top->columns[i];
        if (top->all_named && may_be_name(top, i)) return true;
        if (column->first_kind == CELL_TEXT && column->number_count > 0 && column->text_count == 0) return true;
        if (column->recurs || !may_be_name(top, i)) may_be = false;
    }
    return may_be;
}

/* Before the table may stand comments, or a title, which is a line of one value. */
static epocl_status expect_no_title(const csv_sample *sample, const table_options *options, const top_rows *top) {
    const char first = *top->first.text;
    const int shown = (int)smaller(top->first.bytes, CELL_SHOWN_BYTES);
    if (top->row_count == 0 || top->first.cell_count == top->width) return EPOCL_OK;
    if (first == '#' || first == '%')
        return fail(EPOCL_ERROR_DATA, "%s:1:1: '%.*s' is no row of the table; skip such lines with --comment '%c'",
                    sample->name, shown, top->first.text, first);
    if (options->header == TABLE_NO && options->skip_ragged) return EPOCL_OK; /* it is skipped */
    if (top->first.cell_count > 1 || top->row_count < LEAST_BELOW_TITLE || top->all_named || top->all_end_empty)
        return EPOCL_OK;
    return fail(EPOCL_ERROR_DATA,
                "%s:1:1: '%.*s' is one value, and the rows below have %zu: if it is a title, remove it; if those are "
                "texts with the separator within, say what separates columns: --separator C",
                sample->name, shown, top->first.text, top->width);
}

epocl_status csv_layout_guess(const csv_sample *sample, const cell_rules *rules, csv_layout *layout) {
    epocl_status status = EPOCL_OK;
    const table_options *options = rules->options;
    top_rows top = {0};
    *layout = (csv_layout){.separator = options->separator};
    if (sample->text == sample->end) TRY(fail(EPOCL_ERROR_DATA, "%s: is empty", sample->name));
    if (!layout->separator) TRY(guess_separator(sample, rules, &layout->separator));
    TRY(look(sample, rules, layout->separator, &top));
    if (!top.columns || !top.first.text)
        goto cleanup; /* the first row is longer than the sample, or damaged: reading it tells */
    TRY(expect_no_title(sample, options, &top));
    layout->has_header = options->header == TABLE_AUTO ? guess_header(&top) : options->header == TABLE_YES;
    layout->ends_with_separator = layout->has_header && top.all_end_empty;
    layout->begins_with_names = layout->has_header && top.all_named;
    layout->column_count = layout->has_header ? top.first.cell_count + layout->begins_with_names : top.width;
    TRY(allocate(layout->column_count, sizeof *layout->is_text, "a table's columns", &layout->is_text));
    for (size_t i = 0; i < smaller(layout->column_count, top.first.cell_count); i++)
        layout->is_text[i] =
            top.columns[i].text_count > 0 || (!layout->has_header && top.columns[i].first_kind == CELL_TEXT);
cleanup:
    csv_row_release(&top.first);
    free(top.columns);
    return status;
}

void csv_layout_release(csv_layout *layout) {
    free(layout->is_text);
    *layout = (csv_layout){0};
}
