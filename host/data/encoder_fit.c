/* Fitting an encoder: what the columns of a table are in the rows to train on. */
#include "base/checked.h"
#include "base/plural.h"
#include "base/printable.h"
#include "data/encoder.h"
#include "data/sorted.h"

#include <math.h>
#include <string.h>

static const double most_height = 3.0;

/* What a fit works with. */
typedef struct fitting {
    const table *t;
    const column_plan *plan;
    const uint32_t *rows;
    size_t row_count;
    float *values, *scratch; /* [row_count] */
} fitting;

/* ---- Numbers ------------------------------------------------------------------------------------- */

static size_t knots_for(size_t value_count) {
    const size_t wanted = value_count / 30;
    return wanted < 10 ? 10 : smaller(wanted, ENCODER_MOST_KNOTS);
}

/* Knots are quantiles. One that several quantiles share lies in the middle of them, so that a value which many rows
 * have is where those rows are on average. */
static epocl_status fit_knots(const float *sorted, size_t count, encoder_column *column) {
    epocl_status status = EPOCL_OK;
    const size_t quantile_count = knots_for(count);
    const double last = (double)(quantile_count - 1);
    TRY(allocate(quantile_count, sizeof *column->knots, "the knots of a column", &column->knots));
    TRY(allocate(quantile_count, sizeof *column->heights, "the knots of a column", &column->heights));
    for (size_t first = 0, end = 0; first < quantile_count; first = end) {
        const float knot = (float)sorted_quantile(sorted, count, (double)first / last);
        for (end = first + 1; end < quantile_count; end++)
            if ((float)sorted_quantile(sorted, count, (double)end / last) != knot) break;
        const double middle = 0.5 * (double)(first + end - 1) / last;
        column->knots[column->knot_count] = knot;
        column->heights[column->knot_count++] = (float)normal_quantile(middle, most_height);
    }
cleanup:
    return status;
}

/* Edges of ramps: quantiles that differ, unless they make no more than one ramp. */
static epocl_status fit_edges(const float *sorted, size_t count, encoder_column *column) {
    float edges[ENCODER_RAMPS + 1];
    for (size_t i = 0; i <= ENCODER_RAMPS; i++)
        edges[i] = (float)sorted_quantile(sorted, count, (double)i / (double)ENCODER_RAMPS);
    const size_t distinct = distinct_floats(edges, ENCODER_RAMPS + 1);
    if (distinct < 3) return EPOCL_OK;
    const epocl_status status = allocate(distinct, sizeof *column->edges, "the ramps of a column", &column->edges);
    if (status != EPOCL_OK) return status;
    memcpy(column->edges, edges, distinct * sizeof *edges);
    column->edge_count = distinct;
    return EPOCL_OK;
}

/* Two numbers are -1 and 1. */
static epocl_status fit_pair(float low, float high, encoder_column *column) {
    epocl_status status = EPOCL_OK;
    TRY(allocate(2, sizeof *column->knots, "the knots of a column", &column->knots));
    TRY(allocate(2, sizeof *column->heights, "the knots of a column", &column->heights));
    column->knot_count = 2;
    column->knots[0] = low;
    column->knots[1] = high;
    column->heights[0] = -1.0f;
    column->heights[1] = 1.0f;
cleanup:
    return status;
}

/* *varies: whether there is anything to learn from it in these rows. */
static epocl_status fit_number(const fitting *f, const table_column *from, encoder_column *column, bool *varies) {
    size_t count = 0;
    for (size_t i = 0; i < f->row_count; i++)
        if (!isnan(from->numbers[f->rows[i]])) f->values[count++] = from->numbers[f->rows[i]];
    column->has_missing = count < f->row_count;
    sort_floats(f->values, f->scratch, count);
    memcpy(f->scratch, f->values, count * sizeof *f->values);
    const size_t distinct = distinct_floats(f->scratch, count);
    *varies = distinct > 1 || (distinct == 1 && column->has_missing);
    if (!*varies) return EPOCL_OK;
    if (distinct == 1) return fit_pair(f->scratch[0], nextafterf(f->scratch[0], INFINITY), column);
    if (distinct == 2) return fit_pair(f->scratch[0], f->scratch[1], column);
    const epocl_status status = fit_knots(f->values, count, column);
    return status == EPOCL_OK ? fit_edges(f->values, count, column) : status;
}

