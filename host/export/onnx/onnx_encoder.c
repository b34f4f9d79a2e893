/* All columns of numbers are one matrix, [samples, numbers], so that the operators do not grow with the columns.
 * Sources are what the encoder's are, in an order of their own: places of all numbers on the normal scale, the numbers
 * themselves where some have ramps, places among the levels of all categories. */
#include "export/onnx/onnx_encoder.h"

#include "base/checked.h"
#include "export/onnx/onnx_fields.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const char *two(onnx_graph *graph, const char *operator_name, const char *a, const char *b) {
    return onnx_node(graph, operator_name, ONNX_INPUTS(a, b), NULL, NULL);
}

static const char *where(onnx_graph *graph, const char *condition, const char *then, const char *otherwise) {
    return onnx_node(graph, "Where", ONNX_INPUTS(condition, then, otherwise), NULL, NULL);
}

static const char *cast(onnx_graph *graph, const char *a, int type, const char *output) {
    return onnx_node(graph, "Cast", ONNX_INPUTS(a), output,
                     ONNX_ATTRIBUTES({.name = "to", .is_whole = true, .whole = type}));
}

static const char *row_of(onnx_graph *graph, const char *name, const float *values, size_t count) {
    return onnx_constant_copy(graph, name, ONNX_FLOAT, sizeof *values, values, count, true);
}

static const char *bools(onnx_graph *graph, const char *name, const unsigned char *values, size_t count) {
    return onnx_constant_copy(graph, name, ONNX_BOOL, 1, values, count, true);
}

/* Names of values [samples, ...], up to a NULL, side by side. */
static const char *beside(onnx_graph *graph, const char *const *names) {
    if (!names[1]) return names[0];
    return onnx_node(graph, "Concat", names, NULL, ONNX_ATTRIBUTES({.name = "axis", .is_whole = true, .whole = 1}));
}

/* ---- Numbers ------------------------------------------------------------------------------------- */

/* The columns of numbers. Knots and heights of all follow each other; `first` and `last` are places of the first knot
 * and of the last but one of each. */
typedef struct number_columns {
    size_t count, knot_count, longest; /* longest: the most that `last` is behind `first` */
    float *knots, *heights;            /* [knot_count]                                    */
    float *lowest, *highest;           /* [count], knots                                  */
    int64_t *first, *last;             /* [count]                                         */
} number_columns;

static epocl_status collect_numbers(const encoder *e, number_columns *all) {
    epocl_status status = EPOCL_OK;
    size_t knot_count = 0, next = 0;
    for (size_t i = 0; i < e->column_count; i++)
        if (e->columns[i].kind == COLUMN_NUMBER) {
            all->count++;
            knot_count += e->columns[i].knot_count;
        }
    TRY(allocate(knot_count, sizeof *all->knots, "knots", &all->knots));
    TRY(allocate(knot_count, sizeof *all->heights, "knots", &all->heights));
    TRY(allocate(all->count, sizeof *all->lowest, "knots", &all->lowest));
    TRY(allocate(all->count, sizeof *all->highest, "knots", &all->highest));
    TRY(allocate(all->count, sizeof *all->first, "knots", &all->first));
    TRY(allocate(all->count, sizeof *all->last, "knots", &all->last));
    for (size_t i = 0; i < e->column_count; i++) {
        const encoder_column *column = &e->columns[i];
        if (column->kind != COLUMN_NUMBER) continue;
        const size_t count = column->knot_count;
        memcpy(all->knots + all->knot_count, column->knots, count * sizeof *column->knots);
        memcpy(all->heights + all->knot_count, column->heights, count * sizeof *column->heights);
        all->lowest[next] = column->knots[0];
        all->highest[next] = column->knots[count - 1];
        all->first[next] = (int64_t)all->knot_count;
        all->last[next++] = (int64_t)(all->knot_count + count - 2);
        if (count - 2 > all->longest) all->longest = count - 2;
        all->knot_count += count;
    }
cleanup:
    return status;
}

static void release_numbers(number_columns *all) {
    free(all->knots);
    free(all->heights);
    free(all->lowest);
    free(all->highest);
    free(all->first);
    free(all->last);
}

