#include "steps_tile.cl"
/* update, tile: a step with the sum of delta a^T (29), and of the biases with theirs (30).
 * Contract as update_plain, with panels of PANEL_WIDTH; the gradient stays in registers.
 * Item: TILE_ROWS inputs and a panel of outputs; the first of a panel updates its biases too. */

/* c = sum over the samples from `first` to `end`. */
#define TILE_SUM_SECTION(c, a, b, first, end)                                                                          \
    do {                                                                                                               \
        FOR_EACH_SUM(i, j, TILE_ROWS) c[i][j] = 0.0f;                                                                  \
        UNROLL_FOUR for (uint k = (first); k < (end); k++)                                                             \
            TILE_ADD_PRODUCT(c, TILE_ROWS, (a) + (size_t)k * PANEL_WIDTH, 1, (b) + (size_t)k * PANEL_WIDTH);           \
    } while (0)

TILE_OPERATION update_tile(ITEM const uint block_tiles, const uint panel_count, const uint c_lines,
                           const uint input_count, const uint batch_rows, const uint weights_rows,
                           const uint sum_samples, __global const hyper_values *restrict hyper,
                           __global const epoch_state *restrict state, __global const float *restrict input,
                           __global const float *restrict delta, __global float *restrict weights,
                           __global float *restrict biases, __global float *restrict weights_m,
                           __global float *restrict weights_v, __global float *restrict biases_m,
                           __global float *restrict biases_v) {
    TILE_PLACE(row, panel, TILE_ROWS);
    const uint batch_count = state->batch_count;
    if (row >= input_count || batch_count == 0) return;
    floatv c[TILE_ROWS][TILE_VECTORS];
    __global const float *a = input + panel_index(0, row, batch_rows, PANEL_WIDTH);
    __global const float *b = delta + (size_t)panel * batch_rows * PANEL_WIDTH;
    const size_t corner = ((size_t)panel * weights_rows + row) * PANEL_WIDTH;
    __global float *to = weights + corner, *m_to = weights_m + corner, *v_to = weights_v + corner;
    FETCH_LINES(to, c_lines);
    TILE_SUM_SECTION(c, a, b, 0, min(sum_samples, batch_count));
    if (batch_count > sum_samples) {
        floatv sum[TILE_ROWS][TILE_VECTORS], excess[TILE_ROWS][TILE_VECTORS];
        FOR_EACH_SUM(i, j, TILE_ROWS) {
            sum[i][j] = c[i][j];
            excess[i][j] = 0.0f;
        }
        for (uint first = sum_samples, end; first < batch_count; first = end) {
            end = section_end(first, sum_samples, batch_count);
            TILE_SUM_SECTION(c, a, b, first, end);
            FOR_EACH_SUM(i, j, TILE_ROWS) ADD_SECTION(floatv, sum[i][j], excess[i][j], c[i][j]);
        }
        FOR_EACH_SUM(i, j, TILE_ROWS) c[i][j] = sum[i][j];
    }

    FOR_EACH_SUM(i, j, TILE_ROWS) {
        const uint here = i * TILE_VECTORS + j;
        TILE_APPLY(c[i][j], true, to, m_to, v_to, here);
    }
    if (row != 0) return;
    for (uint j = 0; j < TILE_VECTORS; j++) {
        floatv bias_gradient = 0.0f, excess = 0.0f;
        for (uint k = 0; k < batch_count;) {
            const uint end = section_end(k, sum_samples, batch_count);
            floatv section = 0.0f;
            for (; k < end; k++) section += load(k * TILE_VECTORS + j, b);
            ADD_SECTION(floatv, bias_gradient, excess, section);
        }
        const uint here = panel * TILE_VECTORS + j;
        TILE_APPLY(bias_gradient, false, biases, biases_m, biases_v, here);
    }
}
