/* Dealing rows out to parts of given shares, by one column. No OpenCL here. */
#ifndef EPOCL_DATA_ROWS_ROW_PARTS_H
#define EPOCL_DATA_ROWS_ROW_PARTS_H

#include "data/rows/row_split.h"

/* `shares` are above 0 and sum to 1. */
typedef struct part_shares {
    size_t count;
    const double *shares;
} part_shares;

/* Whole groups, in a seeded order, each to the part that it brings nearest to its share of all classes. `classes`:
 * TABLE_MISSING nowhere among the rows, or NULL for values. No part stays empty. */
epocl_status parts_by_group(const table *t, size_t column, const row_list *rows, const column_classes *classes,
                            part_shares parts, uint64_t seed, uint32_t *part_of);

/* In the order of a column, the earliest first, cut where its values differ. */
epocl_status parts_by_time(const table *t, size_t column, const row_list *rows, part_shares parts, uint32_t *part_of);

/* ranks[row_count]: the place of each row's value among those of the column in order, equal ones together;
 * TABLE_MISSING where it is missing. Texts must all be numbers, or dates and times that are written with the largest
 * unit first: EPOCL_ERROR_DATA names one that is not. */
epocl_status column_ranks(const table *t, size_t column, uint32_t *ranks, size_t *count);

#endif
