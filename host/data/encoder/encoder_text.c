/* An encoder as a model file holds it:
 *
 *     {"columns": [{"name": "age", "kind": "number", "missing": true, "knots": 120, "edges": 17},
 *                  {"name": "city", "kind": "category", "levels": ["Oslo", null], "rest": true},
 *                  {"name": "shop", "kind": "category", "levels": ["a", "b", ...], "rest": true, "places": 255,
 *                   "scores": 1}],
 *      "targets": ["price"], "classes": ["no", "yes"], "id": "customer"}
 *
 * with numbers beside it: of each column of numbers its knots, their heights and its edges, of each category that has
 * scores those of every level and of the rest; then of each target mean, scale, lowest and highest value. A level of
 * null is a missing value; "classes" is empty where values are predicted. */
#include "base/checked.h"
#include "base/printable.h"
#include "data/encoder/encoder.h"
#include "data/scores/level_scores.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

enum {
    TARGET_NUMBERS = 4,
    LEAST_COLUMN_BYTES = 40 /* of text, so that memory is no many times the file */
};

/* ---- Write --------------------------------------------------------------------------------------- */

static json_t *name_json(const char *name) {
    return name ? json_string(name) : json_null();
}

/* NULL where a name is not UTF-8, and without memory. */
static json_t *names_json(char *const *names, size_t count) {
    json_t *array = json_array();
    for (size_t i = 0; i < count && array; i++)
        if (json_array_append_new(array, name_json(names[i])) != 0) {
            json_decref(array);
            array = NULL;
        }
    return array;
}

static json_t *category_json(const encoder_column *column) {
    json_t *levels = names_json(column->levels, column->level_count);
    if (column->score_count)
        return json_pack("{ss ss so sb sI sI}", "name", column->name, "kind", "category", "levels", levels, "rest",
                         (int)column->has_rest, "places", (json_int_t)column->place_count, "scores",
                         (json_int_t)column->score_count);
    return json_pack("{ss ss so sb}", "name", column->name, "kind", "category", "levels", levels, "rest",
                     (int)column->has_rest);
}

static json_t *column_json(const encoder_column *column) {
    if (column->kind == COLUMN_CATEGORY) return category_json(column);
    return json_pack("{ss ss sb sI sI}", "name", column->name, "kind", "number", "missing", (int)column->has_missing,
                     "knots", (json_int_t)column->knot_count, "edges", (json_int_t)column->edge_count);
}

static json_t *encoder_json(const encoder *e) {
    json_t *columns = json_array(), *targets = json_array();
    bool is_whole = columns && targets;
    for (size_t i = 0; i < e->column_count && is_whole; i++)
        is_whole = json_array_append_new(columns, column_json(&e->columns[i])) == 0;
    for (size_t i = 0; i < e->target_count && is_whole; i++)
        is_whole = json_array_append_new(targets, name_json(e->targets[i].name)) == 0;
    if (is_whole)
        return json_pack("{so so so so}", "columns", columns, "targets", targets, "classes",
                         names_json(e->classes, e->class_count), "id", name_json(e->id_name));
    json_decref(columns);
    json_decref(targets);
    return NULL;
}

/* Appends to the numbers, if there is memory for them yet, and counts. */
static void append(encoder *e, const float *values, size_t count) {
    if (e->numbers && count) memcpy(e->numbers + e->number_count, values, count * sizeof *values);
    e->number_count += count;
}

static void append_all(encoder *e) {
    e->number_count = 0;
    for (size_t i = 0; i < e->column_count; i++) {
        const encoder_column *column = &e->columns[i];
        append(e, column->knots, column->knot_count);
        append(e, column->heights, column->knot_count);
        append(e, column->edges, column->edge_count);
        if (column->score_count) append(e, column->scores, encoder_column_numbers(column));
    }
    for (size_t i = 0; i < e->target_count; i++) {
        const encoder_target *target = &e->targets[i];
        append(e, (const float[TARGET_NUMBERS]){target->mean, target->scale, target->low, target->high},
               TARGET_NUMBERS);
    }
}

/* Blanks at its end keep the tensors that follow in a file at multiples of their size. */
static char *padded_text(const json_t *json) {
    enum { ALIGNMENT = 8, FLAGS = JSON_COMPACT | JSON_SORT_KEYS };
    const size_t length = json_dumpb(json, NULL, 0, FLAGS), padded = round_up(length, ALIGNMENT);
    char *text = length ? malloc(padded + 1) : NULL;
    if (!text) return NULL;
    memset(text, ' ', padded);
    text[padded] = '\0';
    if (json_dumpb(json, text, length, FLAGS) == length) return text;
    free(text);
    return NULL;
}

