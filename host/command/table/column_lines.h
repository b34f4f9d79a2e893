/* What becomes of a table's columns, a line each. */
#ifndef EPOCL_COMMAND_TABLE_COLUMN_LINES_H
#define EPOCL_COMMAND_TABLE_COLUMN_LINES_H

#include "command/show/progress.h"
#include "data/encoder/encoder.h"

#include <jansson.h>

/* Before training: name, kind, missing values, range or categories, and what is done. */
void column_lines_print(const table *t, const column_plan *plan, const encoder *e, bool is_known, progress *shown);

/* On standard error, columns of which most rows have a category that the model does not know: they are likely written
 * otherwise, while some are to be expected. */
void column_unknown_print(const table *t, const encoder *e, const size_t *unknown_counts, size_t row_count);

/* Of a model: on standard output, and as JSON (NULL without memory). */
void encoder_print(const encoder *e);
json_t *encoder_summary_json(const encoder *e);

#endif
