#include "data/encoder/encoder.h"

#include "base/checked.h"
#include "base/checksum.h"

#include <math.h>
#include <string.h>

/* ---- Memory -------------------------------------------------------------------------------------- */

epocl_status encoder_allocate(size_t column_count, size_t target_count, size_t class_count, encoder **result) {
    epocl_status status = EPOCL_OK;
    encoder *e = NULL;
    *result = NULL;
    TRY(allocate(1, sizeof *e, "an encoder", &e));
    atomic_init(&e->holders, 1);
    TRY(allocate(column_count, sizeof *e->columns, "the columns of an encoder", &e->columns));
    e->column_count = column_count;
    TRY(allocate(target_count, sizeof *e->targets, "the targets of an encoder", &e->targets));
    e->target_count = target_count;
    TRY(allocate(class_count, sizeof *e->classes, "the classes of an encoder", &e->classes));
    e->class_count = class_count;
    *result = e;
    e = NULL;
cleanup:
    encoder_release(e);
    return status;
}

encoder *encoder_hold(encoder *e) {
    if (e) atomic_fetch_add(&e->holders, 1);
    return e;
}

static void release_column(encoder_column *column) {
    for (size_t i = 0; i < column->level_count && column->levels; i++) free(column->levels[i]);
    free(column->levels);
    free(column->knots);
    free(column->heights);
    free(column->edges);
    free(column->scores);
    free(column->sorted);
    free(column->name);
}

bool encoder_is_alike(const encoder *one, const encoder *other) {
    return one == other || (one && other && one->source_count == other->source_count &&
                            one->input_count == other->input_count && one->checksum == other->checksum);
}

void encoder_release(encoder *e) {
    if (!e || atomic_fetch_sub(&e->holders, 1) > 1) return;
    for (size_t i = 0; i < e->column_count && e->columns; i++) release_column(&e->columns[i]);
    for (size_t i = 0; i < e->target_count && e->targets; i++) free(e->targets[i].name);
    for (size_t i = 0; i < e->class_count && e->classes; i++) free(e->classes[i]);
    free(e->columns);
    free(e->targets);
    free(e->classes);
    free(e->id_name);
    free(e->inputs);
    free(e->text);
    free(e->numbers);
    free(e);
}

epocl_status encoder_copy_text(const char *text, char **copy) {
    *copy = NULL;
    if (!text) return EPOCL_OK;
    const epocl_status status = allocate(strlen(text) + 1, 1, "a name", copy);
    if (status == EPOCL_OK) memcpy(*copy, text, strlen(text));
    return status;
}

int encoder_compare_texts(const char *left, const char *right) {
    if (!left || !right) return (left != NULL) - (right != NULL);
    return strcmp(left, right);
}

/* ---- Levels -------------------------------------------------------------------------------------- */

typedef struct level_text {
    const char *text;
    uint32_t level;
} level_text;

static int compare_levels(const void *left, const void *right) {
    return encoder_compare_texts(((const level_text *)left)->text, ((const level_text *)right)->text);
}

static epocl_status sort_levels(encoder_column *column) {
    epocl_status status = EPOCL_OK;
    level_text *texts = NULL;
    free(column->sorted);
    column->sorted = NULL;
    TRY(allocate(column->level_count, sizeof *column->sorted, "the levels of a column", &column->sorted));
    TRY(allocate(column->level_count, sizeof *texts, "the levels of a column", &texts));
    for (size_t i = 0; i < column->level_count; i++) texts[i] = (level_text){column->levels[i], (uint32_t)i};
    qsort(texts, column->level_count, sizeof *texts, compare_levels);
    for (size_t i = 0; i < column->level_count; i++) column->sorted[i] = texts[i].level;
cleanup:
    free(texts);
    return status;
}

/* ---- Inputs -------------------------------------------------------------------------------------- */

/* Two levels are one input, -1 or 1. */
static bool is_pair(const encoder_column *column) {
    return column->kind == COLUMN_CATEGORY && column->level_count == 2 && !column->has_rest;
}

