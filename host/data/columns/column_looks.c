#include "data/columns/column_looks.h"

#include "base/checked.h"
#include "data/encoder/encoder.h"
#include "data/sorted.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

enum {
    LEAST_ROWS_OF_ID = 20, /* in fewer rows, all values may differ by chance                    */
    MANY_LEVELS = 256,
    MOST_RANGE = 100 /* for each row, of numbers that rise with them and are named for them  */
};

/* Natural logarithms of how likely it is, where values are drawn one by one, that no two of them are the same. */
#define SELDOM       (-7.0)  /* a thousandth: enough where the name says it, too */
#define ALMOST_NEVER (-14.0) /* a millionth                                      */

/* ---- Facts --------------------------------------------------------------------------------------- */

epocl_status column_sort(const table *t, const table_column *column, float **values, size_t *count) {
    epocl_status status = EPOCL_OK;
    float *sorted = NULL, *scratch = NULL;
    *count = 0;
    TRY(allocate(t->row_count, sizeof *sorted, "a column in order", &sorted));
    TRY(allocate(t->row_count, sizeof *scratch, "a column in order", &scratch));
    for (size_t row = 0; row < t->row_count; row++)
        if (!isnan(column->numbers[row])) sorted[(*count)++] = column->numbers[row];
    sort_floats(sorted, scratch, *count);
    *values = sorted;
    sorted = NULL;
cleanup:
    free(sorted);
    free(scratch);
    return status;
}

/* -99, 999, ..., as people write for a missing value. */
static bool is_nines(float value) {
    for (int nines = 99; nines < 10000000; nines = 10 * nines + 9)
        if (fabsf(value) == (float)nines) return true;
    return false;
}

/* Whether the first of numbers that rise (`step` 1) or fall (-1) is such a value, in several rows, further from the
 * others than those lie apart. */
static bool stands_apart(const float *first, size_t count, ptrdiff_t step) {
    enum { LEAST_ROWS = 3 };
    size_t same = 1;
    if (count < 2 || !is_nines(*first)) return false;
    while (same < count && first[(ptrdiff_t)same * step] == *first) same++;
    if (same == count || same < LEAST_ROWS) return false;
    const float next = first[(ptrdiff_t)same * step], last = first[(ptrdiff_t)(count - 1) * step];
    return last != next && fabsf(next - *first) > fabsf(last - next);
}

static epocl_status describe_numbers(const table *t, const table_column *column, planned_column *planned) {
    float *values = NULL;
    size_t count = 0;
    const epocl_status status = column_sort(t, column, &values, &count);
    if (status != EPOCL_OK) return status;
    planned->lowest = count ? values[0] : 0.0f;
    planned->highest = count ? values[count - 1] : 0.0f;
    if (count > 0 && stands_apart(values, count, 1)) planned->placeholder = values[0];
    if (count > 0 && stands_apart(values + count - 1, count, -1)) planned->placeholder = values[count - 1];
    planned->rarest_count = count;
    for (size_t first = 0, i = 1; i <= count; i++) {
        if (i < count && values[i] == values[first]) continue;
        planned->rarest_count = smaller(planned->rarest_count, i - first);
        first = i;
    }
    planned->distinct_count = distinct_floats(values, count);
    free(values);
    return EPOCL_OK;
}

static epocl_status describe_texts(const table *t, const table_column *column, planned_column *planned) {
    size_t *counts = NULL;
    const epocl_status status = allocate(column->level_count, sizeof *counts, "the levels of a column", &counts);
    if (status != EPOCL_OK) return status;
    planned->distinct_count = column->level_count;
    for (size_t row = 0; row < t->row_count; row++)
        if (column->codes[row] != TABLE_MISSING) counts[column->codes[row]]++;
    for (size_t i = 0; i < column->level_count; i++) planned->rare_count += counts[i] < ENCODER_RARE ? counts[i] : 0;
    free(counts);
    return EPOCL_OK;
}

epocl_status column_describe(const table *t, size_t place, planned_column *planned) {
    const table_column *column = &t->columns[place];
    planned->kind = column->is_text ? COLUMN_CATEGORY : COLUMN_NUMBER;
    return column->is_text ? describe_texts(t, column, planned) : describe_numbers(t, column, planned);
}

/* ---- Names --------------------------------------------------------------------------------------- */

