/* update, local: W -= learning_rate / batch_count * sum of delta a^T (8), (29), and the biases (9), (30).
 * Contract as update_plain, with panels of PANEL_WIDTH; the gradient stays in registers. Group: a block of inputs x
 * outputs; the first of a column of blocks updates its biases too. The sum is short and the blocks are many: no parts.
 * kernels/local.cl says the rest. */

/* The biases of BLOCK outputs from `column` on: the items of a column of vectors share the samples, the first adds up. */
LOCAL_INLINE void update_biases(__local float4 *memory, const uint column, const uint batch_count,
                                 const uint batch_rows, const float rate, __global const float4 *delta,
                                 __global float4 *biases) {
    const uint item = get_local_id(0), vector = item % (BLOCK / 4), lane = item / (BLOCK / 4);
    float4 sum = 0.0f;
    for (uint b = lane; b < batch_count; b += BLOCK_ITEMS / (BLOCK / 4))
        sum += VECTOR(delta, b, column + 4 * vector, batch_rows);
    memory[item] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane > 0) return;
    for (uint other = item + BLOCK / 4; other < BLOCK_ITEMS; other += BLOCK / 4) sum += memory[other];
    biases[column / 4 + vector] -= rate * sum;
}

LOCAL_OPERATION(1)
update_local(const uint batch_rows, const uint weights_rows, const float learning_rate,
             __global const epoch_state *restrict state, __global const float *restrict input,
             __global const float *restrict delta, __global float *restrict weights, __global float *restrict biases) {
    LOCAL_MEMORY(memory, 1);
    const uint row = (uint)get_group_id(1) * BLOCK, column = (uint)get_group_id(0) * BLOCK;
    const uint batch_count = state->batch_count;
    if (batch_count == 0) return;
    const float rate = learning_rate / (float)batch_count;
    float4 c[TILE_ROWS][TILE_VECTORS];
    const operand from_input = {CONST_VECTORS(input), batch_rows, row, true};
    const operand from_delta = {CONST_VECTORS(delta), batch_rows, column, true};
    block_multiply(c, memory, 1, batch_count, &from_input, &from_delta);
    FOR_EACH_SUM(i, j, TILE_ROWS)
    VECTOR(VECTORS(weights), row + sum_row(i), column + sum_column(j), weights_rows) -= rate * c[i][j];
    if (row == 0)
        update_biases(memory, column, batch_count, batch_rows, rate, CONST_VECTORS(delta), VECTORS(biases));
}
