/* dropout: which units of a layer take part in a mini-batch (N. Srivastava et al., 2014).
 *
 * A unit is left out with probability `rate`, and what is kept is multiplied by 1 / (1 - rate). The draw depends on
 * seed, epoch, layer, the sample's place in the epoch and the unit alone: word unit / 16 % 4 of { unit / 64 * 16 + unit
 * % 16, epoch, RANDOM_DROPOUT + 16 layer, place } so that a vector of neighbours is one Philox block of vectors. a and
 * its slope are multiplied alike, so that nothing needs to know of it on the way back. */

/* Whether the program is compiled with it. */
#ifndef DROPOUT
#define DROPOUT 0
#endif

#define LANES_1  0
#define LANES_4  0, 1, 2, 3
#define LANES_8  LANES_4, 4, 5, 6, 7
#define LANES_16 LANES_8, 8, 9, 10, 11, 12, 13, 14, 15

/* random_philox() of vectors: counters in, words out, in c0 to c3. The keys are changed. */
#define PHILOX_ROUNDS(uints, c0, c1, c2, c3, key_low, key_high)                                                        \
    for (int i = 0; i < 10; i++) {                                                                                     \
        const uints low0 = c0 * 0xD2511F53u, high0 = mul_hi(c0, (uints)(0xD2511F53u));                                 \
        const uints low1 = c2 * 0xCD9E8D57u, high1 = mul_hi(c2, (uints)(0xCD9E8D57u));                                 \
        c0 = high1 ^ c1 ^ key_low;                                                                                     \
        c1 = low1;                                                                                                     \
        c2 = high0 ^ c3 ^ key_high;                                                                                    \
        c3 = low0;                                                                                                     \
        key_low += 0x9E3779B9u;                                                                                        \
        key_high += 0xBB67AE85u;                                                                                       \
    }

/* A word of it for counters that differ in their index. */
#define DEFINE_PHILOX(uints, suffix)                                                                                   \
    static inline uints random_words##suffix(const uints index, const uint epoch, const uint purpose,                  \
                                             const uint round, uint key_low, uint key_high, const uint word) {         \
        uints c0 = index, c1 = epoch, c2 = purpose, c3 = round;                                                        \
        PHILOX_ROUNDS(uints, c0, c1, c2, c3, key_low, key_high)                                                        \
        return word == 0 ? c0 : word == 1 ? c1 : word == 2 ? c2 : c3;                                                  \
    }

/* kept(): for the units from `unit` on, a multiple of their number, what a and f'(z) of the mini-batch's sample `row`
 * are multiplied by: 0 or 1 / (1 - rate), or 1 without dropout. */
#define DEFINE_KEPT(floats, uints, lanes, suffix)                                                                      \
    DEFINE_PHILOX(uints, suffix)                                                                                       \
    static inline floats kept##suffix(const uint unit, const uint row, const uint layer, const float rate,             \
                                      __global const epoch_state *state) {                                             \
        if (!DROPOUT || rate == 0.0f) return 1.0f;                                                                     \
        const uints index = unit / 64 * 16 + unit % 16 + (uints)(lanes);                                               \
        const uints words = random_words##suffix(index, state->epoch, RANDOM_DROPOUT + 16 * layer, state->first + row, \
                                                 state->seed_low, state->seed_high, unit / 16 % 4);                    \
        const floats drawn = JOIN(convert_, floats)(words >> 8) * (1.0f / 16777216.0f);                                \
        return step((floats)(rate), drawn) * (1.0f / (1.0f - rate));                                                   \
    }

DEFINE_KEPT(float, uint, LANES_1, )
