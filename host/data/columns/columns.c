#include "data/columns/columns.h"

#include "base/checked.h"
#include "base/printable.h"
#include "data/columns/column_leaks.h"
#include "data/columns/column_looks.h"

#include <stdio.h>
#include <string.h>

enum {
    MOST_CLASSES_OF_NUMBERS = 20, /* whole numbers of so few values are classes,            */
    ROWS_OF_CLASS = 5,            /* each in so many rows, or two; those of counts are not  */
    REFUSED_TEXT = 1536
};

/* ---- Lists of names ------------------------------------------------------------------------------ */

/* Calls take() for each column of a list between commas; a list that is itself a name is that one. */
typedef epocl_status (*column_taker)(column_plan *plan, size_t place, const char *option);

static epocl_status take_list(const table *t, const char *option, const char *list, column_plan *plan,
                              column_taker take) {
    epocl_status status = EPOCL_OK;
    char *copy = NULL, *next = NULL;
    size_t place = 0;
    if (!list) return EPOCL_OK;
    if (column_place(t, list) != TABLE_NO_COLUMN && table_find_column(t, list, &place) == EPOCL_OK)
        return take(plan, place, option);
    const size_t bytes = strlen(list) + 1;
    TRY(allocate(bytes, 1, "a list of columns", &copy));
    memcpy(copy, list, bytes);
    for (char *name = strtok_r(copy, ",", &next); name; name = strtok_r(NULL, ",", &next)) {
        status = table_find_column(t, name, &place);
        if (status != EPOCL_OK) TRY(fail_prefix(EPOCL_ERROR_ARGUMENT, "%s: ", option));
        TRY(take(plan, place, option));
    }
cleanup:
    free(copy);
    return status;
}

/* ---- What was asked ------------------------------------------------------------------------------ */

static epocl_status take_target(column_plan *plan, size_t place, const char *option) {
    if (plan->columns[place].use == USE_TARGET)
        return fail(EPOCL_ERROR_ARGUMENT, "%s: column %zu is given twice", option, place + 1);
    plan->columns[place].use = USE_TARGET;
    plan->targets[plan->target_count++] = place;
    return EPOCL_OK;
}

static epocl_status set_use(column_plan *plan, size_t place, const char *option, column_use use) {
    static const char *const taken[] = {
        [USE_TARGET] = "target", [USE_WEIGHT] = "weight", [USE_ID] = "id", [USE_GROUP] = "group", [USE_TIME] = "time"};
    planned_column *column = &plan->columns[place];
    const char *already = (size_t)column->use < sizeof taken / sizeof *taken ? taken[column->use] : NULL;
    if (already) return fail(EPOCL_ERROR_ARGUMENT, "%s: column %zu is the %s already", option, place + 1, already);
    column->use = use;
    return EPOCL_OK;
}

/* Of a use that one column has: sets *taken. */
static epocl_status take_one(size_t *taken, size_t place, const char *option) {
    if (*taken != TABLE_NO_COLUMN)
        return fail(EPOCL_ERROR_ARGUMENT, "%s takes one column, not columns %zu and %zu", option, *taken + 1,
                    place + 1);
    *taken = place;
    return EPOCL_OK;
}

static epocl_status take_weight(column_plan *plan, size_t place, const char *option) {
    const epocl_status status = take_one(&plan->weight, place, option);
    return status == EPOCL_OK ? set_use(plan, place, option, USE_WEIGHT) : status;
}

static epocl_status take_id(column_plan *plan, size_t place, const char *option) {
    const epocl_status status = take_one(&plan->id, place, option);
    return status == EPOCL_OK ? set_use(plan, place, option, USE_ID) : status;
}

/* What rows are split by may name them in predictions, too. */
static epocl_status take_group(column_plan *plan, size_t place, const char *option) {
    const epocl_status status = take_one(&plan->group, place, option);
    return status != EPOCL_OK || place == plan->id ? status : set_use(plan, place, option, USE_GROUP);
}

static epocl_status take_time(column_plan *plan, size_t place, const char *option) {
    const epocl_status status = take_one(&plan->time, place, option);
    return status != EPOCL_OK || place == plan->id ? status : set_use(plan, place, option, USE_TIME);
}

static epocl_status take_feature(column_plan *plan, size_t place, const char *option) {
    return set_use(plan, place, option, USE_INPUT);
}

