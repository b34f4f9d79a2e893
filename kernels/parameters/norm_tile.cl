#include "steps.cl"
#include "tile.cl"
/* norm, tile: contract as norm_plain, with panels of PANEL_WIDTH. Item: (block, panel of outputs). */
TILE_OPERATION norm_tile(ITEM const uint block_rows, const uint block_count, const uint part_columns,
                         const uint first_part, const uint input_count, const uint output_count,
                         const uint weights_rows, __global const epoch_state *restrict state,
                         __global const float *restrict weights_gradient,
                         __global const float *restrict biases_gradient, __global float *restrict parts) {
    const uint block = item_id(0), panel = item_id(1), row = block * block_rows;
    if (block > block_count || !takes_step(state)) return;
    const bool is_bias = block == block_count;
    const uint count = is_bias ? 1 : min(block_rows, input_count - row);
    __global const float *from = is_bias ? biases_gradient + panel * PANEL_WIDTH
                                         : weights_gradient + ((size_t)panel * weights_rows + row) * PANEL_WIDTH;
    float sums[PANEL_WIDTH];
    for (uint j = 0; j < TILE_VECTORS; j++) {
        floatv sum = 0.0f;
        for (uint i = 0; i < count; i++) {
            const floatv g = load(i * TILE_VECTORS + j, from);
            sum += g * g;
        }
        store_private(sum, j, sums);
    }
    __global float *to = parts + first_part + block * part_columns + panel * PANEL_WIDTH;
    for (uint lane = 0; lane < PANEL_WIDTH; lane++)
        to[lane] = panel * PANEL_WIDTH + lane < output_count ? sums[lane] : 0.0f;
}
