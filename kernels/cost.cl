/* cost: the cost of each sample of the mini-batch, summed over the output units (7), its class, which is the output of
 * the largest weighted input and of equal ones the first, and the delta of the output layer (19).
 *
 * weighted_input: panels, row = sample, column = output: z of the output layer, before its activation.
 * delta: panels likewise; with transposed_rows > 0 also transposed: panels, row = output, column = sample.
 * Rows at or beyond batch_count get a delta of 0, so that a library may sum over all rows.
 * Work-item: sample. */
DEFINE_COSTS(float, )

OPERATION cost(ITEM const uint output_count, const uint batch_size, const uint batch_rows, const uint width,
                   const uint transposed_rows, const uint transposed_width, const uint activation,
                   const uint cost_code, __global const epoch_state *restrict state,
                   __global const float *restrict weighted_input, __global const uint *restrict labels,
                   __global float *restrict delta, __global float *restrict delta_transposed,
                   __global float *restrict costs, __global uint *restrict classes) {
    const uint row = item_id(0);
    if (row >= batch_size) return;
    const bool present = row < state->batch_count;
    const uint label = present ? labels[row] : 0;
    float sample_cost = 0.0f, largest = -INFINITY;
    uint largest_column = output_count;
    for (uint column = 0; column < output_count; column++) {
        const size_t here = panel_index(row, column, batch_rows, width);
        float d = 0.0f;
        if (present) {
            const float z = weighted_input[here], y = column == label ? 1.0f : 0.0f;
            sample_cost += cost_of_unit(z, y, cost_code);
            d = delta_of_unit(activate(z, activation), y, cost_code);
            if (z > largest) {
                largest = z;
                largest_column = column;
            }
        }
        delta[here] = d;
        if (transposed_rows) delta_transposed[panel_index(column, row, transposed_rows, transposed_width)] = d;
    }
    costs[row] = sample_cost;
    classes[row] = largest_column;
}
