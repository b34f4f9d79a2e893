#include "data/format/csv/csv_file.h"

#include "base/checked.h"
#include "base/plural.h"
#include "data/format/csv/text_looks.h"
#include "data/format/table_build.h"

#include <string.h>

/* At least so many line ends are in a sample, unless the file has fewer. */
enum { SAMPLE_LINES = 3 };

static size_t count_lines(const char *text, size_t bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes && count < SAMPLE_LINES; i++) count += text[i] == '\n' || text[i] == '\r';
    return count;
}

/* Skips Excel's first line "sep=;", and returns the separator that it tells; else 0. */
static char skip_hint(csv_rows *rows) {
    static const char hint[] = "sep=";
    const size_t length = sizeof hint; /* with the separator in the place of the NUL */
    const char *const end = rows->window + length;
    if (rows->end <= length || memcmp(rows->window, hint, length - 1) != 0 || (*end != '\n' && *end != '\r')) return 0;
    rows->begin = length + 1 + (end[0] == '\r' && end[1] == '\n');
    rows->next_line++;
    return end[-1];
}

static epocl_status guess_layout(csv_file *file) {
    epocl_status status = EPOCL_OK;
    csv_rows *rows = &file->rows;
    const char hint = skip_hint(rows);
    table_options options = *file->rules.options;
    cell_rules rules = file->rules;
    if (!options.separator) options.separator = hint;
    rules.options = &options;
    size_t bytes = smaller(rows->end - rows->begin, CSV_SAMPLE_BYTES);
    while (count_lines(rows->window + rows->begin, bytes) < SAMPLE_LINES && bytes < CSV_MAX_ROW_BYTES) {
        const bool has_all = rows->begin + bytes == rows->end;
        if (has_all && rows->at_end) break;
        if (has_all) TRY(csv_rows_widen(rows));
        bytes = smaller(rows->end - rows->begin, 2 * bytes);
    }
    char *const text = rows->window + rows->begin;
    const char kept = text[bytes];
    text[bytes] = '\0';
    const csv_sample sample = {text, text + bytes, text + bytes == rows->window + rows->end && rows->at_end,
                               rows->name};
    status = csv_layout_guess(&sample, &rules, &file->layout);
    text[bytes] = kept;
cleanup:
    return status;
}

static epocl_status read_header(csv_file *file, table *facts) {
    epocl_status status = EPOCL_OK;
    bool has_row = false;
    TRY(csv_rows_next(&file->rows, &has_row));
    if (!has_row) TRY(fail(EPOCL_ERROR_DATA, "%s: holds no rows", file->rows.name));
    file->has_row = true;
    if (!facts) goto cleanup; /* known already */
    file->header_bytes = file->rows.row.bytes;
    file->header = text_arena_copy(facts->texts, file->rows.row.text, file->header_bytes);
    if (!file->header) TRY(EPOCL_ERROR_MEMORY);
    const size_t unnamed = file->layout.begins_with_names;
    TRY(table_add_columns(facts, unnamed + file->rows.row.cell_count));
    if (unnamed) TRY(table_name_column(facts, 0, "", 0));
    for (size_t i = unnamed; i < facts->column_count; i++) {
        size_t length = 0;
        const char *name = csv_rows_cell(&file->rows, i - unnamed, &length);
        if (!name) TRY(EPOCL_ERROR_MEMORY);
        facts->is_utf8 &= text_is_utf8(name, length);
        TRY(table_name_column(facts, i, name, length));
    }
cleanup:
    return status;
}

/* Names after the columns' places. */
static epocl_status number_columns(csv_file *file, table *facts) {
    epocl_status status = EPOCL_OK;
    TRY(table_add_columns(facts, file->layout.column_count));
    for (size_t i = 0; i < facts->column_count; i++) TRY(table_number_column(facts, i, "", i + 1));
cleanup:
    return status;
}

/* Numbers may be spelled as missing: -9, 999. */
static bool may_miss_numbers(const cell_rules *rules) {
    for (const char *first = "-0123456789"; *first; first++)
        if (rules->may_be_missing[(unsigned char)*first]) return true;
    return false;
}

epocl_status csv_file_open(csv_file *file, byte_source *bytes, const table_options *options, table *facts) {
    epocl_status status = EPOCL_OK;
    *file = (csv_file){.facts = facts};
    TRY(cell_rules_make(options, &file->rules));
    TRY(text_source_open(bytes, &file->text));
    TRY(csv_rows_open(&file->rows, file->text, byte_source_name(bytes)));
    TRY(guess_layout(file));
    file->rows.dialect = csv_dialect_make(file->layout.separator, options->comment);
    file->rows.dialect.point = file->rules.point;
    file->rows.dialect.takes_short &= !may_miss_numbers(&file->rules);
    facts->format = TABLE_CSV;
    facts->separator = file->layout.separator;
    facts->is_utf8 = true;
    facts->converted_from = text_source_encoding(file->text);
    if (file->layout.column_count == 0) { /* no row in the sample: what is wrong with the first one? */
        TRY(read_header(file, facts));
        TRY(fail(EPOCL_ERROR_DATA, "%s: no row was found", file->rows.name));
    }
    facts->has_header = file->layout.has_header;
    TRY(facts->has_header ? read_header(file, facts) : number_columns(file, facts));
cleanup:
    return status;
}

epocl_status csv_file_rewind(csv_file *file) {
    epocl_status status = EPOCL_OK;
    file->has_row = file->rows.dialect.keeps_blank = false;
    file->facts->ragged_count = 0;
    TRY(csv_rows_rewind(&file->rows));
    skip_hint(&file->rows);
    if (file->layout.has_header) TRY(read_header(file, NULL));
cleanup:
    return status;
}

static epocl_status fail_ragged(csv_file *file) {
    const csv_row *row = &file->rows.row;
    const size_t wanted = file->layout.column_count, held = row->cell_count;
    const bool is_long = held > wanted;
    const size_t offset = is_long ? row->cells[wanted].begin : row->bytes;
    const bool by_header = file->layout.has_header && !file->layout.begins_with_names;
    return fail(EPOCL_ERROR_DATA, "%sa row of %zu value%s, %s %zu; mend it, or leave such rows out with --ragged skip",
                csv_rows_where(&file->rows, offset), held, plural_s(held),
                by_header ? "the header has" : "the first rows have", wanted);
}

epocl_status csv_file_next(csv_file *file, bool *has_row) {
    epocl_status status = EPOCL_OK;
    const size_t wanted = file->layout.column_count + file->layout.ends_with_separator;
    const csv_row *row = &file->rows.row;
    for (;;) {
        file->rows.dialect.keeps_blank = file->has_row && file->layout.column_count == 1;
        TRY(csv_rows_next(&file->rows, has_row));
        if (!*has_row) break;
        file->has_row = true;
        if (row->cell_count == wanted && (!file->layout.ends_with_separator || row->cells[wanted - 1].length == 0))
            break;
        if (!file->rules.options->skip_ragged) TRY(fail_ragged(file));
        if (file->facts->ragged_count++ == 0) file->facts->first_ragged = csv_rows_place(&file->rows, 0);
    }
cleanup:
    return status;
}

bool csv_file_may_hold_numbers(const csv_file *file) {
    const csv_dialect *dialect = &file->rows.dialect;
    return dialect->takes_short && dialect->separator != ' ' && !file->layout.ends_with_separator;
}

void csv_file_close(csv_file *file) {
    csv_rows_close(&file->rows);
    csv_layout_release(&file->layout);
    text_source_close(file->text);
    *file = (csv_file){0};
}
