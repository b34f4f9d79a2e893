/* Encoding: rows of a table as samples of a data set. */
#include "base/checked.h"
#include "base/printable.h"
#include "base/random.h"
#include "data/encoder/encoder_bind.h"
#include "data/format/csv/decimal.h"
#include "data/scores/level_scores.h"
#include "data/sorted.h"

#include <math.h>
#include <string.h>

/* ---- Values -------------------------------------------------------------------------------------- */

float encoder_height(const encoder_column *column, float number) {
    const size_t last = column->knot_count - 1;
    if (number <= column->knots[0]) return column->heights[0];
    if (number >= column->knots[last]) return column->heights[last];
    const size_t below = floats_find(column->knots, column->knot_count, number);
    const double low = (double)column->knots[below], high = (double)column->knots[below + 1];
    const double part = ((double)number - low) / (high - low);
    const double rise = (double)column->heights[below + 1] - (double)column->heights[below];
    return (float)((double)column->heights[below] + part * rise);
}

static void encode_number(const encoder_column *column, float number, float *sources) {
    const bool is_missing = isnan(number);
    sources[0] = is_missing ? ENCODER_MISSING : encoder_height(column, number);
    if (column->edge_count > 0) sources[1] = is_missing ? ENCODER_MISSING : number;
}

float encoder_rest(const encoder_column *column) {
    return column->has_rest ? (float)column->level_count : ENCODER_MISSING;
}

