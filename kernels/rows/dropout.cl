#include "common.cl"
#include "random.cl"
#include "state.cl"
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

/* Whether any layer of the program stores the slopes of its units. */
#define STORES_SLOPES (DROPOUT || (ACTIVATION_SET & SLOPES_OF_Z))

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

/* What a and f'(z) of the mini-batch's sample `row` are multiplied by, 0 or 1 / (1 - rate), or 1 without dropout, for
 * the units from `unit` on, a multiple of their number: kept(). In two steps, where the draw serves several:
 * draw_kept() makes the words of units that are in the same 64, and 16 or 32 or 48 apart; kept_of() takes those of
 * `unit`. */
#define DEFINE_KEPT(floats, uints, lanes, suffix)                                                                      \
    static inline void draw_kept##suffix(uints words[4], const uint unit, const uint row, const uint layer,            \
                                         const float rate, __global const epoch_state *state) {                        \
        if (!DROPOUT || rate == 0.0f) return;                                                                          \
        uint key_low = state->seed_low, key_high = state->seed_high;                                                   \
        uints c0 = unit / 64 * 16 + unit % 16 + (uints)(lanes), c1 = state->epoch;                                     \
        uints c2 = RANDOM_DROPOUT + 16 * layer, c3 = state->first + row;                                               \
        PHILOX_ROUNDS(uints, c0, c1, c2, c3, key_low, key_high)                                                        \
        words[0] = c0;                                                                                                 \
        words[1] = c1;                                                                                                 \
        words[2] = c2;                                                                                                 \
        words[3] = c3;                                                                                                 \
    }                                                                                                                  \
    static inline floats kept_of##suffix(const uints words[4], const uint unit, const float rate) {                    \
        if (!DROPOUT || rate == 0.0f) return 1.0f;                                                                     \
        const uint word = unit / 16 % 4;                                                                               \
        const uints drawn = word == 0 ? words[0] : word == 1 ? words[1] : word == 2 ? words[2] : words[3];             \
        return step((floats)(rate), JOIN(convert_, floats)(drawn >> 8) * (1.0f / 16777216.0f)) *                       \
               (1.0f / (1.0f - rate));                                                                                 \
    }                                                                                                                  \
    static inline floats kept##suffix(const uint unit, const uint row, const uint layer, const float rate,             \
                                      __global const epoch_state *state) {                                             \
        uints words[4];                                                                                                \
        draw_kept##suffix(words, unit, row, layer, rate, state);                                                       \
        return kept_of##suffix(words, unit, rate);                                                                     \
    }

DEFINE_KEPT(float, uint, LANES_1, )
