/* Short numbers, which the scanner of separated values reads at once, against all other cells' way. */
#ifndef EPOCL_TESTS_SHORT_CELLS_H
#define EPOCL_TESTS_SHORT_CELLS_H

#include <stdbool.h>
#include <stddef.h>

/* Scans `text` row by row, in memory that ends behind it; is_last: nothing follows it. The scanner's rows must be those
 * that it finds when no cell is read as a short number, and such a number what decimal_read() makes of its text.
 * Rows of numbers that are read at once must be those, too. *short_count: how many cells were short. NULL, or what
 * differs. */
const char *short_cells_difference(const char *text, size_t length, char separator, bool is_last, size_t *short_count);

#endif