/* ---- Categories ---------------------------------------------------------------------------------- */

typedef struct counted_level {
    const char *text; /* NULL: missing */
    size_t rows;
} counted_level;

static int compare_texts(const char *left, const char *right) {
    if (!left || !right) return (left != NULL) - (right != NULL);
    return strcmp(left, right);
}

/* The most frequent first, so that neither the file's order nor its spelling decides more than ties. */
static int compare_levels(const void *left, const void *right) {
    const counted_level *a = left, *b = right;
    if (a->rows != b->rows) return a->rows > b->rows ? -1 : 1;
    return compare_texts(a->text, b->text);
}

static epocl_status count_levels(const fitting *f, const table_column *from, counted_level *levels) {
    for (size_t i = 0; i < from->level_count; i++) levels[i].text = from->levels[i];
    for (size_t i = 0; i < f->row_count; i++) {
        const uint32_t code = from->codes[f->rows[i]];
        levels[code == TABLE_MISSING ? from->level_count : code].rows++;
    }
    qsort(levels, from->level_count + 1, sizeof *levels, compare_levels);
    return EPOCL_OK;
}

static epocl_status fit_category(const fitting *f, const table_column *from, encoder_column *column, bool *varies) {
    epocl_status status = EPOCL_OK;
    counted_level *levels = NULL;
    size_t kept = 0, seen = 0;
    TRY(allocate(from->level_count + 1, sizeof *levels, "the levels of a column", &levels));
    TRY(count_levels(f, from, levels));
    while (seen <= from->level_count && levels[seen].rows > 0) seen++;
    while (kept < seen && levels[kept].rows >= ENCODER_RARE) kept++;
    if (kept > ENCODER_MOST_LEVELS - (kept == seen ? 0 : 1)) kept = ENCODER_MOST_LEVELS - 1;
    column->has_rest = kept < seen;
    *varies = seen > 1 && kept > 0;
    if (!*varies) goto cleanup;
    TRY(allocate(kept, sizeof *column->levels, "the levels of a column", &column->levels));
    column->level_count = kept;
    for (size_t i = 0; i < kept; i++) TRY(encoder_copy_text(levels[i].text, &column->levels[i]));
cleanup:
    free(levels);
    return status;
}

/* ---- Targets ------------------------------------------------------------------------------------- */

static epocl_status fit_values(const fitting *f, const table_column *from, bool standardises, encoder_target *target) {
    double sum = 0.0, squares = 0.0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < f->row_count; i++) {
        const double value = (double)from->numbers[f->rows[i]];
        sum += value;
        low = fmin(low, value);
        high = fmax(high, value);
    }
    const double mean = sum / (double)f->row_count;
    for (size_t i = 0; i < f->row_count; i++) {
        const double distance = (double)from->numbers[f->rows[i]] - mean;
        squares += distance * distance;
    }
    const float deviation = (float)sqrt(squares / (double)f->row_count);
    target->low = (float)low;
    target->high = (float)high;
    target->mean = standardises ? (float)mean : 0.0f;
    target->scale = standardises && deviation > 0.0f ? deviation : 1.0f;
    return EPOCL_OK;
}

static epocl_status fit_targets(const fitting *f, bool standardises, encoder *e) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < e->target_count; i++) {
        const table_column *from = &f->t->columns[f->plan->targets[i]];
        TRY(encoder_copy_text(from->name, &e->targets[i].name));
        e->targets[i].scale = 1.0f;
        if (!f->plan->has_classes) TRY(fit_values(f, from, standardises, &e->targets[i]));
    }