static epocl_status take_ignored(column_plan *plan, size_t place, const char *option) {
    return set_use(plan, place, option, USE_IGNORED);
}

/* Every column's use, as far as it was asked for; with a list of features, others are ignored. */
static epocl_status take_request(const table *t, const column_request *asked, column_plan *plan) {
    epocl_status status = EPOCL_OK;
    if (!asked->target) return fail(EPOCL_ERROR_ARGUMENT, "a table needs --target COLUMN");
    if (asked->group && asked->time)
        return fail(EPOCL_ERROR_ARGUMENT, "--group and --time exclude each other: rows are split by one column");
    for (size_t i = 0; asked->features && i < t->column_count; i++) plan->columns[i].use = USE_IGNORED;
    TRY(take_list(t, "--target", asked->target, plan, take_target));
    TRY(take_list(t, "--weights", asked->weights, plan, take_weight));
    TRY(take_list(t, "--id", asked->id, plan, take_id));
    TRY(take_list(t, "--group", asked->group, plan, take_group));
    TRY(take_list(t, "--time", asked->time, plan, take_time));
    TRY(take_list(t, "--features", asked->features, plan, take_feature));
    TRY(take_list(t, "--ignore", asked->ignore, plan, take_ignored));
cleanup:
    return status;
}

/* Of two columns of one name neither may be used. */
static epocl_status check_names(const table *t, const column_plan *plan) {
    column_names names;
    epocl_status status = column_names_create(t, &names);
    bool is_used = false;
    for (size_t i = 0; i < names.count && status == EPOCL_OK; i++) {
        const column_use use = plan->columns[names.sorted[i].place].use;
        const bool is_shared = column_names_share(&names, i);
        is_used = (is_shared && is_used) || (use != USE_IGNORED && use != USE_CONSTANT);
        if (is_shared && is_used) status = column_names_fail(&names, i);
    }
    column_names_release(&names);
    return status;
}

/* ---- What the columns look like ------------------------------------------------------------------ */

/* Whether one of the options names the column, so that it is taken as it is. */
static epocl_status mark_named(const table *t, const char *option, const char *list, bool *named) {
    epocl_status status = EPOCL_OK;
    column_plan marks = {0};
    TRY(allocate(t->column_count, sizeof *marks.columns, "the columns", &marks.columns));
    for (size_t i = 0; i < t->column_count; i++) marks.columns[i].use = USE_IGNORED;
    TRY(take_list(t, option, list, &marks, take_feature));
    for (size_t i = 0; i < t->column_count; i++) named[i] |= marks.columns[i].use == USE_INPUT;
cleanup:
    free(marks.columns);
    return status;
}

/* What a column that is refused looks like; NULL. */
static const char *refused_look(column_look look) {
    switch (look) {
    case LOOKS_LIKE_DATES: return "dates";
    case LOOKS_LIKE_ID: return "an id";
    case LOOKS_LIKE_FREE_TEXT: return "an id or free text";
    case LOOKS_LIKE_CODES: return "codes, or numbers with something else";
    case LOOKS_LIKE_ROW_NUMBERS: return "numbers of rows";
    default: return NULL;
    }
}

static size_t count_inputs(const table *t, const column_plan *plan) {
    size_t count = 0;
    for (size_t i = 0; i < t->column_count; i++) count += plan->columns[i].use == USE_INPUT;
    return count;
}

