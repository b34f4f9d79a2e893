/* cost, tile: the output layer in one launch: z = W a + b (4), the cost of each sample (7), its class, and delta (19).
 * Contract as forward_tile followed by cost; z itself does not reach memory.
 * Item: SAMPLE_ROWS samples, through all panels of outputs. */
DEFINE_COSTS(floatv, _vector)

/* Where a sample stands after some of its outputs. */
typedef struct {
    float cost, largest;
    uint largest_output;
} sample_result;

TILE_OPERATION cost_tile(ITEM const uint a_lines, const uint input_count, const uint output_count, const uint batch_rows,
                         const uint weights_rows, const uint transposed_rows, const uint activation,
                         const uint cost_code, __global const epoch_state *restrict state,
                         __global const float *restrict input, __global const float *restrict weights,
                         __global const float *restrict biases, __global const uint *restrict labels,
                         __global float *restrict delta, __global float *restrict delta_transposed,
                         __global float *restrict costs, __global uint *restrict classes) {
    const uint row = item_id(0) * SAMPLE_ROWS, batch_count = state->batch_count;
    if (row >= batch_count) return;
    const uint b_lines = 0; /* few outputs */
    float lane_numbers[PANEL_WIDTH];
    sample_result results[SAMPLE_ROWS];
    for (uint lane = 0; lane < PANEL_WIDTH; lane++) lane_numbers[lane] = (float)lane;
    for (uint i = 0; i < SAMPLE_ROWS; i++) {
        results[i].cost = 0.0f;
        results[i].largest = -INFINITY;
        results[i].largest_output = output_count;
    }

    for (uint first = 0; first < output_count; first += PANEL_WIDTH) {
        floatv c[SAMPLE_ROWS][TILE_VECTORS];
        FOR_EACH_SUM(i, j, SAMPLE_ROWS) c[i][j] = load(j, biases + first);
        __global const float *a = input + (size_t)row * PANEL_WIDTH;
        __global const float *b = weights + (size_t)first * weights_rows;
        __global const float *next = b;
        TILE_MULTIPLY(c, SAMPLE_ROWS, a, batch_rows, b, input_count, next)

        const uint lane_count = min((uint)PANEL_WIDTH, output_count - first);
        __global float *to = delta + (size_t)first * batch_rows + (size_t)row * PANEL_WIDTH;
        /* Sums are in registers, which only constants can name; from here on, a loop that is not unrolled is compiled in
         * a tenth of the time. */
        float z[SAMPLE_ROWS * PANEL_WIDTH];
        FOR_EACH_SUM(i, j, SAMPLE_ROWS) store(c[i][j], i * TILE_VECTORS + j, z);
        for (uint i = 0; i < SAMPLE_ROWS; i++) {
            const bool present = row + i < batch_count;
            const uint label = present ? labels[row + i] : 0;
            /* The label's lane, or one that is not there; small integers are exact. */
            const float label_lane = label >= first && label - first < PANEL_WIDTH ? (float)(label - first) : -2.0f;
            float unit_costs[PANEL_WIDTH], deltas[PANEL_WIDTH];
            _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) {
                const floatv lanes = load(j, lane_numbers), sums = load(i * TILE_VECTORS + j, z);
                const floatv y = fmax(1.0f - fabs(lanes - label_lane), 0.0f);
                const floatv counts = fmin(fmax((float)lane_count - lanes, 0.0f), 1.0f) * (present ? 1.0f : 0.0f);
                const floatv d = counts * delta_of_unit_vector(activate_vector(sums, activation), y, cost_code);
                store(cost_of_unit_vector(sums, y, cost_code), j, unit_costs);
                store(d, j, deltas);
                store(d, i * TILE_VECTORS + j, to);
            }
            for (uint lane = 0; lane < lane_count; lane++) {
                results[i].cost += unit_costs[lane];
                const float sum = z[i * PANEL_WIDTH + lane];
                if (sum > results[i].largest) {
                    results[i].largest = sum;
                    results[i].largest_output = first + lane;
                }
                if (transposed_rows)
                    delta_transposed[panel_index(first + lane, row + i, transposed_rows, PANEL_WIDTH)] = deltas[lane];
            }
        }
    }
    for (uint i = 0; i < SAMPLE_ROWS; i++) {
        const bool present = row + i < batch_count;
        costs[row + i] = present ? results[i].cost : 0.0f;
        classes[row + i] = results[i].largest_output;
    }
}
