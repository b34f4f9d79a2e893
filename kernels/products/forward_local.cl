#include "local.cl"
/* forward, local: z = W a + b (4), a = f(z) (5), bias and activation fused. Contract as forward_plain, with panels of
 * PANEL_WIDTH. Group: a block of samples x outputs; kernels/products/local.cl says the rest. */
#define PUT_OUTPUT(i, j)                                                                                               \
    if (HAS_SUM(i, j)) {                                                                                               \
        const float4 z = c[i][j] + CONST_VECTORS(biases)[(column + sum_column(j)) / 4];                                \
        const uint sample = row + sum_row(i), unit = column + sum_column(j);                                           \
        const float4 a = activate_vector(z, activation, parameter);                                                    \
        const float4 kept_ = kept_vector(unit, sample, layer, rate, state);                                            \
        if (STORES_SLOPES)                                                                                             \
            VECTOR(slopes_to, sample, unit, batch_rows) = slope_vector(z, a, activation, parameter) * kept_;           \
        VECTOR(VECTORS(output), sample, unit, batch_rows) = a * kept_;                                                 \
    }
LOCAL_OPERATION SHAPED(forward_local)(BLOCK_ITEM const uint input_count, const uint batch_rows, const uint weights_rows,
                                      const uint activation, const float parameter, const float rate, const uint layer,
                                      const uint with_slope, __global const epoch_state *restrict state,
                                      __global const float *restrict input, __global const float *restrict weights,
                                      __global const float *restrict biases, __global float *output,
                                      __global float *slopes) {
    BLOCK_MEMORY
    const uint row = BLOCK_ROW(), column = BLOCK_COLUMN();
    if (row >= state->batch_count) return;
    float4 c[TILE_ROWS][TILE_VECTORS];
    const operand from_input = operand_of(CONST_VECTORS(input), batch_rows, row, false);
    const operand from_weights = operand_of(CONST_VECTORS(weights), weights_rows, column, true);
    block_multiply(c, memory, input_count, &from_input, &from_weights);
    if (get_local_id(1) > 0) return;
    /* Where no slope is wanted, it is written where the activation then goes: no branch among so many stores. */
    __global float4 *slopes_to = VECTORS(with_slope ? slopes : output);
    AT_EACH_SUM(PUT_OUTPUT)
}
