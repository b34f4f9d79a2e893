#include "dropout.cl"
#include "functions.cl"
#include "sums.cl"
/* forward, plain: z = W a + b (4), a = f(z) (5) and, with_slope = 1, f'(z) (18), for every sample of the mini-batch.
 * Always right, on any device and any panel width.
 *
 * input: panels, row = sample, column = input.   weights: panels, row = input, column = output.
 * output, slopes: panels, row = sample, column = output. Work-item: (output, sample and part: kernels/shared/sums.cl).
 */
OPERATION forward_plain(PART_ITEM const uint input_count, const uint output_count, const uint batch_rows,
                        const uint input_width, const uint weights_rows, const uint weights_width, const uint parts,
                        const uint activation, const float parameter, const float rate, const uint layer,
                        const uint with_slope, __global const epoch_state *restrict state,
                        __global const float *restrict input, __global const float *restrict weights,
                        __global const float *restrict biases, __global float *restrict output,
                        __global float *restrict slopes) {
    PART_MEMORY
    const uint column = item_id(0), row = PART_ROW(parts);
    const bool exists = column < output_count && row < state->batch_count;
    float z = exists ? biases[column] : 0.0f;
    ADD_PARTS(z, exists, parts, 0, input_count,
              add_products(own_, input + panel_index(row, i, batch_rows, input_width), 1,
                           weights + panel_index(i, column, weights_rows, weights_width), ROW_STRIDE(weights_width),
                           run));
    if (!exists || item_part(share) != 0) return;
    const size_t here = panel_index(row, column, batch_rows, weights_width);
    const float a = activate(z, activation, parameter), kept_ = kept(column, row, layer, rate, state);
    output[here] = a * kept_;
    if (STORES_SLOPES && with_slope) slopes[here] = slope(z, a, activation, parameter) * kept_;
}
