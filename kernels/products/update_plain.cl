#include "steps.cl"
#include "sums.cl"
/* update, plain: a step of the optimiser (kernels/tables/optimizers.cl) with the gradients (29), (30) averaged over the
 * mini-batch; plain gradient descent (8), (9) is
 *     W -= learning_rate / batch_count * sum over samples of delta a^T        b likewise with delta
 *
 * The gradient itself never reaches memory; but with GRADIENT_TO_MEMORY it is what is written, and `weights` and
 * `biases` are the tensors of the gradients (kernels/parameters/step_plain.cl takes the step).
 *
 * input: panels, row = sample, column = input.   delta: panels, row = sample, column = output.
 * weights, and what the optimiser keeps of them: panels, row = input, column = output. Work-item: (output, input and
 * part). */
OPERATION update_plain(PART_ITEM const uint input_count, const uint output_count, const uint batch_rows,
                       const uint input_width, const uint weights_rows, const uint weights_width, const uint parts,
                       const uint sum_samples, __global const hyper_values *restrict hyper,
                       __global const epoch_state *restrict state, __global const float *restrict input,
                       __global const float *restrict delta, __global float *restrict weights,
                       __global float *restrict biases, __global float *restrict weights_m,
                       __global float *restrict weights_v, __global float *restrict biases_m,
                       __global float *restrict biases_v) {
    PART_MEMORY
    const uint column = item_id(0), row = PART_ROW(parts);
    const uint batch_count = state->batch_count;
    const bool exists = column < output_count && row < input_count && batch_count != 0;
    float gradient = 0.0f, excess = 0.0f, bias_gradient = 0.0f, bias_excess = 0.0f;
    for (uint first = 0, end; first < batch_count; first = end) {
        float section = 0.0f, bias_section = 0.0f;
        end = section_end(first, sum_samples, batch_count);
        ADD_PARTS(section, exists, parts, first, end,
                  add_products(own_, input + panel_index(i, row, batch_rows, input_width), ROW_STRIDE(input_width),
                               delta + panel_index(i, column, batch_rows, weights_width), ROW_STRIDE(weights_width),
                               run));
        ADD_SECTION(float, gradient, excess, section);
        ADD_PARTS(bias_section, exists && row == 0, parts, first, end,
                  add_values(own_, delta + panel_index(i, column, batch_rows, weights_width), ROW_STRIDE(weights_width),
                             run));
        ADD_SECTION(float, bias_gradient, bias_excess, bias_section);
    }
    if (!exists || item_part(share) != 0) return;
    APPLY(float, , gradient, true, weights, weights_m, weights_v,
          panel_index(row, column, weights_rows, weights_width));
    if (row == 0) APPLY(float, , bias_gradient, false, biases, biases_m, biases_v, column);
}
