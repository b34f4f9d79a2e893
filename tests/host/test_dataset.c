/* Data sets from arrays, and splitting them. Reading files is in test_idx.c. */
#include "base/status.h"
#include "data/dataset.h"
#include "reference/reference.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

Suite *dataset_suite(void);

START_TEST(arrays_are_copied) {
    float floats[] = {1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f};
    uint8_t bytes[] = {1, 2, 3, 4, 5, 6};
    uint32_t labels[] = {0, 4, 2};
    epocl_dataset *a = NULL, *b = NULL;
    ck_assert_int_eq(epocl_dataset_from_floats(floats, labels, 3, 2, 9, &a), EPOCL_OK);
    ck_assert_int_eq(epocl_dataset_from_bytes(bytes, NULL, 2, 3, 9, &b), EPOCL_OK);
    memset(floats, 0, sizeof floats);
    memset(bytes, 0, sizeof bytes);
    memset(labels, 0, sizeof labels);

    ck_assert_uint_eq(epocl_dataset_sample_count(a), 3);
    ck_assert_uint_eq(epocl_dataset_input_count(a), 2);
    ck_assert_uint_eq(epocl_dataset_class_count(a), 9);
    ck_assert_int_eq(a->type, INPUT_FLOATS);
    ck_assert_uint_eq(dataset_value_bytes(a), 4);
    for (size_t i = 0; i < 6; i++) ck_assert(((const float *)a->inputs)[i] == (float)(i + 1));
    ck_assert(a->labels[0] == 0 && a->labels[1] == 4 && a->labels[2] == 2);

    ck_assert_uint_eq(epocl_dataset_sample_count(b), 2);
    ck_assert_uint_eq(epocl_dataset_input_count(b), 3);
    ck_assert_uint_eq(epocl_dataset_class_count(b), 0);
    ck_assert_int_eq(b->type, INPUT_BYTES);
    ck_assert_uint_eq(dataset_value_bytes(b), 1);
    for (size_t i = 0; i < 6; i++) ck_assert_uint_eq(((const uint8_t *)b->inputs)[i], i + 1);
    ck_assert_ptr_null(b->labels);
    epocl_dataset_release(a);
    epocl_dataset_release(b);
}
END_TEST

START_TEST(samples_are_counted_by_class) {
    static const float inputs[] = {1, 2, 3, 4};
    static const uint32_t labels[] = {3, 1, 3, 3};
    size_t counts[5] = {9, 9, 9, 9, 9};
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_from_floats(inputs, labels, 4, 1, 4, &dataset), EPOCL_OK);
    ck_assert_int_eq(epocl_dataset_count_classes(dataset, counts), EPOCL_OK);
    ck_assert(counts[0] == 0 && counts[1] == 1 && counts[2] == 0 && counts[3] == 3 && counts[4] == 9);
    ck_assert_int_eq(epocl_dataset_count_classes(NULL, counts), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_dataset_count_classes(dataset, NULL), EPOCL_ERROR_ARGUMENT);
    epocl_dataset_release(dataset);
}
END_TEST

START_TEST(no_data_set_has_no_samples) {
    ck_assert_uint_eq(epocl_dataset_sample_count(NULL), 0);
    ck_assert_uint_eq(epocl_dataset_input_count(NULL), 0);
    ck_assert_uint_eq(epocl_dataset_class_count(NULL), 0);
    epocl_dataset_release(NULL);
}
END_TEST

