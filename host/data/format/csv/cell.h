/* What the text of one value is: missing, a number, or a text. */
#ifndef EPOCL_DATA_FORMAT_CSV_CELL_H
#define EPOCL_DATA_FORMAT_CSV_CELL_H

#include "data/format/csv/decimal.h"
#include "data/table.h"

/* So much of a value is shown in error texts. */
enum { CELL_SHOWN_BYTES = 40 };

typedef enum cell_kind { CELL_MISSING, CELL_NUMBER, CELL_INFINITE, CELL_TEXT } cell_kind;

/* How values are written; made from options once. */
typedef struct cell_rules {
    const table_options *options;
    char point;
    bool may_be_missing[256]; /* by the first byte */
} cell_rules;

/* EPOCL_ERROR_ARGUMENT for a decimal or thousands character that cannot be one. */
epocl_status cell_rules_make(const table_options *options, cell_rules *rules);

/* `number` is written for CELL_NUMBER and CELL_INFINITE: infinite if so written or too large for a float. At a number
 * may stand a unit: 12%, $5, and pounds, euros, yen. */
cell_kind cell_classify(const cell_rules *rules, const char *text, size_t length, bool is_quoted, decimal *number);

/* The same, for whoever takes numbers for texts. */
bool cell_is_missing(const cell_rules *rules, const char *text, size_t length, bool is_quoted);

/* Whether a text is a number once its commas, of which there is one at least, are taken for points or thousands. */
bool cell_has_number_comma(const char *text, size_t length);

/* Whether a text is a number with a point or a comma, and with `separator` between its thousands or without. */
bool cell_is_number_by(const char *text, char separator);

#endif
