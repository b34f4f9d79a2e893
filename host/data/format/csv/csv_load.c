/* Columns whose sample has a text, or that were asked as texts, are texts from the start; the others are numbers. A
 * text among those makes its column wait, and when all rows are read, they are read once more for the columns that
 * wait: their texts are what the file says, and nothing was kept of them. */
#include "data/format/csv/csv_load.h"

#include "base/checked.h"
#include "base/plural.h"
#include "data/format/csv/csv_file.h"
#include "data/format/table_build.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Memory for so many rows of columns at first, and in a block: of narrow tables FEW_VALUES in all, and of wide ones a
 * line of the cache for each column. */
enum { FEW_ROWS = 16, FEW_VALUES = 1 << 12 };

/* Blocks are read in vain behind so many rows, and half of all. */
enum { MOST_SINGLE = 16 };

typedef enum column_state { READS_NUMBERS, READS_TEXTS, WAITS, DONE } column_state;

typedef struct csv_loader {
    csv_file file;
    table *made;
    size_t capacity;      /* rows that the columns have memory for */
    column_state *states; /* [column_count]                        */
    levels *texts;        /* [column_count]                        */
    bool waits;           /* some column does                      */
    float *block;         /* [block_rows][column_count]: numbers on their way to columns that are nothing else      */
    size_t block_rows;    /* 0: rows are read one at a time        */
} csv_loader;

static size_t few_rows(size_t column_count) {
    return FEW_ROWS + (column_count ? FEW_VALUES / column_count : 0);
}

static epocl_status begin(csv_loader *load, const table_options *options) {
    epocl_status status = EPOCL_OK;
    const size_t column_count = load->made->column_count;
    bool *asked = NULL, has_texts = false;
    TRY(allocate(column_count, sizeof *load->states, "a table's columns", &load->states));
    TRY(allocate(column_count, sizeof *load->texts, "a table's columns", &load->texts));
    TRY(allocate(column_count, sizeof *asked, "a table's columns", &asked));
    table_mark_asked(load->made, options->texts, options->text_count, asked);
    table_mark_asked(load->made, options->keys, options->key_count, asked);
    for (size_t i = 0; i < column_count; i++) {
        table_column *column = &load->made->columns[i];
        column->is_text = load->file.layout.is_text[i] || asked[i];
        load->states[i] = column->is_text ? READS_TEXTS : READS_NUMBERS;
        has_texts |= column->is_text;
    }
    if (!has_texts && csv_file_may_hold_numbers(&load->file)) load->block_rows = few_rows(column_count);
    TRY(allocate(load->block_rows * column_count, sizeof *load->block, "a table's rows", &load->block));
cleanup:
    free(asked);
    return status;
}

/* Memory for one row more at least. */
static epocl_status grow(csv_loader *load) {
    epocl_status status = EPOCL_OK;
    const size_t column_count = load->made->column_count;
    const size_t capacity = load->capacity ? load->capacity + load->capacity / 2 : few_rows(column_count);
    for (size_t i = 0; i < column_count; i++)
        if (load->states[i] != WAITS) TRY(table_resize_column(load->made, &load->made->columns[i], capacity));
    load->capacity = capacity;
cleanup:
    return status;
}

static inline void put_number(table_column *column, size_t row, const decimal *number) {
    column->numbers[row] = number->value;
    column->has_leading_zeros |= number->has_leading_zeros;
    column->loses_digits |= number->loses_digits;
}

static void take_number(csv_loader *load, size_t i, size_t row, const char *text, size_t length) {
    const csv_cell *cell = &load->file.rows.row.cells[i];
    table_column *column = &load->made->columns[i];
    decimal number;
    if (csv_file_plain_number(&load->file, text, length, &number)) {
        put_number(column, row, &number);
        return;
    }
    switch (cell_classify(&load->file.rules, text, length, cell->is_quoted, &number)) {
    case CELL_MISSING: column->numbers[row] = NAN; return;
    case CELL_INFINITE:
        if (column->first_infinite.line == 0) column->first_infinite = csv_rows_place(&load->file.rows, cell->begin);
        column->numbers[row] = number.value;
        return;
    case CELL_NUMBER:
        put_number(column, row, &number);
        if (number.unit && column->unit_count++ == 0)
            column->first_unit = csv_rows_place(&load->file.rows, cell->begin);
        column->units |= number.unit;
        return;
    case CELL_TEXT:
        load->states[i] = WAITS;
        load->waits = true;
        load->block_rows = 0;
        column->first_text = csv_rows_place(&load->file.rows, cell->begin);
        free(column->numbers);
        column->numbers = NULL;
    }
}

static epocl_status take_text(csv_loader *load, size_t i, size_t row, const char *text, size_t length) {
    const csv_cell *cell = &load->file.rows.row.cells[i];
    table_column *column = &load->made->columns[i];
    levels *texts = &load->texts[i];
    decimal number;
    if (cell_is_missing(&load->file.rules, text, length, cell->is_quoted)) {
        column->codes[row] = TABLE_MISSING;
        return EPOCL_OK;
    }
    const uint32_t known = texts->count, code = levels_add(texts, load->made->texts, text, length);
    if (code == LEVEL_NONE) return fail_prefix(EPOCL_ERROR_MEMORY, "%s", csv_rows_where(&load->file.rows, cell->begin));
    if (code == known && column->first_text.line == 0 &&
        cell_classify(&load->file.rules, text, length, cell->is_quoted, &number) != CELL_NUMBER)
        column->first_text = csv_rows_place(&load->file.rows, cell->begin);
    column->codes[row] = code;
    return EPOCL_OK;
}

