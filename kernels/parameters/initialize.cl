#include "common.cl"
#include "random.cl"
#include "state.cl"
/* initialize: initial weights of a layer, uniform in [-scale, scale) or, with `is_normal`, normal with deviation scale
 * (kernels/tables/initializations.cl). Weight (output o, input i) of layer l is draw o * n_in + i of the purpose
 * RANDOM_INITIALIZE with l as its epoch, so every device draws the same bytes; above 2^32 draws, the upper word is the
 * round. A normal number is made of the first two words of its block (G. Box and M. Muller, 1958).
 *
 * weights: panels, row = input, column = output. Work-item: (output, input). */
__kernel void initialize(const uint input_count, const uint output_count, const uint rows, const uint width,
                         const uint layer, const uint is_normal, const float scale,
                         __global const epoch_state *restrict state, __global float *restrict weights) {
    const uint output = get_global_id(0), input = get_global_id(1);
    if (output >= output_count || input >= input_count) return;
    const ulong draw = (ulong)output * input_count + input;
    uint block[4] = {(uint)draw, layer, RANDOM_INITIALIZE, (uint)(draw >> 32)};
    random_philox(block, state->seed_low, state->seed_high);
    float drawn = 2.0f * random_unit(block[0]) - 1.0f;
    if (is_normal)
        drawn = sqrt(-2.0f * log(random_unit(block[0]) + 1.0f / 16777216.0f)) * cospi(2.0f * random_unit(block[1]));
    weights[panel_index(input, output, rows, width)] = drawn * scale;
}
