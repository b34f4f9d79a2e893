#include "support/table_text.h"

#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { CAPACITY = 1 << 14, MOST_ROWS = 8 };

static char text[CAPACITY];
static size_t length;

__attribute__((format(printf, 1, 2))) static void add(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int count = vsnprintf(text + length, sizeof text - length, format, arguments);
    va_end(arguments);
    length += (size_t)count;
    if (length >= sizeof text) length = sizeof text - 1;
}

static void add_flags(const table_column *column) {
    const bool flags[] = {!column->is_text && column->is_whole,
                          column->loses_digits,
                          column->has_leading_zeros,
                          column->is_boolean,
                          column->looks_like_date,
                          column->has_number_commas};
    add("[");
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (flags[i]) add("%c", "wdzbtc"[i]);
    add("]=");
}

const char *table_text(const table *read) {
    length = 0;
    for (size_t i = 0; i < read->column_count; i++) {
        const table_column *column = &read->columns[i];
        add("%s%s", i ? "|" : "", column->name);
        add_flags(column);
        for (size_t row = 0; row < read->row_count && row < MOST_ROWS; row++) {
            if (row) add(" ");
            if (column->is_text ? column->codes[row] == TABLE_MISSING : isnan(column->numbers[row]))
                add("_");
            else if (column->is_text)
                add("'%s'", column->levels[column->codes[row]]);
            else
                add("%.9g", (double)column->numbers[row]);
        }
    }
    return text;
}

void table_expect_sound(const table *read) {
    ck_assert(read->row_count >= 1 && read->column_count >= 1);
    for (size_t i = 0; i < read->column_count; i++) {
        const table_column *column = &read->columns[i];
        size_t missing_count = 0;
        ck_assert_ptr_nonnull(column->name);
        ck_assert(column->is_text == (column->codes != NULL) && column->is_text == (column->numbers == NULL));
        for (size_t row = 0; row < read->row_count; row++) {
            const bool is_missing = column->is_text ? column->codes[row] == TABLE_MISSING : isnan(column->numbers[row]);
            missing_count += is_missing;
            ck_assert(!column->is_text || is_missing || column->codes[row] < column->level_count);
        }
        ck_assert_uint_eq(missing_count, column->missing_count);
        for (size_t k = 0; k < column->level_count; k++) ck_assert(*column->levels[k] != '\0');
        (void)table_check_column(read, i);
    }
}