/* The place of the last knot, but the very last, that is not above the number, by halves. */
static const char *find_knots(onnx_graph *graph, const number_columns *all, const char *knots, const char *numbers) {
    const size_t bytes = sizeof *all->first;
    const char *place = onnx_constant_copy(graph, "encoder.first", ONNX_INT64, bytes, all->first, all->count, true);
    const char *last = onnx_constant_copy(graph, "encoder.last", ONNX_INT64, bytes, all->last, all->count, true);
    int64_t step = 1;
    while ((size_t)step * 2 <= all->longest) step *= 2;
    if (all->longest == 0) step = 0;
    for (; step > 0; step /= 2) {
        const char *by = onnx_constant_copy(graph, NULL, ONNX_INT64, sizeof step, &step, 1, false);
        const char *further = two(graph, "Min", two(graph, "Add", place, by), last);
        const char *is_passed = two(graph, "GreaterOrEqual", numbers, two(graph, "Gather", knots, further));
        place = where(graph, is_passed, further, place);
    }
    return place;
}

/* Places on the normal scale, in doubles as the encoder computes them. */
static const char *put_heights(onnx_graph *graph, const number_columns *all, const char *numbers) {
    const size_t bytes = sizeof *all->knots;
    const int64_t one = 1;
    const char *knots =
        onnx_constant_copy(graph, "encoder.knots", ONNX_FLOAT, bytes, all->knots, all->knot_count, false);
    const char *heights =
        onnx_constant_copy(graph, "encoder.heights", ONNX_FLOAT, bytes, all->heights, all->knot_count, false);
    const char *below = find_knots(graph, all, knots, numbers);
    const char *above =
        two(graph, "Add", below, onnx_constant_copy(graph, NULL, ONNX_INT64, sizeof one, &one, 1, false));
    const char *low = cast(graph, two(graph, "Gather", knots, below), ONNX_DOUBLE, NULL);
    const char *high = cast(graph, two(graph, "Gather", knots, above), ONNX_DOUBLE, NULL);
    const char *from = cast(graph, two(graph, "Gather", heights, below), ONNX_DOUBLE, NULL);
    const char *to = cast(graph, two(graph, "Gather", heights, above), ONNX_DOUBLE, NULL);
    const char *passed = two(graph, "Sub", cast(graph, numbers, ONNX_DOUBLE, NULL), low);
    const char *part = two(graph, "Div", passed, two(graph, "Sub", high, low));
    const char *rise = two(graph, "Mul", part, two(graph, "Sub", to, from));
    return cast(graph, two(graph, "Add", from, rise), ONNX_FLOAT, NULL);
}

/* Sources of numbers, [samples, numbers]: their heights and, if wanted, themselves. */
static epocl_status put_numbers(onnx_graph *graph, const encoder *e, const char *const *columns, bool has_ramps,
                                const char **heights, const char **numbers) {
    epocl_status status = EPOCL_OK;
    number_columns all = {0};
    TRY(collect_numbers(e, &all));
    const char *matrix = beside(graph, columns);
    const char *is_missing = onnx_node(graph, "IsNaN", ONNX_INPUTS(matrix), NULL, NULL);
    const char *missing = onnx_constant_number(graph, ENCODER_MISSING);
    const char *lowest = row_of(graph, "encoder.lowest", all.lowest, all.count);
    const char *highest = row_of(graph, "encoder.highest", all.highest, all.count);
    const char *there = where(graph, is_missing, lowest, matrix);
    const char *within = two(graph, "Min", two(graph, "Max", there, lowest), highest);
    *heights = where(graph, is_missing, missing, put_heights(graph, &all, within));
    *numbers = has_ramps ? where(graph, is_missing, missing, matrix) : NULL;
cleanup:
    release_numbers(&all);
    return status;
}

/* ---- Categories ---------------------------------------------------------------------------------- */

/* The scores of a place, each a constant of all places. */
static epocl_status put_scores(onnx_graph *graph, const encoder_column *column, const char *place, const char **parts) {
    epocl_status status = EPOCL_OK;
    const size_t count = column->level_count + 1;
    float *scores = NULL;
    const char *at = cast(graph, place, ONNX_INT64, NULL);
    TRY(allocate(count, sizeof *scores, "the scores of a column", &scores));
    for (size_t score = 0; score < column->score_count; score++) {
        for (size_t i = 0; i < count; i++) scores[i] = column->scores[i * column->score_count + score];
        const char *all = onnx_constant_copy(graph, NULL, ONNX_FLOAT, sizeof *scores, scores, count, false);
        parts[score] = two(graph, "Gather", all, at);
    }
cleanup:
    free(scores);
    return status;
}

/* The sources of a category, to parts[encoder_column_sources()]: the place of a text among the levels, and its scores.
 */