START_TEST(bad_arrays_are_refused) {
    static const float sound[] = {1, 2, 3, 4}, with_nan[] = {1, 2, 3, NAN}, with_infinity[] = {1, -INFINITY, 3, 4};
    static const uint32_t labels[] = {0, 2};
    static const struct {
        const float *inputs;
        const uint32_t *labels;
        size_t sample_count, input_count, class_count;
        const char *part;
    } cases[] = {
        {NULL, NULL, 2, 2, 0, "inputs"},
        {sound, NULL, 0, 2, 0, "sample_count"},
        {sound, NULL, 2, 0, 0, "input_count"},
        {sound, NULL, DATASET_MAX_SAMPLES + 1, 1, 0, "sample_count"},
        {sound, NULL, SIZE_MAX, 2, 0, "sample_count"},
        {sound, NULL, 2, DATASET_MAX_INPUTS + 1, 0, "input_count"},
        {sound, NULL, 2, SIZE_MAX, 0, "input_count"},
        {sound, labels, 2, 2, 0, "class_count"},
        {sound, labels, 2, 2, DATASET_MAX_CLASSES + 1, "class_count"},
        {sound, labels, 2, 2, 2, "label 2 of sample 1"},
        {with_nan, labels, 2, 2, 3, "input 1 of sample 1 (both counted from 0) is NaN"},
        {with_infinity, NULL, 2, 2, 0, "input 1 of sample 0 (both counted from 0) is infinite"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        epocl_dataset *dataset = (epocl_dataset *)&dataset;
        ck_assert_int_eq(epocl_dataset_from_floats(cases[i].inputs, cases[i].labels, cases[i].sample_count,
                                                   cases[i].input_count, cases[i].class_count, &dataset),
                         EPOCL_ERROR_ARGUMENT);
        ck_assert_ptr_null(dataset);
        ck_assert_msg(strstr(epocl_last_error(), cases[i].part), "'%s': %s", cases[i].part, epocl_last_error());
    }
    ck_assert_int_eq(epocl_dataset_from_floats(sound, NULL, 2, 2, 0, NULL), EPOCL_ERROR_ARGUMENT);
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_from_bytes(NULL, NULL, 2, 2, 0, &dataset), EPOCL_ERROR_ARGUMENT);
}
END_TEST

/* Sample i has the inputs i, i + 0.5 and the label i mod 7. */
static epocl_dataset *numbered_samples(size_t count) {
    float *inputs = malloc(2 * count * sizeof *inputs);
    uint32_t *labels = malloc(count * sizeof *labels);
    ck_assert(inputs && labels);
    for (size_t i = 0; i < count; i++) {
        inputs[2 * i] = (float)i;
        inputs[2 * i + 1] = (float)i + 0.5f;
        labels[i] = (uint32_t)(i % 7);
    }
    epocl_dataset *dataset = NULL;
    ck_assert_int_eq(epocl_dataset_from_floats(inputs, labels, count, 2, 7, &dataset), EPOCL_OK);
    free(inputs);
    free(labels);
    return dataset;
}

static size_t number_of(const epocl_dataset *dataset, size_t sample) {
    return (size_t)((const float *)dataset->inputs)[2 * sample];
}

/* Marks the part's samples in `seen` and checks that each is whole, in order, and where the permutation puts it. */
static void check_part(const epocl_dataset *part, size_t count, uint64_t seed, size_t second_count, bool is_second,
                       unsigned char *seen) {
    ck_assert_uint_eq(part->input_count, 2);
    ck_assert_uint_eq(part->class_count, 7);
    for (size_t i = 0; i < part->sample_count; i++) {
        const size_t number = number_of(part, i);
        ck_assert(number < count && seen[number] == 0);
        seen[number] = 1;
        ck_assert(((const float *)part->inputs)[2 * i + 1] == (float)number + 0.5f);
        ck_assert_uint_eq(part->labels[i], number % 7);
        ck_assert(i == 0 || number > number_of(part, i - 1));
        const uint32_t place = reference_permute(seed, REFERENCE_RANDOM_SPLIT, 0, (uint32_t)number, (uint32_t)count);
        ck_assert(is_second == (place < second_count));
    }
}

START_TEST(a_split_is_a_partition) {
    static const struct {
        size_t count;
        double fraction;
        size_t second_count;
    } cases[] = {
        {2, 0.5, 1},  {2, 1e-9, 1},  {2, 0.999, 1}, {3, 0.5, 2},       {10, 0.1, 1},         {10, 0.25, 3},
        {10, 0.9, 9}, {10, 0.99, 9}, {65, 0.2, 13}, {1000, 0.15, 150}, {1000, 0x1p-1074, 1}, {1000, 1 - 0x1p-53, 999},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        epocl_dataset *source = numbered_samples(cases[i].count), *first = NULL, *second = NULL;
        unsigned char *seen = calloc(cases[i].count, 1);
        const uint64_t seed = 0x123456789ABCDEF0u + i;
        ck_assert_int_eq(epocl_dataset_split(source, cases[i].fraction, seed, &first, &second), EPOCL_OK);
        ck_assert_uint_eq(second->sample_count, cases[i].second_count);
        ck_assert_uint_eq(first->sample_count, cases[i].count - cases[i].second_count);
        check_part(first, cases[i].count, seed, cases[i].second_count, false, seen);
        check_part(second, cases[i].count, seed, cases[i].second_count, true, seen);
        for (size_t sample = 0; sample < cases[i].count; sample++) ck_assert_uint_eq(number_of(source, sample), sample);
        free(seen);
        epocl_dataset_release(source);
        epocl_dataset_release(first);
        epocl_dataset_release(second);
    }
}
END_TEST

