/* How a table is laid out, guessed from its first rows unless told. */
#ifndef EPOCL_DATA_FORMAT_CSV_CSV_LAYOUT_H
#define EPOCL_DATA_FORMAT_CSV_CSV_LAYOUT_H

#include "data/format/csv/cell.h"
#include "data/format/csv/csv_scan.h"

typedef struct csv_layout {
    char separator;
    bool has_header;
    bool ends_with_separator; /* every row but the header has an empty cell too many        */
    bool begins_with_names;   /* every row but the header, as R writes them: a column that has no name */
    size_t column_count;      /* of the table                                               */
    bool *is_text;            /* [column_count], owned: some value in the sample is no number */
} csv_layout;

/* The start of a text of which all is there, or the rest is not known. */
typedef struct csv_sample {
    const char *text, *end; /* at *end lies a NUL */
    bool is_whole;
    const char *name; /* of the file */
} csv_sample;

/* EPOCL_ERROR_DATA for a sample without a row, for rows that begin with a comment, and for blanks where separators are
 * expected. */
epocl_status csv_layout_guess(const csv_sample *sample, const cell_rules *rules, csv_layout *layout);

void csv_layout_release(csv_layout *layout);

#endif