/* "id", or a name that ends with it as a word of its own: "customer_id", "CustomerID". */
static bool is_named_id(const char *name) {
    const size_t length = strlen(name);
    if (length < 2 || strcasecmp(name + length - 2, "id") != 0) return false;
    return length == 2 || !isalnum((unsigned char)name[length - 3]) ||
           (name[length - 2] == 'I' && islower((unsigned char)name[length - 3]));
}

/* Whether a name is `word`, of small letters, in whatever case, with whatever stands between, and a number that tells
 * it from another such column: "Row Names", "index.1". */
static bool is_word(const char *name, const char *word) {
    for (; *word; word++) {
        while (*name && !isalnum((unsigned char)*name)) name++;
        if (tolower((unsigned char)*name) != *word) return false;
        name++;
    }
    return name[strcspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0' &&
           !isdigit((unsigned char)*name);
}

static bool is_one_of(const char *name, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (is_word(name, words[i])) return true;
    return false;
}

/* What nothing but names and numbers of rows is called. */
static bool is_named_rows(const table_column *column) {
    static const char *const words[] = {"rownames", "rowname", "rownumber", "rownum",
                                        "rowno",    "rownr",   "rowindex",  "rowid"};
    return column->is_unnamed || is_one_of(column->name, words, sizeof words / sizeof *words);
}

/* Whether a column that is no target has that name. */
static bool has_column(const table *t, const column_plan *plan, const char *word) {
    for (size_t i = 0; i < t->column_count; i++)
        if (plan->columns[i].use != USE_TARGET && is_word(t->columns[i].name, word)) return true;
    return false;
}

/* What they are called often; "X" is R's, "x" is none. */
static bool may_be_named_rows(const table *t, const column_plan *plan, const char *name) {
    static const char *const words[] = {"index", "idx", "obs",  "obsno", "obsnr",    "observation", "no",
                                        "nr",    "sno", "srno", "slno",  "serialno", "seqno"};
    if (strcmp(name, "#") == 0 || is_one_of(name, words, sizeof words / sizeof *words)) return true;
    if (*name == 'X' && is_word(name, "x")) return !has_column(t, plan, "y"); /* else it is a coordinate, */
    return is_word(name, "row") && !has_column(t, plan, "col") && !has_column(t, plan, "column"); /* and so is this */
}

/* Whether one of a name's words is of times, which count without being ids. */
static bool is_named_for_time(const char *name) {
    static const char *const words[] = {"year",   "yr",     "time",  "timestamp", "date",    "day",     "month", "week",
                                        "hour",   "minute", "min",   "second",    "sec",     "quarter", "years", "days",
                                        "months", "weeks",  "hours", "minutes",   "seconds", "age"};
    while (*name) {
        size_t length = 0;
        while (isalpha((unsigned char)name[length])) length++;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strlen(words[i]) == length && strncasecmp(name, words[i], length) == 0) return true;
        name += length + (length == 0 || name[length] != '\0');
    }
    return false;
}

/* ---- Looks --------------------------------------------------------------------------------------- */

/* Whether nearly all levels have a digit at their front, if not as the first character. */
static bool begin_with_digits(const table_column *column) {
    enum { FRONT = 4 };
    size_t count = 0;
    for (size_t i = 0; i < column->level_count; i++) count += strcspn(column->levels[i], "0123456789") < FRONT;
    return count >= column->level_count - column->level_count / 10;
}

static column_look texts_look(const table *t, const column_plan *plan, size_t place, bool is_first) {
    const table_column *column = &t->columns[place];
    const size_t present = t->row_count - column->missing_count, distinct = plan->columns[place].distinct_count;
    if (is_first && distinct == t->row_count && is_named_rows(column)) return LOOKS_LIKE_ROW_NAMES;
    if (column->looks_like_date) return LOOKS_LIKE_DATES;
    if (present < LEAST_ROWS_OF_ID) return LOOKS_LIKE_VALUES;
    const bool is_free = distinct > MANY_LEVELS && 2 * distinct > present;
    if (is_free || distinct >= present - present / 10) return LOOKS_LIKE_FREE_TEXT;
    const bool is_mostly_rare = 2 * plan->columns[place].rare_count > present;
    return is_mostly_rare && begin_with_digits(column) ? LOOKS_LIKE_CODES : LOOKS_LIKE_VALUES;
}

