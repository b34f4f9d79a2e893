/* Normalisation factors against numbers worked out by hand and against a two-pass computation. */
#include "base/status.h"
#include "data/dataset.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

Suite *normalization_suite(void);

enum { COLUMNS = 6, ROWS = 4 };

/* The columns: 1 to 4; constant; -1 and 1; a small step on a large offset; a difference whose inverse is
 * no float; nearly all floats there are. */
static const float table[ROWS][COLUMNS] = {
    {1.0f, 7.0f, -1.0f, 1000000.0f, 0.0f, -3e38f},
    {2.0f, 7.0f, 1.0f, 1000001.0f, 1e-45f, 3e38f},
    {3.0f, 7.0f, -1.0f, 1000000.0f, 0.0f, -3e38f},
    {4.0f, 7.0f, 1.0f, 1000001.0f, 1e-45f, 3e38f},
};

static epocl_dataset *table_samples(void) {
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_from_floats(&table[0][0], NULL, ROWS, COLUMNS, 0, &dataset), EPOCL_OK);
    return dataset;
}

/* Both factors are rounded to float, and the shift is computed from the rounded scale: two roundings. Below
 * the smallest normal float, a rounding is 2^-150 instead. */
static bool is_close(float value, double expected) {
    const double tolerance = 2.0 * 0x1p-24 * fabs(expected) + 0x1p-150;
    return fabs((double)value - expected) <= tolerance;
}

static void check_factors(const epocl_dataset *dataset, const char *kind, const char *expected_kind,
                          const double *scales, const double *shifts) {
    float scale[COLUMNS], shift[COLUMNS];
    const char *resolved = NULL;
    ck_assert_int_eq(dataset_normalization(dataset, kind, &resolved, scale, shift), EPOCL_OK);
    ck_assert_str_eq(resolved, expected_kind);
    for (size_t i = 0; i < dataset->input_count; i++) {
        ck_assert_msg(is_close(scale[i], scales[i]), "%s: scale %zu is %.9g, not %.9g", kind, i, (double)scale[i],
                      scales[i]);
        /* The scale of the widest column is not a normal float: 2^-149 / 2 on about 2e-39. */
        const double tolerance = i == 5 ? 0x1p-150 * 3e38 + 0x1p-23 : 2 * 0x1p-24 * fabs(shifts[i]);
        ck_assert_msg(fabs((double)shift[i] - shifts[i]) <= tolerance, "%s: shift %zu is %.9g, not %.9g", kind, i,
                      (double)shift[i], shifts[i]);
    }
}

START_TEST(zscore_has_mean_zero_and_deviation_one) {
    /* 1 to 4: mean 2.5, variance ((1.5)^2 + (0.5)^2) / 2 = 1.25. */
    const double deviation = sqrt(1.25);
    const double scales[] = {1.0 / deviation, 0.0, 1.0, 2.0, 0.0, 1.0 / (double)3e38f};
    const double shifts[] = {-2.5 / deviation, 0.0, 0.0, -2000001.0, 0.0, 0.0};
    epocl_dataset *dataset = table_samples();
    check_factors(dataset, "zscore", "zscore", scales, shifts);
    check_factors(dataset, "auto", "zscore", scales, shifts);
    epocl_dataset_release(dataset);
}
END_TEST

START_TEST(minmax_goes_from_zero_to_one) {
    const double scales[] = {1.0 / 3.0, 0.0, 0.5, 1.0, 0.0, 0.5 / (double)3e38f};
    const double shifts[] = {-1.0 / 3.0, 0.0, 0.5, -1000000.0, 0.0, 0.5};
    epocl_dataset *dataset = table_samples();
    check_factors(dataset, "minmax", "minmax", scales, shifts);
    epocl_dataset_release(dataset);
}
END_TEST

