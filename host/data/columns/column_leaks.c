#include "data/columns/column_leaks.h"

#include "base/checked.h"

#include <math.h>
#include <stdlib.h>

enum {
    FIRST_ROWS = 200,   /* tell of nearly all columns that they are none,  */
    MORE = 16,          /* and so many times more of nearly all others     */
    ROWS_OF_VALUE = 10, /* on average: fewer may be of one class by chance */
    LEAST_ROWS = 20     /* the order of fewer may be by chance             */
};

/* A row's value of a column and of the target: a number, or the code of a text; NaN where one is missing. */
typedef struct row_pair {
    float value, target;
} row_pair;

static float value_at(const table_column *column, size_t row) {
    if (!column->is_text) return column->numbers[row];
    return column->codes[row] == TABLE_MISSING ? NAN : (float)column->codes[row];
}

/* The pairs of `row_count` rows that lack neither. */
static size_t take_pairs(const table *t, size_t column, size_t target, size_t row_count, row_pair *pairs) {
    size_t count = 0;
    for (size_t row = 0; row < row_count; row++) {
        const row_pair pair = {value_at(&t->columns[column], row), value_at(&t->columns[target], row)};
        if (!isnan(pair.value) && !isnan(pair.target)) pairs[count++] = pair;
    }
    return count;
}

static int compare_pairs(const void *left, const void *right) {
    const row_pair *a = left, *b = right;
    if (a->value != b->value) return a->value < b->value ? -1 : 1;
    return (a->target > b->target) - (a->target < b->target);
}

/* Of pairs in the order of values: the same value goes with the same target and, where targets are numbers, another
 * with another, which always rises or always falls. */
static bool tell_targets(const row_pair *pairs, size_t count, bool are_classes) {
    bool rises = false, falls = false;
    for (size_t i = 1; i < count; i++) {
        const bool is_same = pairs[i].value == pairs[i - 1].value;
        if (is_same && pairs[i].target != pairs[i - 1].target) return false;
        if (are_classes || is_same) continue;
        if (pairs[i].target == pairs[i - 1].target) return false;
        rises |= pairs[i].target > pairs[i - 1].target;
        falls |= pairs[i].target < pairs[i - 1].target;
        if (rises && falls) return false;
    }
    return true;
}

static bool may_tell(const table *t, const column_plan *plan, size_t column) {
    const planned_column *planned = &plan->columns[column];
    const size_t distinct = planned->distinct_count, present = t->row_count - t->columns[column].missing_count;
    if (planned->use != USE_INPUT || distinct < 2 || present < LEAST_ROWS) return false;
    return plan->has_classes ? distinct <= present / ROWS_OF_VALUE : !t->columns[column].is_text && distinct > 2;
}

epocl_status column_leaks_mark(const table *t, column_plan *plan) {
    epocl_status status = EPOCL_OK;
    row_pair *pairs = NULL;
    const size_t target = plan->targets[0];
    if (plan->target_count != 1) return EPOCL_OK;
    TRY(allocate(t->row_count, sizeof *pairs, "a column beside the target", &pairs));
    for (size_t i = 0; i < t->column_count; i++) {
        bool tells = may_tell(t, plan, i);
        for (size_t rows = 0; tells && rows < t->row_count;) {
            rows = rows ? smaller(MORE * rows, t->row_count) : smaller(FIRST_ROWS, t->row_count);
            const size_t count = take_pairs(t, i, target, rows, pairs);
            qsort(pairs, count, sizeof *pairs, compare_pairs);
            tells = tell_targets(pairs, count, plan->has_classes) && (rows < t->row_count || count >= LEAST_ROWS);
        }
        plan->columns[i].tells_target = tells;
    }
cleanup:
    free(pairs);
    return status;
}
