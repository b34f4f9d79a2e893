/* The order of a column of times: of numbers, or of dates whose text begins with the largest unit. */
#include "base/checked.h"
#include "base/number.h"
#include "base/printable.h"
#include "data/rows/row_parts.h"
#include "data/sorted.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* ---- Texts --------------------------------------------------------------------------------------- */

typedef struct timed_level {
    const char *text;
    double number; /* where all texts are numbers; else 0 */
    uint32_t code;
} timed_level;

static bool is_digit(char c) {
    return isdigit((unsigned char)c) != 0;
}

/* Where what is no date and no time of the day begins: a fraction of a second, then a zone. Of letters a date has the
 * one before its time, quarter or week. */
static const char *clock_end(const char *text) {
    bool has_time = false;
    for (; *text; text++) {
        has_time |= *text == ':';
        if (has_time && strchr(" .,+-", *text)) break;
        if (isalpha((unsigned char)*text) && !(strchr("TQW", *text) && is_digit(text[1]))) break;
    }
    return text;
}

static size_t fraction_digits(const char *text) {
    return *text == '.' || *text == ',' ? strspn(text + 1, "0123456789") : 0;
}

static const char *zone_of(const char *text) {
    const char *end = clock_end(text);
    if (*end == '.' || *end == ',') end += 1 + fraction_digits(end);
    return end + (*end == ' ');
}

/* Nothing, Z, UTC, GMT, or an offset such as +01:00. */
static bool is_zone(const char *text) {
    static const char *const names[] = {"", "Z", "z", "UTC", "GMT"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0) return true;
    return (*text == '+' || *text == '-') && text[1 + strspn(text + 1, "0123456789:")] == '\0';
}

/* Whether both have the same separators, as far as both go, and the same zone. */
static bool are_alike(const char *a, const char *b) {
    const char *const end_of_a = clock_end(a), *const end_of_b = clock_end(b);
    if (strcmp(zone_of(a), zone_of(b)) != 0) return false;
    for (;; a++, b++) {
        while (is_digit(*a)) a++;
        while (is_digit(*b)) b++;
        if (a >= end_of_a || b >= end_of_b) return true;
        if (*a != *b) return false;
    }
}

static size_t separator_count(const char *text) {
    size_t count = 0;
    for (const char *end = clock_end(text); text < end; text++) count += !is_digit(*text);
    return count;
}

static int compare_fractions(const char *a, const char *b) {
    const size_t of_a = fraction_digits(a), of_b = fraction_digits(b);
    const int order = of_a && of_b ? memcmp(a + 1, b + 1, smaller(of_a, of_b)) : 0;
    return order ? order : (of_a > of_b) - (of_a < of_b);
}

/* Of texts that are alike. Digits are compared as the numbers that they are, so that 2024-3-9 comes before 2024-11-10;
 * those of a fraction as they stand. */
static int compare_dates(const char *a, const char *b) {
    const char *const end_of_a = clock_end(a), *const end_of_b = clock_end(b);
    while (a < end_of_a && b < end_of_b) {
        if (is_digit(*a) && is_digit(*b)) {
            while (*a == '0' && is_digit(a[1])) a++;
            while (*b == '0' && is_digit(b[1])) b++;
            const size_t of_a = strspn(a, "0123456789"), of_b = strspn(b, "0123456789");
            if (of_a != of_b) return of_a < of_b ? -1 : 1;
            const int order = memcmp(a, b, of_a);
            if (order) return order;
            a += of_a;
            b += of_b;
        } else {
            if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
            a++;
            b++;
        }
    }
    if (a < end_of_a || b < end_of_b) return a < end_of_a ? 1 : -1;
    return compare_fractions(a, b);
}

static int compare_levels(const void *left, const void *right) {
    const timed_level *a = left, *b = right;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return compare_dates(a->text, b->text);
}

