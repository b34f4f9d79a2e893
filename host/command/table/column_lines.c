#include "command/table/column_lines.h"

#include "base/number.h"
#include "base/plural.h"
#include "base/printable.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MOST_LINES = 60, LINE = 96 };

/* ---- Before training ----------------------------------------------------------------------------- */

static const encoder_column *find_encoded(const encoder *e, const char *name) {
    for (size_t i = 0; i < e->column_count; i++)
        if (strcmp(e->columns[i].name, name) == 0) return &e->columns[i];
    return NULL;
}

/* With as many digits as a float has, so that a range of neighbours is seen to be one. */
static void describe_numbers(const planned_column *planned, char text[LINE]) {
    char low[32], high[32];
    number_float_text(planned->lowest, low, sizeof low);
    number_float_text(planned->highest, high, sizeof high);
    snprintf(text, LINE, "%s to %s", low, high);
}

static void describe_range(const table_column *column, const planned_column *planned, char text[LINE]) {
    if (planned->kind == COLUMN_CATEGORY)
        snprintf(text, LINE, "%zu categor%s", planned->distinct_count, planned->distinct_count == 1 ? "y" : "ies");
    else
        describe_numbers(planned, text);
    const size_t used = strlen(text);
    if (column->missing_count) snprintf(text + used, LINE - used, ", %zu missing", column->missing_count);
}

/* What is made of an input column. */
static void describe_encoding(const encoder_column *column, const planned_column *planned, bool is_known,
                              char text[LINE]) {
    if (!column) {
        const bool may_be_rare = planned->kind == COLUMN_CATEGORY && planned->distinct_count > 1;
        snprintf(text, LINE, "%s: left out",
                 is_known      ? "is no input of the model"
                 : may_be_rare ? "has one category, or none in 5 of the rows to train on"
                               : "does not vary in the rows to train on");
        return;
    }
    const size_t inputs = encoder_column_inputs(column);
    size_t used = (size_t)snprintf(text, LINE, "%zu input%s", inputs, plural_s(inputs));
    if (column->score_count) {
        snprintf(text + used, LINE - used, ": the %zu most frequent, and the target's mean in each of %zu",
                 column->place_count, column->level_count);
        return;
    }
    if (column->kind == COLUMN_CATEGORY && column->has_rest)
        used += (size_t)snprintf(text + used, LINE - used, ", rare and new ones together");
    if (column->kind == COLUMN_CATEGORY && column->has_rest && column->level_count + 1 == ENCODER_MOST_PLACES)
        snprintf(text + used, LINE - used, " (the %zu most frequent are kept)", column->level_count);
}

static void describe_use(const table *t, const column_plan *plan, const encoder *e, bool is_known, size_t place,
                         char text[LINE]) {
    switch (plan->columns[place].use) {
    case USE_TARGET:
        snprintf(text, LINE, plan->has_classes ? "target, of %zu classes" : "target, a number", e->class_count);
        return;
    case USE_WEIGHT: snprintf(text, LINE, "weights of rows"); return;
    case USE_ID: snprintf(text, LINE, "id, copied to predictions"); return;
    case USE_GROUP: snprintf(text, LINE, "groups of rows that stay together; no input"); return;
    case USE_TIME: snprintf(text, LINE, "rows are split by its order; no input"); return;
    case USE_IGNORED: snprintf(text, LINE, "ignored"); return;
    case USE_CONSTANT: snprintf(text, LINE, "has one value: left out"); return;
    case USE_ROW_NAMES:
        snprintf(text, LINE, "%s of rows: left out", plan->columns[place].kind == COLUMN_NUMBER ? "numbers" : "names");
        return;
    case USE_INPUT:
        describe_encoding(find_encoded(e, t->columns[place].name), &plan->columns[place], is_known, text);
        return;
    }
}

static bool differ_in_case_alone(const table_column *column) {
    enum { FEW = 64 };
    for (size_t i = 0; i < column->level_count && column->level_count <= FEW; i++)
        for (size_t k = 0; k < i; k++)
            if (strcasecmp(column->levels[i], column->levels[k]) == 0) return true;
    return false;
}

/* Classes that lose digits are refused. */
static const char *note_of(const table_column *column, const planned_column *planned, const column_plan *plan,
                           char text[LINE]) {
    const bool is_told = planned->use == USE_INPUT || (planned->use == USE_TARGET && plan->has_classes);
    if (planned->use == USE_TARGET && (planned->look == LOOKS_LIKE_ID || planned->look == LOOKS_LIKE_ROW_NUMBERS))
        return "; another whole number in each row, as ids have";
    if (!is_told) return "";
    if (column->is_text) return differ_in_case_alone(column) ? "; some differ in case alone" : "";
    if (planned->look == MAY_BE_ID) return "; named as ids are: --ignore, --group or --categorical NAME, if it is one";
    if (planned->placeholder != 0.0f) {
        snprintf(text, LINE, "; %.9g stands apart, as for missing values: --na %.9g", (double)planned->placeholder,
                 (double)planned->placeholder);
        return text;
    }
    if (column->has_leading_zeros) return "; has leading zeros, as ids have: --categorical NAME keeps them apart";
    if (column->loses_digits) return "; has more digits than a float holds";
    return "";
}

