#include "data/format/csv/csv_numbers.h"

#include "data/format/csv/decimal.h"
#include "data/format/csv/short_number.h"

#include <math.h>

/* The number of a cell from *p on that is plain: empty, or a number of which nothing is told but its value. */
static bool scan_plain(const csv_dialect *dialect, const char **p, float *number) {
    const char *const begin = *p;
    decimal read = {.value = NAN};
    while (!dialect->ends_cell[(unsigned char)**p]) (*p)++;
    if (*p > begin) {
        const bool may_be_number = *begin == '-' || (*begin >= '0' && *begin <= '9');
        if (!may_be_number || !decimal_read(begin, (size_t)(*p - begin), dialect->point, &read)) return false;
        if (read.has_leading_zeros || read.loses_digits || isinf(read.value)) return false;
    }
    *number = read.value;
    return true;
}

size_t csv_scan_numbers(const csv_dialect *dialect, const char **text, const char *end, size_t column_count,
                        size_t row_count, float *numbers) {
    for (size_t row = 0; row < row_count; row++) {
        const char *p = *text;
        if (*p == dialect->comment) return row;
        for (size_t i = 0; i < column_count; i++) {
            if (i > 0 && *p++ != dialect->separator) return row;
            const char *const stop = short_number_read(dialect, p, end, numbers);
            if (stop)
                p = stop;
            else if (!scan_plain(dialect, &p, numbers))
                return row;
            numbers++;
        }
        if (p == *text) return row; /* a blank line */
        if (*p != '\n' && (*p++ != '\r' || *p != '\n')) return row;
        *text = p + 1;
    }
    return row_count;
}