/* "2024-..." of four digits, or a time of the day: "09:30"; and behind it no names of months, nor am and pm. */
static bool begins_with_largest(const char *text) {
    const size_t digits = strspn(text, "0123456789");
    return ((digits == 4 && text[4] != '\0' && !isalpha((unsigned char)text[4])) ||
            ((digits == 1 || digits == 2) && text[digits] == ':')) &&
           is_zone(zone_of(text));
}

static bool all_are_numbers(timed_level *levels, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!number_real(levels[i].text, &levels[i].number)) return false;
    return true;
}

static epocl_status settle_levels(const table_column *column, timed_level *levels) {
    char name[PRINTABLE_CAPACITY], text[PRINTABLE_CAPACITY], other[PRINTABLE_CAPACITY];
    for (size_t i = 0; i < column->level_count; i++)
        levels[i] = (timed_level){.text = column->levels[i], .code = (uint32_t)i};
    const char *longest = column->level_count ? levels[0].text : "";
    if (all_are_numbers(levels, column->level_count)) return EPOCL_OK;
    for (size_t i = 0; i < column->level_count; i++) {
        levels[i].number = 0.0;
        if (!begins_with_largest(levels[i].text))
            return fail(EPOCL_ERROR_DATA,
                        "--time: column '%s' holds '%s', whose order is not known: write dates with the year first, as "
                        "2024-12-31 or 2024-12-31 17:30, or numbers that rise",
                        printable(column->name, name), printable(levels[i].text, text));
        if (!are_alike(longest, levels[i].text))
            return fail(
                EPOCL_ERROR_DATA,
                "--time: column '%s' holds '%s' and '%s', whose order is not known: write all in one way and of "
                "one zone",
                printable(column->name, name), printable(longest, text), printable(levels[i].text, other));
        if (separator_count(levels[i].text) > separator_count(longest)) longest = levels[i].text;
    }
    return EPOCL_OK;
}

static epocl_status rank_texts(const table *t, const table_column *column, uint32_t *ranks, size_t *count) {
    epocl_status status = EPOCL_OK;
    timed_level *levels = NULL;
    uint32_t *of_codes = NULL;
    TRY(allocate(column->level_count, sizeof *levels, "the levels of a column", &levels));
    TRY(allocate(column->level_count, sizeof *of_codes, "the levels of a column", &of_codes));
    TRY(settle_levels(column, levels));
    qsort(levels, column->level_count, sizeof *levels, compare_levels);
    for (size_t i = 0; i < column->level_count; i++) {
        if (i == 0 || compare_levels(&levels[i - 1], &levels[i]) != 0) ++*count;
        of_codes[levels[i].code] = (uint32_t)(*count - 1);
    }
    for (size_t row = 0; row < t->row_count; row++)
        ranks[row] = column->codes[row] == TABLE_MISSING ? TABLE_MISSING : of_codes[column->codes[row]];
cleanup:
    free(of_codes);
    free(levels);
    return status;
}

/* ---- Numbers ------------------------------------------------------------------------------------- */

static epocl_status rank_numbers(const table *t, const table_column *column, uint32_t *ranks, size_t *count) {
    epocl_status status = EPOCL_OK;
    float *values = NULL, *scratch = NULL;
    size_t present = 0;
    TRY(allocate(t->row_count, sizeof *values, "a column in order", &values));
    TRY(allocate(t->row_count, sizeof *scratch, "a column in order", &scratch));
    for (size_t row = 0; row < t->row_count; row++)
        if (!isnan(column->numbers[row])) values[present++] = column->numbers[row];
    sort_floats(values, scratch, present);
    *count = distinct_floats(values, present);
    for (size_t row = 0; row < t->row_count; row++)
        ranks[row] =
            isnan(column->numbers[row]) ? TABLE_MISSING : (uint32_t)floats_find(values, *count, column->numbers[row]);
cleanup:
    free(values);
    free(scratch);
    return status;
}

epocl_status column_ranks(const table *t, size_t place, uint32_t *ranks, size_t *count) {
    const table_column *column = &t->columns[place];
    *count = 0;
    return column->is_text ? rank_texts(t, column, ranks, count) : rank_numbers(t, column, ranks, count);
}
