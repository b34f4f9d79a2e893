#include "export/c/c_encoder.h"

#include "base/checked.h"
#include "base/printable.h"
#include "export/c/c_vectors.h"

#include <math.h>
#include <string.h>

static bool is_pair(const encoder_column *column) {
    return column->kind == COLUMN_CATEGORY && encoder_column_inputs(column) == 1 && column->level_count == 2;
}

/* ---- Check --------------------------------------------------------------------------------------- */

static bool is_narrow(const float *rising, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (!isfinite(rising[i] - rising[i - 1])) return false;
    return true;
}

epocl_status c_encoder_check(const encoder *e) {
    char shown[PRINTABLE_CAPACITY];
    for (size_t i = 0; i < e->column_count; i++) {
        const encoder_column *column = &e->columns[i];
        if (!is_narrow(column->knots, column->knot_count) || !is_narrow(column->edges, column->edge_count))
            return fail(EPOCL_ERROR_ARGUMENT,
                        "the numbers of column '%s' are further apart than floats of C can tell; export it as onnx",
                        printable(column->name, shown));
    }
    return EPOCL_OK;
}

/* ---- Words --------------------------------------------------------------------------------------- */

/* Whether a slash would be part of a comment's begin or end, or of a trigraph. */
static bool is_special(const char *slash, const char *text) {
    return slash[1] == '*' || (slash > text && strchr("*?", slash[-1]));
}

/* A name within a comment, which it cannot end. */
static epocl_status write_name(text_file *text, const char *name) {
    char *copy = NULL;
    const epocl_status status = encoder_copy_text(name, &copy);
    if (status != EPOCL_OK) return status;
    printable_clean(copy);
    for (const char *c = copy; *c; c++) text_file_print(text, "%c", *c == '/' && is_special(c, copy) ? '|' : *c);
    free(copy);
    return status;
}

static epocl_status describe_levels(text_file *text, const encoder_column *column) {
    epocl_status status = EPOCL_OK;
    bool has_missing = false;
    text_file_print(text, ": the code of a category\n");
    for (size_t i = 0; i < column->level_count; i++) {
        text_file_print(text, " *         %3zu  ", i);
        if (column->levels[i])
            TRY(write_name(text, column->levels[i]));
        else
            text_file_print(text, "(missing), or NaN");
        has_missing = has_missing || !column->levels[i];
        text_file_print(text, "\n");
    }
    text_file_print(text, " *         others, such as -1%s: %s\n", has_missing ? "" : ", and NaN",
                    column->has_rest ? "any other" : "not known");
cleanup:
    return status;
}

epocl_status c_encoder_describe(text_file *text, const encoder *e) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < e->column_count; i++) {
        text_file_print(text, " *     %zu  ", i);
        TRY(write_name(text, e->columns[i].name));
        if (e->columns[i].kind == COLUMN_NUMBER)
            text_file_print(text, ": a number, NaN where it is missing\n");
        else
            TRY(describe_levels(text, &e->columns[i]));
    }
    text_file_print(text, " * Outputs:\n");
    for (size_t i = 0; i < (e->class_count ? e->class_count : e->target_count); i++) {
        text_file_print(text, " *     %zu  ", i);
        TRY(write_name(text, e->class_count ? e->classes[i] : e->targets[i].name));
        text_file_print(text, "\n");
    }
cleanup:
    return status;
}

static void write_string(text_file *text, const char *string) {
    text_file_print(text, "\"");
    for (const char *c = string; *c; c++) {
        const unsigned char byte = (unsigned char)*c;
        if (byte < 0x20 || byte > 0x7e || strchr("\"\\?", byte))
            text_file_print(text, "\\%03o", byte);
        else
            text_file_print(text, "%c", byte);
    }
    text_file_print(text, "\"");
}

void c_encoder_names(text_file *text, const encoder *e, const char *macro) {
    if (e->class_count == 0) return;
    text_file_print(text, "/* The names of the classes, in UTF-8. */\n#define %s_CLASS_NAMES \\\n    { \\\n", macro);
    for (size_t i = 0; i < e->class_count; i++) {
        text_file_print(text, "        ");
        write_string(text, e->classes[i]);
        text_file_print(text, i + 1 < e->class_count ? ", \\\n" : " \\\n");
    }
    text_file_print(text, "    }\n\n");
}

/* ---- Functions ----------------------------------------------------------------------------------- */

