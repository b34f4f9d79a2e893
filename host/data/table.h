/* A file read as a table of columns: CSV and its kin, npy, npz, LIBSVM; plain or gzip, told by content. No OpenCL here.
 *
 * A column is numbers (float) or texts (codes into its levels). Nothing is judged here but what the file says: whether
 * a column is of use is for the caller to decide, and table_check_column() says what speaks against it. */
#ifndef EPOCL_DATA_TABLE_H
#define EPOCL_DATA_TABLE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text_arena;

/* Codes that are no place in a column's levels. */
#define TABLE_MISSING UINT32_MAX
#define TABLE_UNKNOWN (UINT32_MAX - 1) /* only from a reader: a text that is none of the caller's levels */

#define TABLE_NO_COLUMN SIZE_MAX

/* The most rows and columns. */
#define TABLE_MAX_ROWS    ((size_t)1 << 31)
#define TABLE_MAX_COLUMNS ((size_t)1 << 20)

typedef enum table_format {
    TABLE_FORMAT_AUTO, /* only in options: by content */
    TABLE_CSV,
    TABLE_NPY,
    TABLE_NPZ,
    TABLE_LIBSVM,
    TABLE_IDX /* no table, and refused as one: host/data/idx.h reads those */
} table_format;

typedef enum table_choice { TABLE_AUTO, TABLE_YES, TABLE_NO } table_choice;

/* All zero is the default. Texts are borrowed for the call, or until a reader is closed. */
typedef struct table_options {
    table_format format;
    char separator;             /* 0: whichever of , ; tab | fits the first 64 KiB; ' ' is one blank or more      */
    table_choice header;        /* auto: the first row is one if it has a word over a column of numbers            */
    const char *const *missing; /* spellings of a missing value, quoted or not, beside "" and, unquoted, NA N/A n/a */
    size_t missing_count;       /*     NaN nan null NULL None                                                     */
    char decimal;               /* 0 or '.', or ','                                                               */
    char thousands;             /* between groups of three digits; ' ' and '\'' stand for others such; 0: none      */
    char comment;               /* lines that begin with it are skipped; 0: none                                  */
    bool skip_ragged;           /* rows too short or too long are skipped and counted, else they are errors       */
    table_choice libsvm_is_one_based; /* auto: unless an index is 0                                               */
    const char *const *texts; /* columns that are texts whatever they hold: each a name, else a number from 1, else a
                               * list of such between commas; one that is not there is no error. Numbers that a float
                               * does not hold stay numbers where the file has no texts of them */
    size_t text_count;
    const char *const *keys; /* the same, of columns that stay numbers where the file has no texts: others would not
                              * tell more of them apart */
    size_t key_count;
} table_options;

typedef struct table_place { /* in the file */
    uint64_t line;           /* from 1, as an editor counts; 0: nowhere */
    size_t byte;             /* from 1, within the line                 */
} table_place;

typedef struct table_column {
    char *name;             /* of the header; "column3" where the header has an empty one; "3" without a header     */
    bool is_unnamed;        /* the header has an empty name, or what pandas makes of it: "Unnamed: 0"               */
    bool is_text;           /* some value that is present is no number                                             */
    float *numbers;         /* [row_count], NaN where missing; NULL for texts                                      */
    uint32_t *codes;        /* [row_count], places in levels, TABLE_MISSING where missing; NULL for numbers        */
    char **levels;          /* distinct texts in order of first appearance, as they stand in the file, unquoted    */
    size_t level_count;     /* at most UINT32_MAX - 1                                                              */
    size_t missing_count;   /* values                                                                              */
    bool is_whole;          /* all numbers are whole                                                               */
    bool loses_digits;      /* some whole number is not what its float says: beyond 2^24, most likely an id        */
    bool has_leading_zeros; /* such as 007: most likely an id                                                      */
    bool is_boolean;        /* a text column of true and false alone, in whatever case                             */
    bool looks_like_date;   /* texts that are present are dates or times of a common form, but for few            */
    bool has_number_commas; /* all texts that are present are numbers if commas are taken for points or thousands, */
                            /* and some only then */
    char thousands;         /* a blank or an apostrophe: all texts that are present are numbers, with a point or a */
                            /* comma, with such between thousands, or without; else 0                              */
    bool has_text_unit;     /* all texts that are present begin with a number, and go on alike: 12 kg              */
    bool has_placeholders;  /* all texts that are no numbers stand for a missing one, such as ? and #N/A           */
    size_t word_count;      /* levels that are no numbers                                                          */
    const char *first_word; /* of those; NULL                                                                      */
    size_t number_count;    /* of a text column: values that are numbers; known unless the column was asked as text */
    table_place first_text; /* of a text column: its first value that is no number                                 */
    unsigned units;         /* of numbers: a bit for each unit that stands at some                                 */
    size_t unit_count;      /* numbers with a unit                                                                 */
    table_place first_unit;
    size_t infinite_count; /* numbers that are infinite, written so or too large for a float                      */
    table_place first_infinite;
} table_column;

