/* What a column of a table looks like, before anyone has said what it is for. No OpenCL here. */
#ifndef EPOCL_DATA_COLUMNS_COLUMN_LOOKS_H
#define EPOCL_DATA_COLUMNS_COLUMN_LOOKS_H

#include "data/columns/columns.h"

/* The numbers of a column that are there, in order; the caller's, room for all rows. */
epocl_status column_sort(const table *t, const table_column *column, float **values, size_t *count);

/* Kind, number of different values, range. */
epocl_status column_describe(const table *t, size_t column, planned_column *planned);

/* Of a column that is described in the plan, where the targets are known. `is_first`: it stands before all columns but
 * such that look like row names; `is_alone`: there is no other to learn from. */
column_look column_looks(const table *t, const column_plan *plan, size_t column, bool is_first, bool is_alone);

#endif
