/* Rows of a table in parts: to train on, to validate on, folds. Rows of one group (column_plan.group) are in one part;
 * with a column of time, parts follow each other in its order, and rows of one time are in one part. No OpenCL here. */
#ifndef EPOCL_DATA_ROWS_ROW_SPLIT_H
#define EPOCL_DATA_ROWS_ROW_SPLIT_H

#include "data/columns/columns.h"

/* Rising numbers of rows. */
typedef struct row_list {
    uint32_t *rows; /* owned */
    size_t count;
} row_list;

/* The rows that have all targets, and a weight and a time where there are such columns. EPOCL_ERROR_DATA without any.
 */
epocl_status rows_usable(const table *t, const column_plan *plan, row_list *usable);

typedef struct row_split {
    row_list train, valid;
} row_split;

/* Of the rows in `from`, `fraction` goes to validation by a seeded permutation: of each class, or of all, but never the
 * last row of a class; by groups, whole ones; by time, the last rows. A fraction of 0: none. EPOCL_ERROR_DATA where
 * there is one group or one time only. */
epocl_status row_split_create(const table *t, const column_plan *plan, const row_list *from, double fraction,
                              uint64_t seed, row_split *split);
void row_split_release(row_split *split);

/* Rows in `count` folds of about one size, each held out in turn. By time there is a part more: fold i is the part
 * after the first i + 1, which are what is kept. */
typedef struct row_folds {
    row_list usable;
    uint32_t *parts; /* [usable.count] */
    size_t count;
    bool is_ordered;
} row_folds;

/* Classes have their share of each fold. EPOCL_ERROR_DATA for fewer rows, groups or times than folds. */
epocl_status row_folds_create(const table *t, const column_plan *plan, size_t count, uint64_t seed, row_folds *folds);

/* What is held out in fold `fold`, and what is not; lists are the caller's: free(). */
epocl_status row_folds_take(const row_folds *folds, size_t fold, row_list *kept, row_list *held_out);
void row_folds_release(row_folds *folds);

#endif
