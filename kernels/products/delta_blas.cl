#include "functions.cl"
#include "state.cl"
/* delta, BLAS: what is left of (24) when a library has written W^T delta into `delta_below`: multiply by
 * f'(z), in place. Contract as delta_plain. Work-item: (input, sample). */
OPERATION delta_blas(ITEM const uint input_count, const uint batch_rows, const uint width, const uint activation,
                     const float parameter, __global const epoch_state *restrict state,
                     __global const float *restrict stored, __global float *restrict delta_below) {
    const uint column = item_id(0), row = item_id(1);
    if (column >= input_count || row >= state->batch_count) return;
    const size_t here = panel_index(row, column, batch_rows, width);
    delta_below[here] *= slope_from(stored[here], activation, parameter);
}
