/* Fitting an encoder: what the columns of a table are in the rows to train on. */
#include "base/checked.h"
#include "base/plural.h"
#include "data/encoder/encoder.h"
#include "data/scores/level_scores.h"
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
    scored_rows answers;     /* the rows' targets, as they are learned; no levels yet */
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
    size_t code; /* of the table; level_count of the missing one */
} counted_level;

/* The most frequent first, so that neither the file's order nor its spelling decides more than ties. */
static int compare_levels(const void *left, const void *right) {
    const counted_level *a = left, *b = right;
    if (a->rows != b->rows) return a->rows > b->rows ? -1 : 1;
    return encoder_compare_texts(a->text, b->text);
}

/* Where the counts and the like of a row's level are. */
static size_t level_of(const table_column *from, uint32_t row) {
    return from->codes[row] == TABLE_MISSING ? from->level_count : from->codes[row];
}

static void count_levels(const fitting *f, const table_column *from, counted_level *levels) {
    for (size_t i = 0; i <= from->level_count; i++)
        levels[i] = (counted_level){i < from->level_count ? from->levels[i] : NULL, 0, i};
    for (size_t i = 0; i < f->row_count; i++) levels[level_of(from, f->rows[i])].rows++;
    qsort(levels, from->level_count + 1, sizeof *levels, compare_levels);
}

/* So many of the first levels as have that many rows. */
static size_t levels_with(const counted_level *levels, size_t level_count, size_t row_count) {
    size_t count = 0;
    while (count < level_count && levels[count].rows >= row_count) count++;
    return count;
}

/* Of a category with so many levels that most have no input of their own. */
static epocl_status fit_scores(const fitting *f, const table_column *from, const counted_level *levels,
                               encoder_column *column) {
    epocl_status status = EPOCL_OK;
    uint32_t *places = NULL, *of_rows = NULL;
    scored_rows rows = f->answers;
    TRY(allocate(from->level_count + 1, sizeof *places, "the levels of a column", &places));
    TRY(allocate(f->row_count, sizeof *of_rows, "the levels of rows", &of_rows));
    for (size_t i = 0; i <= from->level_count; i++) places[levels[i].code] = (uint32_t)smaller(i, column->level_count);
    for (size_t i = 0; i < f->row_count; i++) of_rows[i] = places[level_of(from, f->rows[i])];
    rows.levels = of_rows;
    rows.level_count = column->level_count + 1;
    TRY(allocate(rows.level_count, column->score_count * sizeof *column->scores, "the scores of a column",
                 &column->scores));
    TRY(level_scores_fit(&rows, column->scores));
cleanup:
    free(of_rows);
    free(places);
    return status;
}

static epocl_status fit_category(const fitting *f, const table_column *from, encoder_column *column, bool *varies) {
    epocl_status status = EPOCL_OK;
    counted_level *levels = NULL;
    TRY(allocate(from->level_count + 1, sizeof *levels, "the levels of a column", &levels));
    count_levels(f, from, levels);
    const size_t seen = levels_with(levels, from->level_count + 1, 1);
    size_t kept = levels_with(levels, seen, ENCODER_RARE);
    if (kept > ENCODER_MOST_PLACES - (kept == seen ? 0 : 1)) kept = ENCODER_MOST_PLACES - 1;
    column->place_count = column->level_count = kept;
    column->has_rest = kept < seen; /* so with scores: they are of more levels than are kept */
    if (seen > ENCODER_MOST_PLACES)
        column->score_count = level_score_count(f->answers.target_count, f->answers.class_count);
    if (column->score_count) column->level_count = smaller(seen, ENCODER_MOST_LEVELS);
    *varies = seen > 1 && column->level_count > 0;
    if (!*varies) goto cleanup;
    TRY(allocate(column->level_count, sizeof *column->levels, "the levels of a column", &column->levels));
    for (size_t i = 0; i < column->level_count; i++) TRY(encoder_copy_text(levels[i].text, &column->levels[i]));
    if (column->score_count) TRY(fit_scores(f, from, levels, column));
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
    size_t asked = 0, kept = 0;
    for (size_t i = 0; i < f->t->column_count; i++) {
        const table_column *from = &f->t->columns[i];
        encoder_column *column = &e->columns[kept];
        bool varies = false;
        if (f->plan->columns[i].use != USE_INPUT) continue;
        asked++;
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
    if (asked == 0)
        TRY(fail(EPOCL_ERROR_DATA, "%s: no column is left to learn from beside the target", f->t->file_name));
    if (kept == 0)
        TRY(fail(EPOCL_ERROR_DATA, "%s: no column is left to learn from: in the %zu row%s to train on, none varies",
                 f->t->file_name, f->row_count, plural_s(f->row_count)));
    e->column_count = kept;
cleanup:
    return status;
}

/* What scores are made of, where some column has so many levels that it may have some. */
static epocl_status collect_answers(fitting *f, const encoder *e, const column_classes *classes, float **values,
                                    uint32_t **labels) {
    epocl_status status = EPOCL_OK;
    const size_t target_count = e->target_count;
    f->answers = (scored_rows){.row_count = f->row_count, .target_count = target_count, .class_count = e->class_count};
    size_t most_levels = 0;
    for (size_t i = 0; i < f->t->column_count; i++)
        if (f->plan->columns[i].use == USE_INPUT && f->t->columns[i].is_text &&
            f->t->columns[i].level_count > most_levels)
            most_levels = f->t->columns[i].level_count;
    if (most_levels < ENCODER_MOST_PLACES || level_score_count(target_count, e->class_count) == 0) return EPOCL_OK;
    if (classes->places) {
        TRY(allocate(f->row_count, sizeof **labels, "the labels of rows", labels));
        for (size_t i = 0; i < f->row_count; i++) (*labels)[i] = classes->places[f->rows[i]];
    } else {
        TRY(allocate(f->row_count, target_count * sizeof **values, "the targets of rows", values));
        for (size_t i = 0; i < f->row_count; i++)
            for (size_t k = 0; k < target_count; k++)
                (*values)[i * target_count + k] =
                    encoder_learned_value(&e->targets[k], f->t->columns[f->plan->targets[k]].numbers[f->rows[i]]);
    }
    f->answers.values = *values;
    f->answers.labels = *labels;
cleanup:
    return status;
}

static epocl_status fit(fitting *f, bool standardises, encoder *e, column_classes *classes) {
    epocl_status status = EPOCL_OK;
    float *values = NULL;
    uint32_t *labels = NULL;
    TRY(allocate(f->row_count, sizeof *f->values, "a column in order", &f->values));
    TRY(allocate(f->row_count, sizeof *f->scratch, "a column in order", &f->scratch));
    TRY(fit_targets(f, standardises, e));
    TRY(collect_answers(f, e, classes, &values, &labels));
    TRY(fit_columns(f, e));
    for (size_t i = 0; classes->names && i < e->class_count; i++) {
        e->classes[i] = classes->names[i];
        classes->names[i] = NULL;
    }
    if (f->plan->id != TABLE_NO_COLUMN) TRY(encoder_copy_text(f->t->columns[f->plan->id].name, &e->id_name));
    TRY(encoder_finish(e));
cleanup:
    free(labels);
    free(values);
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