epocl_status encoder_write_text(encoder *e) {
    epocl_status status = EPOCL_OK;
    json_t *json = encoder_json(e);
    free(e->text);
    free(e->numbers);
    e->numbers = NULL;
    e->text = json ? padded_text(json) : NULL;
    json_decref(json);
    if (!e->text)
        return fail(EPOCL_ERROR_DATA, "a name or a category of the table is not UTF-8 (iconv -f latin1 -t utf-8 makes "
                                      "it that), or memory does not suffice for all of them");
    e->text_bytes = strlen(e->text);
    if (e->text_bytes > ENCODER_MOST_TEXT)
        return fail(EPOCL_ERROR_DATA, "the names of columns and categories take %zu bytes; a model holds %d",
                    e->text_bytes, ENCODER_MOST_TEXT);
    append_all(e);
    TRY(allocate(e->number_count, sizeof *e->numbers, "the numbers of an encoder", &e->numbers));
    append_all(e);
cleanup:
    return status;
}

/* ---- Read ---------------------------------------------------------------------------------------- */

#define DAMAGED(...) fail(EPOCL_ERROR_DATA, __VA_ARGS__)

/* The numbers that are left. */
typedef struct number_reader {
    const float *next;
    size_t left;
} number_reader;

static epocl_status take_numbers(number_reader *reader, size_t count, const char *of, float **values) {
    if (count > reader->left) return DAMAGED("its encoder lacks numbers of '%s'", of);
    const epocl_status status = allocate(count, sizeof **values, "the numbers of an encoder", values);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(reader->next[i])) return DAMAGED("its encoder has a number of '%s' that is not finite", of);
        (*values)[i] = reader->next[i];
    }
    reader->next += count;
    reader->left -= count;
    return EPOCL_OK;
}

/* Heights may stay: those of the outermost knots are held within bounds. */
static bool is_rising(const float *values, size_t count, bool may_stay) {
    for (size_t i = 1; i < count; i++)
        if (!(values[i] > values[i - 1]) && !(may_stay && values[i] == values[i - 1])) return false;
    return true;
}

static bool read_count(const json_t *json, const char *key, size_t most, size_t *count) {
    const json_t *value = json_object_get(json, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *count = (size_t)json_integer_value(value);
    return *count <= most;
}

static epocl_status read_number(const json_t *json, number_reader *reader, encoder_column *column, const char *shown) {
    epocl_status status = EPOCL_OK;
    const json_t *missing = json_object_get(json, "missing");
    size_t knot_count = 0, edge_count = 0;
    if (!json_is_boolean(missing) || !read_count(json, "knots", ENCODER_MOST_KNOTS, &knot_count) || knot_count < 2 ||
        !read_count(json, "edges", ENCODER_RAMPS + 1, &edge_count) || edge_count == 1 || edge_count == 2)
        return DAMAGED("its encoder's column '%s' is no column of numbers", shown);
    column->kind = COLUMN_NUMBER;
    column->has_missing = json_is_true(missing);
    TRY(take_numbers(reader, knot_count, shown, &column->knots));
    TRY(take_numbers(reader, knot_count, shown, &column->heights));
    TRY(take_numbers(reader, edge_count, shown, &column->edges));
    column->knot_count = knot_count;
    column->edge_count = edge_count;
    if (!is_rising(column->knots, knot_count, false) || !is_rising(column->heights, knot_count, true) ||
        !is_rising(column->edges, edge_count, false))
        status = DAMAGED("its encoder's numbers of '%s' do not rise", shown);
cleanup:
    return status;
}

/* Texts of an array, of which `takes_null` may be null; the caller has room for all. */
static epocl_status read_names(const json_t *array, bool takes_null, char **names) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *value = json_array_get(array, i);
        if (!json_is_string(value) && !(takes_null && json_is_null(value)))
            return DAMAGED("its encoder has a name that is no text");
        TRY(encoder_copy_text(json_string_value(value), &names[i]));
    }
cleanup:
    return status;
}

/* What a category of many levels has further; nothing of others. */
static epocl_status read_scores(const json_t *json, number_reader *reader, encoder_column *column, const char *shown) {
    column->place_count = column->level_count;
    if (!json_object_get(json, "scores"))
        return column->level_count <= ENCODER_MOST_PLACES ? EPOCL_OK
                                                          : DAMAGED("its encoder's column '%s' is no category", shown);
    if (!read_count(json, "scores", SCORES_MOST, &column->score_count) || column->score_count == 0 ||
        !read_count(json, "places", smaller(column->level_count, ENCODER_MOST_PLACES - 1), &column->place_count) ||
        !column->has_rest)
        return DAMAGED("its encoder's scores of '%s' are none", shown);
    return take_numbers(reader, encoder_column_numbers(column), shown, &column->scores);
}