START_TEST(none_and_scale255_look_at_no_value) {
    const double ones[] = {1, 1, 1, 1, 1, 1}, zeros[] = {0, 0, 0, 0, 0, 0};
    const double fractions[] = {1 / 255., 1 / 255., 1 / 255., 1 / 255., 1 / 255., 1 / 255.};
    epocl_dataset *dataset = table_samples(), *bytes = NULL;
    check_factors(dataset, "none", "none", ones, zeros);
    check_factors(dataset, "scale255", "scale255", fractions, zeros);
    ck_assert_int_eq(epocl_dataset_from_bytes((const uint8_t *)"abcdef", NULL, 1, 6, 0, &bytes), EPOCL_OK);
    check_factors(bytes, "auto", "scale255", fractions, zeros);
    epocl_dataset_release(dataset);
    epocl_dataset_release(bytes);
}
END_TEST

/* Factors of rows with weights are those of rows that are there as often, none of them the first one. */
START_TEST(weights_are_repetitions) {
    static const float weights[] = {0.0f, 3.0f, 1.0f, 2.0f};
    static const size_t repeated[] = {3, 1, 2, 1, 3, 1};
    static const char *const kinds[] = {"zscore", "minmax"};
    enum { REPEATED = sizeof repeated / sizeof *repeated };
    float rows[REPEATED][COLUMNS], scale[2][COLUMNS], shift[2][COLUMNS];
    epocl_dataset *weighted = table_samples(), *other = NULL;
    const char *resolved = NULL;
    for (size_t i = 0; i < REPEATED; i++) memcpy(rows[i], table[repeated[i]], sizeof rows[i]);
    ck_assert_int_eq(epocl_dataset_set_weights(weighted, weights), EPOCL_OK);
    ck_assert_int_eq(epocl_dataset_from_floats(&rows[0][0], NULL, REPEATED, COLUMNS, 0, &other), EPOCL_OK);
    for (size_t k = 0; k < 2; k++) {
        ck_assert_int_eq(dataset_normalization(weighted, kinds[k], &resolved, scale[0], shift[0]), EPOCL_OK);
        ck_assert_int_eq(dataset_normalization(other, kinds[k], &resolved, scale[1], shift[1]), EPOCL_OK);
        for (size_t i = 0; i < COLUMNS; i++) {
            ck_assert_msg(is_close(scale[0][i], (double)scale[1][i]), "%s: scale %zu", kinds[k], i);
            ck_assert_msg(is_close(shift[0][i], (double)shift[1][i]), "%s: shift %zu: %.9g and %.9g", kinds[k], i,
                          (double)shift[0][i], (double)shift[1][i]);
        }
    }
    epocl_dataset_release(weighted);
    epocl_dataset_release(other);
}
END_TEST

START_TEST(one_sample_never_varies) {
    const double zeros[COLUMNS] = {0};
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_from_floats(table[2], NULL, 1, COLUMNS, 0, &dataset), EPOCL_OK);
    check_factors(dataset, "zscore", "zscore", zeros, zeros);
    check_factors(dataset, "minmax", "minmax", zeros, zeros);
    epocl_dataset_release(dataset);
}
END_TEST

/* The textbook's two passes over one column. */
static void column_statistics(const epocl_dataset *dataset, size_t input, double *mean, double *deviation,
                              double *minimum, double *maximum) {
    double sum = 0.0, square_sum = 0.0;
    for (int pass = 0; pass < 2; pass++) {
        *minimum = INFINITY;
        *maximum = -INFINITY;
        for (size_t sample = 0; sample < dataset->sample_count; sample++) {
            const size_t place = sample * dataset->input_count + input;
            const double value = dataset->type == INPUT_BYTES ? (double)((const uint8_t *)dataset->inputs)[place]
                                                              : (double)((const float *)dataset->inputs)[place];
            if (pass == 0) sum += value;
            if (pass == 1) square_sum += (value - *mean) * (value - *mean);
            *minimum = fmin(*minimum, value);
            *maximum = fmax(*maximum, value);
        }
        *mean = sum / (double)dataset->sample_count;
    }
    *deviation = sqrt(square_sum / (double)dataset->sample_count);
}

