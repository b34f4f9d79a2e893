/* A file of separated values behind its header: rows of as many cells as there are columns. */
#ifndef EPOCL_DATA_FORMAT_CSV_CSV_FILE_H
#define EPOCL_DATA_FORMAT_CSV_CSV_FILE_H

#include "data/format/csv/cell.h"
#include "data/format/csv/csv_layout.h"
#include "data/format/csv/csv_rows.h"

typedef struct csv_file {
    text_source *text;
    csv_rows rows;
    csv_layout layout;
    cell_rules rules;
    table *facts;       /* borrowed: names, separator, header, ragged rows */
    const char *header; /* its row as it stands, in the facts' arena; NULL without */
    size_t header_bytes;
    bool has_row; /* one was read, so that from here on blank lines are rows of a single column */
} csv_file;

/* Guesses the layout, reads the header, and puts names and facts into `facts`, a table without columns so far. All are
 * borrowed until the file is closed. */
epocl_status csv_file_open(csv_file *file, byte_source *bytes, const table_options *options, table *facts);

/* The next row, in file->rows. Ragged rows are skipped and counted, or errors. */
epocl_status csv_file_next(csv_file *file, bool *has_row);

/* Whether there may be rows that csv_rows_numbers() reads as csv_file_next() would. */
bool csv_file_may_hold_numbers(const csv_file *file);

/* Whether a text, as csv_rows_cell() gave it, is a number and can be nothing else; false says nothing. */
static inline bool csv_file_plain_number(const csv_file *file, const char *text, size_t length, decimal *number) {
    return length > 0 && !file->rules.may_be_missing[(unsigned char)*text] &&
           decimal_read(text, length, file->rules.point, number) && number->value - number->value == 0.0f;
}

/* Back to the first row behind the header. */
epocl_status csv_file_rewind(csv_file *file);

/* Accepts one that is all zero. */
void csv_file_close(csv_file *file);

#endif
