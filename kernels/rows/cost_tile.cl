#include "functions_tile.cl"
#include "state.cl"
/* cost, tile: the output layer in one launch: z = W a + b (4), the cost of each sample (7), its class, and delta (19).
 * Contract as forward_tile followed by cost. A first sweep over the panels of outputs leaves z where delta
 * will be, a second one makes delta of it; in between each sample's largest z is known, and with it log_sum.
 * Item: SAMPLE_ROWS samples, through all panels of outputs. */
DEFINE_HEADS(floatv, _vector)

/* Vectors of a panel that have outputs, of which `count` are left: the last ones of a small network may have none. */
#define VECTORS_OF(count) min((uint)TILE_VECTORS, ((count) + VECTOR_WIDTH - 1) / VECTOR_WIDTH)

/* The samples of a tile, rounded up to vectors of them. */
#define SAMPLE_VECTORS ((SAMPLE_ROWS + VECTOR_WIDTH - 1) / VECTOR_WIDTH)

/* Of each sample of a tile, from its row of z, which begins at `z`: the largest, and where it is. */
static inline void find_largest(float *largest, uint *places, __global const float *z, const uint output_count,
                                const uint batch_rows) {
    for (uint i = 0; i < SAMPLE_ROWS; i++) {
        largest[i] = -INFINITY;
        places[i] = output_count;
        for (uint column = 0; column < output_count; column++) {
            const float here = z[panel_index(0, column, batch_rows, PANEL_WIDTH) + i * PANEL_WIDTH];
            places[i] = here > largest[i] ? column : places[i];
            largest[i] = here > largest[i] ? here : largest[i];
        }
    }
}

/* Likewise log(sum of exp(z)), where 0 stands, and 1 beyond the last sample. Sample by sample each step would wait for
 * the one before it. */
static inline void find_log_sums(float *log_sums, const float *largest, __global const float *z,
                                 const uint output_count, const uint batch_rows) {
    for (uint first = 0; first < output_count; first += PANEL_WIDTH)
        for (uint i = 0; i < SAMPLE_ROWS; i++) {
            float powers[PANEL_WIDTH];
            for (uint j = 0; j < VECTORS_OF(output_count - first); j++)
                store_private(exp(load(i * TILE_VECTORS + j, z + (size_t)first * batch_rows) - largest[i]), j, powers);
            for (uint lane = 0; lane < min((uint)PANEL_WIDTH, output_count - first); lane++)
                log_sums[i] += powers[lane];
        }
    for (uint j = 0; j < SAMPLE_VECTORS; j++) store_private(log(load_private(j, log_sums)), j, log_sums);
    for (uint i = 0; i < SAMPLE_ROWS; i++) log_sums[i] += largest[i];
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

    float largest[SAMPLE_ROWS], log_sums[SAMPLE_VECTORS * VECTOR_WIDTH];
    uint places[SAMPLE_ROWS];
    for (uint i = 0; i < SAMPLE_VECTORS * VECTOR_WIDTH; i++) log_sums[i] = i < SAMPLE_ROWS ? 0.0f : 1.0f;
    find_largest(largest, places, delta + (size_t)row * PANEL_WIDTH, output_count, batch_rows);
    if (OUTPUT == ACTIVATION_softmax)
        find_log_sums(log_sums, largest, delta + (size_t)row * PANEL_WIDTH, output_count, batch_rows);

    for (uint sample = row; sample < row + SAMPLE_ROWS; sample++) {
        const bool present = sample < batch_count;
        const uint label = present && !TARGET_VALUES ? labels[sample] : 0;
        const float sample_weight = present && WEIGHTED ? sample_weights[sample] : 1.0f;
        const floatv log_sum = log_sums[sample - row];
        float sample_cost = 0.0f;
        bool all_right = present;
        for (uint first = 0; first < output_count; first += PANEL_WIDTH) {
            const uint lane_count = min((uint)PANEL_WIDTH, output_count - first);
            const size_t corner = (size_t)first * batch_rows + (size_t)sample * PANEL_WIDTH;
            /* The label's lane, or one that is not there; small integers are exact. */
            const float label_lane = label >= first && label - first < PANEL_WIDTH ? (float)(label - first) : -2.0f;
            float unit_costs[PANEL_WIDTH], deltas[PANEL_WIDTH], right[PANEL_WIDTH];
            for (uint j = VECTORS_OF(lane_count); j < TILE_VECTORS; j++) store((floatv)(0.0f), j, delta + corner);
            for (uint j = 0; j < VECTORS_OF(lane_count); j++) {
                const floatv lanes = load_private(j, lane_numbers), z = load(j, delta + corner),
                             activated = output_of_vector(z);
                const floatv target =
                    TARGET_VALUES ? load(j, values + corner) : fmax(1.0f - fabs(lanes - label_lane), 0.0f);
                const floatv counts = fmin(fmax((float)lane_count - lanes, 0.0f), 1.0f) *
                                      (present ? (WEIGHTED ? sample_weight : 1.0f) : 0.0f);
                const floatv y = cold + (hot - cold) * target;
                const floatv d = counts * delta_of_unit_vector(z, activated, y, log_sum);
                store_private(cost_of_unit_vector(z, activated, y, log_sum), j, unit_costs);
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
        classes[sample] = TARGET_VALUES ? all_right : places[sample - row];
    }
}
