#include "data/format/libsvm.h"

#include "base/checked.h"
#include "base/number.h"
#include "data/format/csv/csv_rows.h"
#include "data/format/table_build.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_ROWS = 8, MAX_INDEX = (1 << 20) - 2 };

typedef enum word_kind { WORD_PAIR, WORD_QUERY, WORD_COMMENT, WORD_BAD } word_kind;

typedef struct pair {
    size_t index;
    decimal value;
} pair;

/* index:value, qid:N, or the # of a comment. Indices too large are pairs. */
static word_kind read_word(const char *text, size_t length, pair *read) {
    if (length > 0 && *text == '#') return WORD_COMMENT;
    const char *colon = memchr(text, ':', length);
    if (!colon) return WORD_BAD;
    const size_t before = (size_t)(colon - text), after = length - before - 1;
    uint64_t index = 0;
    if (before == 3 && memcmp(text, "qid", 3) == 0)
        return number_whole(colon + 1, after, &index) ? WORD_QUERY : WORD_BAD;
    if (!number_whole(text, before, &index)) return WORD_BAD;
    read->index = index > MAX_INDEX ? MAX_INDEX + 1 : (size_t)index;
    return decimal_read(colon + 1, after, '.', &read->value) ? WORD_PAIR : WORD_BAD;
}

static csv_dialect make_dialect(void) {
    csv_dialect dialect = csv_dialect_make(' ', '#');
    dialect.has_no_quotes = true;
    return dialect;
}

bool libsvm_is_likely(const char *text, size_t bytes, bool is_whole) {
    const csv_dialect dialect = make_dialect();
    csv_row row = {0};
    size_t pair_count = 0;
    bool fits = true;
    char *copy = malloc(bytes + 1); /* with the NUL that a scan needs */
    if (!copy) return false;
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    const char *place = copy;
    while (fits && place < copy + bytes) {
        const char *next = NULL, *bad = NULL;
        const csv_result result = csv_scan_row(&dialect, place, copy + bytes, is_whole, &row, &next, &bad);
        if (result == CSV_INCOMPLETE) break;
        fits = result == CSV_ROW || result == CSV_SKIPPED;
        decimal label;
        for (size_t i = 0; result == CSV_ROW && fits && i < row.cell_count; i++) {
            pair read;
            const char *word = row.text + row.cells[i].begin;
            const word_kind kind = i > 0 ? read_word(word, row.cells[i].length, &read) : WORD_QUERY;
            fits = i > 0 ? kind != WORD_BAD : decimal_read(word, row.cells[i].length, '.', &label);
            pair_count += kind == WORD_PAIR;
            if (kind == WORD_COMMENT) break;
        }
        if (fits) place = next;
    }
    csv_row_release(&row);
    free(copy);
    return fits && pair_count > 0;
}

typedef struct libsvm_reader {
    csv_rows rows;
    const table_options *options;
    table *made; /* column 0 the label, column 1 + index the values */
    size_t capacity;
    bool has_zero; /* an index */
} libsvm_reader;

static epocl_status fail_word(libsvm_reader *reader, size_t i, const char *what) {
    const csv_cell *cell = &reader->rows.row.cells[i];
    const int shown = (int)smaller(cell->length, CELL_SHOWN_BYTES);
    return fail(EPOCL_ERROR_DATA, "%s'%.*s' %s", csv_rows_where(&reader->rows, cell->begin), shown,
                reader->rows.row.text + cell->begin, what);
}

/* A table of that size is more than the machine has memory for; lest it takes all of it. */
static epocl_status expect_memory(const libsvm_reader *reader, size_t column_count, size_t row_count) {
    const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    if (pages <= 0 || page_bytes <= 0) return EPOCL_OK;
    const double needed = 4.0 * (double)column_count * (double)row_count;
    if (needed <= (double)pages * (double)page_bytes) return EPOCL_OK;
    return fail(EPOCL_ERROR_MEMORY,
                "%s: %zu rows of %zu values, zeros included, are %.0f GiB so far, more than this machine has",
                reader->made->file_name, row_count, column_count, needed / (double)(1 << 30));
}

static epocl_status resize(libsvm_reader *reader, table_column *column, size_t had, size_t capacity) {
    const epocl_status status = table_resize_column(reader->made, column, capacity);
    if (status == EPOCL_OK) memset(column->numbers + had, 0, (capacity - had) * sizeof(float));
    return status;
}

static epocl_status grow_rows(libsvm_reader *reader) {
    epocl_status status = EPOCL_OK;
    table *made = reader->made;
    const size_t had = reader->capacity, capacity = had ? had + had / 2 : FIRST_ROWS;
    TRY(expect_memory(reader, made->column_count, capacity));
    for (size_t i = 0; i < made->column_count; i++) TRY(resize(reader, &made->columns[i], had, capacity));
    reader->capacity = capacity;
cleanup:
    return status;
}