static const char number_code[] =
    "/* The place of a number on a normal scale: straight lines between knots, whose places follow them. */\n"
    "static float height(float number, const float *knots, size_t count) {\n"
    "    size_t low = 0, high = count - 1;\n"
    "    float below, from;\n"
    "    if (number <= @_READ(knots[0])) return @_READ(knots[count]);\n"
    "    if (number >= @_READ(knots[high])) return @_READ(knots[count + high]);\n"
    "    while (high - low > 1) {\n"
    "        const size_t middle = (low + high) / 2;\n"
    "        if (@_READ(knots[middle]) <= number)\n"
    "            low = middle;\n"
    "        else\n"
    "            high = middle;\n"
    "    }\n"
    "    below = @_READ(knots[low]);\n"
    "    from = @_READ(knots[count + low]);\n"
    "    return from + (number - below) / (@_READ(knots[high]) - below) * (@_READ(knots[count + high]) - from);\n"
    "}\n\n"
    "/* The inputs of a number: its height, ramps between edges, whether it is missing. Returns where the next go. */\n"
    "static float *put_number(float *to, float number, const float *knots, size_t knot_count, size_t edge_count,\n"
    "                         int has_missing) {\n"
    "    const float *edges = knots + 2 * knot_count;\n"
    "    const int is_missing = isnan(number);\n"
    "    *to++ = is_missing ? 0.0f : height(number, knots, knot_count);\n"
    "    for (size_t i = 0; i + 1 < edge_count; i++) {\n"
    "        const float low = @_READ(edges[i]), line = (number - low) / (@_READ(edges[i + 1]) - low);\n"
    "        *to++ = line > 1.0f ? 1.0f : line > 0.0f ? line : 0.0f;\n"
    "    }\n"
    "    if (has_missing) *to++ = is_missing ? 1.0f : 0.0f;\n"
    "    return to;\n"
    "}\n\n";

static const char place_code[] = "/* The place that a code stands for; `missing` is that of NaN. */\n"
                                 "static size_t place(float code, size_t level_count, size_t missing) {\n"
                                 "    if (isnan(code)) return missing;\n"
                                 "    return code >= 0.0f && code < (float)level_count ? (size_t)code : level_count;\n"
                                 "}\n\n";

static const char category_code[] =
    "/* The inputs of a category: 1 at its place. */\n"
    "static float *put_category(float *to, float code, size_t level_count, size_t missing, size_t input_count) {\n"
    "    const size_t at = place(code, level_count, missing);\n"
    "    for (size_t i = 0; i < input_count; i++) *to++ = i == at ? 1.0f : 0.0f;\n"
    "    return to;\n"
    "}\n\n";

static const char scored_code[] =
    "/* The inputs of a category of many levels: 1 at its place, of which the first levels have their own; its scores. "
    "*/\n"
    "static float *put_scored(float *to, float code, size_t level_count, size_t missing, size_t place_count,\n"
    "                         const float *scores, size_t score_count) {\n"
    "    const size_t level = place(code, level_count, missing), at = level < place_count ? level : place_count;\n"
    "    for (size_t i = 0; i <= place_count; i++) *to++ = i == at ? 1.0f : 0.0f;\n"
    "    for (size_t i = 0; i < score_count; i++) *to++ = @_READ(scores[level * score_count + i]);\n"
    "    return to;\n"
    "}\n\n";

static const char pair_code[] = "/* The input of a category of two levels: 1 or -1. */\n"
                                "static float *put_pair(float *to, float code, size_t missing) {\n"
                                "    const size_t at = place(code, 2, missing);\n"
                                "    *to = at == 0 ? 1.0f : at == 1 ? -1.0f : 0.0f;\n"
                                "    return to + 1;\n"
                                "}\n\n";

/* A code in which `@` stands for the macros' beginning. */
static void write_code(text_file *text, const char *code, const char *macro) {
    for (size_t length = 0; *code; code += length + (code[length] == '@')) {
        length = strcspn(code, "@");
        text_file_print(text, "%.*s%s", (int)length, code, code[length] ? macro : "");
    }
}

static size_t missing_place(const encoder_column *column) {
    size_t i = 0;
    while (i < column->level_count && column->levels[i]) i++;
    return i;
}

