#include "functions.cl"
#include "state.cl"
/* output: the network's outputs (5) of the mini-batch, row-major [sample][output], for the host to read.
 * weighted_input: panels, row = sample, column = output. */

/* Elementwise activations. Work-item: (output, sample). */
__kernel void output(const uint output_count, const uint batch_rows, const uint width,
                     __global const epoch_state *restrict state, __global const float *restrict weighted_input,
                     __global float *restrict outputs) {
    const uint column = get_global_id(0), row = get_global_id(1);
    if (column >= output_count || row >= state->batch_count) return;
    const float z = weighted_input[panel_index(row, column, batch_rows, width)];
    outputs[(size_t)row * output_count + column] = activate(z, OUTPUT, as_float(OUTPUT_PARAMETER));
}

/* Softmax: exp(z - largest) over its sum. Work-item: sample. */
__kernel void output_softmax(const uint output_count, const uint batch_rows, const uint width,
                             __global const epoch_state *restrict state, __global const float *restrict weighted_input,
                             __global float *restrict outputs) {
    const uint row = get_global_id(0);
    if (row >= state->batch_count) return;
    __global float *to = outputs + (size_t)row * output_count;
    float largest = -INFINITY, sum = 0.0f;
    for (uint column = 0; column < output_count; column++)
        largest = fmax(largest, weighted_input[panel_index(row, column, batch_rows, width)]);
    for (uint column = 0; column < output_count; column++) {
        to[column] = exp(weighted_input[panel_index(row, column, batch_rows, width)] - largest);
        sum += to[column];
    }
    for (uint column = 0; column < output_count; column++) to[column] /= sum;
}

/* z itself, at the samples' places in the pass. Work-item: (output, sample). */
__kernel void output_keep(const uint output_count, const uint batch_rows, const uint width,
                          __global const epoch_state *restrict state, __global const float *restrict weighted_input,
                          __global float *restrict kept) {
    const uint column = get_global_id(0), row = get_global_id(1);
    if (column >= output_count || row >= state->batch_count) return;
    kept[(size_t)(state->first + row) * output_count + column] =
        weighted_input[panel_index(row, column, batch_rows, width)];
}
