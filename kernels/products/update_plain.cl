/* update, plain: a step of the optimiser (kernels/tables/optimizers.cl) with the gradients (29), (30) averaged over the
 * mini-batch; plain gradient descent (8), (9) is
 *     W -= learning_rate / batch_count * sum over samples of delta a^T        b likewise with delta
 *
 * The gradient itself never reaches memory; but with GRADIENT_TO_MEMORY it is what is written, and `weights` and
 * `biases` are the tensors of the gradients (kernels/parameters/step_plain.cl takes the step).
 *
 * input: panels, row = sample, column = input.   delta: panels, row = sample, column = output.
 * weights, and what the optimiser keeps of them: panels, row = input, column = output. Work-item: (output, input). */
OPERATION update_plain(ITEM const uint input_count, const uint output_count, const uint batch_rows,
                       const uint input_width, const uint weights_rows, const uint weights_width,
                       const uint sum_samples, __global const hyper_values *restrict hyper,
                       __global const epoch_state *restrict state, __global const float *restrict input,
                       __global const float *restrict delta, __global float *restrict weights,
                       __global float *restrict biases, __global float *restrict weights_m,
                       __global float *restrict weights_v, __global float *restrict biases_m,
                       __global float *restrict biases_v) {
    const uint column = item_id(0), row = item_id(1);
    const uint batch_count = state->batch_count;
    if (column >= output_count || row >= input_count || batch_count == 0) return;
    float gradient = 0.0f, excess = 0.0f, bias_gradient = 0.0f, bias_excess = 0.0f;
    for (uint b = 0, end; b < batch_count; b = end) {
        end = section_end(b, sum_samples, batch_count);
        __global const float *deltas = delta + panel_index(b, column, batch_rows, weights_width);
        const float section = add_products(0.0f, input + panel_index(b, row, batch_rows, input_width),
                                           ROW_STRIDE(input_width), deltas, ROW_STRIDE(weights_width), end - b);
        ADD_SECTION(float, gradient, excess, section);
        if (row == 0) {
            float bias_section = 0.0f;
            for (uint i = 0; i < end - b; i++) bias_section += deltas[i * (size_t)ROW_STRIDE(weights_width)];
            ADD_SECTION(float, bias_gradient, bias_excess, bias_section);
        }
    }
    APPLY(float, , gradient, true, weights, weights_m, weights_v,
          panel_index(row, column, weights_rows, weights_width));
    if (row == 0) APPLY(float, , bias_gradient, false, biases, biases_m, biases_v, column);
}
