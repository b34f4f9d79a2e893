/* metrics: begins an epoch, and ends each of its steps: adds the batch's costs and correct answers in a fixed
 * order and moves on to the next mini-batch. Both are one work-group. */

/* Work-item: one. */
__kernel void metrics_begin(const uint sample_count, const uint batch_size, __global epoch_state *restrict state) {
    if (get_global_id(0) != 0) return;
    state->epoch++;
    state->step = 0;
    state->first = 0;
    state->batch_count = min(batch_size, sample_count);
    state->sample_count = sample_count;
    state->correct = 0;
    state->cost = 0.0f;
    state->cost_compensation = 0.0f;
    state->nonfinite_step = 0;
    state->stopped = 0;
}

/* stop: 1 when the host wants the epoch to end after this step. A batch_count of 0 from here on makes every
 * later launch of the epoch do nothing. Work-items: REDUCE_ITEMS. */
REDUCE_OPERATION metrics_step(ITEM const uint batch_size, __global const uint *restrict stop,
                              __global const float *restrict costs, __global const uint *restrict corrects,
                              __global epoch_state *restrict state) {
    const uint item = item_id(0), batch_count = state->batch_count;
    float cost_sum = 0.0f;
    uint correct_sum = 0;
    for (uint b = item; b < batch_count; b += REDUCE_ITEMS) {
        cost_sum += costs[b];
        correct_sum += corrects[b];
    }
#if REDUCE_ITEMS > 1
    __local float cost_sums[REDUCE_ITEMS];
    __local uint correct_sums[REDUCE_ITEMS];
    cost_sums[item] = cost_sum;
    correct_sums[item] = correct_sum;
    barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
    for (uint i = 1; i < REDUCE_ITEMS && item == 0; i++) {
        cost_sum += cost_sums[i];
        correct_sum += correct_sums[i];
    }
#endif
    if (item != 0 || batch_count == 0) return;
    /* Compensated addition (A. Neumaier, 1974): an epoch adds many small numbers to a large one. */
    const float before = state->cost, after = before + cost_sum;
    state->cost_compensation += fabs(before) >= fabs(cost_sum) ? (before - after) + cost_sum
                                                               : (cost_sum - after) + before;
    state->cost = after;
    state->correct += correct_sum;
    state->step++;
    state->first += batch_count;
    uint next_count = min(batch_size, state->sample_count - state->first);
    if (not_finite(cost_sum)) {
        state->nonfinite_step = state->step;
        next_count = 0;
    }
    if (*stop && next_count != 0) {
        state->stopped = 1;
        next_count = 0;
    }
    state->batch_count = next_count;
}
