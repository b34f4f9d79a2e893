/* Columns that tell the target by themselves. No OpenCL here. */
#ifndef EPOCL_DATA_COLUMNS_COLUMN_LEAKS_H
#define EPOCL_DATA_COLUMNS_COLUMN_LEAKS_H

#include "data/columns/columns.h"

/* Sets `tells_target` of each input that does in all rows: each of its values has one class alone, in several rows; or
 * a number to predict rises or falls with it, without an exception. */
epocl_status column_leaks_mark(const table *t, column_plan *plan);

#endif
