/* forward, tile: z = W a + b (4), a = f(z) (5), bias and activation fused. Contract as forward_plain, with
 * panels of PANEL_WIDTH. Item: SAMPLE_ROWS samples and a panel of outputs. */
TILE_OPERATION forward_tile(ITEM const uint block_tiles, const uint panel_count, const uint a_lines,
                            const uint b_lines, const uint input_count, const uint batch_rows, const uint weights_rows, const uint activation,
                            __global const epoch_state *restrict state, __global const float *restrict input,
                            __global const float *restrict weights, __global const float *restrict biases,
                            __global float *restrict output) {
    TILE_PLACE(row, panel, SAMPLE_ROWS);
    if (row >= state->batch_count) return;
    floatv c[SAMPLE_ROWS][TILE_VECTORS];
    FOR_EACH_SUM(i, j, SAMPLE_ROWS) c[i][j] = load(panel * TILE_VECTORS + j, biases);
    __global const float *a = input + (size_t)row * PANEL_WIDTH;
    __global const float *b = weights + (size_t)panel * weights_rows * PANEL_WIDTH;
    __global const float *next = TILE_NEXT_PANEL(weights, weights_rows, input_count);
    TILE_MULTIPLY(c, SAMPLE_ROWS, a, batch_rows, b, input_count, next)
    __global float *to = output + ((size_t)panel * batch_rows + row) * PANEL_WIDTH;
    FOR_EACH_SUM(i, j, SAMPLE_ROWS) store(activate_vector(c[i][j], activation), i * TILE_VECTORS + j, to);
}