static epocl_status put_category(onnx_graph *graph, const encoder_column *column, const char *input,
                                 const char **parts) {
    epocl_status status = EPOCL_OK;
    float *places = NULL;
    TRY(allocate(column->level_count, sizeof *places, "the levels of a column", &places));
    for (size_t i = 0; i < column->level_count; i++) places[i] = (float)i;
    const char *place =
        onnx_ml_node(graph, "LabelEncoder", ONNX_INPUTS(input), NULL,
                     ONNX_ATTRIBUTES({.name = "keys_strings", .texts = column->levels, .count = column->level_count},
                                     {.name = "values_floats", .numbers = places, .count = column->level_count},
                                     {.name = "default_float", .number = encoder_rest(column)}));
    parts[0] = place;
    if (column->score_count) {
        parts[0] = two(graph, "Min", place, onnx_constant_number(graph, (float)column->place_count));
        TRY(put_scores(graph, column, place, parts + 1));
    }
cleanup:
    free(places);
    return status;
}

/* ---- Sources ------------------------------------------------------------------------------------- */

static bool has_ramps(const encoder *e) {
    for (size_t i = 0; i < e->column_count; i++)
        if (e->columns[i].kind == COLUMN_NUMBER && e->columns[i].edge_count > 0) return true;
    return false;
}

static void declare_column(onnx_graph *graph, const encoder_column *column, const char *name) {
    const bool is_number = column->kind == COLUMN_NUMBER;
    onnx_declare(graph, GRAPH_INPUT, name, is_number ? ONNX_FLOAT : ONNX_TEXT, 1,
                 is_number ? "a number; NaN where it is missing"
                           : "a category by its name; an empty text where it is missing");
}

/* Columns are declared in the table's order. *sources: [samples, sources]. */
static epocl_status put_sources(onnx_graph *graph, const encoder *e, const char **sources) {
    epocl_status status = EPOCL_OK;
    const char **names = NULL, **numbers = NULL, **parts = NULL;
    size_t number_count = 0, part_count = 0;
    TRY(allocate(e->column_count, sizeof *names, "the names of columns", &names));
    TRY(allocate(e->column_count + 1, sizeof *numbers, "the names of columns", &numbers));
    TRY(allocate(e->source_count + 3, sizeof *parts, "the names of columns", &parts));
    for (size_t i = 0; i < e->column_count; i++) {
        names[i] = onnx_input_name(graph, e->columns[i].name);
        declare_column(graph, &e->columns[i], names[i]);
        if (e->columns[i].kind == COLUMN_NUMBER) numbers[number_count++] = names[i];
    }
    onnx_scope(graph, "encoder");
    if (number_count > 0) {
        TRY(put_numbers(graph, e, numbers, has_ramps(e), &parts[0], &parts[1]));
        part_count = parts[1] ? 2 : 1;
    }
    for (size_t i = 0; i < e->column_count; i++) {
        if (e->columns[i].kind != COLUMN_CATEGORY) continue;
        TRY(put_category(graph, &e->columns[i], names[i], &parts[part_count]));
        part_count += encoder_column_sources(&e->columns[i]);
    }
    *sources = beside(graph, parts);
cleanup:
    free(parts);
    free(numbers);
    free(names);
    return status;
}

/* Where the encoder's sources are among these. */
static epocl_status place_sources(const encoder *e, size_t **places) {
    size_t number_count = 0, number = 0, source = 0;
    const epocl_status status = allocate(e->source_count, sizeof **places, "sources", places);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < e->column_count; i++) number_count += e->columns[i].kind == COLUMN_NUMBER;
    size_t category = has_ramps(e) ? 2 * number_count : number_count;
    for (size_t i = 0; i < e->column_count; i++) {
        const encoder_column *column = &e->columns[i];
        const size_t count = encoder_column_sources(column);
        const bool is_number = column->kind == COLUMN_NUMBER;
        for (size_t k = 0; k < count; k++) (*places)[source + k] = is_number ? number + k * number_count : category + k;
        if (is_number)
            number++;
        else
            category += count;
        source += count;
    }
    return status;
}

/* ---- Inputs -------------------------------------------------------------------------------------- */

/* What inputs are made with, each [inputs]. */
typedef struct input_rows {
    int32_t *source;
    float *offset, *factor;
    unsigned char *is_ramp, *is_equal;
} input_rows;

static epocl_status collect_inputs(const encoder *e, input_rows *rows) {
    epocl_status status = EPOCL_OK;
    size_t *places = NULL;
    TRY(place_sources(e, &places));
    TRY(allocate(e->input_count, sizeof *rows->source, "inputs", &rows->source));
    TRY(allocate(e->input_count, sizeof *rows->offset, "inputs", &rows->offset));
    TRY(allocate(e->input_count, sizeof *rows->factor, "inputs", &rows->factor));
    TRY(allocate(e->input_count, sizeof *rows->is_ramp, "inputs", &rows->is_ramp));
    TRY(allocate(e->input_count, sizeof *rows->is_equal, "inputs", &rows->is_equal));
    for (size_t i = 0; i < e->input_count; i++) {
        const encoded_input *input = &e->inputs[i];
        rows->source[i] = (int32_t)places[input->source];
        rows->offset[i] = input->offset;
        rows->factor[i] = input->factor;
        rows->is_ramp[i] = input->shape == INPUT_RAMP;
        rows->is_equal[i] = input->shape == INPUT_EQUAL;
    }
cleanup:
    free(places);
    return status;
}

