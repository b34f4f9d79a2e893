#include "steps.cl"
#include "tile.cl"
/* max_norm, tile: contract as max_norm_plain, with panels of PANEL_WIDTH, whose padding takes part.
 * Item: (vector of a panel, panel of outputs). */
TILE_OPERATION max_norm_tile(ITEM const uint block_rows, const uint input_count, const uint weights_rows,
                             const float most, __global const epoch_state *restrict state,
                             __global float *restrict weights) {
    if (!takes_step(state)) return;
    __global float *w = weights + (size_t)item_id(1) * weights_rows * PANEL_WIDTH + item_id(0) * VECTOR_WIDTH;
    floatv sum = 0.0f, excess = 0.0f;
    for (uint row = 0; row < input_count;) {
        const uint end = section_end(row, block_rows, input_count);
        floatv section = 0.0f;
        for (; row < end; row++) {
            const floatv values = load(row * TILE_VECTORS, w);
            section += values * values;
        }
        ADD_SECTION(floatv, sum, excess, section);
    }
    const floatv factor = fmin(most / sqrt(sum), 1.0f);
    for (uint row = 0; row < input_count; row++) {
        const floatv values = load(row * TILE_VECTORS, w);
        store(values * factor, row * TILE_VECTORS, w);
    }
}
