#include "steps.cl"
/* average: after a step, the moving average of the parameters takes its share of them:
 *     average += average_share (w - average)
 *
 * All of them: panels, row = input, column = output. Work-item: (output, input). */
OPERATION average_plain(ITEM const uint input_count, const uint output_count, const uint weights_rows,
                        const uint weights_width, __global const epoch_state *restrict state,
                        __global const float *restrict weights, __global const float *restrict biases,
                        __global float *restrict weights_average, __global float *restrict biases_average) {
    const uint column = item_id(0), row = item_id(1);
    if (column >= output_count || row >= input_count || !takes_step(state)) return;
    const size_t here = panel_index(row, column, weights_rows, weights_width);
    weights_average[here] += state->average_share * (weights[here] - weights_average[here]);
    if (row == 0) biases_average[column] += state->average_share * (biases[column] - biases_average[column]);
}
