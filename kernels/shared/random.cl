/* random: counter-based random numbers and permutations.
 *
 * This file is written in the common part of OpenCL C and C11: the kernels and the host compile the
 * same text, so that both draw the same numbers. It needs only the types uint and ulong.
 *
 * Philox4x32-10: J. Salmon et al., Parallel random numbers: as easy as 1, 2, 3 (SC11). Checked
 * against Random123 in the tests.
 *
 * A draw depends on (seed, purpose, epoch, index), never on who asked first:
 *     counter = { index, epoch, purpose, round }     key = { seed low, seed high }
 */

#define RANDOM_SHUFFLE    1u /* order of the samples in an epoch       */
#define RANDOM_INITIALIZE 2u /* initial weights; the epoch is the layer */
#define RANDOM_SPLIT      3u /* training and validation parts           */
#define RANDOM_DROPOUT    4u /* units left out; and 16 times the layer  */
#define RANDOM_LEFT_OUT   5u /* inputs left out                         */
#define RANDOM_NOISE      6u /* added to inputs                         */
#define RANDOM_MEMBER     7u /* settings of an ensemble's member        */

/* `block` in, its counter; out, four random words. An array and no struct: see "Kernels" in CONTRIBUTING.md. */
static inline void random_philox(uint block[4], uint key_low, uint key_high) {
    for (int round = 0; round < 10; round++) {
        const ulong product0 = (ulong)0xD2511F53u * block[0];
        const ulong product1 = (ulong)0xCD9E8D57u * block[2];
        block[0] = (uint)(product1 >> 32) ^ block[1] ^ key_low;
        block[1] = (uint)product1;
        block[2] = (uint)(product0 >> 32) ^ block[3] ^ key_high;
        block[3] = (uint)product0;
        key_low += 0x9E3779B9u;
        key_high += 0xBB67AE85u;
    }
}

static inline uint random_word(uint seed_low, uint seed_high, uint purpose, uint epoch, uint index, uint round) {
    uint block[4] = {index, epoch, purpose, round};
    random_philox(block, seed_low, seed_high);
    return block[0];
}

/* A float in [0, 1): the upper 24 bits of a word, so that every device gives the same value. */
static inline float random_unit(uint word) {
    return (float)(word >> 8) * (1.0f / 16777216.0f);
}

/* Where `index` goes in a permutation of [0, count): a Feistel network of 8 rounds over the smallest
 * number of bits (at least 6) that holds `count` values, its round function Philox (M. Luby and
 * C. Rackoff, 1988); a value outside [0, count) is sent through again until it falls inside (cycle
 * walking: J. Black and P. Rogaway, 2002), less than twice on average for counts above 32. */
static inline uint random_permute(uint seed_low, uint seed_high, uint purpose, uint epoch, uint index, uint count) {
    uint bits = 6;
    while (bits < 32 && (1u << bits) < count) bits++;
    const uint left_bits = bits / 2, right_bits = bits - left_bits;
    const uint left_mask = (1u << left_bits) - 1, right_mask = (1u << right_bits) - 1;
    do {
        uint left = index >> right_bits, right = index & right_mask;
        for (uint round = 0; round < 8; round += 2) {
            left ^= random_word(seed_low, seed_high, purpose, epoch, right, round) & left_mask;
            right ^= random_word(seed_low, seed_high, purpose, epoch, left, round + 1) & right_mask;
        }
        index = left << right_bits | right;
    } while (index >= count);
    return index;
}
