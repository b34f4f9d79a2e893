/* update, BLAS: what is left of (9) and (30) when a library has updated the weights: the biases.
 * Work-item: output. */
OPERATION update_blas(ITEM const uint output_count, const uint batch_rows, const uint width, const uint sum_samples,
                          const float learning_rate, __global const epoch_state *restrict state,
                          __global const float *restrict delta, __global float *restrict biases) {
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
    biases[column] -= learning_rate / (float)batch_count * gradient;
}
