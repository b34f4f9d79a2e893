/* Numbers in order, and what follows from their order. No OpenCL here. */
#ifndef EPOCL_DATA_SORTED_H
#define EPOCL_DATA_SORTED_H

#include "base/status.h"

#include <stddef.h>

/* Sorts finite numbers, -0 before 0; `scratch` has room for as many. */
void sort_floats(float *values, float *scratch, size_t count);

/* Puts the values of a sorted array that differ at its beginning, and returns their number. */
size_t distinct_floats(float *sorted, size_t count);

/* The place of the last of `count` rising numbers that is not above `value`; 0 where all are. */
size_t floats_find(const float *rising, size_t count, float value);

/* The value below which a part `p`, 0 to 1, of the sorted numbers lies, by a straight line between neighbours. */
double sorted_quantile(const float *sorted, size_t count, double p);

/* The z below which a normal variable of mean 0 and variance 1 lies with probability p, held within -most and most. */
double normal_quantile(double p, double most);

#endif
