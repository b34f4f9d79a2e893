#include "model/orthogonal.h"

#include "base/checked.h"
#include "base/random.h"

#include <math.h>
#include <string.h>

/* The first n columns of an orthogonal N x N matrix, each such matrix being as likely as any other, are those of a
 * product of n reflections: reflection i takes a vector of N - i random normals to the first axis of theirs (G.
 * Stewart, 1980). A column is a unit vector that goes through those up to its own, the last one first, and has the sign
 * that takes that axis to the normals and not away from them (F. Mezzadri, 2007). Reflections lose no orthogonality,
 * whatever the normals are. */

enum {
    COLUMNS = 8, /* that go through a reflection together, while it is in a core's cache */
    LANES = 8    /* sums of a product that do not wait for each other                    */
};

/* The normals of kernels/parameters/initialize.cl. */
static double normal(uint64_t index, uint32_t number, uint64_t seed) {
    const double pi = 3.14159265358979323846;
    uint32_t block[4] = {(uint32_t)index, number, RANDOM_INITIALIZE, (uint32_t)(index >> 32)};
    random_philox(block, (uint32_t)seed, (uint32_t)(seed >> 32));
    return sqrt(-2.0 * log((double)random_unit(block[0]) + 0x1p-24)) * cos(2.0 * pi * (double)random_unit(block[1]));
}

static double product(const double *a, const double *b, size_t count) {
    double sums[LANES] = {0.0}, sum = 0.0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t lane = 0; lane < LANES; lane++) sums[lane] += a[i + lane] * b[i + lane];
    for (; i < count; i++) sum += a[i] * b[i];
    for (size_t lane = 0; lane < LANES; lane++) sum += sums[lane];
    return sum;
}

/* Makes v, of normals x, what I - v v' reflects x by; the sign of the axis that it takes x to. */
static double make_reflection(double *v, size_t count) {
    const double length = sqrt(product(v, v, count)), sign = v[0] < 0.0 ? 1.0 : -1.0;
    const double scale = sqrt(length * (length + fabs(v[0])));
    v[0] -= sign * length;
    for (size_t i = 0; scale > 0.0 && i < count; i++) v[i] /= scale;
    return sign;
}

static void reflect(double *column, const double *v, size_t count) {
    const double along = product(column, v, count);
    for (size_t i = 0; i < count; i++) column[i] -= along * v[i];
}

epocl_status orthogonal_weights(layer *l, uint32_t number, uint64_t seed, float scale) {
    epocl_status status = EPOCL_OK;
    const bool is_tall = l->output_count > l->input_count;
    const size_t n = is_tall ? l->input_count : l->output_count, length = is_tall ? l->output_count : l->input_count;
    const size_t step = is_tall ? n : 1,
                 stride = is_tall ? 1 : length; /* in the weights: along a column, to the next */
    double *reflections = NULL, *signs = NULL, *columns = NULL;
    TRY(allocate(n, length * sizeof *reflections, "orthogonal weights", &reflections));
    TRY(allocate(n, sizeof *signs, "orthogonal weights", &signs));
    TRY(allocate(COLUMNS, length * sizeof *columns, "orthogonal weights", &columns));
    for (size_t i = 0; i < n; i++) {
        double *v = reflections + i * length;
        for (size_t k = i; k < length; k++) v[k] = normal(i * length + k, number, seed);
        signs[i] = make_reflection(v + i, length - i);
    }
    for (size_t first = 0; first < n; first += COLUMNS) {
        const size_t count = smaller(COLUMNS, n - first);
        memset(columns, 0, count * length * sizeof *columns);
        for (size_t c = 0; c < count; c++) columns[c * length + first + c] = signs[first + c];
        for (size_t i = first + count; i-- > 0;)
            for (size_t c = i > first ? i - first : 0; c < count; c++)
                reflect(columns + c * length + i, reflections + i * length + i, length - i);
        for (size_t c = 0; c < count; c++)
            for (size_t k = 0; k < length; k++)
                l->weights[(first + c) * stride + k * step] = (float)((double)scale * columns[c * length + k]);
    }
cleanup:
    free(columns);
    free(signs);
    free(reflections);
    return status;
}
