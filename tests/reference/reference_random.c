/* Random draws, written from the description in kernels/shared/random.cl on top of Random123. */
#include "reference/reference.h"

#include <Random123/philox.h>
#include <math.h>

uint32_t reference_philox_word(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t index, uint32_t round) {
    const philox4x32_ctr_t counter = {{index, epoch, purpose, round}};
    const philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    return philox4x32_R(10, counter, key).v[0];
}

float reference_unit(uint32_t word) {
    return ldexpf((float)(word >> 8), -24);
}

/* A Feistel network of 8 rounds: the halves take turns, the left one first, in being combined with a
 * draw that the other half indexes. */
uint32_t reference_permute(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t index, uint32_t count) {
    enum { LEFT, RIGHT, ROUND_COUNT = 8, FEWEST_BITS = 6 };
    uint32_t bits = FEWEST_BITS;
    while (((uint64_t)1 << bits) < count) bits++;
    const uint32_t half_bits[2] = {bits / 2, bits - bits / 2};
    uint64_t value = index;
    do {
        uint32_t half[2] = {(uint32_t)(value >> half_bits[RIGHT]),
                            (uint32_t)(value % ((uint64_t)1 << half_bits[RIGHT]))};
        for (uint32_t round = 0; round < ROUND_COUNT; round++) {
            const uint32_t turn = round % 2;
            const uint32_t draw = reference_philox_word(seed, purpose, epoch, half[1 - turn], round);
            half[turn] ^= draw % (1u << half_bits[turn]);
        }
        value = ((uint64_t)half[LEFT] << half_bits[RIGHT]) + half[RIGHT];
    } while (value >= count);
    return (uint32_t)value;
}

void reference_permutation(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t *order) {
    for (uint32_t i = 0; i < count; i++) order[i] = reference_permute(seed, REFERENCE_RANDOM_SHUFFLE, epoch, i, count);
}

void reference_glorot_weights(uint64_t seed, uint32_t layer, size_t input_count, size_t output_count, float *weights) {
    const float limit = (float)sqrt(6.0 / (double)(input_count + output_count));
    for (size_t i = 0; i < output_count * input_count; i++) {
        const float u = reference_unit(reference_philox_word(seed, REFERENCE_RANDOM_INITIALIZE, layer, (uint32_t)i, 0));
        weights[i] = (2.0f * u - 1.0f) * limit;
    }
}
