#include "steps.cl"
/* step: a step of the optimiser (kernels/tables/optimizers.cl) with gradients that an update has written, summed over
 * the mini-batch or over a group of them, which it sets to 0 for the next group.
 *
 * gradients: of weights and biases, in their layout. All of them: panels, row = input, column = output.
 * Work-item: (output, input). */
OPERATION step_plain(ITEM const uint input_count, const uint output_count, const uint weights_rows,
                     const uint weights_width, __global const hyper_values *restrict hyper,
                     __global const epoch_state *restrict state, __global float *restrict weights_gradient,
                     __global float *restrict biases_gradient, __global float *restrict weights,
                     __global float *restrict biases, __global float *restrict weights_m,
                     __global float *restrict weights_v, __global float *restrict biases_m,
                     __global float *restrict biases_v) {
    const uint column = item_id(0), row = item_id(1);
    if (column >= output_count || row >= input_count || !takes_step(state)) return;
    const size_t here = panel_index(row, column, weights_rows, weights_width);
    const float sum = weights_gradient[here];
    STEP(float, , sum, true, weights, weights_m, weights_v, here);
    if (ACCUMULATE) weights_gradient[here] = 0.0f;
    if (row != 0) return;
    const float bias_sum = biases_gradient[column];
    STEP(float, , bias_sum, false, biases, biases_m, biases_v, column);
    if (ACCUMULATE) biases_gradient[column] = 0.0f;
}