static epocl_status read_category(const json_t *json, number_reader *reader, encoder_column *column,
                                  const char *shown) {
    epocl_status status = EPOCL_OK;
    const json_t *levels = json_object_get(json, "levels"), *rest = json_object_get(json, "rest");
    const size_t count = json_array_size(levels);
    if (!json_is_boolean(rest) || count < 1 || count > ENCODER_MOST_LEVELS)
        return DAMAGED("its encoder's column '%s' is no category", shown);
    column->kind = COLUMN_CATEGORY;
    column->has_rest = json_is_true(rest);
    TRY(allocate(count, sizeof *column->levels, "the levels of a column", &column->levels));
    column->level_count = count;
    TRY(read_names(levels, true, column->levels));
    TRY(read_scores(json, reader, column, shown));
cleanup:
    return status;
}

static epocl_status read_column(const json_t *json, number_reader *reader, encoder_column *column) {
    epocl_status status = EPOCL_OK;
    char shown[PRINTABLE_CAPACITY];
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *kind = json_string_value(json_object_get(json, "kind"));
    if (!name || !kind) return DAMAGED("its encoder has a column without name or kind");
    printable(name, shown);
    TRY(encoder_copy_text(name, &column->name));
    if (strcmp(kind, "number") == 0) return read_number(json, reader, column, shown);
    if (strcmp(kind, "category") == 0) return read_category(json, reader, column, shown);
    status = DAMAGED("its encoder's column '%s' is of an unknown kind", shown);
cleanup:
    return status;
}

static epocl_status read_target(const json_t *json, number_reader *reader, encoder_target *target) {
    epocl_status status = EPOCL_OK;
    float *numbers = NULL;
    char shown[PRINTABLE_CAPACITY];
    TRY(encoder_copy_text(json_string_value(json), &target->name));
    if (!target->name) return DAMAGED("its encoder has a target without a name");
    printable(target->name, shown);
    TRY(take_numbers(reader, TARGET_NUMBERS, shown, &numbers));
    target->mean = numbers[0];
    target->scale = numbers[1];
    target->low = numbers[2];
    target->high = numbers[3];
    if (!(target->scale > 0.0f) || !(target->low <= target->high))
        status = DAMAGED("its encoder's numbers of '%s' contradict each other", shown);
cleanup:
    free(numbers);
    return status;
}

static epocl_status read_parts(const json_t *json, number_reader *reader, encoder *e) {
    epocl_status status = EPOCL_OK;
    const json_t *columns = json_object_get(json, "columns"), *targets = json_object_get(json, "targets");
    const char *id = json_string_value(json_object_get(json, "id"));
    for (size_t i = 0; i < e->column_count; i++) TRY(read_column(json_array_get(columns, i), reader, &e->columns[i]));
    for (size_t i = 0; i < e->target_count; i++) TRY(read_target(json_array_get(targets, i), reader, &e->targets[i]));
    TRY(read_names(json_object_get(json, "classes"), false, e->classes));
    TRY(encoder_copy_text(id, &e->id_name));
    if (reader->left > 0) TRY(DAMAGED("its encoder has %zu numbers too many", reader->left));
    TRY(encoder_finish(e));
cleanup:
    return status;
}

epocl_status encoder_read_text(const char *text, size_t text_bytes, const float *numbers, size_t number_count,
                               encoder **result) {
    epocl_status status = EPOCL_OK;
    number_reader reader = {numbers, number_count};
    json_error_t place;
    encoder *e = NULL;
    *result = NULL;
    if (text_bytes > ENCODER_MOST_TEXT) return DAMAGED("its encoder's text is too long");
    json_t *json = json_loadb(text, text_bytes, JSON_REJECT_DUPLICATES, &place);
    const size_t column_count = json_array_size(json_object_get(json, "columns"));
    const size_t target_count = json_array_size(json_object_get(json, "targets"));
    const size_t class_count = json_array_size(json_object_get(json, "classes"));
    if (column_count > text_bytes / LEAST_COLUMN_BYTES) TRY(DAMAGED("its encoder's columns are too short to be any"));
    if (column_count == 0 || target_count == 0 || class_count == 1 || (class_count > 0 && target_count > 1))
        TRY(DAMAGED("its encoder is no such text, or has no columns or targets"));
    TRY(encoder_allocate(column_count, target_count, class_count, &e));
    TRY(read_parts(json, &reader, e));
    *result = e;
    e = NULL;
cleanup:
    json_decref(json);
    encoder_release(e);
    return status;
}
