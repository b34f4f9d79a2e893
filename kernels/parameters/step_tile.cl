#include "steps_tile.cl"
/* step, tile: contract as step_plain, with panels of PANEL_WIDTH, whose padding takes part.
 * Item: `block_rows` inputs and a panel of outputs; the first of a panel has its biases, too. */

/* Of the vector in place `here`. */
#define TILE_TAKE_STEP(gradients, decays, parameters, m_from, v_from, here)                                            \
    do {                                                                                                               \
        const floatv sum_ = load(here, gradients);                                                                     \
        TILE_STEP(sum_, decays, parameters, m_from, v_from, here);                                                     \
        if (ACCUMULATE) store((floatv)(0.0f), here, gradients);                                                        \
    } while (0)

TILE_OPERATION step_tile(ITEM const uint block_rows, const uint input_count, const uint weights_rows,
                         __global const hyper_values *restrict hyper, __global const epoch_state *restrict state,
                         __global float *restrict weights_gradient, __global float *restrict biases_gradient,
                         __global float *restrict weights, __global float *restrict biases,
                         __global float *restrict weights_m, __global float *restrict weights_v,
                         __global float *restrict biases_m, __global float *restrict biases_v) {
    const uint row = item_id(0) * block_rows, panel = item_id(1);
    if (row >= input_count || !takes_step(state)) return;
    const uint count = min(block_rows, input_count - row) * TILE_VECTORS;
    const size_t corner = ((size_t)panel * weights_rows + row) * PANEL_WIDTH;
    __global float *g = weights_gradient + corner, *w = weights + corner, *m = weights_m + corner,
                   *v = weights_v + corner;
    for (uint here = 0; here < count; here++) TILE_TAKE_STEP(g, true, w, m, v, here);
    for (uint here = panel * TILE_VECTORS; row == 0 && here < (panel + 1) * TILE_VECTORS; here++)
        TILE_TAKE_STEP(biases_gradient, false, biases, biases_m, biases_v, here);
}