static epocl_status take_row(csv_loader *load, size_t row) {
    epocl_status status = EPOCL_OK;
    const csv_cell *const cells = load->file.rows.row.cells;
    for (size_t i = 0; i < load->made->column_count; i++) {
        const column_state state = load->states[i];
        size_t length = 0;
        if (state == READS_NUMBERS && cells[i].is_short) {
            load->made->columns[i].numbers[row] = cells[i].number;
            continue;
        }
        if (state == WAITS || state == DONE) continue;
        const char *text = csv_rows_cell(&load->file.rows, i, &length);
        if (!text) TRY(EPOCL_ERROR_MEMORY);
        if (state == READS_NUMBERS)
            take_number(load, i, row, text, length);
        else
            TRY(take_text(load, i, row, text, length));
    }
cleanup:
    return status;
}

/* Rows that are numbers alone, behind *row_count rows, as many as come at once. They pass through a block since each
 * value of a row goes to a line of the cache and a page of its own, of a wide table more than are at hand. */
static epocl_status take_numbers(csv_loader *load, size_t *row_count) {
    epocl_status status = EPOCL_OK;
    const size_t column_count = load->made->column_count, end = smaller(load->capacity, TABLE_MAX_ROWS);
    size_t wanted = 0, count = 0;
    do {
        wanted = smaller(end - *row_count, load->block_rows);
        TRY(csv_rows_numbers(&load->file.rows, column_count, wanted, load->block, &count));
        for (size_t i = 0; i < column_count; i++) {
            float *const numbers = load->made->columns[i].numbers + *row_count;
            for (size_t row = 0; row < count; row++) numbers[row] = load->block[row * column_count + i];
        }
        *row_count += count;
    } while (count == wanted && wanted > 0);
cleanup:
    return status;
}

static epocl_status read_rows(csv_loader *load) {
    epocl_status status = EPOCL_OK;
    size_t row_count = 0, single_count = 0;
    bool has_row = false;
    for (;;) {
        TRY(csv_file_next(&load->file, &has_row));
        if (!has_row) break;
        if (row_count == TABLE_MAX_ROWS)
            TRY(fail(EPOCL_ERROR_DATA, "%s: has more than the %zu rows that are supported", load->made->file_name,
                     TABLE_MAX_ROWS));
        if (row_count == load->capacity) TRY(grow(load));
        TRY(take_row(load, row_count++));
        if (load->block_rows == 0) continue;
        TRY(take_numbers(load, &row_count));
        if (++single_count > MOST_SINGLE + row_count / 2) load->block_rows = 0; /* most were read in vain */
    }
    if (row_count == 0)
        TRY(fail(EPOCL_ERROR_DATA, "%s: holds no rows%s", load->made->file_name,
                 load->made->has_header ? " below its header" : ""));
    if (load->made->row_count != 0 && load->made->row_count != row_count)
        TRY(fail(EPOCL_ERROR_DATA, "%s: was changed while it was read", load->made->file_name));
    load->made->row_count = row_count;
cleanup:
    return status;
}

/* The rows again, for the columns that wait. */
static epocl_status read_again(csv_loader *load) {
    epocl_status status = EPOCL_OK;
    const table_column *first = NULL;
    for (size_t i = 0; i < load->made->column_count; i++) {
        table_column *column = &load->made->columns[i];
        const bool waits = load->states[i] == WAITS;
        load->states[i] = waits ? READS_TEXTS : DONE;
        if (!waits) continue;
        if (!first) first = column;
        column->is_text = true;
        TRY(table_resize_column(load->made, column, load->made->row_count));
    }
    load->capacity = load->made->row_count;
    status = csv_file_rewind(&load->file);
    if (status != EPOCL_OK && first)
        TRY(fail_prefix(status,
                        "%s:%" PRIu64 ":%zu: a text in column %s, which was of numbers so far; read a file, or declare "
                        "it with --categorical; ",
                        load->made->file_name, first->first_text.line, first->first_text.byte, first->name));
    TRY(read_rows(load));
cleanup:
    return status;
}

/* A last column without a name or a value is most likely a separator at the end of each row. */
static void drop_empty_column(csv_loader *load) {
    table *made = load->made;
    table_column *last = &made->columns[made->column_count - 1];
    char unnamed[32];
    snprintf(unnamed, sizeof unnamed, "column%zu", made->column_count);
    if (made->column_count == 1 || last->is_text || last->missing_count < made->row_count) return;
    if (made->has_header && strcmp(last->name, unnamed) != 0) return;
    free(last->numbers);
    made->dropped = last->name;
    made->column_count--;
}

static epocl_status finish(csv_loader *load) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < load->made->column_count; i++) {
        table_column *column = &load->made->columns[i];
        TRY(table_resize_column(load->made, column, load->made->row_count));
        if (column->is_text)
            TRY(table_finish_texts(load->made, column, &load->texts[i], &load->file.rules));
        else
            table_finish_numbers(load->made, column);
    }
    drop_empty_column(load);
cleanup:
    return status;
}

epocl_status csv_load(byte_source *bytes, const table_options *options, table *made) {
    epocl_status status = EPOCL_OK;
    csv_loader load = {.made = made};
    TRY(csv_file_open(&load.file, bytes, options, made));
    TRY(begin(&load, options));
    TRY(read_rows(&load));
    if (load.waits) TRY(read_again(&load));
    TRY(finish(&load));
cleanup:
    for (size_t i = 0; load.texts && i < made->column_count; i++) levels_release(&load.texts[i]);
    free(load.texts);
    free(load.states);
    free(load.block);
    csv_file_close(&load.file);
    return status;
}
