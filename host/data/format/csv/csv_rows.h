/* The rows of a text, one at a time, through a window that is as large as the longest of them. */
#ifndef EPOCL_DATA_FORMAT_CSV_CSV_ROWS_H
#define EPOCL_DATA_FORMAT_CSV_CSV_ROWS_H

#include "data/format/csv/csv_scan.h"
#include "data/format/text_source.h"
#include "data/table.h"

/* What a separator, a header and so on are guessed from. */
enum { CSV_SAMPLE_BYTES = 1 << 16 };

typedef struct csv_rows {
    text_source *text;   /* borrowed                                                     */
    const char *name;    /* of the file, for error texts                                 */
    csv_dialect dialect; /* set by the owner before the first row                        */
    csv_row row;         /* the last one read                                            */
    uint64_t line;       /* where it begins                                              */
    uint64_t next_line;
    char *window; /* [capacity + 1], with a NUL after its bytes                   */
    size_t begin, end, capacity;
    bool at_end;   /* of the file: nothing follows the window                      */
    char *scratch; /* for cells with pairs of quotes                               */
    size_t scratch_bytes;
} csv_rows;

/* Fills the window with at least CSV_SAMPLE_BYTES, or all there is. */
epocl_status csv_rows_open(csv_rows *rows, text_source *text, const char *name);

/* Doubles the window and fills it; before the first row. */
epocl_status csv_rows_widen(csv_rows *rows);

/* Reads the next row that is neither blank nor a comment; *has_row is false at the end. */
epocl_status csv_rows_next(csv_rows *rows, bool *has_row);

/* Reads the next rows that are numbers alone, as csv_scan_numbers() does; *count of them. */
epocl_status csv_rows_numbers(csv_rows *rows, size_t column_count, size_t row_count, float *numbers, size_t *count);

/* The text of the last row's cell `i`, valid until the next call. NULL, with a sentence, when memory is out. */
const char *csv_rows_unpaired(csv_rows *rows, const csv_cell *cell, size_t *length); /* of one with pairs of quotes */

static inline const char *csv_rows_cell(csv_rows *rows, size_t i, size_t *length) {
    const csv_cell *cell = &rows->row.cells[i];
    *length = cell->length;
    return cell->has_pairs ? csv_rows_unpaired(rows, cell, length) : rows->row.text + cell->begin;
}

/* Where the byte at `offset` of the last row is in the file. */
table_place csv_rows_place(const csv_rows *rows, size_t offset);

/* "file:line:byte: " for error texts, in a buffer of the thread that the next call reuses. */
const char *csv_rows_where(const csv_rows *rows, size_t offset);

/* Back to the first row. */
epocl_status csv_rows_rewind(csv_rows *rows);

void csv_rows_close(csv_rows *rows);

#endif
