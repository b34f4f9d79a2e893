/* Covering arrays: few rows in which each pair of values of two factors occurs. */
#ifndef EPOCL_TESTS_COVERING_H
#define EPOCL_TESTS_COVERING_H

#include <stddef.h>

enum { COVERING_FACTORS = 32, COVERING_LEVELS = 16 };

/* Rows for factors of counts[f] values each, from 0; the caller frees [*row_count x factor_count]. The same counts
 * give the same rows. */
size_t *covering_rows(const size_t *counts, size_t factor_count, size_t *row_count);

/* Gives `factor` its value 0 in all rows where no pair needs another. */
void covering_prefer_first(size_t *rows, size_t row_count, size_t factor_count, size_t factor);

#endif
