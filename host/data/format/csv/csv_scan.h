/* One row of separated values in memory, split into its cells. */
#ifndef EPOCL_DATA_FORMAT_CSV_CSV_SCAN_H
#define EPOCL_DATA_FORMAT_CSV_CSV_SCAN_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest row: offsets have 32 bits, and a quote that is never closed must not take all memory. */
#define CSV_MAX_ROW_BYTES ((size_t)64 << 20)

typedef struct csv_dialect {
    char separator;
    char point;          /* of numbers: that of csv_dialect_make() is .             */
    char comment;        /* 0: none                                                 */
    bool has_no_quotes;  /* a quote is a character like others                      */
    bool keeps_blank;    /* a blank line is a row with one empty cell               */
    bool ends_cell[256]; /* separator, CR, LF and NUL; made by csv_dialect_make()   */
    bool takes_short;    /* cells may be read as short numbers: no separator is part of one, no missing value is one */
} csv_dialect;

csv_dialect csv_dialect_make(char separator, char comment);

typedef struct csv_cell {
    uint32_t begin, length; /* in the row, without quotes and the blanks around        */
    float number;           /* of a short number: its value, exactly                   */
    bool is_quoted;
    bool has_pairs; /* of quotes, each of which stands for one                 */
    bool is_short;  /* as short_number_read() says, unquoted; false says nothing       */
} csv_cell;

typedef struct csv_row {
    const char *text; /* as it stands, borrowed                                        */
    size_t bytes;     /* without the line's end                                        */
    csv_cell *cells;  /* owned; released by csv_row_release()                          */
    size_t cell_count, cell_capacity;
    size_t line_count; /* line ends, that of the row and those within quotes            */
} csv_row;

typedef enum csv_result {
    CSV_ROW,
    CSV_SKIPPED,     /* a blank line or a comment                                       */
    CSV_INCOMPLETE,  /* the row goes on behind the end                                  */
    CSV_UNCLOSED,    /* a quote, `*place`, is not closed in the whole rest of the file  */
    CSV_AFTER_QUOTE, /* something at `*place` follows a closing quote in its cell      */
    CSV_NUL,         /* at `*place`                                                     */
    CSV_TOO_MANY,    /* cells; or out of memory, with the sentence                      */
    CSV_NO_MEMORY
} csv_result;

/* Splits the row at `text`, which goes on up to `end`, at least one byte, where a NUL lies. `is_last`: nothing follows
 * `end` in the file. *next is where the next row begins. */
csv_result csv_scan_row(const csv_dialect *dialect, const char *text, const char *end, bool is_last, csv_row *row,
                        const char **next, const char **place);

void csv_row_release(csv_row *row);

/* The text of a cell, and its length. A cell that has pairs of quotes is written to `scratch`, of as many bytes as the
 * cell. */
const char *csv_cell_text(const csv_row *row, const csv_cell *cell, char *scratch, size_t *length);

#endif
