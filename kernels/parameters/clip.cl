#include "steps.cl"
/* clip: the factor min(1, clip_norm / (norm + 1e-6)) of all gradients, where norm is that of all weights' and biases'
 * gradients, averaged over the mini-batch, as one vector (R. Pascanu et al., 2013); from the sums of squares of
 * kernels/norm_*.cl. Part i is added to sum i % REDUCE_ITEMS, and the sums in order, all with compensation. */
static inline float clip_factor(const float squares, const float weight, const float most) {
    const float norm = weight > 0.0f ? sqrt(squares) / weight : sqrt(squares);
    return fmin(1.0f, most / (norm + 1e-6f));
}

/* Of one of the sums. */
static inline float sum_of_parts(__global const float *parts, const uint first, const uint part_count) {
    float sum = 0.0f, excess = 0.0f;
    for (uint i = first; i < part_count; i += REDUCE_ITEMS) ADD_SECTION(float, sum, excess, parts[i]);
    return sum;
}

REDUCE_OPERATION clip(REDUCE_ITEM const uint part_count, __global const hyper_values *restrict hyper,
                      __global const float *restrict parts, __global epoch_state *restrict state) {
    float squares = 0.0f, excess = 0.0f;
    REDUCE_SUMS(float, sums);
    FOR_REDUCE(i) sums[i] = sum_of_parts(parts, i, part_count);
    REDUCE_MEET();
    if (item_id(0) != 0 || !takes_step(state)) return;
    for (uint i = 0; i < REDUCE_ITEMS; i++) ADD_SECTION(float, squares, excess, sums[i]);
    state->clip = clip_factor(squares, state->weight, hyper->clip_norm);
}
