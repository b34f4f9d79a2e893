#include "common.cl"
#include "hyper.cl"
#include "optimizers.cl"
#include "state.cl"
/* steps: the step of a parameter, with which every update ends. */

#ifndef OPTIMIZER
#define OPTIMIZER       0
#define COUPLED_DECAY   0 /* whether there is any */
#define DECOUPLED_DECAY 0
#define CLIP_VALUE      0
#endif
#ifndef GRADIENT_TO_MEMORY
#define GRADIENT_TO_MEMORY 0 /* updates write gradients, and steps are launches of their own */
#endif
#ifndef CLIP_NORM
#define CLIP_NORM  0 /* whether gradients are clipped by their norm                 */
#define ACCUMULATE 0 /* whether a step is taken for several mini-batches: a group */
#endif

/* Whether the mini-batch ends with a step. */
static inline bool takes_step(__global const epoch_state *state) {
    const bool ends_group = ACCUMULATE ? state->ends_group != 0 : true;
    return state->batch_count != 0 && ends_group;
}

#define QUOTIENT(x, y) ((x) / (y)) /* another one for vectors: kernels/parameters/steps_tile.cl */

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
    (gradients)[here] = ACCUMULATE ? (gradients)[here] + (sum) : (sum)
#else
#define APPLY STEP
#endif
