#include "fuzz/support/table_oracle.h"

#include "base/printable.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The last error begins with the file's name and can be shown on a terminal, in UTF-8. */
static void expect_sentence(const char *path) {
    char copy[4096];
    const char *text = epocl_last_error();
    EXPECT(strncmp(text, path, strlen(path)) == 0 && text[strlen(path)] != '\0');
    EXPECT(strlen(text) < sizeof copy);
    strcpy(copy, text);
    EXPECT(strcmp(printable_clean(copy), text) == 0);
}

static bool is_missing(const table_column *column, size_t row) {
    return column->is_text ? column->codes[row] == TABLE_MISSING : isnan(column->numbers[row]);
}

static void expect_sound(const table *read) {
    EXPECT(read->row_count >= 1 && read->column_count >= 1);
    EXPECT(read->target == TABLE_NO_COLUMN || read->target < read->column_count);
    for (size_t i = 0; i < read->column_count; i++) {
        const table_column *column = &read->columns[i];
        size_t missing_count = 0;
        EXPECT(column->name && column->is_text == (column->codes != NULL) && column->is_text == !column->numbers);
        for (size_t row = 0; row < read->row_count; row++) {
            missing_count += is_missing(column, row);
            EXPECT(!column->is_text || is_missing(column, row) || column->codes[row] < column->level_count);
        }
        EXPECT(missing_count == column->missing_count);
        for (size_t k = 0; k < column->level_count; k++) EXPECT(*column->levels[k] != '\0');
        if (table_check_column(read, i) != EPOCL_OK) expect_sentence(read->file_name);
    }
}

static void expect_chunk(const table *read, const table_chunk *chunk, size_t first_row) {
    EXPECT(chunk->row_count <= read->row_count - first_row);
    for (size_t i = 0; i < read->column_count; i++) {
        const table_column *column = &read->columns[i];
        for (size_t k = 0; k < chunk->row_count; k++) {
            const size_t row = first_row + k;
            if (column->infinite_count > 0) continue; /* skipped */
            if (column->is_text)
                EXPECT(chunk->columns[i].codes[k] == column->codes[row]);
            else
                EXPECT(memcmp(&chunk->columns[i].numbers[k], &column->numbers[row], sizeof(float)) == 0 ||
                       (isnan(chunk->columns[i].numbers[k]) && isnan(column->numbers[row])));
        }
    }
}

/* A trailing column without values is dropped from a table, and not from a reader's. */
static void expect_reader(const char *path, const table_options *options, const table *read) {
    table_reader *reader = NULL;
    table_chunk chunk;
    EXPECT(table_reader_open(path, options, &reader) == EPOCL_OK);
    const table *facts = table_reader_table(reader);
    EXPECT(facts->column_count >= read->column_count && facts->column_count <= read->column_count + 1);
    table_request *requests = calloc(facts->column_count, sizeof *requests);
    EXPECT(requests);
    for (size_t i = 0; i < read->column_count; i++) {
        const table_column *column = &read->columns[i];
        EXPECT(strcmp(facts->columns[i].name, column->name) == 0);
        requests[i] = (table_request){column->is_text ? TABLE_CODES : TABLE_NUMBERS,
                                      (const char *const *)column->levels, column->level_count};
        if (column->infinite_count > 0) requests[i].kind = TABLE_SKIPPED;
    }
    EXPECT(table_reader_request(reader, requests) == EPOCL_OK);
    for (size_t row = 0;; row += chunk.row_count) {
        EXPECT(table_reader_next(reader, 1 + row % 5, &chunk) == EPOCL_OK);
        if (chunk.row_count == 0) {
            EXPECT(row == read->row_count);
            break;
        }
        expect_chunk(read, &chunk, row);
    }
    EXPECT(table_reader_table(reader)->ragged_count == read->ragged_count);
    free(requests);
    table_reader_close(reader);
}

void expect_table(const uint8_t *bytes, size_t byte_count, const table_options *options, size_t most_bytes) {
    table *read = NULL;
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = table_read(path, options, &read);
    trial_end(most_bytes);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    EXPECT((status == EPOCL_OK) == (read != NULL));
    if (!read) {
        expect_sentence(path);
        return;
    }
    expect_sound(read);
    expect_reader(path, options, read);
    table_release(read);
}
