/* Metrics as people know them: a report of classes, outputs or values, and a confusion matrix. */
#ifndef EPOCL_COMMAND_SHOW_METRICS_TABLE_H
#define EPOCL_COMMAND_SHOW_METRICS_TABLE_H

#include "command/show/json_line.h"

/* On standard output; '-' stands for what is undefined. */
void metrics_table_print(const epocl_metrics *metrics);

/* Adds each metric that `object` does not have yet as a member: a number, an array, or an array of rows, with null for
 * what is undefined. NULL without memory; `object` is the caller's no more then. */
json_t *metrics_json(json_t *object, const epocl_metrics *metrics);

#endif
