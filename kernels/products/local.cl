#include "block_fma.cl"
#include "block_tensor.cl"
/* local: the block product that forward_local, delta_local and update_local share (kernels/products/block.cl). Names
 * are SHAPED(). */

/* c = a b over `depth` values of k, for the items of part 0; those of other parts end with sums of no use. All items of
 * a group must come here. When it returns, nobody reads `memory` any more if there is one part. */
LOCAL_INLINE void block_multiply(float4 (*c)[TILE_VECTORS], __local float4 *memory, const uint depth, const operand *a,
                                 const operand *b) {
    const uint item = get_local_id(0), part = get_local_id(1);
    const uint step = BLOCK_PARTS * BLOCK_DEPTH, own = part * BLOCK_DEPTH; /* of all parts; where this one's begins */
    __local float4 *a_copy = memory + part * PART_VECTORS, *b_copy = a_copy + OPERAND_VECTORS;
    float4 a_share[COPY_VECTORS], b_share[COPY_VECTORS];
    FOR_EACH_SUM(i, j, TILE_ROWS) c[i][j] = 0.0f;
    block_fetch(a_share, a, own, depth);
    block_fetch(b_share, b, own, depth);
    for (uint first = 0; first < depth; first += step) {
        block_put(a_copy, a_share, a, first + own, depth);
        block_put(b_copy, b_share, b, first + own, depth);
        barrier(CLK_LOCAL_MEM_FENCE);
        block_fetch(a_share, a, first + step + own, depth);
        block_fetch(b_share, b, first + step + own, depth);
        block_add_step(c, a_copy, b_copy, a->k_is_row, b->k_is_row);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    block_settle(c);
    if (BLOCK_PARTS == 1) return;
    __local float4 *sums = memory + item;
    if (part > 0)
        FOR_EACH_SUM(i, j, TILE_ROWS) sums[(((part - 1) * TILE_ROWS + i) * TILE_VECTORS + j) * BLOCK_ITEMS] = c[i][j];
    barrier(CLK_LOCAL_MEM_FENCE);
    if (part > 0) return;
    for (uint other = 0; other < BLOCK_PARTS - 1; other++)
        FOR_EACH_SUM(i, j, TILE_ROWS) c[i][j] += sums[((other * TILE_ROWS + i) * TILE_VECTORS + j) * BLOCK_ITEMS];
}

/* ---- update_local and update_local_long ---- */

/* The biases of BLOCK outputs from `column` on: the items of a column of vectors share the samples, the first adds up.
 */
LOCAL_INLINE void update_biases(__local float4 *memory, const uint column, const uint batch_count,
                                const uint batch_rows, const uint sum_samples, __global const hyper_values *hyper,
                                __global const epoch_state *state, __global const float4 *delta,
                                __global float4 *biases, __global float4 *biases_m, __global float4 *biases_v) {
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
    APPLY(float4, _vector, sum, false, biases, biases_m, biases_v, column / 4 + vector);
}

/* c = the sums over the samples from `first` to `end` of the block at (row, column). */
LOCAL_INLINE void sum_section(float4 (*c)[TILE_VECTORS], __local float4 *memory, const uint first, const uint end,
                              const uint row, const uint column, const uint batch_rows, __global const float *input,
                              __global const float *delta) {
    const size_t skipped = (size_t)first * PANEL_WIDTH;
    const operand from_input = operand_of(CONST_VECTORS(input + skipped), batch_rows, row, true);
    const operand from_delta = operand_of(CONST_VECTORS(delta + skipped), batch_rows, column, true);
    block_multiply(c, memory, end - first, &from_input, &from_delta);
}

/* Adds to c, the sums of the first section, those of all others. */
LOCAL_INLINE void add_later_sections(float4 (*c)[TILE_VECTORS], __local float4 *memory, const uint batch_count,
                                     const uint sum_samples, const uint row, const uint column, const uint batch_rows,
                                     __global const float *input, __global const float *delta) {
    float4 section[TILE_ROWS][TILE_VECTORS], excess[TILE_ROWS][TILE_VECTORS];
    FOR_EACH_SUM(i, j, TILE_ROWS) excess[i][j] = 0.0f;
    for (uint first = sum_samples, end; first < batch_count; first = end) {
        end = section_end(first, sum_samples, batch_count);
        sum_section(section, memory, first, end, row, column, batch_rows, input, delta);
        FOR_EACH_SUM(i, j, TILE_ROWS) ADD_SECTION(float4, c[i][j], excess[i][j], section[i][j]);
    }
}

#define DEFINE_UPDATE_LOCAL(name, is_long)                                                                             \
    LOCAL_OPERATION                                                                                                    \
    name(BLOCK_ITEM const uint batch_rows, const uint weights_rows, const uint sum_samples,                            \
         __global const hyper_values *restrict hyper, __global const epoch_state *restrict state,                      \
         __global const float *restrict input, __global const float *restrict delta, __global float *restrict weights, \
         __global float *restrict biases, __global float *restrict weights_m, __global float *restrict weights_v,      \
         __global float *restrict biases_m, __global float *restrict biases_v) {                                       \
        BLOCK_MEMORY                                                                                                   \
        const uint row = BLOCK_ROW(), column = BLOCK_COLUMN();                                                         \
        const uint batch_count = state->batch_count;                                                                   \
        if (batch_count == 0) return;                                                                                  \
        const uint first_end = is_long ? min(sum_samples, batch_count) : batch_count;                                  \
        float4 c[TILE_ROWS][TILE_VECTORS];                                                                             \
        sum_section(c, memory, 0, first_end, row, column, batch_rows, input, delta);                                   \
        if (is_long) add_later_sections(c, memory, batch_count, sum_samples, row, column, batch_rows, input, delta);   \
        FOR_EACH_SUM(i, j, TILE_ROWS)                                                                                  \
        APPLY(float4, _vector, c[i][j], true, VECTORS(weights), VECTORS(weights_m), VECTORS(weights_v),                \
              panel_index(row + sum_row(i), column + sum_column(j), weights_rows, 0) / 4);                             \
        if (row == 0)                                                                                                  \
            update_biases(memory, column, batch_count, batch_rows, sum_samples, hyper, state, CONST_VECTORS(delta),    \
                          VECTORS(biases), VECTORS(biases_m), VECTORS(biases_v));                                      \
    }
