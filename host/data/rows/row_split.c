#include "data/rows/row_split.h"

#include "base/checked.h"
#include "base/random.h"
#include "data/rows/row_parts.h"

#include <math.h>

/* ---- Rows ---------------------------------------------------------------------------------------- */

static bool has_value(const table_column *column, size_t row) {
    return column->is_text ? column->codes[row] != TABLE_MISSING : !isnan(column->numbers[row]);
}

static bool is_usable(const table *t, const column_plan *plan, size_t row) {
    for (size_t i = 0; i < plan->target_count; i++)
        if (!has_value(&t->columns[plan->targets[i]], row)) return false;
    if (plan->time != TABLE_NO_COLUMN && !has_value(&t->columns[plan->time], row)) return false;
    return plan->weight == TABLE_NO_COLUMN || has_value(&t->columns[plan->weight], row);
}

epocl_status rows_usable(const table *t, const column_plan *plan, row_list *usable) {
    *usable = (row_list){0};
    const epocl_status status = allocate(t->row_count, sizeof *usable->rows, "the rows of a table", &usable->rows);
    for (size_t row = 0; row < t->row_count && status == EPOCL_OK; row++)
        if (is_usable(t, plan, row)) usable->rows[usable->count++] = (uint32_t)row;
    if (status != EPOCL_OK || usable->count > 0) return status;
    free(usable->rows);
    usable->rows = NULL;
    return fail(EPOCL_ERROR_DATA, "no row has a target");
}

/* ---- Training and validation --------------------------------------------------------------------- */

/* The part that the rows of one class give to validation. */
static size_t share(size_t count, double fraction) {
    const size_t wanted = (size_t)((double)count * fraction + 0.5);
    return count ? smaller(wanted, count - 1) : 0;
}

/* Turns the rows of each class into those that it gives; where all round to none, the largest gives one, unless it has
 * no other. */
static void settle_shares(size_t *counts, size_t class_count, double fraction) {
    size_t largest = 0, given = 0;
    for (size_t c = 1; c < class_count; c++)
        if (counts[c] > counts[largest]) largest = c;
    const bool can_give = counts[largest] > 1;
    for (size_t c = 0; c < class_count; c++) given += counts[c] = share(counts[c], fraction);
    if (given == 0 && can_give) counts[largest] = 1;
}

static size_t class_at(const row_list *from, const column_classes *classes, size_t i) {
    return classes ? classes->places[from->rows[i]] : 0;
}

/* Places in `from`, in a seeded order; for free(). */
static epocl_status shuffle(const row_list *from, uint64_t seed, uint32_t **order) {
    const epocl_status status = allocate(from->count, sizeof **order, "the order of a split", order);
    for (size_t i = 0; i < from->count && status == EPOCL_OK; i++)
        (*order)[random_permute((uint32_t)seed, (uint32_t)(seed >> 32), RANDOM_SPLIT, 0, (uint32_t)i,
                                (uint32_t)from->count)] = (uint32_t)i;
    return status;
}

/* Of each class the first ones in that order go to part 1. */
static epocl_status draw(const row_list *from, const column_classes *classes, double fraction, uint64_t seed,
                         uint32_t *part_of) {
    epocl_status status = EPOCL_OK;
    const size_t class_count = classes ? classes->count : 1;
    size_t *left = NULL;
    uint32_t *order = NULL;
    TRY(allocate(class_count, sizeof *left, "the classes of a split", &left));
    TRY(shuffle(from, seed, &order));
    for (size_t i = 0; i < from->count; i++) left[class_at(from, classes, i)]++;
    settle_shares(left, class_count, fraction);
    for (size_t i = 0; i < from->count; i++) {
        size_t *of_class = &left[class_at(from, classes, order[i])];
        if (*of_class == 0) continue;
        part_of[order[i]] = 1;
        --*of_class;
    }
cleanup:
    free(order);
    free(left);
    return status;
}

/* The rows whose part is `lowest` or above and below `end`, or those whose is not, in rising order. */
static epocl_status take(const row_list *from, const uint32_t *part_of, uint32_t lowest, uint32_t end, bool others,
                         row_list *taken) {
    *taken = (row_list){0};
    const epocl_status status = allocate(from->count, sizeof *taken->rows, "the rows of a part", &taken->rows);
    for (size_t i = 0; i < from->count && status == EPOCL_OK; i++)
        if ((part_of[i] >= lowest && part_of[i] < end) != others) taken->rows[taken->count++] = from->rows[i];
    return status;
}

static epocl_status split_parts(const table *t, const column_plan *plan, const row_list *from,
                                const column_classes *classes, double fraction, uint64_t seed, uint32_t *part_of) {
    const part_shares shares = {2, (const double[]){1.0 - fraction, fraction}};
    if (plan->time != TABLE_NO_COLUMN) return parts_by_time(t, plan->time, from, shares, part_of);
    if (plan->group != TABLE_NO_COLUMN) return parts_by_group(t, plan->group, from, classes, shares, seed, part_of);
    return draw(from, classes, fraction, seed, part_of);
}

