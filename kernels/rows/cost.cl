#include "functions.cl"
#include "state.cl"
/* cost: the cost of each sample of the mini-batch, summed over the output units (7), its class, and the delta of the
 * output layer (19), for the head that the program is compiled with (kernels/tables/heads.cl).
 *
 * weighted_input: panels, row = sample, column = output: z of the output layer, before its activation.
 * labels: [samples]; with TARGET_VALUES not used, but values: panels, row = sample, column = output.
 * classes: the output of the largest weighted input and of equal ones the first; with TARGET_VALUES 1 where each output
 * is on its target's side, else 0.
 * weights: [samples], with WEIGHTED: cost and delta of a sample are multiplied by its weight.
 * hot, cold: what a target of 1 and one of 0 stand for, other than 1 and 0 with label smoothing.
 * delta: panels likewise; with transposed_rows > 0 also transposed: panels, row = output, column = sample.
 * Rows at or beyond batch_count get a delta of 0, so that a library may sum over all rows.
 * Work-item: sample. */
DEFINE_HEADS(float, )

OPERATION cost(ITEM const uint output_count, const uint batch_size, const uint batch_rows, const uint width,
               const uint transposed_rows, const uint transposed_width, const float hot, const float cold,
               __global const epoch_state *restrict state, __global const float *restrict weighted_input,
               __global const uint *restrict labels, __global const float *restrict values,
               __global const float *restrict sample_weights, __global float *restrict delta,
               __global float *restrict delta_transposed, __global float *restrict costs,
               __global uint *restrict classes) {
    const uint row = item_id(0);
    if (row >= batch_size) return;
    const bool present = row < state->batch_count;
    const uint label = present && !TARGET_VALUES ? labels[row] : 0;
    const float sample_weight = present && WEIGHTED ? sample_weights[row] : 1.0f;
    float sample_cost = 0.0f, largest = -INFINITY, log_sum = 0.0f;
    uint largest_column = output_count;
    bool all_right = present;
    for (uint column = 0; present && column < output_count; column++) {
        const float z = weighted_input[panel_index(row, column, batch_rows, width)];
        if (z > largest) {
            largest = z;
            largest_column = column;
        }
    }
    if (OUTPUT == ACTIVATION_softmax && present) {
        float sum = 0.0f;
        for (uint column = 0; column < output_count; column++)
            sum += exp(weighted_input[panel_index(row, column, batch_rows, width)] - largest);
        log_sum = largest + log(sum);
    }
    for (uint column = 0; column < output_count; column++) {
        const size_t here = panel_index(row, column, batch_rows, width);
        float d = 0.0f;
        if (present) {
            const float z = weighted_input[here], a = output_of(z);
            const float target = TARGET_VALUES ? values[here] : column == label ? 1.0f : 0.0f;
            const float y = cold + (hot - cold) * target;
            sample_cost += cost_of_unit(z, a, y, log_sum);
            d = delta_of_unit(z, a, y, log_sum);
            all_right = all_right && (z > 0.0f) == (target >= 0.5f);
        }
        if (WEIGHTED) d *= sample_weight;
        delta[here] = d;
        if (transposed_rows) delta_transposed[panel_index(column, row, transposed_rows, transposed_width)] = d;
    }
    costs[row] = WEIGHTED ? sample_cost * sample_weight : sample_cost;
    classes[row] = TARGET_VALUES ? all_right : largest_column;
}
