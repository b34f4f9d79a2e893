/* Orthogonal weights, against their definition: orthonormal, each matrix as likely as any other, of seed and layer. */
#include "model/orthogonal.h"
#include "reference/reference.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *orthogonal_suite(void);

static layer made(size_t output_count, size_t input_count, uint32_t number, uint64_t seed, float scale) {
    layer l = {.input_count = input_count,
               .output_count = output_count,
               .weights = calloc(output_count * input_count, sizeof *l.weights)};
    ck_assert_ptr_nonnull(l.weights);
    ck_assert_int_eq(orthogonal_weights(&l, number, seed, scale), EPOCL_OK);
    return l;
}

/* Value `place` of the row, or, of more outputs than inputs, of the column `which`. */
static double value(const layer *l, size_t which, size_t place) {
    return (double)(l->output_count <= l->input_count ? l->weights[which * l->input_count + place]
                                                      : l->weights[place * l->input_count + which]);
}

static const size_t shapes[][2] = {{1, 1},   {1, 2},   {2, 1},    {1, 700},   {700, 1}, {2, 2},
                                   {8, 8},   {9, 8},   {8, 9},    {7, 300},   {300, 7}, {17, 23},
                                   {23, 17}, {64, 64}, {100, 99}, {255, 256}, {257, 1}, {3, 64}};

/* Each weight is rounded to a float, by u = 2^-24 of itself, and a product of two rows changes by no more than
 * (2 u + u^2) sum |a b|, which is at most that of the squares of their lengths. N reflections in double precision
 * change it by less than 8 N^2 2^-53, 2^-34 here. */
START_TEST(rows_or_columns_are_orthonormal) {
    const size_t out = shapes[_i][0], in = shapes[_i][1], count = out < in ? out : in, length = out < in ? in : out;
    static const float scales[] = {1.0f, 1.41421356f, 0.125f};
    for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
        const layer l = made(out, in, 2, 77, scales[s]);
        const double square = (double)scales[s] * (double)scales[s], tolerance = square * (0x1p-23 + 0x1p-34);
        for (size_t a = 0; a < count; a++) {
            for (size_t b = 0; b <= a; b++) {
                double product = 0.0;
                for (size_t i = 0; i < length; i++) product += value(&l, a, i) * value(&l, b, i);
                ck_assert_msg(fabs(product - (a == b ? square : 0.0)) <= tolerance, "%zu x %zu, %zu and %zu: %.9g", out,
                              in, a, b, product);
            }
        }
        free(l.weights);
    }
}
END_TEST

static double drawn(uint64_t seed, uint32_t number, uint32_t index) {
    const double u = (double)reference_unit(reference_philox_word(seed, REFERENCE_RANDOM_INITIALIZE, number, index, 0));
    return sqrt(-2.0 * log(u + ldexp(1.0, -24)));
}

/* The first one is a vector of normals, made 1 long; of each the magnitude is known but for the cosine, whose mean
 * square is 1/2. */
START_TEST(the_first_is_what_was_drawn) {
    enum { LENGTH = 4000 };
    const layer l = made(1, LENGTH, 3, 5, 1.0f);
    double squares = 0.0, most = 0.0, sum = 0.0;
    for (uint32_t i = 0; i < LENGTH; i++) squares += drawn(5, 3, i) * drawn(5, 3, i) / 2.0;
    for (uint32_t i = 0; i < LENGTH; i++) {
        const double cosine = value(&l, 0, i) * sqrt(squares) / drawn(5, 3, i);
        most = fmax(most, fabs(cosine));
        sum += cosine;
    }
    /* The length deviates from the root by 1 %; a mean of 4,000 cosines by 0.011. */
    ck_assert_double_eq_tol(most, 1.0, 0.05);
    ck_assert_double_eq_tol(sum / LENGTH, 0.0, 0.06);
    free(l.weights);
}
END_TEST

/* With each orthogonal matrix as likely as any other, its trace has mean 0 and deviation 1, and each value v of an
 * N x N matrix mean 0, mean square 1 / N and mean v^4 3 / (N (N + 2)) (P. Diaconis and M. Shahshahani, 1994). */
START_TEST(no_matrix_is_preferred) {
    enum { N = 4, TRIALS = 4000 };
    double trace = 0.0, trace_square = 0.0, values[N * N] = {0.0}, fourth[N * N] = {0.0}, determinant_sign = 0.0;
    for (uint64_t trial = 0; trial < TRIALS; trial++) {
        const layer l = made(N, N, 0, trial, 1.0f), two = made(2, 2, 0, trial, 1.0f);
        double t = 0.0;
        for (size_t i = 0; i < N * N; i++) {
            const double v = (double)l.weights[i];
            if (i % (N + 1) == 0) t += v;
            values[i] += v / TRIALS;
            fourth[i] += v * v * v * v / TRIALS;
        }
        trace += t / TRIALS;
        trace_square += t * t / TRIALS;
        determinant_sign += (double)(two.weights[0] * two.weights[3] - two.weights[1] * two.weights[2]) / TRIALS;
        free(two.weights);
        free(l.weights);
    }
    /* Five deviations each: of the trace 1, of its square sqrt(2), of a value 1/2, of its fourth power less than 0.18,
     * of a sign 1; over sqrt(4000). */
    ck_assert_double_eq_tol(trace, 0.0, 0.08);
    ck_assert_double_eq_tol(trace_square, 1.0, 0.12);
    ck_assert_double_eq_tol(determinant_sign, 0.0, 0.08);
    for (size_t i = 0; i < N * N; i++) {
        ck_assert_double_eq_tol(values[i], 0.0, 0.04);
        ck_assert_double_eq_tol(fourth[i], 3.0 / (N * (N + 2)), 0.015);
    }
}
END_TEST

START_TEST(seed_and_layer_decide) {
    const layer first = made(9, 7, 1, 2, 1.0f), again = made(9, 7, 1, 2, 1.0f);
    const layer other_layer = made(9, 7, 2, 2, 1.0f), other_seed = made(9, 7, 1, 2 + ((uint64_t)1 << 32), 1.0f);
    const size_t bytes = 9 * 7 * sizeof(float);
    ck_assert_mem_eq(first.weights, again.weights, bytes);
    ck_assert_mem_ne(first.weights, other_layer.weights, bytes);
    ck_assert_mem_ne(first.weights, other_seed.weights, bytes);
    const layer *all[] = {&first, &again, &other_layer, &other_seed};
    for (size_t i = 0; i < 4; i++) free(all[i]->weights);
}
END_TEST

/* One draw in 16 million is 0, which has no direction: a matrix of it alone is -1. */
START_TEST(a_draw_of_zero_has_a_sign) {
    const uint64_t seed = 56716214;
    ck_assert(reference_unit(reference_philox_word(seed, REFERENCE_RANDOM_INITIALIZE, 0, 0, 0)) == 1.0f - 0x1p-24f);
    const layer l = made(1, 1, 0, seed, 0.5f);
    ck_assert(l.weights[0] == -0.5f);
    free(l.weights);
}
END_TEST

Suite *orthogonal_suite(void) {
    Suite *suite = suite_create("orthogonal");
    TCase *tests = tcase_create("orthogonal");
    tcase_add_loop_test(tests, rows_or_columns_are_orthonormal, 0, (int)(sizeof shapes / sizeof *shapes));
    tcase_add_test(tests, the_first_is_what_was_drawn);
    tcase_add_test(tests, no_matrix_is_preferred);
    tcase_add_test(tests, seed_and_layer_decide);
    tcase_add_test(tests, a_draw_of_zero_has_a_sign);
    suite_add_tcase(suite, tests);
    return suite;
}
