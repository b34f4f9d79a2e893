#include "dropout.cl"
#include "functions.cl"
/* forward, BLAS: what is left of (4) and (5) when a library has written W a into `output`: add the bias,
 * apply the activation, in place. Work-item: (output, sample). */
OPERATION forward_blas(ITEM const uint output_count, const uint batch_rows, const uint width, const uint activation,
                       const float parameter, const float rate, const uint layer, const uint with_slope,
                       __global const epoch_state *restrict state, __global const float *restrict biases,
                       __global float *restrict output, __global float *restrict slopes) {
    const uint column = item_id(0), row = item_id(1);
    if (column >= output_count || row >= state->batch_count) return;
    const size_t here = panel_index(row, column, batch_rows, width);
    const float z = output[here] + biases[column];
    const float a = activate(z, activation, parameter), kept_ = kept(column, row, layer, rate, state);
    output[here] = a * kept_;
    if (STORES_SLOPES && with_slope) slopes[here] = slope(z, a, activation, parameter) * kept_;
}
