/* forward, BLAS: what is left of (4) and (5) when a library has written W a into `output`: add the bias,
 * apply the activation, in place. Work-item: (output, sample). */
OPERATION forward_blas(ITEM const uint output_count, const uint batch_rows, const uint width, const uint activation,
                           __global const epoch_state *restrict state, __global const float *restrict biases,
                           __global float *restrict output) {
    const uint column = item_id(0), row = item_id(1);
    if (column >= output_count || row >= state->batch_count) return;
    const size_t here = panel_index(row, column, batch_rows, width);
    output[here] = activate(output[here] + biases[column], activation);
}