static void write_column(text_file *text, const encoder_column *column, const c_dense *form, size_t index, bool is_last,
                         size_t numbers) {
    text_file_print(text, "    %s", is_last ? "" : "to = ");
    if (column->kind == COLUMN_NUMBER)
        text_file_print(text, "put_number(to, inputs[%zu], %s_encoder_numbers + %zu, %zu, %zu, %d);\n", index,
                        form->prefix, numbers, column->knot_count, column->edge_count, (int)column->has_missing);
    else if (column->score_count)
        text_file_print(text, "put_scored(to, inputs[%zu], %zu, %zu, %zu, %s_encoder_numbers + %zu, %zu);\n", index,
                        column->level_count, missing_place(column), column->place_count, form->prefix, numbers,
                        column->score_count);
    else if (is_pair(column))
        text_file_print(text, "put_pair(to, inputs[%zu], %zu);\n", index, missing_place(column));
    else
        text_file_print(text, "put_category(to, inputs[%zu], %zu, %zu, %zu);\n", index, column->level_count,
                        missing_place(column), encoder_column_inputs(column));
}

static void write_encode(text_file *text, const encoder *e, const c_dense *form) {
    size_t numbers = 0;
    text_file_print(text, "/* The network's inputs of a table's columns. */\n"
                          "static void encode(const float *inputs, float *to) {\n");
    for (size_t i = 0; i < e->column_count; i++) {
        const encoder_column *column = &e->columns[i];
        write_column(text, column, form, i, i + 1 == e->column_count, numbers);
        numbers += encoder_column_numbers(column);
    }
    text_file_print(text, "}\n\n");
}

static void write_decode(text_file *text, const encoder *e, const c_dense *form) {
    const char *m = form->macro, *p = form->prefix;
    text_file_print(text,
                    "/* Outputs in the targets' units, within the range of the rows to train on. */\n"
                    "static void decode(float *outputs) {\n"
                    "    for (size_t i = 0; i < %zu; i++) {\n"
                    "        const float *target = %s_encoder_targets + 4 * i;\n"
                    "        const float mean = %s_READ(target[0]), scale = %s_READ(target[1]);\n"
                    "        const float low = %s_READ(target[2]), high = %s_READ(target[3]);\n"
                    "        const float value = outputs[i] * scale + mean;\n"
                    "        outputs[i] = value < low ? low : value > high ? high : value;\n"
                    "    }\n"
                    "}\n\n",
                    e->target_count, p, m, m, m, m);
}

static size_t column_numbers(const encoder *e) {
    size_t numbers = 0;
    for (size_t i = 0; i < e->column_count; i++) numbers += encoder_column_numbers(&e->columns[i]);
    return numbers;
}

static bool has_scored_column(const encoder *e) {
    for (size_t i = 0; i < e->column_count; i++)
        if (e->columns[i].score_count) return true;
    return false;
}

void c_encoder_tables(text_file *text, const encoder *e, const c_dense *form) {
    const size_t numbers = column_numbers(e);
    if (numbers > 0) {
        if (!form->is_declaring)
            text_file_print(text, "/* Of each column of numbers its knots, their heights, and its edges%s. */\n",
                            has_scored_column(e) ? "; of each category of many levels their scores, then that of others"
                                                 : "");
        c_dense_table(text, form, "encoder_numbers", e->numbers, numbers);
    }
    if (e->class_count > 0) return;
    if (!form->is_declaring)
        text_file_print(text, "/* Of each target its mean and deviation, and the lowest and highest value. */\n");
    c_dense_table(text, form, "encoder_targets", e->numbers + numbers, e->number_count - numbers);
}

void c_encoder_define(text_file *text, const encoder *e, const c_dense *form) {
    const bool has_scores = has_scored_column(e);
    bool has_number = false, has_category = false, has_pair = false;
    for (size_t i = 0; i < e->column_count; i++) {
        const encoder_column *column = &e->columns[i];
        has_number = has_number || column->kind == COLUMN_NUMBER;
        has_pair = has_pair || is_pair(column);
        has_category = has_category || (column->kind == COLUMN_CATEGORY && !is_pair(column) && !column->score_count);
    }
    if (has_number) write_code(text, number_code, form->macro);
    if (has_category || has_pair || has_scores) write_code(text, place_code, form->macro);
    if (has_category) write_code(text, category_code, form->macro);
    if (has_scores) write_code(text, scored_code, form->macro);
    if (has_pair) write_code(text, pair_code, form->macro);
    write_encode(text, e, form);
    if (e->class_count == 0) write_decode(text, e, form);
}