cleanup:
    return status;
}

/* ---- All ----------------------------------------------------------------------------------------- */

static epocl_status fit_columns(const fitting *f, encoder *e) {
    epocl_status status = EPOCL_OK;
    size_t kept = 0;
    for (size_t i = 0; i < f->t->column_count; i++) {
        const table_column *from = &f->t->columns[i];
        encoder_column *column = &e->columns[kept];
        bool varies = false;
        if (f->plan->columns[i].use != USE_INPUT) continue;
        column->kind = f->plan->columns[i].kind;
        TRY(column->kind == COLUMN_NUMBER ? fit_number(f, from, column, &varies)
                                          : fit_category(f, from, column, &varies));
        if (varies) {
            TRY(encoder_copy_text(from->name, &column->name));
            kept++;
        } else {
            *column = (encoder_column){0};
        }
    }
    if (kept == 0)
        TRY(fail(EPOCL_ERROR_DATA, "no column is left to learn from: in the %zu row%s to train on, none varies",
                 f->row_count, plural_s(f->row_count)));
    e->column_count = kept;
cleanup:
    return status;
}

static int compare_names(const void *left, const void *right) {
    return strcmp((*(const encoder_column *const *)left)->name, (*(const encoder_column *const *)right)->name);
}

/* Columns are found by name later on. */
static epocl_status check_names(const encoder *e) {
    epocl_status status = EPOCL_OK;
    const encoder_column **sorted = NULL;
    char shown[PRINTABLE_CAPACITY];
    TRY(allocate(e->column_count, sizeof *sorted, "the names of columns", &sorted));
    for (size_t i = 0; i < e->column_count; i++) sorted[i] = &e->columns[i];
    qsort(sorted, e->column_count, sizeof *sorted, compare_names);
    for (size_t i = 1; i < e->column_count; i++)
        if (compare_names(&sorted[i - 1], &sorted[i]) == 0)
            TRY(fail(EPOCL_ERROR_DATA, "two columns are called '%s': rename one, or --ignore it by its number",
                     printable(sorted[i]->name, shown)));
cleanup:
    free(sorted);
    return status;
}

static epocl_status fit(fitting *f, bool standardises, encoder *e, column_classes *classes) {
    epocl_status status = EPOCL_OK;
    TRY(allocate(f->row_count, sizeof *f->values, "a column in order", &f->values));
    TRY(allocate(f->row_count, sizeof *f->scratch, "a column in order", &f->scratch));
    TRY(fit_columns(f, e));
    TRY(check_names(e));
    TRY(fit_targets(f, standardises, e));
    for (size_t i = 0; classes->names && i < e->class_count; i++) {
        e->classes[i] = classes->names[i];
        classes->names[i] = NULL;
    }
    if (f->plan->id != TABLE_NO_COLUMN) TRY(encoder_copy_text(f->t->columns[f->plan->id].name, &e->id_name));
    TRY(encoder_finish(e));
cleanup:
    free(f->values);
    free(f->scratch);
    return status;
}

epocl_status encoder_fit(const table *t, const column_plan *plan, const uint32_t *rows, size_t row_count,
                         bool standardises, encoder **result) {
    epocl_status status = EPOCL_OK;
    fitting f = {.t = t, .plan = plan, .rows = rows, .row_count = row_count};
    column_classes classes = {0};
    encoder *e = NULL;
    *result = NULL;
    if (plan->has_classes) TRY(column_classes_create(t, plan->targets[0], &classes));
    TRY(encoder_allocate(t->column_count, plan->target_count, plan->has_classes ? classes.count : 0, &e));
    TRY(fit(&f, standardises, e, &classes));
    *result = e;
    e = NULL;
cleanup:
    column_classes_release(&classes);
    encoder_release(e);
    return status;
}
