/* clip: the factor min(1, clip_norm / (norm + 1e-6)) of all gradients, where norm is that of all weights' and biases'
 * gradients, averaged over the mini-batch, as one vector (R. Pascanu et al., 2013); from the sums of squares of
 * kernels/norm_*.cl. Part i is added to sum i % REDUCE_ITEMS, and the sums in order, all with compensation: the same
 * number in a work-group and alone. Work-items: REDUCE_ITEMS; in a resident program one does it all. */
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

REDUCE_OPERATION clip(ITEM const uint part_count, __global const hyper_values *restrict hyper,
                      __global const float *restrict parts, __global epoch_state *restrict state) {
    float squares = 0.0f, excess = 0.0f;
#ifdef RESIDENT
    if (!takes_step(state)) return;
    for (uint i = 0; i < REDUCE_ITEMS; i++) ADD_SECTION(float, squares, excess, sum_of_parts(parts, i, part_count));
#else
    __local float sums[REDUCE_ITEMS];
    const uint item = item_id(0);
    sums[item] = sum_of_parts(parts, item, part_count);
    barrier(CLK_LOCAL_MEM_FENCE);
    if (item != 0 || !takes_step(state)) return;
    for (uint i = 0; i < REDUCE_ITEMS; i++) ADD_SECTION(float, squares, excess, sums[i]);
#endif
    state->clip = clip_factor(squares, state->weight, hyper->clip_norm);
}