typedef struct table {
    table_column *columns;
    size_t column_count, row_count; /* both at least 1                                                              */
    table_format format;
    bool has_header;
    char separator; /* of a CSV file, else 0                                                               */
    bool is_gzip;
    const char *converted_from; /* "UTF-16" and the like; NULL: UTF-8                                            */
    bool is_utf8;        /* false: some text is not UTF-8; its bytes are kept                                   */
    size_t ragged_count; /* rows skipped                                                                        */
    table_place first_ragged;
    size_t target;            /* the column that the format names as target: the label of LIBSVM, y of npz; else
                               * TABLE_NO_COLUMN */
    const char *dropped;      /* the name of an empty last column that was left out; NULL */
    char *file_name;          /* for error texts                                                                     */
    struct text_arena *texts; /* owns names and levels */
} table;

/* Reads a file, or standard input for "-". EPOCL_ERROR_DATA for what is wrong in it, as "file:line:byte: what, what to
 * do", EPOCL_ERROR_NO_INPUT for a file that cannot be read. What is read twice since a column of numbers turned out to
 * be texts must be a file, or a stream of at most 64 MiB. */
epocl_status table_read(const char *path, const table_options *options, table **result);

/* Accepts NULL. */
void table_release(table *read);

/* The column of that name, or else of that number from 1; TABLE_NO_COLUMN, with a sentence that suggests the nearest,
 * when there is none. A name that several columns have is an error. */
epocl_status table_find_column(const table *read, const char *name, size_t *column);

/* Puts the file's name before the last error, unless it stands there, and returns `status`. */
epocl_status table_fail_prefix(const table *read, epocl_status status);

/* Whether the file has a column of that name without writing it: of a LIBSVM file, whose values are then 0; or the one
 * that was dropped, whose are all missing. */
bool table_implies(const table *read, const char *name);

/* Whether a column may be used as it is, with a sentence where it stands and what to do (--ignore, --categorical, --na,
 * --decimal): EPOCL_ERROR_DATA for infinite numbers, texts that are dates or numbers with commas, and texts among far
 * more numbers. */
epocl_status table_check_column(const table *read, size_t column);

/* The same of infinite numbers alone. */
epocl_status table_check_finite(const table *read, size_t column);

/* ---- A file row by row, whose columns the caller knows: for files larger than memory ---------------------------- */

typedef struct table_reader table_reader;

typedef enum table_kind {
    TABLE_SKIPPED,
    TABLE_NUMBERS, /* a value that is neither a number nor missing, or is infinite, is an error */
    TABLE_CODES,   /* places in the caller's levels; others are TABLE_UNKNOWN                   */
    TABLE_TEXTS    /* as they are, for ids                                                      */
} table_kind;

/* How a column of the file is read. The levels are borrowed until the reader is closed. */
typedef struct table_request {
    table_kind kind;
    const char *const *levels;
    size_t level_count;
} table_request;

/* Some rows; valid until the next call. Of columns[i] one is not NULL, as the request says. */
typedef struct table_chunk {
    size_t row_count; /* 0 at the end of the file */
    struct table_values {
        const float *numbers;     /* NaN where missing                       */
        const uint32_t *codes;    /* TABLE_MISSING, TABLE_UNKNOWN            */
        const char *const *texts; /* NULL where missing                      */
    } * columns;                  /* as many as the file has                 */
    const char *const *rows;      /* each as it stands in the file, without its line's end and a last separator that the
                                   * header does not have, as UTF-8; NULL for formats that are no text */
    const size_t *row_bytes;
    const table_place *places; /* where each row begins; NULL as `rows`   */
} table_chunk;

/* Reads the header. `read` has what table_read() says of a file before its rows: the columns' names, the format,
 * separator, header; no values. Options as above; `texts` and `keys` have no effect. */
epocl_status table_reader_open(const char *path, const table_options *options, table_reader **reader);
const table *table_reader_table(const table_reader *reader);

/* The header's line as it stands in the file, without its end; NULL without a header. */
const char *table_reader_header(const table_reader *reader, size_t *bytes);

/* Once, before the first rows: a request for each column of the file. */
epocl_status table_reader_request(table_reader *reader, const table_request *requests);

/* At most `row_count` rows. table_reader_table() then has the ragged rows so far. */
epocl_status table_reader_next(table_reader *reader, size_t row_count, table_chunk *chunk);

/* Accepts NULL. */
void table_reader_close(table_reader *reader);

#endif
