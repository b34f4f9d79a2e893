/* A table some rows at a time: of a text, rows as they come; other formats are read whole, and delivered in parts. */
#include "base/checked.h"
#include "base/number.h"
#include "data/format/csv/csv_file.h"
#include "data/format/levels.h"
#include "data/format/open.h"
#include "data/format/table_build.h"
#include "data/table.h"

#include <math.h>
#include <string.h>

/* Where a column's values of a chunk go; of the three one is not NULL. */
typedef struct column_values {
    float *numbers;
    uint32_t *codes;
    const char **texts;
    levels known; /* the caller's, for TABLE_CODES */
} column_values;

struct table_reader {
    table_options options;
    byte_source *bytes;
    table *facts; /* without values if it is a text, else the whole table */
    bool is_text;
    csv_file file; /* of a text                                            */
    size_t row;    /* of a whole table: the next                           */
    table_request *requests;
    column_values *values;
    struct table_values *views; /* what the caller sees of `values`         */
    size_t capacity;            /* rows that there is memory for            */
    text_arena *texts;          /* of the chunk                             */
    text_arena *known_texts;    /* of the caller's levels                   */
    const char **rows;
    size_t *row_bytes;
    table_place *places;
};

epocl_status table_reader_open(const char *path, const table_options *options, table_reader **reader) {
    epocl_status status = EPOCL_OK;
    table_reader *opened = NULL;
    table_format format = TABLE_FORMAT_AUTO;
    *reader = NULL;
    TRY(allocate(1, sizeof *opened, "a table's reader", &opened));
    opened->options = *options;
    TRY(table_create(path, &opened->facts));
    TRY(text_arena_create(&opened->texts));
    TRY(text_arena_create(&opened->known_texts));
    TRY(table_source_open(path, options, opened->facts, &opened->bytes, &format));
    opened->is_text = format == TABLE_CSV;
    if (opened->is_text) {
        byte_source_forget(opened->bytes);
        TRY(csv_file_open(&opened->file, opened->bytes, &opened->options, opened->facts));
    } else {
        TRY(table_load(opened->bytes, options, format, opened->facts));
    }
    *reader = opened;
    opened = NULL;
cleanup:
    table_reader_close(opened);
    return status;
}

const table *table_reader_table(const table_reader *reader) {
    return reader->facts;
}

const char *table_reader_header(const table_reader *reader, size_t *bytes) {
    *bytes = reader->file.header_bytes;
    return reader->file.header;
}

static epocl_status know_levels(table_reader *reader, const table_request *request, levels *known) {
    for (size_t i = 0; i < request->level_count; i++) {
        const uint32_t code = levels_add(known, reader->known_texts, request->levels[i], strlen(request->levels[i]));
        if (code == LEVEL_NONE) return EPOCL_ERROR_MEMORY;
        if (code != i) return fail(EPOCL_ERROR_ARGUMENT, "a column's level '%s' is there twice", request->levels[i]);
    }
    return EPOCL_OK;
}

/* Of a whole table, whose texts these are no more. */
static epocl_status fail_digits(const table *facts, size_t column) {
    return fail(EPOCL_ERROR_DATA,
                "%s: column %s has whole numbers of more digits than a 32-bit float keeps; make texts of them",
                facts->file_name, facts->columns[column].name);
}

epocl_status table_reader_request(table_reader *reader, const table_request *requests) {
    epocl_status status = EPOCL_OK;
    const size_t column_count = reader->facts->column_count;
    if (reader->requests) TRY(fail(EPOCL_ERROR_ARGUMENT, "a table's columns are requested a second time"));
    TRY(allocate(column_count, sizeof *reader->requests, "a table's columns", &reader->requests));
    TRY(allocate(column_count, sizeof *reader->values, "a table's columns", &reader->values));
    TRY(allocate(column_count, sizeof *reader->views, "a table's columns", &reader->views));
    for (size_t i = 0; i < column_count; i++) {
        reader->requests[i] = requests[i];
        const bool is_word = requests[i].kind == TABLE_CODES || requests[i].kind == TABLE_TEXTS;
        if (is_word && reader->facts->columns[i].loses_digits) TRY(fail_digits(reader->facts, i));
        if (requests[i].kind == TABLE_CODES) TRY(know_levels(reader, &requests[i], &reader->values[i].known));
    }
cleanup:
    return status;
}

