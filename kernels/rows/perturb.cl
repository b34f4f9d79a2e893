#include "dropout.cl"
/* perturb: the normalised inputs of a mini-batch in training: with `deviation` > 0, normal noise of that deviation is
 * added to each; then with `rate` > 0 each is 0 with that probability, or 1 / (1 - rate) times as much.
 *
 * Draws are of Philox blocks {unit / 64 * 16 + unit % 16, epoch, purpose, the sample's place in the epoch}. Whether
 * input `unit` is left out says word unit / 16 % 4 of RANDOM_LEFT_OUT, as in kernels/rows/dropout.cl. The noise of
 * words 0 and 1 of RANDOM_NOISE is that of inputs unit and unit + 16, of words 2 and 3 that of unit + 32 and unit + 48
 * (G. Box and M. Muller, 1958).
 *
 * input: panels, row = sample, column = input. Work-item: (64 inputs, sample). */

/* In [0, 1), by the upper 24 bits. */
static inline float16 random_units(const uint16 words) {
    return convert_float16(words >> 8) * (1.0f / 16777216.0f);
}

static inline float16 normal_radius(const uint16 words) {
    return sqrt(-2.0f * log((convert_float16(words >> 8) + 1.0f) * (1.0f / 16777216.0f)));
}

OPERATION perturb(ITEM const uint input_count, const uint batch_rows, const uint width, const float rate,
                  const float deviation, __global const epoch_state *restrict state, __global float *restrict input) {
    const uint unit = item_id(0) * 64, row = item_id(1);
    if (unit >= input_count || row >= state->batch_count) return;
    float factors[64], noise[64];
    for (uint i = 0; i < 64; i++) {
        factors[i] = 1.0f;
        noise[i] = 0.0f;
    }
    if (deviation > 0.0f) {
        uint16 c0 = unit / 4 + (uint16)(LANES_16), c1 = state->epoch, c2 = RANDOM_NOISE, c3 = state->first + row;
        uint key_low = state->seed_low, key_high = state->seed_high;
        PHILOX_ROUNDS(uint16, c0, c1, c2, c3, key_low, key_high)
        const float16 radius = deviation * normal_radius(c0), other = deviation * normal_radius(c2);
        const float16 angle = 2.0f * random_units(c1), other_angle = 2.0f * random_units(c3);
        vstore16(radius * cospi(angle), 0, noise);
        vstore16(radius * sinpi(angle), 1, noise);
        vstore16(other * cospi(other_angle), 2, noise);
        vstore16(other * sinpi(other_angle), 3, noise);
    }
    if (rate > 0.0f) {
        uint16 c0 = unit / 4 + (uint16)(LANES_16), c1 = state->epoch, c2 = RANDOM_LEFT_OUT, c3 = state->first + row;
        uint key_low = state->seed_low, key_high = state->seed_high;
        const float kept = 1.0f / (1.0f - rate);
        PHILOX_ROUNDS(uint16, c0, c1, c2, c3, key_low, key_high)
        vstore16(step((float16)(rate), random_units(c0)) * kept, 0, factors);
        vstore16(step((float16)(rate), random_units(c1)) * kept, 1, factors);
        vstore16(step((float16)(rate), random_units(c2)) * kept, 2, factors);
        vstore16(step((float16)(rate), random_units(c3)) * kept, 3, factors);
    }
    const uint count = min(64u, input_count - unit);
    for (uint i = 0; i < count; i++) {
        const size_t here = panel_index(row, unit + i, batch_rows, width);
        input[here] = (input[here] + noise[i]) * factors[i];
    }
}