float encoder_place(const encoder_column *column, const char *text) {
    size_t low = 0, high = column->level_count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        const int order = encoder_compare_texts(column->levels[column->sorted[middle]], text);
        if (order == 0) return (float)column->sorted[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return encoder_rest(column);
}

void encoder_category_sources(const encoder_column *column, float place, float *sources) {
    sources[0] = fminf(place, (float)column->place_count);
    if (column->score_count)
        memcpy(sources + 1, column->scores + (size_t)place * column->score_count,
               column->score_count * sizeof *sources);
}

/* Of all rows that have no value, the file cannot tell what column they are of. */
static float category_place(const encoder_values *from, size_t row, float rest) {
    const uint32_t code = from->codes ? from->codes[row] : TABLE_MISSING;
    if (code == TABLE_MISSING) return from->missing_place;
    return code < from->code_count ? from->places[code] : rest;
}

size_t encoder_unknown_count(const encoder_column *column, const encoder_values *values, const uint32_t *rows,
                             size_t row_count) {
    const float rest = encoder_rest(column);
    size_t count = 0;
    for (size_t i = 0; values->codes && i < row_count; i++) {
        const size_t row = rows ? rows[i] : i;
        count += values->codes[row] != TABLE_MISSING && category_place(values, row, rest) == rest;
    }
    return count;
}

void encoder_encode_rows(const encoder *e, const encoder_values *values, const uint32_t *rows, size_t row_count,
                         float *sources) {
    size_t source = 0;
    for (size_t c = 0; c < e->column_count; c++) {
        const encoder_column *column = &e->columns[c];
        const encoder_values *from = &values[c];
        for (size_t i = 0; i < row_count; i++) {
            const size_t row = rows ? rows[i] : i;
            float *to = sources + i * e->source_count + source;
            if (column->kind == COLUMN_NUMBER)
                encode_number(column, from->numbers ? from->numbers[row] : from->is_zero ? 0.0f : NAN, to);
            else
                encoder_category_sources(column, category_place(from, row, encoder_rest(column)), to);
        }
        source += encoder_column_sources(column);
    }
}

/* ---- Targets and weights -------------------------------------------------------------------------- */

static epocl_status fail_class(const encoder *e, const table *t, const char *name, size_t row) {
    char shown[PRINTABLE_CAPACITY], target[PRINTABLE_CAPACITY];
    printable(e->targets[0].name, target);
    if (!name) return fail(EPOCL_ERROR_DATA, "%s: row %zu has no '%s'", t->file_name, row + 1, target);
    return fail(
        EPOCL_ERROR_DATA,
        "%s: row %zu: '%s' is '%s', a class that was not among the rows to train on; leave such rows out, or train "
        "on some",
        t->file_name, row + 1, target, printable(name, shown));
}

/* The place of a class by its name or, of a column of numbers, by the number that it reads as; TABLE_MISSING. */
static uint32_t find_class(const encoder *e, const char *name, bool is_number) {
    decimal wanted, read;
    for (size_t i = 0; i < e->class_count; i++)
        if (strcmp(e->classes[i], name) == 0) return (uint32_t)i;
    if (!is_number || !decimal_read(name, strlen(name), '.', &wanted)) return TABLE_MISSING;
    for (size_t i = 0; i < e->class_count; i++)
        if (decimal_read(e->classes[i], strlen(e->classes[i]), '.', &read) && read.value == wanted.value)
            return (uint32_t)i;
    return TABLE_MISSING;
}

static epocl_status encode_labels(const encoder *e, const table *t, const column_names *names, const uint32_t *rows,
                                  size_t row_count, epocl_dataset *data) {
    epocl_status status = EPOCL_OK;
    column_classes classes = {0};
    uint32_t *places = NULL;
    size_t column = 0;
    TRY(encoder_find_classes(t, names, e->targets[0].name, &column));
    TRY(column_classes_create(t, column, &classes));
    TRY(allocate(classes.count, sizeof *places, "the classes of a table", &places));
    for (size_t i = 0; i < classes.count; i++) places[i] = find_class(e, classes.names[i], !t->columns[column].is_text);
    TRY(allocate(row_count, sizeof *data->labels, "the labels of a data set", &data->labels));
    data->class_count = e->class_count;
    for (size_t i = 0; i < row_count; i++) {
        const size_t row = rows ? rows[i] : i;
        const uint32_t class = classes.places[row];
        if (class == TABLE_MISSING || places[class] == TABLE_MISSING)
            TRY(fail_class(e, t, class == TABLE_MISSING ? NULL : classes.names[class], row));
        data->labels[i] = places[class];
    }
cleanup:
    free(places);
    column_classes_release(&classes);
    return status;
}

static epocl_status encode_values(const encoder *e, const table *t, const column_names *names, const uint32_t *rows,
                                  size_t row_count, epocl_dataset *data) {
    epocl_status status = EPOCL_OK;
    TRY(allocate(row_count * e->target_count, sizeof *data->values, "the target values of a data set", &data->values));
    data->value_count = e->target_count;
    for (size_t o = 0; o < e->target_count; o++) {
        const encoder_target *target = &e->targets[o];
        size_t column = 0;
        TRY(encoder_find_numbers(t, names, target->name, &column));
        for (size_t i = 0; i < row_count; i++) {
            const size_t row = rows ? rows[i] : i;
            const float *numbers = t->columns[column].numbers;
            if (!numbers || !isfinite(numbers[row]))
                TRY(fail_class(&(encoder){.targets = &e->targets[o]}, t, NULL, row));
            data->values[i * e->target_count + o] = encoder_learned_value(target, numbers[row]);
        }
    }
cleanup:
    return status;
}

static epocl_status fail_text_weights(const table *t, size_t column) {
    char shown[PRINTABLE_CAPACITY];
    const table_place *first = &t->columns[column].first_text;
    return fail(EPOCL_ERROR_DATA, "%s:%llu:%zu: column '%s' holds text, and gives no weights", t->file_name,
                (unsigned long long)first->line, first->byte, printable(t->columns[column].name, shown));
}

static epocl_status encode_weights(const table *t, size_t column, const uint32_t *rows, size_t row_count,
                                   epocl_dataset *data) {
    epocl_status status = EPOCL_OK;
    float *weights = NULL;
    if (t->columns[column].is_text) TRY(fail_text_weights(t, column));
    TRY(table_check_finite(t, column));
    TRY(allocate(row_count, sizeof *weights, "the weights of samples", &weights));
    for (size_t i = 0; i < row_count; i++) weights[i] = t->columns[column].numbers[rows ? rows[i] : i];
    status = epocl_dataset_set_weights(data, weights);
    if (status != EPOCL_OK) TRY(fail_prefix(EPOCL_ERROR_DATA, "%s: ", t->file_name));
cleanup:
    free(weights);
    return status;
}

static bool has_value(const table_column *column, size_t row) {
    return column->is_text ? column->codes[row] != TABLE_MISSING : !isnan(column->numbers[row]);
}

/* Columns that are not there are encoder_encode()'s to name, as are texts for weights. */
static bool is_complete(const table *t, const size_t *places, size_t count, size_t weight, size_t row) {
    if (weight != TABLE_NO_COLUMN && !t->columns[weight].is_text && !has_value(&t->columns[weight], row)) return false;
    for (size_t i = 0; i < count; i++)
        if (places[i] != TABLE_NO_COLUMN && !has_value(&t->columns[places[i]], row)) return false;
    return true;
}

epocl_status encoder_rows(const encoder *e, const table *t, size_t weight, uint32_t **rows, size_t *row_count) {
    epocl_status status = EPOCL_OK;
    size_t *places = NULL;
    *rows = NULL;
    *row_count = 0;
    TRY(allocate(e->target_count, sizeof *places, "the targets of a table", &places));
    TRY(allocate(t->row_count, sizeof **rows, "the rows of a table", rows));
    for (size_t i = 0; i < e->target_count; i++) places[i] = column_place(t, e->targets[i].name);
    for (size_t row = 0; row < t->row_count; row++)
        if (is_complete(t, places, e->target_count, weight, row)) (*rows)[(*row_count)++] = (uint32_t)row;
cleanup:
    free(places);
    return status;
}

/* ---- Scores of the rows to train on --------------------------------------------------------------- */

/* Rows of one group have one fold. */
static unsigned char fold_of(const table *t, size_t group, uint32_t row, size_t i) {
    uint32_t key = (uint32_t)i;
    if (group != TABLE_NO_COLUMN && t->columns[group].is_text)
        key = t->columns[group].codes[row];
    else if (group != TABLE_NO_COLUMN) {
        const float number = t->columns[group].numbers[row] + 0.0f; /* 0 and -0 are one */
        memcpy(&key, &number, sizeof key);
    }
    return (unsigned char)(random_word(0, 0, RANDOM_SPLIT, 0, key, 1) % SCORE_FOLDS);
}

/* Writes scores over those of a column of many levels: of each row the ones that the other folds' rows give. */
static epocl_status hold_scores_out(const encoder *e, const encoder_values *values, const uint32_t *rows,
                                    const unsigned char *folds, epocl_dataset *data) {
    epocl_status status = EPOCL_OK;
    uint32_t *levels = NULL;
    float *sources = data->inputs;
    scored_rows scored = {.row_count = data->sample_count,
                          .values = data->values,
                          .target_count = e->target_count,
                          .labels = data->labels,
                          .class_count = e->class_count};
    TRY(allocate(data->sample_count, sizeof *levels, "the levels of rows", &levels));
    scored.levels = levels;
    for (size_t c = 0; c < e->column_count; sources += encoder_column_sources(&e->columns[c++])) {
        const encoder_column *column = &e->columns[c];
        if (column->score_count == 0) continue;
        for (size_t i = 0; i < data->sample_count; i++)
            levels[i] = (uint32_t)category_place(&values[c], rows[i], encoder_rest(column));
        scored.level_count = column->level_count + 1;
        TRY(level_scores_held_out(&scored, folds, sources + 1, e->source_count));
    }
cleanup:
    free(levels);
    return status;
}

/* ---- All ----------------------------------------------------------------------------------------- */

epocl_status encoder_dataset(encoder *e, size_t row_count, epocl_dataset **result) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *data = NULL;
    size_t value_count = 0;
    *result = NULL;
    if (!checked_multiply(row_count, e->source_count, &value_count))
        return fail(EPOCL_ERROR_MEMORY, "%zu rows of %zu values are more than this machine can address", row_count,
                    e->source_count);
    TRY(allocate(1, sizeof *data, "a data set", &data));
    data->type = INPUT_FLOATS;
    data->sample_count = row_count;
    data->input_count = e->source_count;
    data->encoder = encoder_hold(e);
    TRY(allocate(value_count, sizeof(float), "the inputs of a data set", &data->inputs));
    dataset_identify(data);
    *result = data;
    data = NULL;
cleanup:
    epocl_dataset_release(data);
    return status;
}