/* Columns for all indices up to `index`. */
static epocl_status grow_columns(libsvm_reader *reader, size_t index) {
    epocl_status status = EPOCL_OK;
    table *made = reader->made;
    const size_t had = made->column_count, wanted = index + 2;
    if (wanted <= had) goto cleanup;
    TRY(expect_memory(reader, wanted, reader->capacity));
    TRY(table_add_columns(made, wanted - had));
    for (size_t i = had; i < wanted; i++) {
        TRY(resize(reader, &made->columns[i], 0, reader->capacity));
        TRY(table_number_column(made, i, "", i - 1));
    }
cleanup:
    return status;
}

static epocl_status take_pair(libsvm_reader *reader, size_t i, size_t row, const pair *read, size_t *next_index) {
    epocl_status status = EPOCL_OK;
    if (read->index > MAX_INDEX) TRY(fail_word(reader, i, "has an index beyond the 1048574 that are supported"));
    if (read->index < *next_index) TRY(fail_word(reader, i, "has an index that is not above the one before"));
    if (read->index == 0 && reader->options->libsvm_is_one_based == TABLE_YES)
        TRY(fail_word(reader, i, "has index 0, though indices are said to begin at 1"));
    TRY(grow_columns(reader, read->index));
    table_column *column = &reader->made->columns[read->index + 1];
    if (isinf(read->value.value) && column->first_infinite.line == 0)
        column->first_infinite = csv_rows_place(&reader->rows, reader->rows.row.cells[i].begin);
    column->numbers[row] = read->value.value;
    column->loses_digits |= read->value.loses_digits;
    reader->has_zero |= read->index == 0;
    *next_index = read->index + 1;
cleanup:
    return status;
}

static epocl_status take_row(libsvm_reader *reader, size_t row) {
    epocl_status status = EPOCL_OK;
    const csv_row *words = &reader->rows.row;
    decimal label;
    size_t next_index = 0;
    if (memchr(words->text + words->cells[0].begin, ',', words->cells[0].length))
        TRY(fail_word(reader, 0, "is more than one label, which is not supported"));
    if (!decimal_read(words->text + words->cells[0].begin, words->cells[0].length, '.', &label))
        TRY(fail_word(reader, 0, "is no label; LIBSVM has LABEL INDEX:VALUE ... on each line"));
    reader->made->columns[0].numbers[row] = label.value;
    reader->made->columns[0].loses_digits |= label.loses_digits;
    for (size_t i = 1; i < words->cell_count; i++) {
        pair read;
        const word_kind kind = read_word(words->text + words->cells[i].begin, words->cells[i].length, &read);
        if (kind == WORD_COMMENT) break;
        if (kind == WORD_BAD) TRY(fail_word(reader, i, "is no INDEX:VALUE"));
        if (kind == WORD_PAIR) TRY(take_pair(reader, i, row, &read, &next_index));
    }
cleanup:
    return status;
}

/* Column 0 of the indices is there only where they begin at 0. */
static epocl_status finish(libsvm_reader *reader) {
    epocl_status status = EPOCL_OK;
    table *made = reader->made;
    const bool begins_at_zero = reader->has_zero || reader->options->libsvm_is_one_based == TABLE_NO;
    if (made->column_count < 2) TRY(fail(EPOCL_ERROR_DATA, "%s: has no INDEX:VALUE", made->file_name));
    if (!begins_at_zero) {
        free(made->columns[1].numbers);
        made->column_count--;
        memmove(made->columns + 1, made->columns + 2, (made->column_count - 1) * sizeof *made->columns);
    }
    for (size_t i = 0; i < made->column_count; i++) {
        TRY(table_resize_column(made, &made->columns[i], made->row_count));
        table_finish_numbers(made, &made->columns[i]);
    }
cleanup:
    return status;
}

epocl_status libsvm_load(byte_source *bytes, const table_options *options, table *made) {
    epocl_status status = EPOCL_OK;
    libsvm_reader reader = {.made = made, .options = options};
    text_source *text = NULL;
    bool has_row = false;
    byte_source_forget(bytes);
    made->format = TABLE_LIBSVM;
    made->target = 0;
    TRY(text_source_open(bytes, &text));
    TRY(csv_rows_open(&reader.rows, text, made->file_name));
    reader.rows.dialect = make_dialect();
    TRY(table_add_columns(made, 1));
    TRY(table_name_column(made, 0, "label", 5));
    for (;; made->row_count++) {
        TRY(csv_rows_next(&reader.rows, &has_row));
        if (!has_row) break;
        if (made->row_count == TABLE_MAX_ROWS)
            TRY(fail(EPOCL_ERROR_DATA, "%s: has more than the %zu rows that are supported", made->file_name,
                     TABLE_MAX_ROWS));
        if (made->row_count == reader.capacity) TRY(grow_rows(&reader));
        TRY(take_row(&reader, made->row_count));
    }
    if (made->row_count == 0) TRY(fail(EPOCL_ERROR_DATA, "%s: holds no rows", made->file_name));
    TRY(finish(&reader));
cleanup:
    csv_rows_close(&reader.rows);
    text_source_close(text);
    return status;
}
