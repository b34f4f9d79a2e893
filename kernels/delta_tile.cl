/* delta, tile: delta of the layer below = (W^T delta) * f'(z) (24). Contract as delta_plain, with panels of
 * PANEL_WIDTH, but delta comes transposed: panels, row = output, column = sample, so that the samples are
 * the vector and W streams as it lies. The result is written as it is for the update and, with
 * `transposed` = 1, transposed for the next delta below. Work-item: (TILE_ROWS inputs, one panel of samples). */
TILE_KERNEL void delta_tile(const uint output_count, const uint batch_rows, const uint weights_rows,
                            const uint delta_rows, const uint delta_below_rows, const uint transposed,
                            const uint activation, __global const epoch_state *restrict state,
                            __global const float *restrict weights, __global const float *restrict delta_transposed,
                            __global const float *restrict activated, __global float *restrict delta_below,
                            __global float *restrict delta_below_transposed) {
    const uint row = get_global_id(0) * TILE_ROWS, panel = get_global_id(1);
    if (panel * PANEL_WIDTH >= state->batch_count) return;
    floatv c[TILE_ROWS][TILE_VECTORS];
    FOR_EACH_SUM(i, j) c[i][j] = 0.0f;
    __global const float *a = weights + row * PANEL_WIDTH;
    __global const float *b = delta_transposed + (size_t)panel * delta_rows * PANEL_WIDTH;
    TILE_MULTIPLY(c, a, weights_rows, b, output_count)

    float sums[TILE_ROWS * PANEL_WIDTH];
    FOR_EACH_SUM(i, j) store(c[i][j], i * TILE_VECTORS + j, sums);
    const size_t corner = panel_index(panel * PANEL_WIDTH, row, batch_rows, PANEL_WIDTH);
    for (uint sample = 0; sample < PANEL_WIDTH; sample++) {
        _Pragma("unroll") for (uint i = 0; i < TILE_ROWS; i++) {
            const size_t here = corner + sample * PANEL_WIDTH + i;
            const float delta = sums[i * PANEL_WIDTH + sample] * slope(activated[here], activation);
            sums[i * PANEL_WIDTH + sample] = delta;
            delta_below[here] = delta;
        }
    }
    if (!transposed) return;
    __global float *to = delta_below_transposed + ((size_t)panel * delta_below_rows + row) * PANEL_WIDTH;
    FOR_EACH_SUM(i, j)
    store(load(i * TILE_VECTORS + j, sums), i * TILE_VECTORS + j, to);
}
