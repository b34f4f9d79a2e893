#include "functions_tile.cl"
#include "state.cl"
/* cost, tile: the output layer in one launch: z = W a + b (4), the cost of each sample (7), its class, and delta (19).
 * Contract as forward_tile followed by cost. A first sweep over the panels of outputs leaves z where delta
 * will be, a second one makes delta of it; in between each sample's largest z is known, and with it log_sum.
 * Item: SAMPLE_ROWS samples, through all panels of outputs. */
DEFINE_HEADS(floatv, _vector)

/* Of a sample, from its row of z: the largest, where it is, and log(sum of exp(z)). */
static inline uint largest_of(__global const float *z, const uint output_count, const uint batch_rows, float *log_sum) {
    float largest = -INFINITY, sum = 0.0f;
    uint place = output_count;
    for (uint column = 0; column < output_count; column++) {
        const float here = z[panel_index(0, column, batch_rows, PANEL_WIDTH)];
        if (here > largest) {
            largest = here;
            place = column;
        }
    }
    *log_sum = 0.0f;
    if (OUTPUT != ACTIVATION_softmax) return place;
    for (uint first = 0; first < output_count; first += PANEL_WIDTH) {
        float powers[PANEL_WIDTH];
        for (uint j = 0; j < TILE_VECTORS; j++)
            store_private(exp(load(j, z + (size_t)first * batch_rows) - largest), j, powers);
        for (uint lane = 0; lane < min((uint)PANEL_WIDTH, output_count - first); lane++) sum += powers[lane];
    }
    *log_sum = largest + log(sum);
    return place;
}

TILE_OPERATION cost_tile(ITEM const uint a_lines, const uint input_count, const uint output_count,
                         const uint batch_rows, const uint weights_rows, const uint transposed_rows, const float hot,
                         const float cold, __global const epoch_state *restrict state,
                         __global const float *restrict input, __global const float *restrict weights,
                         __global const float *restrict biases, __global const uint *restrict labels,
                         __global const float *restrict values, __global const float *restrict sample_weights,
                         __global float *restrict delta, __global float *restrict delta_transposed,
                         __global float *restrict costs, __global uint *restrict classes) {
    const uint row = item_id(0) * SAMPLE_ROWS, batch_count = state->batch_count;
    if (row >= batch_count) return;
    const uint b_lines = 0; /* few outputs */
    float lane_numbers[PANEL_WIDTH];
    for (uint lane = 0; lane < PANEL_WIDTH; lane++) lane_numbers[lane] = (float)lane;

    for (uint first = 0; first < output_count; first += PANEL_WIDTH) {
        floatv c[SAMPLE_ROWS][TILE_VECTORS];
        FOR_EACH_SUM(i, j, SAMPLE_ROWS) c[i][j] = load(j, biases + first);
        __global const float *a = input + (size_t)row * PANEL_WIDTH;
        __global const float *b = weights + (size_t)first * weights_rows;
        __global const float *next = b;
        TILE_MULTIPLY(c, SAMPLE_ROWS, a, batch_rows, b, input_count, next)
        __global float *to = delta + (size_t)first * batch_rows + (size_t)row * PANEL_WIDTH;
        FOR_EACH_SUM(i, j, SAMPLE_ROWS) store(c[i][j], i * TILE_VECTORS + j, to);
    }

    for (uint sample = row; sample < row + SAMPLE_ROWS; sample++) {
        const bool present = sample < batch_count;
        const uint label = present && !TARGET_VALUES ? labels[sample] : 0;
        const float sample_weight = present && WEIGHTED ? sample_weights[sample] : 1.0f;
        float sample_cost = 0.0f, log_sum;
        const uint largest = largest_of(delta + (size_t)sample * PANEL_WIDTH, output_count, batch_rows, &log_sum);
        bool all_right = present;
        for (uint first = 0; first < output_count; first += PANEL_WIDTH) {
            const uint lane_count = min((uint)PANEL_WIDTH, output_count - first);
            const size_t corner = (size_t)first * batch_rows + (size_t)sample * PANEL_WIDTH;
            /* The label's lane, or one that is not there; small integers are exact. */
            const float label_lane = label >= first && label - first < PANEL_WIDTH ? (float)(label - first) : -2.0f;
            float unit_costs[PANEL_WIDTH], deltas[PANEL_WIDTH], right[PANEL_WIDTH];
            _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) {
                const floatv lanes = load_private(j, lane_numbers), z = load(j, delta + corner),
                             activated = output_of_vector(z);
                const floatv target =
                    TARGET_VALUES ? load(j, values + corner) : fmax(1.0f - fabs(lanes - label_lane), 0.0f);
                const floatv counts = fmin(fmax((float)lane_count - lanes, 0.0f), 1.0f) *
                                      (present ? (WEIGHTED ? sample_weight : 1.0f) : 0.0f);
                const floatv y = cold + (hot - cold) * target;
                const floatv d = counts * delta_of_unit_vector(z, activated, y, (floatv)(log_sum));
                store_private(cost_of_unit_vector(z, activated, y, (floatv)(log_sum)), j, unit_costs);
                store_private(d, j, deltas);
                store(d, j, delta + corner);
                if (TARGET_VALUES) store_private(IS_POSITIVE(z) - step(0.5f, target), j, right);
            }
            for (uint lane = 0; lane < lane_count; lane++) {
                sample_cost += unit_costs[lane];
                if (TARGET_VALUES) all_right = all_right && right[lane] == 0.0f;
                if (transposed_rows)
                    delta_transposed[panel_index(first + lane, sample, transposed_rows, PANEL_WIDTH)] = deltas[lane];
            }
        }
        costs[sample] = present ? (WEIGHTED ? sample_cost * sample_weight : sample_cost) : 0.0f;
        classes[sample] = TARGET_VALUES ? all_right : largest;
    }
}
