#include "steps.cl"
#include "tile.cl"
/* steps, tile: the same for a vector of parameters. What takes no step has not this text, so that it is the same
 * whatever the optimiser, and is compiled once for all. */

DEFINE_STEP(floatv, _vector)

/* A step of the vector in place `here` of parameters, with what the optimiser keeps of them. */
#define TILE_STEP(sum, decays, parameters, m_from, v_from, here)                                                       \
    do {                                                                                                               \
        floatv w_ = load(here, parameters), m_ = 0.0f, v_ = 0.0f;                                                      \
        if (SLOTS > 0) m_ = load(here, m_from);                                                                        \
        if (SLOTS > 1) v_ = load(here, v_from);                                                                        \
        take_step_vector(&w_, &sum, decays, &m_, &v_, hyper, state);                                                   \
        store(w_, here, parameters);                                                                                   \
        if (SLOTS > 0) store(m_, here, m_from);                                                                        \
        if (SLOTS > 1) store(v_, here, v_from);                                                                        \
    } while (0)

/* What an update ends with, as APPLY (kernels/parameters/steps.cl). */
#if GRADIENT_TO_MEMORY
#define TILE_APPLY(sum, decays, gradients, m_from, v_from, here)                                                       \
    do {                                                                                                               \
        (void)(m_from), (void)(v_from);                                                                                \
        store(ACCUMULATE ? load(here, gradients) + (sum) : (sum), here, gradients);                                    \
    } while (0)
#else
#define TILE_APPLY TILE_STEP
#endif