/* With `folds`, the rows are those that the encoder was fitted on. */
static epocl_status encode_table(encoder *e, const table *t, const uint32_t *rows, size_t row_count, bool takes_targets,
                                 size_t weight, const unsigned char *folds, epocl_dataset **result) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *data = NULL;
    column_names names = {0};
    encoder_bound bound = {0};
    *result = NULL;
    if (row_count == 0)
        return fail(EPOCL_ERROR_DATA, "%s: no row is left: none has a target%s", t->file_name,
                    weight == TABLE_NO_COLUMN ? "" : " and a weight");
    TRY(column_names_create(t, &names));
    TRY(encoder_bind(e, t, &names, &bound));
    TRY(encoder_dataset(e, row_count, &data));
    encoder_encode_rows(e, bound.values, rows, row_count, data->inputs);
    if (takes_targets)
        TRY(e->class_count ? encode_labels(e, t, &names, rows, row_count, data)
                           : encode_values(e, t, &names, rows, row_count, data));
    if (weight != TABLE_NO_COLUMN) TRY(encode_weights(t, weight, rows, row_count, data));
    if (folds) TRY(hold_scores_out(e, bound.values, rows, folds, data));
    *result = data;
    data = NULL;
cleanup:
    encoder_bound_release(&bound);
    column_names_release(&names);
    epocl_dataset_release(data);
    return status;
}

epocl_status encoder_encode(encoder *e, const table *t, const uint32_t *rows, size_t row_count, bool takes_targets,
                            size_t weight, epocl_dataset **result) {
    return encode_table(e, t, rows, row_count, takes_targets, weight, NULL, result);
}

epocl_status encoder_unknown_counts(const encoder *e, const table *t, const uint32_t *rows, size_t row_count,
                                    size_t *counts) {
    epocl_status status = EPOCL_OK;
    column_names names = {0};
    encoder_bound bound = {0};
    TRY(column_names_create(t, &names));
    TRY(encoder_bind(e, t, &names, &bound));
    for (size_t i = 0; i < e->column_count; i++)
        counts[i] = encoder_unknown_count(&e->columns[i], &bound.values[i], rows, row_count);
cleanup:
    encoder_bound_release(&bound);
    column_names_release(&names);
    return status;
}

epocl_status encoder_encode_training(encoder *e, const table *t, const column_plan *plan, const uint32_t *rows,
                                     size_t row_count, epocl_dataset **result) {
    epocl_status status = EPOCL_OK;
    unsigned char *folds = NULL;
    TRY(allocate(row_count, 1, "the folds of rows", &folds));
    for (size_t i = 0; i < row_count; i++) folds[i] = fold_of(t, plan->group, rows[i], i);
    TRY(encode_table(e, t, rows, row_count, true, plan->weight, folds, result));
cleanup:
    free(folds);
    return status;
}
