/* update, plain: gradient descent (8), (9) with the gradients (29), (30) averaged over the mini-batch:
 *     W -= learning_rate / batch_count * sum over samples of delta a^T        b likewise with delta
 * The gradient itself never reaches memory.
 *
 * input: panels, row = sample, column = input.   delta: panels, row = sample, column = output.
 * weights: panels, row = input, column = output. Work-item: (output, input). */
OPERATION update_plain(ITEM const uint input_count, const uint output_count, const uint batch_rows,
                           const uint input_width, const uint weights_rows, const uint weights_width,
                           const uint sum_samples, const float learning_rate,
                           __global const epoch_state *restrict state,
                           __global const float *restrict input, __global const float *restrict delta,
                           __global float *restrict weights, __global float *restrict biases) {
    const uint column = item_id(0), row = item_id(1);
    const uint batch_count = state->batch_count;
    if (column >= output_count || row >= input_count || batch_count == 0) return;
    const float rate = learning_rate / (float)batch_count;
    float gradient = 0.0f, excess = 0.0f, bias_gradient = 0.0f, bias_excess = 0.0f;
    for (uint b = 0; b < batch_count;) {
        const uint end = section_end(b, sum_samples, batch_count);
        float section = 0.0f, bias_section = 0.0f;
        for (; b < end; b++) {
            const float d = delta[panel_index(b, column, batch_rows, weights_width)];
            section += input[panel_index(b, row, batch_rows, input_width)] * d;
            bias_section += d;
        }
        ADD_SECTION(float, gradient, excess, section);
        ADD_SECTION(float, bias_gradient, bias_excess, bias_section);
    }
    weights[panel_index(row, column, weights_rows, weights_width)] -= rate * gradient;
    if (row == 0) biases[column] -= rate * bias_gradient;
}