static void release_inputs(input_rows *rows) {
    free(rows->source);
    free(rows->offset);
    free(rows->factor);
    free(rows->is_ramp);
    free(rows->is_equal);
}

/* As the kernel that gathers a mini-batch does (kernels/rows/gather.cl). */
static const char *put_shapes(onnx_graph *graph, const encoder *e, const input_rows *rows, const char *values) {
    const size_t count = e->input_count;
    const char *offset = row_of(graph, "encoder.offset", rows->offset, count);
    const char *factor = row_of(graph, "encoder.factor", rows->factor, count);
    const char *zero = onnx_constant_number(graph, 0.0f);
    const char *line = two(graph, "Mul", two(graph, "Sub", values, offset), factor);
    if (memchr(rows->is_ramp, 1, count)) {
        const char *one = onnx_constant_number(graph, 1.0f);
        const char *ramp = onnx_node(graph, "Clip", ONNX_INPUTS(line, zero, one), NULL, NULL);
        line = where(graph, bools(graph, "encoder.is_ramp", rows->is_ramp, count), ramp, line);
    }
    const char *is_missing = two(graph, "Equal", values, onnx_constant_number(graph, ENCODER_MISSING));
    const char *present = where(graph, is_missing, zero, line);
    if (!memchr(rows->is_equal, 1, count)) return present;
    const char *is_equal = bools(graph, "encoder.is_equal", rows->is_equal, count);
    const char *equal = where(graph, two(graph, "Equal", values, offset), factor, zero);
    return where(graph, is_equal, equal, present);
}

epocl_status onnx_encoder_inputs(onnx_graph *graph, const encoder *e, const char **inputs) {
    epocl_status status = EPOCL_OK;
    input_rows rows = {0};
    const char *sources = NULL;
    TRY(collect_inputs(e, &rows));
    TRY(put_sources(graph, e, &sources));
    const char *place = onnx_constant_copy(graph, "encoder.source", ONNX_INT32, sizeof *rows.source, rows.source,
                                           e->input_count, false);
    const char *values = onnx_node(graph, "Gather", ONNX_INPUTS(sources, place), NULL,
                                   ONNX_ATTRIBUTES({.name = "axis", .is_whole = true, .whole = 1}));
    *inputs = put_shapes(graph, e, &rows, values);
cleanup:
    release_inputs(&rows);
    return status;
}

/* ---- Outputs ------------------------------------------------------------------------------------- */

epocl_status onnx_encoder_values(onnx_graph *graph, const encoder *e, const char *outputs, const char *output) {
    epocl_status status = EPOCL_OK;
    enum { SCALE, MEAN, LOW, HIGH, ROWS };
    static const char *const names[] = {"encoder.target.scale", "encoder.target.mean", "encoder.target.low",
                                        "encoder.target.high"};
    static const char *const operators[] = {"Mul", "Add", "Max", "Min"};
    const size_t count = e->target_count;
    double *numbers = NULL;
    TRY(allocate(count, ROWS * sizeof *numbers, "targets", &numbers));
    for (size_t i = 0; i < count; i++) {
        const encoder_target *target = &e->targets[i];
        numbers[SCALE * count + i] = (double)target->scale;
        numbers[MEAN * count + i] = (double)target->mean;
        numbers[LOW * count + i] = (double)target->low;
        numbers[HIGH * count + i] = (double)target->high;
    }
    const char *value = cast(graph, outputs, ONNX_DOUBLE, NULL);
    for (size_t row = 0; row < ROWS; row++)
        value = two(
            graph, operators[row], value,
            onnx_constant_copy(graph, names[row], ONNX_DOUBLE, sizeof *numbers, numbers + row * count, count, true));
    cast(graph, value, ONNX_FLOAT, output);
cleanup:
    free(numbers);
    return status;
}

void onnx_encoder_metadata(onnx_graph *graph, const encoder *e) {
    const size_t count = e->class_count ? e->class_count : e->target_count;
    char key[ONNX_NAME_CAPACITY];
    for (size_t i = 0; i < count; i++) {
        snprintf(key, sizeof key, "%s.%zu", e->class_count ? "class" : "target", i);
        onnx_metadata(graph, key, e->class_count ? e->classes[i] : e->targets[i].name);
    }
}