START_TEST(a_split_depends_on_the_seed_alone) {
    static const uint64_t seeds[] = {1, 1, 2, 1 + 0x100000000};
    enum { SEED_COUNT = sizeof seeds / sizeof *seeds };
    epocl_dataset *source = numbered_samples(1000), *first[SEED_COUNT], *second[SEED_COUNT];
    for (size_t i = 0; i < SEED_COUNT; i++) {
        ck_assert_int_eq(epocl_dataset_split(source, 0.2, seeds[i], &first[i], &second[i]), EPOCL_OK);
        const bool is_same = memcmp(second[0]->inputs, second[i]->inputs, 200 * 2 * sizeof(float)) == 0;
        ck_assert(is_same == (seeds[i] == seeds[0]));
    }
    for (size_t i = 0; i < SEED_COUNT; i++) {
        epocl_dataset_release(first[i]);
        epocl_dataset_release(second[i]);
    }
    epocl_dataset_release(source);
}
END_TEST

START_TEST(bytes_without_labels_are_split) {
    static const uint8_t bytes[] = {1, 2, 3, 4};
    epocl_dataset *source = NULL, *first = NULL, *second = NULL;
    ck_assert_int_eq(epocl_dataset_from_bytes(bytes, NULL, 4, 1, 0, &source), EPOCL_OK);
    ck_assert_int_eq(epocl_dataset_split(source, 0.5, 3, &first, &second), EPOCL_OK);
    ck_assert_int_eq(first->type, INPUT_BYTES);
    ck_assert_ptr_null(first->labels);
    ck_assert_ptr_null(second->labels);
    const uint8_t *a = first->inputs, *b = second->inputs;
    ck_assert_int_eq(a[0] + a[1] + b[0] + b[1], 10);
    ck_assert_int_eq(a[0] * a[1] * b[0] * b[1], 24);
    epocl_dataset_release(source);
    epocl_dataset_release(first);
    epocl_dataset_release(second);
}
END_TEST

START_TEST(bad_splits_are_refused) {
    static const double fractions[] = {0.0, -0.0, 1.0, -0.5, 1.5, NAN, INFINITY, -INFINITY};
    epocl_dataset *source = numbered_samples(10), *single = numbered_samples(1);
    for (size_t i = 0; i < sizeof fractions / sizeof *fractions; i++) {
        epocl_dataset *first = source, *second = source;
        ck_assert_int_eq(epocl_dataset_split(source, fractions[i], 1, &first, &second), EPOCL_ERROR_ARGUMENT);
        ck_assert(first == NULL && second == NULL);
    }
    epocl_dataset *first = NULL, *second = NULL;
    ck_assert_int_eq(epocl_dataset_split(single, 0.5, 1, &first, &second), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_dataset_split(NULL, 0.5, 1, &first, &second), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_dataset_split(source, 0.5, 1, NULL, &second), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_dataset_split(source, 0.5, 1, &first, NULL), EPOCL_ERROR_ARGUMENT);
    epocl_dataset_release(source);
    epocl_dataset_release(single);
}
END_TEST

Suite *dataset_suite(void) {
    Suite *suite = suite_create("dataset");
    TCase *tests = tcase_create("arrays");
    tcase_add_test(tests, arrays_are_copied);
    tcase_add_test(tests, samples_are_counted_by_class);
    tcase_add_test(tests, no_data_set_has_no_samples);
    tcase_add_test(tests, bad_arrays_are_refused);
    suite_add_tcase(suite, tests);
    tests = tcase_create("split");
    tcase_add_test(tests, a_split_is_a_partition);
    tcase_add_test(tests, a_split_depends_on_the_seed_alone);
    tcase_add_test(tests, bytes_without_labels_are_split);
    tcase_add_test(tests, bad_splits_are_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