/* Leaves out what names rows before all other columns, and refuses those that must be spoken of, all at once. */
static epocl_status settle_suspicious(const table *t, const column_request *asked, column_plan *plan) {
    epocl_status status = EPOCL_OK;
    char text[REFUSED_TEXT] = "", shown[PRINTABLE_CAPACITY];
    column_list list = {0};
    bool *named = NULL, is_first = true;
    size_t used = 0;
    const bool is_alone = count_inputs(t, plan) == 1;
    TRY(allocate(t->column_count, sizeof *named, "the columns", &named));
    TRY(mark_named(t, "--features", asked->features, named));
    TRY(mark_named(t, "--categorical", asked->categorical, named));
    TRY(mark_named(t, "--numeric", asked->numeric, named));
    for (size_t i = 0; i < t->column_count; i++) {
        const table_column *column = &t->columns[i];
        planned_column *planned = &plan->columns[i];
        const bool is_suspect = planned->use == USE_INPUT && !named[i];
        if (is_suspect) planned->look = column_looks(t, plan, i, is_first, is_alone);
        if (planned->look == LOOKS_LIKE_ROW_NAMES) planned->use = USE_ROW_NAMES;
        is_first = is_first && planned->use == USE_ROW_NAMES;
        const char *looks = refused_look(planned->look);
        if (!looks) continue;
        if (!column->looks_like_date && table_check_column(t, i) != EPOCL_OK) continue; /* check_columns() says more */
        printable(column->name, shown);
        if (used < sizeof text)
            used +=
                (size_t)snprintf(text + used, sizeof text - used, "%s'%s' looks like %s (%zu different in %zu rows)",
                                 used ? ", " : "", shown, looks, planned->distinct_count, t->row_count);
        column_list_add(t, i, &list);
    }
    const char *quote = list.needs_quotes ? "'" : "";
    if (used)
        status = fail(EPOCL_ERROR_DATA,
                      "column %s; --ignore %s%s%s leaves out, --categorical NAME or --numeric NAME takes it as it is, "
                      "--id NAME copies it to predictions",
                      text, quote, list.text, quote);
cleanup:
    free(named);
    return status;
}

epocl_status column_check_digits(const table *t, size_t place) {
    const table_column *column = &t->columns[place];
    char shown[PRINTABLE_CAPACITY];
    if (column->is_text || !column->loses_digits) return EPOCL_OK;
    return fail(EPOCL_ERROR_DATA,
                "column '%s' has whole numbers of more digits than a 32-bit float keeps, of which several would be one "
                "category: let them be texts (in a file of text, --categorical NAME)",
                printable(column->name, shown));
}

/* What the file says against a column that is used; a category may be any text. */
static epocl_status check_columns(const table *t, const column_request *asked, const column_plan *plan) {
    epocl_status status = EPOCL_OK;
    char shown[PRINTABLE_CAPACITY];
    bool *named = NULL;
    TRY(allocate(t->column_count, sizeof *named, "the columns", &named));
    TRY(mark_named(t, "--categorical", asked->categorical, named));
    for (size_t i = 0; i < t->column_count; i++) {
        const column_use use = plan->columns[i].use;
        const bool is_used = use == USE_INPUT || use == USE_TARGET || use == USE_WEIGHT;
        if (is_used && !(named[i] && t->columns[i].is_text)) TRY(table_check_column(t, i));
        if (is_used && named[i]) TRY(column_check_digits(t, i));
        named[i] = false;
    }
    TRY(mark_named(t, "--numeric", asked->numeric, named));
    for (size_t i = 0; i < t->column_count; i++)
        if (named[i] && t->columns[i].is_text)
            TRY(fail(EPOCL_ERROR_DATA, "--numeric: column '%s' holds text, first in line %llu, byte %zu",
                     printable(t->columns[i].name, shown), (unsigned long long)t->columns[i].first_text.line,
                     t->columns[i].first_text.byte));
cleanup:
    free(named);
    return status;
}

/* ---- The target ----------------------------------------------------------------------------------- */

/* Numbers that a 32-bit float does not tell apart are the same. */
static epocl_status check_variation(const table *t, const column_plan *plan, size_t place) {
    const planned_column *planned = &plan->columns[place];
    char shown[PRINTABLE_CAPACITY], value[48] = "";
    if (planned->distinct_count > 1) return EPOCL_OK;
    printable(t->columns[place].name, shown);
    if (planned->distinct_count == 0)
        return fail(EPOCL_ERROR_DATA, "target '%s' is missing in all rows: there is nothing to learn", shown);
    if (!t->columns[place].is_text) snprintf(value, sizeof value, " (%.9g as a 32-bit float)", (double)planned->lowest);
    return fail(EPOCL_ERROR_DATA, "target '%s' has the same value in all rows%s: there is nothing to learn", shown,
                value);
}

/* Texts, and whole numbers of few values, none of which is rare. */
static bool looks_like_classes(const table_column *column, const planned_column *planned) {
    if (column->is_text) return true;
    return column->is_whole && planned->distinct_count <= MOST_CLASSES_OF_NUMBERS &&
           (planned->distinct_count <= 2 || planned->rarest_count >= ROWS_OF_CLASS);
}

