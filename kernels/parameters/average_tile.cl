#include "steps.cl"
#include "tile.cl"
/* average, tile: contract as average_plain, with panels of PANEL_WIDTH, whose padding takes part.
 * Item: `block_rows` inputs and a panel of outputs; the first of a panel has its biases, too. */
#define TILE_AVERAGE(averages, parameters, here)                                                                       \
    do {                                                                                                               \
        const floatv before_ = load(here, averages);                                                                   \
        store(before_ + state->average_share * (load(here, parameters) - before_), here, averages);                    \
    } while (0)

TILE_OPERATION average_tile(ITEM const uint block_rows, const uint input_count, const uint weights_rows,
                            __global const epoch_state *restrict state, __global const float *restrict weights,
                            __global const float *restrict biases, __global float *restrict weights_average,
                            __global float *restrict biases_average) {
    const uint row = item_id(0) * block_rows, panel = item_id(1);
    if (row >= input_count || !takes_step(state)) return;
    const uint count = min(block_rows, input_count - row) * TILE_VECTORS;
    const size_t corner = ((size_t)panel * weights_rows + row) * PANEL_WIDTH;
    __global const float *from = weights + corner;
    __global float *to = weights_average + corner;
    for (uint here = 0; here < count; here++) TILE_AVERAGE(to, from, here);
    for (uint here = panel * TILE_VECTORS; row == 0 && here < (panel + 1) * TILE_VECTORS; here++)
        TILE_AVERAGE(biases_average, biases, here);
}
