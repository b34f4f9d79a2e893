/* cost, tile: the output layer in one launch where all its outputs fit one panel: z = W a + b (4), the cost of each
 * sample (7), whether its largest output is its label, and delta (19). Contract as forward_tile followed by cost; z
 * itself does not reach memory. Work-item: TILE_ROWS samples. */
DEFINE_COSTS(floatv, _vector)

TILE_OPERATION cost_tile(ITEM const uint input_count, const uint output_count, const uint batch_rows,
                           const uint weights_rows, const uint transposed_rows, const uint activation,
                           const uint cost_code, __global const epoch_state *restrict state,
                           __global const float *restrict input, __global const float *restrict weights,
                           __global const float *restrict biases, __global const uint *restrict labels,
                           __global float *restrict delta, __global float *restrict delta_transposed,
                           __global float *restrict costs, __global uint *restrict corrects) {
    const uint row = item_id(0) * TILE_ROWS, batch_count = state->batch_count;
    if (row >= batch_count) return;
    floatv c[TILE_ROWS][TILE_VECTORS];
    FOR_EACH_SUM(i, j) c[i][j] = load(j, biases);
    __global const float *a = input + row * PANEL_WIDTH;
    __global const float *b = weights;
    TILE_MULTIPLY(c, a, batch_rows, b, input_count)

    float lane_numbers[PANEL_WIDTH];
    for (uint lane = 0; lane < PANEL_WIDTH; lane++) lane_numbers[lane] = (float)lane;
    _Pragma("unroll") for (uint i = 0; i < TILE_ROWS; i++) {
        const bool present = row + i < batch_count;
        const uint label = present ? labels[row + i] : 0;
        float z[PANEL_WIDTH], unit_costs[PANEL_WIDTH], deltas[PANEL_WIDTH];
        _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) {
            const floatv lanes = load(j, lane_numbers);
            /* 1 where it holds: comparisons of exact small integers. */
            const floatv y = fmax(1.0f - fabs(lanes - (float)label), 0.0f);
            const floatv counts = fmin(fmax((float)output_count - lanes, 0.0f), 1.0f) * (present ? 1.0f : 0.0f);
            const floatv d = counts * delta_of_unit_vector(activate_vector(c[i][j], activation), y, cost_code);
            store(c[i][j], j, z);
            store(cost_of_unit_vector(c[i][j], y, cost_code), j, unit_costs);
            store(d, j, deltas);
            store(d, (row + i) * TILE_VECTORS + j, delta);
        }
        float sample_cost = 0.0f, largest = -INFINITY;
        uint largest_lane = output_count;
        for (uint lane = 0; lane < output_count; lane++) {
            sample_cost += unit_costs[lane];
            if (z[lane] > largest) {
                largest = z[lane];
                largest_lane = lane;
            }
            if (transposed_rows)
                delta_transposed[panel_index(lane, row + i, transposed_rows, PANEL_WIDTH)] = deltas[lane];
        }
        costs[row + i] = present ? sample_cost : 0.0f;
        corrects[row + i] = present && largest_lane == label;
    }
}