static epocl_status settle_target(const table *t, const column_request *asked, column_plan *plan) {
    const table_column *first = &t->columns[plan->targets[0]];
    const planned_column *planned = &plan->columns[plan->targets[0]];
    const bool is_asked = asked->task != NULL, wants_classes = is_asked && strcmp(asked->task, "classes") == 0;
    char shown[PRINTABLE_CAPACITY];
    plan->has_classes = is_asked ? wants_classes : plan->target_count == 1 && looks_like_classes(first, planned);
    if (plan->has_classes && plan->target_count > 1)
        return fail(EPOCL_ERROR_ARGUMENT, "%zu targets are numbers to predict; classes have one", plan->target_count);
    for (size_t i = 0; i < plan->target_count && !plan->has_classes; i++)
        if (t->columns[plan->targets[i]].is_text)
            return fail(EPOCL_ERROR_DATA, "target '%s' is text; as numbers it cannot be predicted",
                        printable(t->columns[plan->targets[i]].name, shown));
    const char *looks = first->is_text ? refused_look(column_looks(t, plan, plan->targets[0], false, false)) : NULL;
    if (plan->has_classes && !is_asked && looks)
        return fail(
            EPOCL_ERROR_DATA,
            "target '%s' looks like %s (%zu different in %zu rows), of which nothing can be learned as classes; "
            "--task classification does so all the same",
            printable(first->name, shown), looks, planned->distinct_count, t->row_count);
    for (size_t i = 0; i < plan->target_count && !plan->has_classes; i++)
        plan->columns[plan->targets[i]].look = column_looks(t, plan, plan->targets[i], false, false);
    for (size_t i = 0; i < plan->target_count; i++) {
        const epocl_status varies = check_variation(t, plan, plan->targets[i]);
        if (varies != EPOCL_OK) return varies;
    }
    if (plan->has_classes) {
        const epocl_status is_exact = column_check_digits(t, plan->targets[0]);
        if (is_exact != EPOCL_OK) return is_exact;
    }
    if (plan->has_classes && planned->distinct_count > (1 << 16))
        return fail(EPOCL_ERROR_DATA, "target '%s' would make %zu classes%s", printable(first->name, shown),
                    planned->distinct_count, first->is_text ? "" : "; --task regression predicts numbers");
    return EPOCL_OK;
}

static epocl_status check_weight(const table *t, const column_plan *plan) {
    char shown[PRINTABLE_CAPACITY];
    if (plan->weight == TABLE_NO_COLUMN) return EPOCL_OK;
    printable(t->columns[plan->weight].name, shown);
    if (t->columns[plan->weight].is_text)
        return fail(EPOCL_ERROR_DATA, "column '%s' is text and gives no weights", shown);
    const double lowest = (double)plan->columns[plan->weight].lowest;
    if (lowest < 0) return fail(EPOCL_ERROR_DATA, "column '%s' has a weight of %g; they are 0 or above", shown, lowest);
    return EPOCL_OK;
}

epocl_status column_plan_create(const table *t, const column_request *asked, column_plan *plan) {
    epocl_status status = EPOCL_OK;
    *plan = (column_plan){
        .weight = TABLE_NO_COLUMN, .id = TABLE_NO_COLUMN, .group = TABLE_NO_COLUMN, .time = TABLE_NO_COLUMN};
    TRY(allocate(t->column_count, sizeof *plan->columns, "the columns", &plan->columns));
    TRY(allocate(t->column_count, sizeof *plan->targets, "the targets", &plan->targets));
    TRY(take_request(t, asked, plan));
    for (size_t i = 0; i < t->column_count; i++) TRY(column_describe(t, i, &plan->columns[i]));
    for (size_t i = 0; i < t->column_count; i++) {
        planned_column *planned = &plan->columns[i];
        const size_t values = planned->distinct_count + (t->columns[i].missing_count > 0);
        if (planned->use == USE_INPUT && values < 2) planned->use = USE_CONSTANT;
    }
    TRY(check_names(t, plan));
    if (!asked->takes_all) TRY(settle_suspicious(t, asked, plan));
    TRY(check_columns(t, asked, plan));
    TRY(settle_target(t, asked, plan));
    TRY(check_weight(t, plan));
    if (!asked->takes_all) TRY(column_leaks_mark(t, plan));
cleanup:
    if (status != EPOCL_OK) column_plan_release(plan);
    return status;
}

void column_plan_release(column_plan *plan) {
    free(plan->columns);
    free(plan->targets);
    *plan = (column_plan){0};
}
