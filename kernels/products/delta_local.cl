#include "local.cl"
/* delta, local: delta of the layer below = (W^T delta) * f'(z) (24), the product with the slope fused. Contract as
 * delta_plain, with panels of PANEL_WIDTH: no transposed copy, since both operands are turned on their way into local
 * memory. Group: a block of samples x inputs; kernels/products/local.cl says the rest. */
LOCAL_OPERATION SHAPED(delta_local)(BLOCK_ITEM const uint output_count, const uint batch_rows, const uint weights_rows,
                                    const uint activation, const float parameter,
                                    __global const epoch_state *restrict state, __global const float *restrict weights,
                                    __global const float *restrict delta, __global const float *restrict stored,
                                    __global float *restrict delta_below) {
    BLOCK_MEMORY
    const uint row = BLOCK_ROW(), column = BLOCK_COLUMN();
    if (row >= state->batch_count) return;
    float4 c[TILE_ROWS][TILE_VECTORS];
    const operand from_delta = operand_of(CONST_VECTORS(delta), batch_rows, row, false);
    const operand from_weights = operand_of(CONST_VECTORS(weights), weights_rows, column, false);
    block_multiply(c, memory, output_count, &from_delta, &from_weights);
    if (get_local_id(1) > 0) return;
    FOR_EACH_SUM(i, j, TILE_ROWS) {
        const uint sample = row + sum_row(i), input = column + sum_column(j);
        VECTOR(VECTORS(delta_below), sample, input, batch_rows) =
            c[i][j] *
            slope_from_vector(VECTOR(CONST_VECTORS(stored), sample, input, batch_rows), activation, parameter);
    }
}
