#include "steps.cl"
/* norm: of a layer's gradients, the sums of squares that kernels/parameters/clip.cl adds up: of each output's weights
 * in blocks of `block_rows` inputs, and of its bias.
 *
 * parts: from `first_part` on, row = block, the last one of the biases, column = output; 0 beyond the outputs.
 * Work-item: (output, block). */
OPERATION norm_plain(ITEM const uint block_rows, const uint block_count, const uint part_columns, const uint first_part,
                     const uint input_count, const uint output_count, const uint weights_rows, const uint weights_width,
                     __global const epoch_state *restrict state, __global const float *restrict weights_gradient,
                     __global const float *restrict biases_gradient, __global float *restrict parts) {
    const uint column = item_id(0), block = item_id(1);
    if (column >= part_columns || block > block_count || !takes_step(state)) return;
    float sum = 0.0f;
    if (column < output_count && block == block_count) {
        sum = biases_gradient[column] * biases_gradient[column];
    } else if (column < output_count) {
        const uint end = min((block + 1) * block_rows, input_count);
        for (uint row = block * block_rows; row < end; row++) {
            const float g = weights_gradient[panel_index(row, column, weights_rows, weights_width)];
            sum += g * g;
        }
    }
    parts[first_part + block * part_columns + column] = sum;
}
