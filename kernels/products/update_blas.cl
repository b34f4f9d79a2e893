#include "steps.cl"
/* update, BLAS: what is left when a library has written the gradients of the weights (29), summed over the mini-batch:
 * those of the biases (30). Work-item: output. */
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
    APPLY(float, , gradient, false, biases, biases_m, biases_v, column);
}