/* The logarithm of the probability that `count` of `span` numbers, drawn one by one and put back, all differ: the
 * integral of ln(1 - x) from 0 to the part of them that is drawn, for each. */
static double chance_to_differ(double count, double span) {
    const double part = count / span;
    return part < 1.0 ? span * ((part - 1.0) * log1p(-part) - part) : -span;
}

static bool rises(const table *t, const table_column *column) {
    for (size_t row = 1; row < t->row_count; row++)
        if (!(column->numbers[row] > column->numbers[row - 1])) return false;
    return true;
}

/* As numbers of rows do that begin anew within a file made of several. */
static bool counts_up(const table *t, const table_column *column) {
    size_t count = 1;
    for (size_t row = 1; row < t->row_count; row++) count += column->numbers[row] == column->numbers[row - 1] + 1;
    return t->row_count >= LEAST_ROWS_OF_ID && count >= t->row_count - t->row_count / 10;
}

/* Of whole numbers of which no two are the same. */
static column_look different_numbers_look(const table *t, const column_plan *plan, size_t place, bool is_first) {
    const table_column *column = &t->columns[place];
    const planned_column *planned = &plan->columns[place];
    const double count = (double)planned->distinct_count;
    const double span = (double)planned->highest - (double)planned->lowest + 1.0;
    const bool is_few = planned->distinct_count < LEAST_ROWS_OF_ID, is_gapless = span == count;
    const double chance = is_few ? 0.0 : chance_to_differ(count, span);
    const bool is_named = is_named_rows(column);
    if (is_named || may_be_named_rows(t, plan, column->name)) {
        const bool is_in_order = rises(t, column) && span <= (is_few ? count : MOST_RANGE * count);
        const bool numbers = is_in_order || chance < SELDOM;
        if (is_first && (is_named || numbers)) return LOOKS_LIKE_ROW_NAMES;
        return numbers && !is_few ? LOOKS_LIKE_ROW_NUMBERS : MAY_NUMBER_ROWS;
    }
    if (is_named_id(column->name)) return is_few ? MAY_NUMBER_ROWS : LOOKS_LIKE_ID;
    if (is_gapless && !is_few && !is_named_for_time(column->name)) return LOOKS_LIKE_ID;
    return chance < ALMOST_NEVER ? MAY_NUMBER_ROWS : LOOKS_LIKE_VALUES;
}

/* 20240131; of floats, which hold no more digits than that, the last one may be off by one. */
static bool look_like_days(const table *t, const table_column *column, const planned_column *planned) {
    enum { LEAST_DAYS = 5 };
    if ((double)planned->lowest < 19000100 || (double)planned->highest > 21001232 ||
        planned->distinct_count < LEAST_DAYS)
        return false;
    for (size_t row = 0; row < t->row_count; row++) {
        if (isnan(column->numbers[row])) continue;
        const long number = lroundf(column->numbers[row]), month = number / 100 % 100;
        if (month < 1 || month > 12 || number % 100 > 32) return false;
    }
    return true;
}

static column_look numbers_look(const table *t, const column_plan *plan, size_t place, bool is_first, bool is_alone) {
    const table_column *column = &t->columns[place];
    const size_t present = t->row_count - column->missing_count;
    if (!column->is_whole || present < 2) return LOOKS_LIKE_VALUES;
    if (look_like_days(t, column, &plan->columns[place])) return LOOKS_LIKE_DATES;
    if (is_first && !is_alone && is_named_rows(column) && column->missing_count == 0) return LOOKS_LIKE_ROW_NAMES;
    if (plan->columns[place].distinct_count < present) {
        const bool numbers = is_first && !is_alone && counts_up(t, column) && may_be_named_rows(t, plan, column->name);
        if (numbers) return LOOKS_LIKE_ROW_NAMES;
        return is_named_id(column->name) && plan->columns[place].distinct_count > 2 ? MAY_BE_ID : LOOKS_LIKE_VALUES;
    }
    const column_look look = different_numbers_look(t, plan, place, is_first);
    return is_alone && look != LOOKS_LIKE_VALUES && !is_named_id(column->name) ? MAY_NUMBER_ROWS : look;
}

column_look column_looks(const table *t, const column_plan *plan, size_t place, bool is_first, bool is_alone) {
    return t->columns[place].is_text ? texts_look(t, plan, place, is_first)
                                     : numbers_look(t, plan, place, is_first, is_alone);
}