/* Inputs of which something is to be known, at the end of a line, with the option that leaves them out. */
static void tell_inputs(const table *t, const column_plan *plan, const encoder *e,
                        bool (*is_told)(const planned_column *), const char *what, progress *shown) {
    column_list list = {0};
    for (size_t i = 0; i < t->column_count; i++)
        if (plan->columns[i].use == USE_INPUT && is_told(&plan->columns[i]) && find_encoded(e, t->columns[i].name))
            column_list_add(t, i, &list);
    const char *quote = list.needs_quotes ? "'" : "";
    if (list.used) progress_line(shown, "         %s: %s, --ignore %s%s%s", list.text, what, quote, list.text, quote);
}

static bool may_number_rows(const planned_column *planned) {
    return planned->look == MAY_NUMBER_ROWS;
}

static bool tells_target(const planned_column *planned) {
    return planned->tells_target;
}

void column_lines_print(const table *t, const column_plan *plan, const encoder *e, bool is_known, progress *shown) {
    size_t name_width = 6;
    for (size_t i = 0; i < t->column_count && i < MOST_LINES; i++) {
        const size_t length = strlen(t->columns[i].name);
        if (length > name_width) name_width = length < 24 ? length : 24;
    }
    for (size_t i = 0; i < t->column_count && i < MOST_LINES; i++) {
        char range[LINE], use[LINE], note[LINE];
        const planned_column *planned = &plan->columns[i];
        describe_range(&t->columns[i], planned, range);
        describe_use(t, plan, e, is_known, i, use);
        progress_line(shown, "  %-*.*s  %-8s  %-30s  %s%s", (int)name_width, (int)name_width, t->columns[i].name,
                      planned->kind == COLUMN_CATEGORY              ? "category"
                      : t->columns[i].missing_count == t->row_count ? "empty"
                                                                    : "number",
                      range, use, note_of(&t->columns[i], planned, plan, note));
    }
    if (t->column_count > MOST_LINES)
        progress_line(shown, "  and %zu more columns; epocl inspect shows all that are used",
                      t->column_count - MOST_LINES);
    tell_inputs(t, plan, e, may_number_rows,
                "another whole number in each row, as ids and numbers of rows have; if that is all it says", shown);
    tell_inputs(t, plan, e, tells_target, "tells the target in all rows; if it is made of it, or known only later",
                shown);
}

/* ---- Of a model ---------------------------------------------------------------------------------- */

static void print_levels(const encoder_column *column) {
    enum { SHOWN = 8 };
    char text[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < column->level_count && i < SHOWN && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.40s", i ? ", " : "",
                                 column->levels[i] ? column->levels[i] : "(missing)");
    char scores[96] = "";
    if (column->score_count)
        snprintf(scores, sizeof scores, "; and the target's mean in each of %zu categories", column->level_count);
    print_line(stdout, "column         %s: category, %zu input%s: %s%s%s%s", column->name,
               encoder_column_inputs(column), plural_s(encoder_column_inputs(column)), text,
               column->level_count > SHOWN ? ", ..." : "", column->has_rest ? ", the rest" : "", scores);
}

void encoder_print(const encoder *e) {
    for (size_t i = 0; i < e->column_count; i++) {
        const encoder_column *column = &e->columns[i];
        if (column->kind == COLUMN_CATEGORY)
            print_levels(column);
        else
            print_line(stdout, "column         %s: number, %zu input%s: %g to %g%s", column->name,
                       encoder_column_inputs(column), plural_s(encoder_column_inputs(column)), (double)column->knots[0],
                       (double)column->knots[column->knot_count - 1], column->has_missing ? ", or missing" : "");
    }
    for (size_t i = 0; i < e->target_count; i++) {
        const encoder_target *target = &e->targets[i];
        if (e->class_count)
            print_line(stdout, "target         %s: %zu classes", target->name, e->class_count);
        else
            print_line(stdout, "target         %s: %g to %g, mean %g, deviation %g", target->name, (double)target->low,
                       (double)target->high, (double)target->mean, (double)target->scale);
    }
    for (size_t i = 0; i < e->class_count; i++) print_line(stdout, "class          %zu: %s", i, e->classes[i]);
    if (e->id_name) print_line(stdout, "id             %s", e->id_name);
}

json_t *encoder_summary_json(const encoder *e) {
    json_t *columns = json_array(), *targets = json_array(), *classes = json_array();
    for (size_t i = 0; i < e->column_count; i++)
        columns = json_appended(columns, json_pack("{so ss sI}", "name", json_text(e->columns[i].name), "kind",
                                                   e->columns[i].kind == COLUMN_CATEGORY ? "category" : "number",
                                                   "inputs", (json_int_t)encoder_column_inputs(&e->columns[i])));
    for (size_t i = 0; i < e->target_count; i++) targets = json_appended(targets, json_text(e->targets[i].name));
    for (size_t i = 0; i < e->class_count; i++) classes = json_appended(classes, json_text(e->classes[i]));
    return json_pack("{so so so so}", "columns", columns, "targets", targets, "classes", classes, "id",
                     json_text(e->id_name));
}

void column_unknown_print(const table *t, const encoder *e, const size_t *unknown_counts, size_t row_count) {
    for (size_t i = 0; i < e->column_count; i++)
        if (2 * unknown_counts[i] > row_count)
            print_line(stderr,
                       "epocl: %s: column '%s' has categories that the model does not know in %zu of %zu row%s; epocl "
                       "inspect shows those that it does",
                       t->file_name, e->columns[i].name, unknown_counts[i], row_count, plural_s(row_count));
}