static void check_against_two_passes(const epocl_dataset *dataset) {
    float *factors = malloc(4 * dataset->input_count * sizeof *factors);
    ck_assert_ptr_nonnull(factors);
    float *z_scale = factors, *z_shift = z_scale + dataset->input_count;
    float *m_scale = z_shift + dataset->input_count, *m_shift = m_scale + dataset->input_count;
    const char *resolved = NULL;
    ck_assert_int_eq(dataset_normalization(dataset, "zscore", &resolved, z_scale, z_shift), EPOCL_OK);
    ck_assert_int_eq(dataset_normalization(dataset, "minmax", &resolved, m_scale, m_shift), EPOCL_OK);
    for (size_t i = 0; i < dataset->input_count; i++) {
        double mean = 0.0, deviation = 0.0, minimum = 0.0, maximum = 0.0;
        column_statistics(dataset, i, &mean, &deviation, &minimum, &maximum);
        ck_assert_msg(is_close(z_scale[i], 1.0 / deviation) && is_close(z_shift[i], -mean / deviation), "zscore %zu",
                      i);
        ck_assert_msg(is_close(m_scale[i], 1.0 / (maximum - minimum)), "minmax scale %zu", i);
        ck_assert_msg(is_close(m_shift[i], -minimum / (maximum - minimum)), "minmax shift %zu", i);
    }
    free(factors);
}

START_TEST(wide_samples_agree_with_two_passes) {
    /* More inputs than are taken at a time, and not a multiple of it. */
    enum { SAMPLE_COUNT = 37, INPUT_COUNT = 1543 };
    float *floats = malloc(sizeof *floats * SAMPLE_COUNT * INPUT_COUNT);
    uint8_t *bytes = malloc((size_t)SAMPLE_COUNT * INPUT_COUNT);
    ck_assert(floats && bytes);
    for (size_t i = 0; i < (size_t)SAMPLE_COUNT * INPUT_COUNT; i++) {
        bytes[i] = (uint8_t)(i * i % 251);
        floats[i] = (float)(i % INPUT_COUNT) * 10.0f + (float)bytes[i] / 64.0f;
    }
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_from_bytes(bytes, NULL, SAMPLE_COUNT, INPUT_COUNT, 0, &dataset), EPOCL_OK);
    check_against_two_passes(dataset);
    epocl_dataset_release(dataset);
    ck_assert_int_eq(epocl_dataset_from_floats(floats, NULL, SAMPLE_COUNT, INPUT_COUNT, 0, &dataset), EPOCL_OK);
    check_against_two_passes(dataset);
    epocl_dataset_release(dataset);
    free(floats);
    free(bytes);
}
END_TEST

/* Squares of all of them are more than 32 bits hold. */
START_TEST(many_bright_samples_agree_with_two_passes) {
    enum { SAMPLE_COUNT = 131109, INPUT_COUNT = 18 };
    uint8_t *bytes = malloc((size_t)SAMPLE_COUNT * INPUT_COUNT);
    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < (size_t)SAMPLE_COUNT * INPUT_COUNT; i++) bytes[i] = (uint8_t)(i % 19 ? 255 : i % 250);
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_from_bytes(bytes, NULL, SAMPLE_COUNT, INPUT_COUNT, 0, &dataset), EPOCL_OK);
    check_against_two_passes(dataset);
    epocl_dataset_release(dataset);
    free(bytes);
}
END_TEST

START_TEST(unknown_kinds_are_refused) {
    static const char *const kinds[] = {"", "z-score", "ZSCORE", "zscore ", NULL};
    float scale[COLUMNS], shift[COLUMNS];
    const char *resolved = NULL;
    epocl_dataset *dataset = table_samples();
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        ck_assert_int_eq(dataset_normalization(dataset, kinds[i], &resolved, scale, shift), EPOCL_ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "minmax"));
    }
    epocl_dataset_release(dataset);
}
END_TEST

Suite *normalization_suite(void) {
    Suite *suite = suite_create("normalization");
    TCase *tests = tcase_create("factors");
    tcase_add_test(tests, zscore_has_mean_zero_and_deviation_one);
    tcase_add_test(tests, minmax_goes_from_zero_to_one);
    tcase_add_test(tests, none_and_scale255_look_at_no_value);
    tcase_add_test(tests, weights_are_repetitions);
    tcase_add_test(tests, one_sample_never_varies);
    tcase_add_test(tests, wide_samples_agree_with_two_passes);
    tcase_add_test(tests, many_bright_samples_agree_with_two_passes);
    tcase_add_test(tests, unknown_kinds_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