static epocl_status resize(void *pointer, size_t count, size_t bytes) {
    size_t total = 0;
    void *grown = checked_multiply(count, bytes, &total) ? realloc(*(void **)pointer, total) : NULL;
    if (!grown) return fail(EPOCL_ERROR_MEMORY, "not enough memory for %zu rows", count);
    *(void **)pointer = grown;
    return EPOCL_OK;
}

static epocl_status reserve(table_reader *reader, size_t row_count) {
    epocl_status status = EPOCL_OK;
    if (row_count <= reader->capacity) goto cleanup;
    for (size_t i = 0; i < reader->facts->column_count; i++) {
        column_values *values = &reader->values[i];
        switch (reader->requests[i].kind) {
        case TABLE_SKIPPED: break;
        case TABLE_NUMBERS: TRY(resize(&values->numbers, row_count, sizeof *values->numbers)); break;
        case TABLE_CODES: TRY(resize(&values->codes, row_count, sizeof *values->codes)); break;
        case TABLE_TEXTS: TRY(resize(&values->texts, row_count, sizeof *values->texts)); break;
        }
        reader->views[i] = (struct table_values){values->numbers, values->codes, values->texts};
    }
    if (reader->is_text) {
        TRY(resize(&reader->rows, row_count, sizeof *reader->rows));
        TRY(resize(&reader->row_bytes, row_count, sizeof *reader->row_bytes));
        TRY(resize(&reader->places, row_count, sizeof *reader->places));
    }
    reader->capacity = row_count;
cleanup:
    return status;
}

/* A value that is not missing, as a code or a text. */
static epocl_status put_text(table_reader *reader, size_t column, size_t row, const char *text, size_t length) {
    column_values *values = &reader->values[column];
    if (reader->requests[column].kind == TABLE_CODES) {
        const uint32_t code = levels_find(&values->known, text, length);
        values->codes[row] = code == LEVEL_NONE ? TABLE_UNKNOWN : code;
        return EPOCL_OK;
    }
    values->texts[row] = text_arena_copy(reader->texts, text, length);
    return values->texts[row] ? EPOCL_OK : EPOCL_ERROR_MEMORY;
}

static void put_missing(table_reader *reader, size_t column, size_t row) {
    column_values *values = &reader->values[column];
    switch (reader->requests[column].kind) {
    case TABLE_SKIPPED: break;
    case TABLE_NUMBERS: values->numbers[row] = NAN; break;
    case TABLE_CODES: values->codes[row] = TABLE_MISSING; break;
    case TABLE_TEXTS: values->texts[row] = NULL; break;
    }
}

/* ---- Rows of a text ---------------------------------------------------------------------------------------------- */

static epocl_status fail_number(const table_reader *reader, size_t column, cell_kind kind, const char *text,
                                size_t length) {
    const int shown = (int)smaller(length, CELL_SHOWN_BYTES);
    if (kind == CELL_TEXT && cell_has_number_comma(text, length))
        return fail(
            EPOCL_ERROR_DATA,
            "%s'%.*s' in column %s: a number with commas; --decimal , if they are decimal commas, --thousands , "
            "if they separate thousands",
            csv_rows_where(&reader->file.rows, reader->file.rows.row.cells[column].begin), shown, text,
            reader->facts->columns[column].name);
    return fail(EPOCL_ERROR_DATA, "%s'%.*s' in column %s: %s; correct it, or take it for missing with --na",
                csv_rows_where(&reader->file.rows, reader->file.rows.row.cells[column].begin), shown, text,
                reader->facts->columns[column].name,
                kind == CELL_INFINITE ? "infinite, or too large for a 32-bit float" : "no number, as it must be");
}

static epocl_status put_cell(table_reader *reader, size_t column, size_t row) {
    const csv_cell *cell = &reader->file.rows.row.cells[column];
    const cell_rules *rules = &reader->file.rules;
    decimal number;
    size_t length = 0;
    if (reader->requests[column].kind == TABLE_NUMBERS && cell->is_short) {
        reader->values[column].numbers[row] = cell->number;
        return EPOCL_OK;
    }
    const char *text = csv_rows_cell(&reader->file.rows, column, &length);
    if (!text) return EPOCL_ERROR_MEMORY;
    if (reader->requests[column].kind != TABLE_NUMBERS && !cell_is_missing(rules, text, length, cell->is_quoted))
        return put_text(reader, column, row, text, length);
    const bool is_plain = csv_file_plain_number(&reader->file, text, length, &number);
    const cell_kind kind = is_plain ? CELL_NUMBER : cell_classify(rules, text, length, cell->is_quoted, &number);
    if (kind == CELL_MISSING)
        put_missing(reader, column, row);
    else if (kind == CELL_NUMBER)
        reader->values[column].numbers[row] = number.value;
    else
        return fail_number(reader, column, kind, text, length);
    return EPOCL_OK;
}

