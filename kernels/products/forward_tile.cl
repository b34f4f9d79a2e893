#include "dropout.cl"
#include "functions_tile.cl"
/* Vectors of a panel that one draw of dropout serves: a draw is of 64 units, 16 wide (kernels/rows/dropout.cl). */
#if VECTOR_WIDTH == 16 && 64 % PANEL_WIDTH == 0
#define DRAWN_TOGETHER TILE_VECTORS
#else
#define DRAWN_TOGETHER 1
#endif

DEFINE_KEPT(floatv, uintv, JOIN(LANES_, VECTOR_WIDTH), _vector)

/* forward, tile: z = W a + b (4), a = f(z) (5), bias and activation fused. Contract as forward_plain, with
 * panels of PANEL_WIDTH. Item: SAMPLE_ROWS samples and a panel of outputs. */
TILE_OPERATION forward_tile(ITEM const uint block_tiles, const uint panel_count, const uint a_lines, const uint b_lines,
                            const uint input_count, const uint batch_rows, const uint weights_rows,
                            const uint activation, const float parameter, const float rate, const uint layer,
                            const uint with_slope, __global const epoch_state *restrict state,
                            __global const float *restrict input, __global const float *restrict weights,
                            __global const float *restrict biases, __global float *restrict output,
                            __global float *restrict slopes) {
    TILE_PLACE(row, panel, SAMPLE_ROWS);
    if (row >= state->batch_count) return;
    floatv c[SAMPLE_ROWS][TILE_VECTORS];
    FOR_EACH_SUM(i, j, SAMPLE_ROWS) c[i][j] = load(panel * TILE_VECTORS + j, biases);
    __global const float *a = input + (size_t)row * PANEL_WIDTH;
    __global const float *b = weights + (size_t)panel * weights_rows * PANEL_WIDTH;
    __global const float *next = TILE_NEXT_PANEL(weights, weights_rows, input_count);
    TILE_MULTIPLY(c, SAMPLE_ROWS, a, batch_rows, b, input_count, next)
    const size_t corner = ((size_t)panel * batch_rows + row) * PANEL_WIDTH;
    __global float *to = output + corner, *slopes_to = slopes + corner;
    FOR_EACH_SUM(i, j, SAMPLE_ROWS) store(c[i][j], i * TILE_VECTORS + j, to);
    /* From memory, one after the other: the functions once in the program, not once a sum. */
    uintv words[4];
    for (uint here = 0; here < SAMPLE_ROWS * TILE_VECTORS; here++) {
        const uint unit = panel * PANEL_WIDTH + here % TILE_VECTORS * VECTOR_WIDTH;
        const floatv z = load(here, to), a = activate_vector(z, activation, parameter);
        if (here % DRAWN_TOGETHER == 0) draw_kept_vector(words, unit, row + here / TILE_VECTORS, layer, rate, state);
        const floatv kept_ = kept_of_vector(words, unit, rate);
        store(a * kept_, here, to);
        if (STORES_SLOPES && with_slope) store(slope_vector(z, a, activation, parameter) * kept_, here, slopes_to);
    }
}
