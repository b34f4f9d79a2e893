#include "functions.cl"
#include "state.cl"
#include "sums.cl"
/* delta, plain: delta of the layer below = (W^T delta) * f'(z) (24). Reads W before the update of W writes it.
 *
 * weights: panels, row = input, column = output.   delta: panels, row = sample, column = output.
 * stored: what is stored of f'(z), a of the layer below, or f'(z) itself with activation = SLOPE_STORED.
 * stored, delta_below: panels, row = sample, column = input. Work-item: (input, sample and part). */
OPERATION delta_plain(PART_ITEM const uint input_count, const uint output_count, const uint batch_rows,
                      const uint input_width, const uint weights_rows, const uint weights_width, const uint parts,
                      const uint activation, const float parameter, __global const epoch_state *restrict state,
                      __global const float *restrict weights, __global const float *restrict delta,
                      __global const float *restrict stored, __global float *restrict delta_below) {
    PART_MEMORY
    const uint column = item_id(0), row = PART_ROW(parts);
    const bool exists = column < input_count && row < state->batch_count, is_first = exists && item_part(share) == 0;
    const size_t here = panel_index(row, column, batch_rows, input_width);
    const float stored_ = is_first ? stored[here] : 0.0f; /* on its way while the products are made */
    float sum = 0.0f;
    ADD_PARTS(sum, exists, parts, 0, output_count,
              add_products(own_, weights + panel_index(column, i, weights_rows, weights_width), 1,
                           delta + panel_index(row, i, batch_rows, weights_width), 1, run));
    if (is_first) delta_below[here] = sum * slope_from(stored_, activation, parameter);
}