size_t encoder_column_sources(const encoder_column *column) {
    return 1 + (column->kind == COLUMN_NUMBER ? column->edge_count > 0 : column->score_count);
}

size_t encoder_column_inputs(const encoder_column *column) {
    if (column->kind == COLUMN_CATEGORY)
        return is_pair(column) ? 1 : column->place_count + column->has_rest + column->score_count;
    return 1 + (column->edge_count > 0 ? column->edge_count - 1 : 0) + column->has_missing;
}

size_t encoder_column_numbers(const encoder_column *column) {
    return 2 * column->knot_count + column->edge_count +
           (column->score_count ? column->score_count * (column->level_count + 1) : 0);
}

/* A factor stays finite: edges may be as near as numbers can be. */
static float steepness(float low, float high) {
    return (float)fmin(1.0 / ((double)high - (double)low), (double)FLT_MAX);
}

static encoded_input *add_number(const encoder_column *column, size_t source, encoded_input *next) {
    *next++ = (encoded_input){source, INPUT_LINEAR, 0.0f, 1.0f};
    for (size_t i = 0; i + 1 < column->edge_count; i++)
        *next++ = (encoded_input){source + 1, INPUT_RAMP, column->edges[i],
                                  steepness(column->edges[i], column->edges[i + 1])};
    if (column->has_missing) *next++ = (encoded_input){source, INPUT_EQUAL, ENCODER_MISSING, 1.0f};
    return next;
}

static encoded_input *add_category(const encoder_column *column, size_t source, encoded_input *next) {
    if (is_pair(column)) {
        *next++ = (encoded_input){source, INPUT_LINEAR, 0.5f, -2.0f};
        return next;
    }
    for (size_t i = 0; i < column->place_count + column->has_rest; i++)
        *next++ = (encoded_input){source, INPUT_EQUAL, (float)i, 1.0f};
    for (size_t i = 0; i < column->score_count; i++)
        *next++ = (encoded_input){source + 1 + i, INPUT_LINEAR, 0.0f, 1.0f};
    return next;
}

epocl_status encoder_finish(encoder *e) {
    epocl_status status = EPOCL_OK;
    e->source_count = e->input_count = 0;
    for (size_t i = 0; i < e->column_count; i++) e->input_count += encoder_column_inputs(&e->columns[i]);
    if (e->input_count > DATASET_MAX_INPUTS)
        return fail(EPOCL_ERROR_DATA, "the columns make %zu inputs; there can be %zu", e->input_count,
                    DATASET_MAX_INPUTS);
    free(e->inputs);
    TRY(allocate(e->input_count, sizeof *e->inputs, "the inputs of an encoder", &e->inputs));
    encoded_input *next = e->inputs;
    for (size_t i = 0; i < e->column_count; i++) {
        const encoder_column *column = &e->columns[i];
        next = column->kind == COLUMN_NUMBER ? add_number(column, e->source_count, next)
                                             : add_category(column, e->source_count, next);
        e->source_count += encoder_column_sources(column);
        if (column->kind == COLUMN_CATEGORY) TRY(sort_levels(&e->columns[i]));
    }
    TRY(encoder_write_text(e));
    e->checksum = checksum_add(0, e->text, e->text_bytes);
    if (e->number_count) e->checksum = checksum_add(e->checksum, e->numbers, e->number_count * sizeof *e->numbers);
cleanup:
    return status;
}

/* ---- Outputs -------------------------------------------------------------------------------------- */

double encoder_output_value(const encoder_target *target, double output) {
    const double value = encoder_target_value(target, output);
    if (isnan(value)) return value;
    return fmax(fmin(value, (double)target->high), (double)target->low);
}

void encoder_decode(const encoder *e, float *outputs, size_t sample_count) {
    if (e->class_count > 0) return;
    for (size_t sample = 0; sample < sample_count; sample++)
        for (size_t i = 0; i < e->target_count; i++) {
            float *output = &outputs[sample * e->target_count + i];
            *output = (float)encoder_output_value(&e->targets[i], (double)*output);
        }
}
