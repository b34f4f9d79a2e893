/* The bound.
 *
 * A result depends on the roundings d_1, d_2, ... of the operations before it, to first order as sum c_k d_k, where
 * |d_k| <= L_k, what OpenCL allows (half an ulp of a sum or product; 2.5 ulp of a division, 3 of sqrt, exp and log, 4
 * of sin and cos, 16 of erf, and so on; an ulp is at most 2 u of the value).
 *
 * Roundings are taken for independent of each other with a mean of 0 (N. Higham and T. Mary, A new approach to
 * probabilistic rounding error analysis, 2019; what is rounded once and used often, such as a learning rate, must be
 * marked once). Then, by W. Hoeffding's inequality (1963),
 *
 *     P(|sum c_k d_k| > DEVIATIONS s) <= 2 exp(-DEVIATIONS^2 / 2),  s^2 = sum c_k^2 L_k^2
 *
 * whatever the distribution of the d_k: for 6 deviations 3e-8 a number. Runs in which each d_k is L_k or -L_k, by a
 * coin, have just that variance s^2. It is estimated by the mean square of their differences from the run without; 24
 * runs show less than half of it in 2 of 100 cases, so the largest of the estimates of what has been computed alike,
 * such as the weights of a layer, is taken for all of them.
 *
 * Where the result jumps (relu's slope, a sign) and a rounding may take it to the other side, some of the runs do, and
 * the bound is as large as that jump. */
#include "reference/rounding.h"

#include <math.h>
#include <stdbool.h>

static const double unit_roundoff = 0x1p-24, deviations = 6;

static bool is_on;
static uint64_t drawn;

void rounding_begin(uint64_t seed) {
    is_on = true;
    drawn = 0x9E3779B97F4A7C15u * (seed + 1);
}

void rounding_end(void) {
    is_on = false;
}

/* Marsaglia's xorshift, 2003. */
static bool coin(void) {
    drawn ^= drawn << 13;
    drawn ^= drawn >> 7;
    drawn ^= drawn << 17;
    return drawn >> 63;
}

double rounded_within(double units, double size, double x) {
    if (!is_on) return x;
    const double error = units * unit_roundoff * fabs(size);
    return coin() ? x + error : x - error;
}

double rounded_by(double units, double x) {
    return rounded_within(units, x, x);
}

double rounded(double x) {
    return rounded_within(1, x, x);
}

double rounding_bound(size_t count, const double *squares, size_t run_count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, squares[i] / (double)run_count);
    return deviations * sqrt(largest);
}