epocl_status row_split_create(const table *t, const column_plan *plan, const row_list *from, double fraction,
                              uint64_t seed, row_split *split) {
    epocl_status status = EPOCL_OK;
    column_classes classes = {0};
    uint32_t *part_of = NULL;
    *split = (row_split){0};
    TRY(allocate(from->count, sizeof *part_of, "the parts of a table", &part_of));
    if (fraction > 0.0 && plan->has_classes) TRY(column_classes_create(t, plan->targets[0], &classes));
    if (fraction > 0.0) TRY(split_parts(t, plan, from, classes.places ? &classes : NULL, fraction, seed, part_of));
    TRY(take(from, part_of, 0, 1, false, &split->train));
    TRY(take(from, part_of, 1, 2, false, &split->valid));
cleanup:
    column_classes_release(&classes);
    free(part_of);
    if (status != EPOCL_OK) row_split_release(split);
    return status;
}

void row_split_release(row_split *split) {
    free(split->train.rows);
    free(split->valid.rows);
    *split = (row_split){0};
}

/* ---- Folds --------------------------------------------------------------------------------------- */

/* Rows of a class go to one fold after the other in a seeded order; the next class goes on where it ended. */
static epocl_status deal(const row_list *from, const column_classes *classes, size_t fold_count, uint64_t seed,
                         uint32_t *part_of) {
    epocl_status status = EPOCL_OK;
    const size_t class_count = classes ? classes->count : 1;
    uint32_t *order = NULL;
    size_t *next = NULL, dealt = 0;
    TRY(allocate(class_count, sizeof *next, "the classes of folds", &next));
    TRY(shuffle(from, seed, &order));
    for (size_t i = 0; i < from->count; i++) next[class_at(from, classes, i)]++;
    for (size_t c = 0; c < class_count; c++) {
        const size_t of_class = next[c];
        next[c] = dealt;
        dealt += of_class;
    }
    for (size_t i = 0; i < from->count; i++)
        part_of[order[i]] = (uint32_t)(next[class_at(from, classes, order[i])]++ % fold_count);
cleanup:
    free(next);
    free(order);
    return status;
}

static epocl_status fold_parts(const table *t, const column_plan *plan, const column_classes *classes, uint64_t seed,
                               row_folds *folds) {
    epocl_status status = EPOCL_OK;
    const size_t part_count = folds->count + folds->is_ordered;
    double *shares = NULL;
    TRY(allocate(part_count, sizeof *shares, "the folds of a table", &shares));
    for (size_t i = 0; i < part_count; i++) shares[i] = 1.0 / (double)part_count;
    const part_shares parts = {part_count, shares};
    if (folds->is_ordered)
        TRY(parts_by_time(t, plan->time, &folds->usable, parts, folds->parts));
    else if (plan->group != TABLE_NO_COLUMN)
        TRY(parts_by_group(t, plan->group, &folds->usable, classes, parts, seed, folds->parts));
    else
        TRY(deal(&folds->usable, classes, folds->count, seed, folds->parts));
cleanup:
    free(shares);
    return status;
}

epocl_status row_folds_create(const table *t, const column_plan *plan, size_t count, uint64_t seed, row_folds *folds) {
    epocl_status status = EPOCL_OK;
    column_classes classes = {0};
    *folds = (row_folds){.count = count, .is_ordered = plan->time != TABLE_NO_COLUMN};
    TRY(rows_usable(t, plan, &folds->usable));
    if (folds->usable.count < count)
        TRY(fail(EPOCL_ERROR_DATA, "%zu rows are too few for %zu folds", folds->usable.count, count));
    TRY(allocate(folds->usable.count, sizeof *folds->parts, "the folds of a table", &folds->parts));
    if (plan->has_classes) TRY(column_classes_create(t, plan->targets[0], &classes));
    TRY(fold_parts(t, plan, classes.places ? &classes : NULL, seed, folds));
cleanup:
    column_classes_release(&classes);
    if (status != EPOCL_OK) row_folds_release(folds);
    return status;
}

epocl_status row_folds_take(const row_folds *folds, size_t fold, row_list *kept, row_list *held_out) {
    const uint32_t part = (uint32_t)fold + folds->is_ordered;
    *kept = (row_list){0};
    const epocl_status status = take(&folds->usable, folds->parts, part, part + 1, false, held_out);
    if (status != EPOCL_OK) return status;
    return folds->is_ordered ? take(&folds->usable, folds->parts, 0, part, false, kept)
                             : take(&folds->usable, folds->parts, part, part + 1, true, kept);
}

void row_folds_release(row_folds *folds) {
    free(folds->usable.rows);
    free(folds->parts);
    *folds = (row_folds){0};
}
