/* output: the network's outputs a = f(z) of the mini-batch, row-major [sample][output], for the host to read.
 * weighted_input: panels, row = sample, column = output. Work-item: (output, sample). */
__kernel void output(const uint output_count, const uint batch_rows, const uint width, const uint activation,
                     __global const epoch_state *restrict state, __global const float *restrict weighted_input,
                     __global float *restrict outputs) {
    const uint column = get_global_id(0), row = get_global_id(1);
    if (column >= output_count || row >= state->batch_count) return;
    outputs[(size_t)row * output_count + column] =
        activate(weighted_input[panel_index(row, column, batch_rows, width)], activation);
}
