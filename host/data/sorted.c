#include "data/sorted.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* ---- Sorting: by the bits, least significant digits first -------------------------------------- */

enum { DIGIT_BITS = 11, DIGITS = 3, BUCKETS = 1 << DIGIT_BITS };

/* Rises with the number: negative ones have their bits turned round. */
static uint32_t key_of(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

static void sort_by_digit(const float *from, float *to, size_t count, int shift) {
    size_t starts[BUCKETS] = {0}, next = 0;
    for (size_t i = 0; i < count; i++) starts[key_of(from[i]) >> shift & (BUCKETS - 1)]++;
    for (size_t b = 0; b < BUCKETS; b++) {
        const size_t held = starts[b];
        starts[b] = next;
        next += held;
    }
    for (size_t i = 0; i < count; i++) to[starts[key_of(from[i]) >> shift & (BUCKETS - 1)]++] = from[i];
}

void sort_floats(float *values, float *scratch, size_t count) {
    float *from = values, *to = scratch;
    for (int digit = 0; digit < DIGITS; digit++) {
        sort_by_digit(from, to, count, digit * DIGIT_BITS);
        float *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != values) memcpy(values, from, count * sizeof *values);
}

size_t distinct_floats(float *sorted, size_t count) {
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (kept == 0 || sorted[i] != sorted[kept - 1]) sorted[kept++] = sorted[i];
    return kept;
}

size_t floats_find(const float *rising, size_t count, float value) {
    size_t first = 0, end = count;
    while (end - first > 1) {
        const size_t middle = first + (end - first) / 2;
        if (rising[middle] <= value)
            first = middle;
        else
            end = middle;
    }
    return first;
}

/* ---- Quantiles ---------------------------------------------------------------------------------- */

double sorted_quantile(const float *sorted, size_t count, double p) {
    const double place = p * (double)(count - 1);
    const size_t below = (size_t)place;
    if (below + 1 >= count) return (double)sorted[count - 1];
    const double low = (double)sorted[below], high = (double)sorted[below + 1];
    return low + (place - (double)below) * (high - low);
}

/* Halving finds what erfc() says of it; 60 times are more than a double holds. */
double normal_quantile(double p, double most) {
    static const double root_half = 0.70710678118654752440;
    double low = -most, high = most;
    for (int i = 0; i < 60; i++) {
        const double middle = 0.5 * (low + high);
        if (0.5 * erfc(-middle * root_half) < p)
            low = middle;
        else
            high = middle;
    }
    return 0.5 * (low + high);
}
