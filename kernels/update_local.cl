/* update, local: W -= learning_rate / batch_count * sum of delta a^T (8), (29), and the biases (9), (30).
 * Contract as update_plain, with panels of PANEL_WIDTH; the gradient stays in registers. Group: a block of inputs x
 * outputs; the first of a column of blocks updates its biases too. The sum is short and the blocks are many: no parts.
 * update_local_long is for mini-batches of more than one section, whose sums take three times the registers.
 * kernels/local.cl says the rest. */

/* The biases of BLOCK outputs from `column` on: the items of a column of vectors share the samples, the first adds up. */
LOCAL_INLINE void update_biases(__local float4 *memory, const uint column, const uint batch_count,
                                 const uint batch_rows, const uint sum_samples, const float rate,
                                 __global const float4 *delta, __global float4 *biases) {
    const uint item = get_local_id(0), vector = item % (BLOCK / 4), lane = item / (BLOCK / 4);
    float4 sum = 0.0f, excess = 0.0f;
    for (uint first = 0, end; first < batch_count; first = end) {
        end = section_end(first, sum_samples, batch_count);
        float4 section = 0.0f;
        for (uint b = first + lane; b < end; b += BLOCK_ITEMS / (BLOCK / 4))
            section += VECTOR(delta, b, column + 4 * vector, batch_rows);
        ADD_SECTION(float4, sum, excess, section);
    }
    memory[item] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane > 0) return;
    for (uint other = item + BLOCK / 4; other < BLOCK_ITEMS; other += BLOCK / 4) sum += memory[other];
    biases[column / 4 + vector] -= rate * sum;
}

/* c = the sums over the samples from `first` to `end` of the block at (row, column). */
LOCAL_INLINE void sum_section(float4 (*c)[TILE_VECTORS], __local float4 *memory, const uint first, const uint end,
                               const uint row, const uint column, const uint batch_rows,
                               __global const float *input, __global const float *delta) {
    const size_t skipped = (size_t)first * PANEL_WIDTH;
    block_multiply(c, memory, 1, end - first, (operand){CONST_VECTORS(input + skipped), batch_rows, row, true},
                   (operand){CONST_VECTORS(delta + skipped), batch_rows, column, true});
}

/* Adds to c, the sums of the first section, those of all others. */
LOCAL_INLINE void add_later_sections(float4 (*c)[TILE_VECTORS], __local float4 *memory, const uint batch_count,
                                      const uint sum_samples, const uint row, const uint column,
                                      const uint batch_rows, __global const float *input,
                                      __global const float *delta) {
    float4 section[TILE_ROWS][TILE_VECTORS], excess[TILE_ROWS][TILE_VECTORS];
    FOR_EACH_SUM(i, j, TILE_ROWS) excess[i][j] = 0.0f;
    for (uint first = sum_samples, end; first < batch_count; first = end) {
        end = section_end(first, sum_samples, batch_count);
        sum_section(section, memory, first, end, row, column, batch_rows, input, delta);
        FOR_EACH_SUM(i, j, TILE_ROWS) ADD_SECTION(float4, c[i][j], excess[i][j], section[i][j]);
    }
}

#define DEFINE_UPDATE_LOCAL(name, is_long)                                                                             \
    LOCAL_OPERATION(1)                                                                                                 \
    name(const uint batch_rows, const uint weights_rows, const uint sum_samples, const float learning_rate,            \
         __global const epoch_state *restrict state, __global const float *restrict input,                             \
         __global const float *restrict delta, __global float *restrict weights, __global float *restrict biases) {    \
        LOCAL_MEMORY(memory, 1);                                                                                       \
        const uint row = (uint)get_group_id(1) * BLOCK, column = (uint)get_group_id(0) * BLOCK;                        \
        const uint batch_count = state->batch_count;                                                                   \
        if (batch_count == 0) return;                                                                                  \
        const float rate = learning_rate / (float)batch_count;                                                         \
        const uint first_end = is_long ? min(sum_samples, batch_count) : batch_count;                                  \
        float4 c[TILE_ROWS][TILE_VECTORS];                                                                             \
        sum_section(c, memory, 0, first_end, row, column, batch_rows, input, delta);                                   \
        if (is_long) add_later_sections(c, memory, batch_count, sum_samples, row, column, batch_rows, input, delta);   \
        FOR_EACH_SUM(i, j, TILE_ROWS)                                                                                  \
        VECTOR(VECTORS(weights), row + sum_row(i), column + sum_column(j), weights_rows) -= rate * c[i][j];            \
        if (row == 0)                                                                                                  \
            update_biases(memory, column, batch_count, batch_rows, sum_samples, rate, CONST_VECTORS(delta),            \
                          VECTORS(biases));                                                                            \
    }

DEFINE_UPDATE_LOCAL(update_local, false)
DEFINE_UPDATE_LOCAL(update_local_long, true)
