#include "common.cl"
#include "hyper.cl"
#include "schedules.cl"
#include "state.cl"
/* rates: what the state says of the mini-batch that comes next, in training: its weight, its learning rate by the
 * schedule, and what adam's averages are corrected by. All follows from where the epoch stands, so that a run that is
 * resumed has the same. */

#ifndef SCHEDULE
#define SCHEDULE 0
#endif
#ifndef NADAM
#define NADAM 0 /* whether the optimiser is nadam, which has rates of its own */
#endif

/* clang-format off */
#define SCHEDULE_CASE(code_, name, word, factor)                                                                       \
    case code_: return factor;
/* clang-format on */

static inline float schedule_factor(const uint step, __global const hyper_values *hyper) {
    if (step < hyper->warmup_steps) return (float)(step + 1) / (float)hyper->warmup_steps;
    const float f = hyper->final_factor;
    const float x =
        hyper->total_steps > hyper->warmup_steps
            ? fmin((float)(step - hyper->warmup_steps) / (float)(hyper->total_steps - hyper->warmup_steps), 1.0f)
            : 0.0f;
    switch (SCHEDULE) { SCHEDULES(SCHEDULE_CASE) }
    return f + x;
}

/* Of the samples in places `first` to `end` of the order; their number, if they have no weights. */
static inline float weight_of_samples(const uint first, const uint end, const uint has_weights,
                                      __global const uint *order, __global const float *weights) {
    if (!has_weights) return (float)(end - first);
    float sum = 0.0f, excess = 0.0f;
    for (uint place = first; place < end; place++) ADD_SECTION(float, sum, excess, weights[order[place]]);
    return sum;
}

/* The momentum mu_t of step t of nadam. */
static inline float nadam_momentum(const float t, __global const hyper_values *hyper) {
    return hyper->beta1 * (1.0f - 0.5f * exp(t * (0.004f * -0.040821994520255f))); /* log(0.96) */
}

/* The rates of nadam are r (1 - mu_t) / (1 - mu_1 ... mu_t) of g and r mu_(t+1) / (1 - mu_1 ... mu_(t+1)) of m. The
 * first factors are little more than a half: after NADAM_STEPS the product is below 2^-25, and 1 less it is 1. */
#define NADAM_STEPS 27.0f
static inline void set_nadam_rates(__global epoch_state *state, __global const hyper_values *hyper, const float rate,
                                   const float t) {
    float product = t > NADAM_STEPS ? 0.0f : 1.0f;
    for (float i = 1.0f; i <= t && product > 0.0f; i += 1.0f) product *= nadam_momentum(i, hyper);
    const float next = nadam_momentum(t + 1.0f, hyper);
    state->gradient_rate = rate * (1.0f - nadam_momentum(t, hyper)) / (1.0f - product);
    state->first_rate = rate * next / (1.0f - product * next);
}

static inline void set_rates(__global epoch_state *state, __global const hyper_values *hyper, const uint has_weights,
                             __global const uint *order, __global const float *weights) {
    const uint group = hyper->group_batches;
    const uint groups_before = state->step / group;
    const ulong steps_before = (ulong)(state->epoch - 1) * hyper->steps_per_epoch + groups_before;
    const uint step = (uint)min(steps_before, (ulong)0xFFFFFFFEu); /* of more, it stays the last that a word counts */
    /* The mini-batches of this group before this one; not by %, whose frozen operand Oclgrind 21.10 does not know. All
     * mini-batches of an epoch but the last are full. */
    const uint before = state->step - groups_before * group, end = state->first + state->batch_count;
    const uint group_first = before ? state->first - state->first / state->step * before : state->first;
    const float rate = hyper->learning_rate * schedule_factor(step, hyper), t = (float)(step + 1);
    state->weight = weight_of_samples(group_first, end, has_weights, order, weights);
    state->ends_group = before == group - 1 || end == state->sample_count;
    state->learning_rate = rate;
    state->sum_rate = state->weight > 0.0f ? rate / state->weight : 0.0f;
    state->mean = state->weight > 0.0f ? 1.0f / state->weight : 1.0f;
    state->first_rate = rate / -expm1(t * hyper->log_beta1);
    state->second = 1.0f / sqrt(-expm1(t * hyper->log_beta2));
    state->average_share = fmax(hyper->average_share, 9.0f / (10.0f + t));
    if (NADAM) set_nadam_rates(state, hyper, rate, t);
}
