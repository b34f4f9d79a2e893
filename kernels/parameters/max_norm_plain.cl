#include "steps.cl"
/* max_norm: after a step, the weights of each output whose norm is larger than `most` are multiplied by most / norm (N.
 * Srivastava et al., 2014). Squares are summed in sections of `block_rows` inputs (kernels/shared/common.cl); biases
 * are left alone.
 *
 * weights: panels, row = input, column = output. Work-item: output. */
OPERATION max_norm_plain(ITEM const uint block_rows, const uint input_count, const uint output_count,
                         const uint weights_rows, const uint weights_width, const float most,
                         __global const epoch_state *restrict state, __global float *restrict weights) {
    const uint column = item_id(0);
    if (column >= output_count || !takes_step(state)) return;
    float sum = 0.0f, excess = 0.0f;
    for (uint row = 0; row < input_count;) {
        const uint end = section_end(row, block_rows, input_count);
        float section = 0.0f;
        for (; row < end; row++) {
            const float w = weights[panel_index(row, column, weights_rows, weights_width)];
            section += w * w;
        }
        ADD_SECTION(float, sum, excess, section);
    }
    if (!(sum > most * most)) return;
    const float factor = most / sqrt(sum);
    for (uint row = 0; row < input_count; row++)
        weights[panel_index(row, column, weights_rows, weights_width)] *= factor;
}
