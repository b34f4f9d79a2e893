/* rates: what the state says of the mini-batch that comes next, in training: its weight, its learning rate by the
 * schedule, and what adam's averages are corrected by. All follows from where the epoch stands, so that a run that is
 * resumed has the same. And the step of a parameter, with which every update ends. */

#ifndef OPTIMIZER
#define OPTIMIZER       0
#define SCHEDULE        0
#define COUPLED_DECAY   0 /* whether there is any */
#define DECOUPLED_DECAY 0
#define CLIP_VALUE      0
#endif
#ifndef GRADIENT_TO_MEMORY
#define GRADIENT_TO_MEMORY 0 /* updates write gradients, and steps are launches of their own */
#endif
#ifndef CLIP_NORM
#define CLIP_NORM  0 /* whether gradients are clipped by their norm         */
#define ACCUMULATE 1 /* mini-batches that a step is taken for: a group      */
#define AVERAGE    0 /* whether there is a moving average of the parameters */
#endif

#define OPTIMIZER_CODE(code_, name, slots, statement) OPTIMIZER_##name = code_,
enum { OPTIMIZERS(OPTIMIZER_CODE) OPTIMIZER_COUNT };

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

/* Of the samples in places `first` to `end` of the order. */
static inline float weight_of_samples(const uint first, const uint end, __global const uint *order,
                                      __global const float *weights) {
    if (!WEIGHTED) return (float)(end - first);
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

static inline void set_rates(__global epoch_state *state, __global const hyper_values *hyper,
                             __global const uint *order, __global const float *weights) {
    const uint step = (state->epoch - 1) * hyper->steps_per_epoch + state->step / ACCUMULATE;
    /* All mini-batches of an epoch but the last are full. */
    const uint before = state->step % ACCUMULATE, end = state->first + state->batch_count;
    const uint group_first = before ? state->first - state->first / state->step * before : state->first;
    const float rate = hyper->learning_rate * schedule_factor(step, hyper), t = (float)(step + 1);
    state->weight = weight_of_samples(group_first, end, order, weights);
    state->ends_group = before == ACCUMULATE - 1 || end == state->sample_count;
    state->learning_rate = rate;
    state->sum_rate = state->weight > 0.0f ? rate / state->weight : 0.0f;
    state->mean = state->weight > 0.0f ? 1.0f / state->weight : 1.0f;
    state->first_rate = rate / -expm1(t * hyper->log_beta1);
    state->second = 1.0f / sqrt(-expm1(t * hyper->log_beta2));
    if (AVERAGE) state->average_share = fmax(hyper->average_share, 9.0f / (10.0f + t));
    if (OPTIMIZER == OPTIMIZER_nadam) set_nadam_rates(state, hyper, rate, t);
}

/* Whether the mini-batch ends with a step. */
static inline bool takes_step(__global const epoch_state *state) {
    const bool ends_group = ACCUMULATE > 1 ? state->ends_group != 0 : true;
    return state->batch_count != 0 && ends_group;
}

/* DEFINE_STEP(): take_step(w, sum, decays, m, v, h, s) changes a parameter w, or a vector of them, by `sum`, its
 * gradient summed over the mini-batch; with `decays` 0, as for biases, without decay. Of plain gradient descent nothing
 * but w -= learning_rate / batch_count * sum is left. */
/* clang-format off */
#define OPTIMIZER_CASE(code_, name, slots, statement)                                                                  \
    case code_: statement break;
/* clang-format on */
#define DEFINE_STEP(type, suffix)                                                                                      \
    static inline __attribute__((always_inline)) void take_step##suffix(                                               \
        type *parameter, const type *sum, const bool decays, type *first_slot, type *second_slot,                      \
        __global const hyper_values *h, __global const epoch_state *s) {                                               \
        type w = *parameter, m = *first_slot, v = *second_slot;                                                        \
        if (OPTIMIZER == 0 && !COUPLED_DECAY && !DECOUPLED_DECAY && !CLIP_VALUE) {                                     \
            *parameter = w - (CLIP_NORM ? s->sum_rate * s->clip : s->sum_rate) * *sum;                                 \
            return;                                                                                                    \
        }                                                                                                              \
        type g = *sum * s->mean;                                                                                       \
        if (CLIP_NORM) g *= s->clip;                                                                                   \
        if (COUPLED_DECAY && decays) g += h->coupled_decay * w;                                                        \
        if (CLIP_VALUE) g = fmax(fmin(g, h->clip_value), -h->clip_value);                                              \
        if (DECOUPLED_DECAY && decays) w -= s->learning_rate * h->decoupled_decay * w;                                 \
        switch (OPTIMIZER) { OPTIMIZERS(OPTIMIZER_CASE) }                                                              \
        *parameter = w;                                                                                                \
        *first_slot = m;                                                                                               \
        *second_slot = v;                                                                                              \
    }

DEFINE_STEP(float, )

/* The optimiser keeps so many values of a parameter. */
#define SLOTS_OF(code_, name, slots, statement) (OPTIMIZER == code_ ? slots : 0) +
#define SLOTS                                   (OPTIMIZERS(SLOTS_OF) 0)

/* The same for element `here` of arrays of `type`: the parameters, and what is kept of them. */
#define STEP(type, suffix, sum, decays, parameters, m_from, v_from, here)                                              \
    do {                                                                                                               \
        type w_ = (parameters)[here], m_ = 0.0f, v_ = 0.0f;                                                            \
        if (SLOTS > 0) m_ = (m_from)[here];                                                                            \
        if (SLOTS > 1) v_ = (v_from)[here];                                                                            \
        take_step##suffix(&w_, &sum, decays, &m_, &v_, hyper, state);                                                  \
        (parameters)[here] = w_;                                                                                       \
        if (SLOTS > 0) (m_from)[here] = m_;                                                                            \
        if (SLOTS > 1) (v_from)[here] = v_;                                                                            \
    } while (0)

/* What an update ends with: the step, or the gradient, `sum`, to memory. That of a group of mini-batches is added up
 * there; the step that ends it leaves zeros. */
#if GRADIENT_TO_MEMORY
#define APPLY(type, suffix, sum, decays, gradients, m_from, v_from, here)                                              \
    (gradients)[here] = ACCUMULATE > 1 ? (gradients)[here] + (sum) : (sum)
#else
#define APPLY STEP
#endif
