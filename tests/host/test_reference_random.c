/* The reference's random draws: published vectors, a true permutation, Glorot's range. */
#include "reference/reference.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

Suite *reference_random_suite(void);

/* philox4x32-10 of kat_vectors in the Random123 distribution (J. Salmon et al., 2011). */
typedef struct known_answer {
    uint32_t counter[4], key[2], answer[4];
} known_answer;

static const known_answer known_answers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};
enum { KNOWN_ANSWER_COUNT = sizeof known_answers / sizeof *known_answers };

START_TEST(philox_gives_known_answers) {
    const known_answer *known = &known_answers[_i];
    const uint32_t index = known->counter[0], epoch = known->counter[1], purpose = known->counter[2];
    const uint64_t seed = (uint64_t)known->key[1] << 32 | known->key[0];
    ck_assert_uint_eq(reference_philox_word(seed, purpose, epoch, index, known->counter[3]), known->answer[0]);
}
END_TEST

START_TEST(unit_is_in_range) {
    ck_assert(reference_unit(0) == 0.0f);
    ck_assert(reference_unit(0xffu) == 0.0f);
    ck_assert(reference_unit(0x80000000u) == 0.5f);
    ck_assert(reference_unit(0xffffffffu) == 1.0f - 0x1p-24f);
}
END_TEST

static const uint32_t permutation_counts[] = {1, 2, 3, 10, 63, 64, 65, 127, 128, 129, 1000, 4099};
enum { PERMUTATION_COUNT = sizeof permutation_counts / sizeof *permutation_counts };

/* 64 bits of seed, of which both halves matter. */
static const uint64_t seed = 0x0123456789abcdef;

START_TEST(permutation_is_one) {
    const uint32_t count = permutation_counts[_i];
    uint32_t *order = calloc(count, sizeof *order);
    bool *seen = calloc(count, sizeof *seen);
    ck_assert(order && seen);
    reference_permutation(seed, 1, count, order);
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_uint_lt(order[i], count);
        ck_assert_msg(!seen[order[i]], "%u comes twice", (unsigned)order[i]);
        seen[order[i]] = true;
    }
    free(order);
    free(seen);
}
END_TEST

static size_t fixed_count(uint64_t seed_a, uint32_t epoch_a, uint64_t seed_b, uint32_t epoch_b) {
    enum { COUNT = 1000 };
    uint32_t a[COUNT], b[COUNT];
    reference_permutation(seed_a, epoch_a, COUNT, a);
    reference_permutation(seed_b, epoch_b, COUNT, b);
    size_t same_count = 0;
    for (size_t i = 0; i < COUNT; i++) same_count += a[i] == b[i];
    return same_count;
}

/* Two random permutations agree in one place on average, in more than 15 with odds below 1e-12. */
START_TEST(permutation_depends_on_seed_and_epoch) {
    ck_assert_uint_eq(fixed_count(seed, 1, seed, 1), 1000);
    ck_assert_uint_le(fixed_count(seed, 1, seed, 2), 15);
    ck_assert_uint_le(fixed_count(seed, 1, seed + 1, 1), 15);
    ck_assert_uint_le(fixed_count(seed, 1, seed ^ (uint64_t)1 << 63, 1), 15);
}
END_TEST

/* Uniform in [-limit, limit): its mean square is limit^2 / 3. */
START_TEST(glorot_weights_fill_their_range) {
    enum { INPUT_COUNT = 100, OUTPUT_COUNT = 50, COUNT = INPUT_COUNT * OUTPUT_COUNT };
    static float weights[COUNT], of_next_layer[COUNT];
    const float limit = (float)sqrt(6.0 / (INPUT_COUNT + OUTPUT_COUNT));
    reference_glorot_weights(seed, 0, INPUT_COUNT, OUTPUT_COUNT, weights);
    reference_glorot_weights(seed, 1, INPUT_COUNT, OUTPUT_COUNT, of_next_layer);
    double sum = 0, sum_of_squares = 0;
    size_t same_count = 0;
    for (size_t i = 0; i < COUNT; i++) {
        ck_assert(weights[i] >= -limit && weights[i] < limit);
        sum += (double)weights[i];
        sum_of_squares += (double)weights[i] * (double)weights[i];
        same_count += weights[i] == of_next_layer[i];
        const uint32_t word = reference_philox_word(seed, REFERENCE_RANDOM_INITIALIZE, 0, (uint32_t)i, 0);
        ck_assert(weights[i] == (2.0f * reference_unit(word) - 1.0f) * limit);
    }
    const double count = COUNT, variance = (double)limit * (double)limit / 3;
    ck_assert(fabs(sum / count) <= 5 * sqrt(variance / count));
    ck_assert(fabs(sum_of_squares / count / variance - 1) <= 0.1);
    ck_assert_uint_le(same_count, 5);
}
END_TEST

Suite *reference_random_suite(void) {
    Suite *suite = suite_create("reference_random");
    TCase *draws = tcase_create("draws");
    tcase_add_loop_test(draws, philox_gives_known_answers, 0, KNOWN_ANSWER_COUNT);
    tcase_add_test(draws, unit_is_in_range);
    tcase_add_loop_test(draws, permutation_is_one, 0, PERMUTATION_COUNT);
    tcase_add_test(draws, permutation_depends_on_seed_and_epoch);
    tcase_add_test(draws, glorot_weights_fill_their_range);
    suite_add_tcase(suite, draws);
    return suite;
}
