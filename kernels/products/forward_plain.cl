/* forward, plain: z = W a + b (4), a = f(z) (5) and, with_slope = 1, f'(z) (18), for every sample of the mini-batch.
 * Always right, on any device and any panel width.
 *
 * input: panels, row = sample, column = input.   weights: panels, row = input, column = output.
 * output, slopes: panels, row = sample, column = output. Work-item: (output, sample). */
OPERATION forward_plain(ITEM const uint input_count, const uint output_count, const uint batch_rows,
                        const uint input_width, const uint weights_rows, const uint weights_width,
                        const uint activation, const float parameter, const float rate, const uint layer,
                        const uint with_slope, __global const epoch_state *restrict state,
                        __global const float *restrict input, __global const float *restrict weights,
                        __global const float *restrict biases, __global float *restrict output,
                        __global float *restrict slopes) {
    const uint column = item_id(0), row = item_id(1);
    if (column >= output_count || row >= state->batch_count) return;
    float z = biases[column];
    for (uint i = 0, end; i < input_count; i = end) {
        end = RUN_END(i, input_count);
        z = add_products(z, input + panel_index(row, i, batch_rows, input_width), 1,
                         weights + panel_index(i, column, weights_rows, weights_width), ROW_STRIDE(weights_width),
                         end - i);
    }
    const size_t here = panel_index(row, column, batch_rows, weights_width);
    const float a = activate(z, activation, parameter), kept_ = kept(column, row, layer, rate, state);
    output[here] = a * kept_;
    if (with_slope) slopes[here] = slope(z, a, activation, parameter) * kept_;
}
