/* update, BLAS: what is left when a library has written the gradients of the weights (29), summed over the mini-batch: the
 * step of the weights, and the biases with theirs. */

/* Work-item: (output, input). */
OPERATION step_blas(ITEM const uint input_count, const uint output_count, const uint rows, const uint width,
                    __global const hyper_values *restrict hyper, __global const epoch_state *restrict state,
                    __global const float *restrict gradient, __global float *restrict weights,
                    __global float *restrict weights_m, __global float *restrict weights_v) {
    const uint column = item_id(0), row = item_id(1);
    if (column >= output_count || row >= input_count || state->batch_count == 0) return;
    const size_t here = panel_index(row, column, rows, width);
    const float sum = gradient[here];
    STEP(float, , sum, true, weights, weights_m, weights_v, here);
}

/* Work-item: output. */
OPERATION update_blas(ITEM const uint output_count, const uint batch_rows, const uint width, const uint sum_samples,
                        __global const hyper_values *restrict hyper, __global const epoch_state *restrict state,
                        __global const float *restrict delta, __global float *restrict biases,
                        __global float *restrict biases_m, __global float *restrict biases_v) {
    const uint column = item_id(0);
    const uint batch_count = state->batch_count;
    if (column >= output_count || batch_count == 0) return;
    float gradient = 0.0f, excess = 0.0f;
    for (uint b = 0; b < batch_count;) {
        const uint end = section_end(b, sum_samples, batch_count);
        float section = 0.0f;
        for (; b < end; b++) section += delta[panel_index(b, column, batch_rows, width)];
        ADD_SECTION(float, gradient, excess, section);
    }
    STEP(float, , gradient, false, biases, biases_m, biases_v, column);
}
