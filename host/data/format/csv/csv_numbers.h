/* Rows of separated values that are nothing but numbers, many at once and without their cells. */
#ifndef EPOCL_DATA_FORMAT_CSV_CSV_NUMBERS_H
#define EPOCL_DATA_FORMAT_CSV_CSV_NUMBERS_H

#include "data/format/csv/csv_scan.h"

/* Reads rows of `column_count` cells each that are empty or plain numbers, of which nothing is told but the value: as
 * many as are whole before `end`, where a NUL lies, at most `row_count`, up to the first that has anything else. Their
 * numbers go row by row to `numbers`, NaN for an empty cell; *text is moved behind them. Returns how many. Such a
 * dialect takes short numbers, and its separator is no blank. */
size_t csv_scan_numbers(const csv_dialect *dialect, const char **text, const char *end, size_t column_count,
                        size_t row_count, float *numbers);

#endif
