/* delta, plain: delta of the layer below = (W^T delta) * f'(z) (24), with f'(z) as forward left
 * it. Reads W before the update of W writes it.
 *
 * weights: panels, row = input, column = output.   delta: panels, row = sample, column = output.
 * slopes, delta_below: panels, row = sample, column = input. Work-item: (input, sample). */
OPERATION delta_plain(ITEM const uint input_count, const uint output_count, const uint batch_rows,
                      const uint input_width, const uint weights_rows, const uint weights_width,
                      __global const epoch_state *restrict state, __global const float *restrict weights,
                      __global const float *restrict delta, __global const float *restrict slopes,
                      __global float *restrict delta_below) {
    const uint column = item_id(0), row = item_id(1);
    if (column >= input_count || row >= state->batch_count) return;
    float sum = 0.0f;
    for (uint o = 0, end; o < output_count; o = end) {
        end = RUN_END(o, output_count);
        sum = add_products(sum, weights + panel_index(column, o, weights_rows, weights_width), 1,
                           delta + panel_index(row, o, batch_rows, weights_width), 1, end - o);
    }
    const size_t here = panel_index(row, column, batch_rows, input_width);
    delta_below[here] = sum * slopes[here];
}
