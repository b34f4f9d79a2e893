#include "rates.cl"
/* metrics: begins an epoch, and ends each of its steps: adds the batch's costs and correct answers, which are
 * those of the label's class, in a fixed order and moves on to the next mini-batch. Both are one work-group. */

/* sets_rates: the rates of the first mini-batch are wanted; not where samples have weights, which follow from an order
 * that comes after this: then `rates` is launched, too. Work-item: one. */
__kernel void metrics_begin(const uint sample_count, const uint batch_size, const uint sets_rates,
                            __global const hyper_values *restrict hyper, __global epoch_state *restrict state) {
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
    if (sets_rates) set_rates(state, hyper, 0, 0, 0);
}

/* Work-item: one. Launched after the order of an epoch is known, and where training goes on within one. */
__kernel void rates(const uint has_weights, __global const hyper_values *restrict hyper,
                    __global const uint *restrict order, __global const float *restrict weights,
                    __global epoch_state *restrict state) {
    if (get_global_id(0) == 0) set_rates(state, hyper, has_weights, order, weights);
}

/* Adds a section's costs and correct answers to the epoch's; false when a cost is not finite. The costs with
 * compensated addition (A. Neumaier, 1974): an epoch adds many small numbers to a large one. */
static inline bool metrics_add(__global epoch_state *state, REDUCE_MEMORY const float *cost_sums,
                               REDUCE_MEMORY const uint *correct_sums) {
    float cost_sum = cost_sums[0];
    uint correct_sum = correct_sums[0];
    for (uint i = 1; i < REDUCE_ITEMS; i++) {
        cost_sum += cost_sums[i];
        correct_sum += correct_sums[i];
    }
    const float before = state->cost, after = before + cost_sum;
    state->cost_compensation +=
        fabs(before) >= fabs(cost_sum) ? (before - after) + cost_sum : (cost_sum - after) + before;
    state->cost = after;
    state->correct += correct_sum;
    return !not_finite(cost_sum);
}

/* stop: 1 when the host wants the epoch to end after this step. A batch_count of 0 from here on makes every
 * later launch of the epoch do nothing. sum_samples: a multiple of REDUCE_ITEMS, or no less than batch_size.
 * is_training: the rates of the next mini-batch are wanted. has_values: `classes` say which samples are right, else
 * which label they are given. */
REDUCE_OPERATION metrics_step(REDUCE_ITEM const uint batch_size, const uint sum_samples, const uint is_training,
                              const uint has_values, const uint has_weights,
                              __global const hyper_values *restrict hyper, __global const uint *restrict order,
                              __global const float *restrict weights, __global const uint *restrict stop,
                              __global const float *restrict costs, __global const uint *restrict labels,
                              __global const uint *restrict classes, __global epoch_state *restrict state) {
    const uint batch_count = state->batch_count;
    bool is_finite = true;
    /* Sample b is added to sum b % REDUCE_ITEMS. */
    REDUCE_SUMS(float, cost_sums);
    REDUCE_SUMS(uint, correct_sums);
    for (uint first = 0, end; first < batch_count; first = end) {
        end = section_end(first, sum_samples, batch_count);
        FOR_REDUCE(i) {
            float cost_sum = 0.0f;
            uint correct_sum = 0;
            for (uint b = first + i; b < end; b += REDUCE_ITEMS) {
                cost_sum += costs[b];
                correct_sum += has_values ? classes[b] : classes[b] == labels[b];
            }
            cost_sums[i] = cost_sum;
            correct_sums[i] = correct_sum;
        }
        REDUCE_MEET();
        if (item_id(0) == 0) is_finite &= metrics_add(state, cost_sums, correct_sums);
        REDUCE_MEET();
    }
    if (item_id(0) != 0 || batch_count == 0) return;
    state->step++;
    state->first += batch_count;
    uint next_count = min(batch_size, state->sample_count - state->first);
    if (!is_finite) {
        state->nonfinite_step = state->step;
        next_count = 0;
    }
    if (*stop && next_count != 0) {
        state->stopped = 1;
        next_count = 0;
    }
    state->batch_count = next_count;
    if (is_training && next_count != 0) set_rates(state, hyper, has_weights, order, weights);
}