/* A row's bytes, without a separator at its end that the header does not have. */
static size_t row_bytes(const table_reader *reader, const csv_row *read) {
    size_t bytes = read->bytes;
    if (!reader->file.layout.ends_with_separator) return bytes;
    while (bytes > 0 && read->text[bytes - 1] != reader->file.layout.separator) bytes--;
    return bytes > 0 ? bytes - 1 : 0;
}

static epocl_status read_row(table_reader *reader, size_t row, bool *has_row) {
    epocl_status status = EPOCL_OK;
    const csv_row *read = &reader->file.rows.row;
    TRY(csv_file_next(&reader->file, has_row));
    for (size_t i = 0; *has_row && i < reader->facts->column_count; i++)
        if (reader->requests[i].kind != TABLE_SKIPPED) TRY(put_cell(reader, i, row));
    if (!*has_row) goto cleanup;
    reader->row_bytes[row] = row_bytes(reader, read);
    reader->rows[row] = text_arena_copy(reader->texts, read->text, reader->row_bytes[row]);
    if (!reader->rows[row]) TRY(EPOCL_ERROR_MEMORY);
    reader->places[row] = csv_rows_place(&reader->file.rows, 0);
cleanup:
    return status;
}

/* ---- Rows of a whole table --------------------------------------------------------------------------------------- */

static epocl_status put_value(table_reader *reader, size_t column, size_t from, size_t row) {
    const table_column *read = &reader->facts->columns[column];
    char text[32];
    if (read->is_text ? read->codes[from] == TABLE_MISSING : isnan(read->numbers[from])) {
        put_missing(reader, column, row);
        return EPOCL_OK;
    }
    if (reader->requests[column].kind != TABLE_NUMBERS) {
        const char *word = text;
        if (read->is_text)
            word = read->levels[read->codes[from]];
        else
            number_float_text(read->numbers[from], text, sizeof text);
        return put_text(reader, column, row, word, strlen(word));
    }
    if (read->is_text || isinf(read->numbers[from]))
        return fail(EPOCL_ERROR_DATA, "%s: row %zu of column %s is no finite number", reader->facts->file_name,
                    from + 1, read->name);
    reader->values[column].numbers[row] = read->numbers[from];
    return EPOCL_OK;
}

static epocl_status copy_row(table_reader *reader, size_t row, bool *has_row) {
    epocl_status status = EPOCL_OK;
    *has_row = reader->row < reader->facts->row_count;
    for (size_t i = 0; *has_row && i < reader->facts->column_count; i++)
        if (reader->requests[i].kind != TABLE_SKIPPED) TRY(put_value(reader, i, reader->row, row));
    reader->row += *has_row;
cleanup:
    return status;
}

epocl_status table_reader_next(table_reader *reader, size_t row_count, table_chunk *chunk) {
    epocl_status status = EPOCL_OK;
    bool has_row = true;
    *chunk = (table_chunk){0};
    if (!reader->requests) TRY(fail(EPOCL_ERROR_ARGUMENT, "a table's rows are read before its columns are requested"));
    TRY(reserve(reader, row_count));
    text_arena_clear(reader->texts);
    for (size_t row = 0; row < row_count; row++) {
        TRY(reader->is_text ? read_row(reader, row, &has_row) : copy_row(reader, row, &has_row));
        if (!has_row) break;
        chunk->row_count = row + 1;
    }
    chunk->columns = reader->views;
    chunk->rows = reader->rows;
    chunk->row_bytes = reader->row_bytes;
    chunk->places = reader->places;
cleanup:
    return status;
}

void table_reader_close(table_reader *reader) {
    if (!reader) return;
    for (size_t i = 0; reader->values && i < reader->facts->column_count; i++) {
        free(reader->values[i].numbers);
        free(reader->values[i].codes);
        free(reader->values[i].texts);
        levels_release(&reader->values[i].known);
    }
    free(reader->values);
    free(reader->views);
    free(reader->requests);
    free(reader->rows);
    free(reader->row_bytes);
    free(reader->places);
    csv_file_close(&reader->file);
    text_arena_release(reader->texts);
    text_arena_release(reader->known_texts);
    table_release(reader->facts);
    byte_source_close(reader->bytes);
    free(reader);
}
