/* initialize: initial weights, uniform in [-limit, limit) with limit = sqrt(6 / (n_in + n_out))
 * (X. Glorot and Y. Bengio, 2010). Weight (output o, input i) of layer l is draw o * n_in + i of the
 * purpose RANDOM_INITIALIZE with l as its epoch, so every device draws the same bytes.
 *
 * weights: panels, row = input, column = output. Work-item: (output, input). */
__kernel void initialize(const uint input_count, const uint output_count, const uint rows, const uint width,
                         const uint layer, const float limit, __global const epoch_state *restrict state,
                         __global float *restrict weights) {
    const uint output = get_global_id(0), input = get_global_id(1);
    if (output >= output_count || input >= input_count) return;
    const uint word = random_word(state->seed_low, state->seed_high, RANDOM_INITIALIZE, layer,
                                  output * input_count + input, 0);
    weights[panel_index(input, output, rows, width)] = (2.0f * random_unit(word) - 1.0f) * limit;
}
