/* Random numbers and permutations, against Random123 and the reference written on it. */
#include "base/random.h"
#include "reference/reference.h"

#include <Random123/philox.h>
#include <check.h>
#include <stdlib.h>

Suite *random_suite(void);

START_TEST(philox_agrees_with_random123) {
    uint64_t state = 1; /* of Knuth's MMIX generator, which only spreads the counters */
    uint32_t words[6];
    for (int trial = 0; trial < 100000; trial++) {
        for (size_t i = 0; i < 6; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            words[i] = (uint32_t)(state >> 32);
        }
        uint32_t block[4] = {words[0], words[1], words[2], words[3]};
        const philox4x32_ctr_t reference_counter = {{words[0], words[1], words[2], words[3]}};
        const philox4x32_key_t reference_key = {{words[4], words[5]}};
        random_philox(block, words[4], words[5]);
        const philox4x32_ctr_t expected = philox4x32(reference_counter, reference_key);
        ck_assert_mem_eq(block, expected.v, sizeof block);
        ck_assert_uint_eq(random_word(words[4], words[5], words[2], words[1], words[0], words[3]), expected.v[0]);
    }
}
END_TEST

START_TEST(units_are_below_one_and_exact) {
    ck_assert(random_unit(0) == 0.0f);
    ck_assert(random_unit(0xFF) == 0.0f);
    ck_assert(random_unit(0x80000000) == 0.5f);
    ck_assert(random_unit(0xFFFFFFFF) == 1.0f - 0x1p-24f);
    for (uint32_t word = 0; word < 0xFFFF0000; word += 0xFEDB) ck_assert(random_unit(word) == reference_unit(word));
}
END_TEST

static const uint32_t counts[] = {1, 2, 3, 7, 63, 64, 65, 127, 128, 129, 1000, 4096, 60000};
enum { COUNT_COUNT = sizeof counts / sizeof *counts };
static const uint64_t seeds[] = {0, 1, 2, 0x100000000, 0xFEDCBA9876543210};
enum { SEED_COUNT = sizeof seeds / sizeof *seeds };

static uint32_t permute(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t index, uint32_t count) {
    return random_permute((uint32_t)seed, (uint32_t)(seed >> 32), purpose, epoch, index, count);
}

START_TEST(a_permutation_hits_every_place_once) {
    const uint32_t count = counts[_i];
    for (size_t i = 0; i < SEED_COUNT; i++) {
        unsigned char *hits = calloc(count, 1);
        ck_assert_ptr_nonnull(hits);
        for (uint32_t index = 0; index < count; index++) {
            const uint32_t place = permute(seeds[i], RANDOM_SHUFFLE, (uint32_t)i, index, count);
            ck_assert_msg(place < count && hits[place] == 0, "place %lu of %lu", (unsigned long)place,
                          (unsigned long)count);
            hits[place] = 1;
        }
        free(hits);
    }
}
END_TEST

START_TEST(permutations_agree_with_the_reference) {
    const uint32_t count = counts[_i];
    for (size_t i = 0; i < SEED_COUNT; i++)
        for (uint32_t index = 0; index < count; index += 1 + count / 512)
            ck_assert_uint_eq(permute(seeds[i], RANDOM_SPLIT, 5, index, count),
                              reference_permute(seeds[i], RANDOM_SPLIT, 5, index, count));
}
END_TEST

START_TEST(large_counts_agree_with_the_reference) {
    static const uint32_t large[] = {0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF};
    for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
        for (uint32_t step = 0; step < 256; step++) {
            const uint32_t index = (uint32_t)((uint64_t)(large[i] - 1) * step / 255);
            const uint32_t place = permute(42, RANDOM_SHUFFLE, step, index, large[i]);
            ck_assert(place < large[i]);
            ck_assert_uint_eq(place, reference_permute(42, RANDOM_SHUFFLE, step, index, large[i]));
        }
    }
}
END_TEST

/* How many of `count` samples have the same place in two permutations; about one by chance. */
static uint32_t common_places(uint64_t seed_a, uint32_t purpose_a, uint32_t epoch_a, uint64_t seed_b,
                              uint32_t purpose_b, uint32_t epoch_b, uint32_t count) {
    uint32_t common = 0;
    for (uint32_t index = 0; index < count; index++)
        common +=
            permute(seed_a, purpose_a, epoch_a, index, count) == permute(seed_b, purpose_b, epoch_b, index, count);
    return common;
}

START_TEST(seed_purpose_and_epoch_each_change_the_order) {
    static const uint32_t sizes[] = {63, 64, 65, 1000, 60000};
    const uint64_t seed = 1, other_low = 2, other_high = 1 + 0x100000000;
    const uint32_t purpose = RANDOM_SHUFFLE, most = 12;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const uint32_t count = sizes[i];
        ck_assert_uint_eq(common_places(seed, purpose, 1, seed, purpose, 1, count), count);
        ck_assert_uint_le(common_places(seed, purpose, 1, seed, purpose, 2, count), most);
        ck_assert_uint_le(common_places(seed, purpose, 1, other_low, purpose, 1, count), most);
        ck_assert_uint_le(common_places(seed, purpose, 1, other_high, purpose, 1, count), most);
        ck_assert_uint_le(common_places(seed, purpose, 1, seed, RANDOM_SPLIT, 1, count), most);
    }
}
END_TEST

START_TEST(few_samples_stay_where_they_are) {
    const uint32_t count = 60000;
    uint32_t fixed = 0;
    for (uint32_t index = 0; index < count; index++) fixed += permute(1, RANDOM_SHUFFLE, 1, index, count) == index;
    ck_assert_uint_le(fixed, 12); /* one is expected; 13 or more happen once in 10^10 permutations */
}
END_TEST

Suite *random_suite(void) {
    Suite *suite = suite_create("random");
    TCase *tests = tcase_create("numbers");
    tcase_add_test(tests, philox_agrees_with_random123);
    tcase_add_test(tests, units_are_below_one_and_exact);
    suite_add_tcase(suite, tests);
    tests = tcase_create("permutations");
    tcase_add_loop_test(tests, a_permutation_hits_every_place_once, 0, COUNT_COUNT);
    tcase_add_loop_test(tests, permutations_agree_with_the_reference, 0, COUNT_COUNT);
    tcase_add_test(tests, large_counts_agree_with_the_reference);
    tcase_add_test(tests, seed_purpose_and_epoch_each_change_the_order);
    tcase_add_test(tests, few_samples_stay_where_they_are);
    suite_add_tcase(suite, tests);
    return suite;
}
