#include "steps.cl"
#include "tile.cl"
/* steps, tile: the same for a vector of parameters. What takes no step has not this text, so that it is the same
 * whatever the optimiser, and is compiled once for all. */

/* A CPU's divider takes a square root and a quotient one after the other, longer than all else of adam's step. So with
 * AVX-512 the quotient is made beside the root: of the estimate of 1 / y, which is within 2^-14, and a step of
 * Newton's, within 2 units in the last place, as exact as OpenCL asks of x / y. y and 1 / y are normal: where
 * the square of a gradient overflows, the result is no number, and 0 by a division. */
#if VECTOR_WIDTH == 16 && defined(__AVX512F__)
static inline floatv quotient_vector(const floatv x, const floatv y) {
    const floatv estimate = __builtin_ia32_rcp14ps512_mask(y, (floatv)(0.0f), (ushort)0xffff);
    return x * fma(estimate, fma(-y, estimate, (floatv)(1.0f)), estimate);
}
#undef QUOTIENT
#define QUOTIENT(x, y) quotient_vector(x, y)
#endif

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
