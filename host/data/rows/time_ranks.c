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

/* Digits are compared as the numbers that they are, so that 2024-3-9 comes before 2024-11-10; those of a fraction,
 * after a time's point, as they stand. */
static int compare_dates(const char *a, const char *b) {
    bool has_time = false;
    for (;;) {
        if (is_digit(*a) && is_digit(*b)) {
            while (*a == '0' && is_digit(a[1])) a++;
            while (*b == '0' && is_digit(b[1])) b++;
            const size_t of_a = strspn(a, "0123456789"), of_b = strspn(b, "0123456789");
            if (of_a != of_b) return of_a < of_b ? -1 : 1;
            const int order = memcmp(a, b, of_a);
            if (order) return order;
            a += of_a;
            b += of_b;
        }
        has_time |= *a == ':';
        if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        if (*a == '\0') return 0;
        if (has_time && (*a == '.' || *a == ',')) return strcmp(a, b);
        a++;
        b++;
    }
}

static int compare_levels(const void *left, const void *right) {
    const timed_level *a = left, *b = right;
    if (a->number != b->number) return a->number < b->number ? -1 : 1;
    return compare_dates(a->text, b->text);
}

/* "2024-..." of four digits, or a time of the day: "09:30". */
static bool begins_with_largest(const char *text) {
    const size_t digits = strspn(text, "0123456789");
    return (digits == 4 && text[4] != '\0' && !isalpha((unsigned char)text[4])) ||
           ((digits == 1 || digits == 2) && text[digits] == ':');
}

static bool all_are_numbers(timed_level *levels, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!number_real(levels[i].text, &levels[i].number)) return false;
    return true;
}

static epocl_status settle_levels(const table_column *column, timed_level *levels) {
    char name[PRINTABLE_CAPACITY], text[PRINTABLE_CAPACITY];
    for (size_t i = 0; i < column->level_count; i++)
        levels[i] = (timed_level){.text = column->levels[i], .code = (uint32_t)i};
    if (all_are_numbers(levels, column->level_count)) return EPOCL_OK;
    for (size_t i = 0; i < column->level_count; i++) {
        levels[i].number = 0.0;
        if (!begins_with_largest(levels[i].text))
            return fail(EPOCL_ERROR_DATA,
                        "--time: column '%s' holds '%s', whose order is not known: write dates with the year first, as "
                        "2024-12-31, or numbers that rise",
                        printable(column->name, name), printable(levels[i].text, text));
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
