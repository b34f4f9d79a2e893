#include "activations.cl"
#include "common.cl"
#include "heads.cl"
/* functions: what is made of kernels/tables/activations.cl and kernels/tables/heads.cl. */

/* Activations that the program is compiled with: bit CODE. Others are left out, which is faster to compile. */
#ifndef ACTIVATION_SET
#define ACTIVATION_SET 3u /* identity and sigmoid */
#endif

#define ACTIVATION_CODE(code_, name, usual, of_a, f, df) ACTIVATION_##name = code_,
enum { ACTIVATIONS(ACTIVATION_CODE) ACTIVATION_softmax };

/* activate(z, code, p) is a = f(z); slope(z, a, code, p) is f'(z); slope_from(stored, code, p) is f'(z) from what was
 * stored of it: a, or with SLOPE_STORED f'(z) itself. For every type in use. */
/* Cases are no statements of their own. */
/* clang-format off */
#define ACTIVATE_CASE(code_, name, usual, of_a, f, df)                                                                 \
    case code_:                                                                                                        \
        if (ACTIVATION_SET >> code_ & 1u) return f;                                                                    \
        break;
#define SLOPE_CASE(code_, name, usual, of_a, f, df)                                                                    \
    case code_:                                                                                                        \
        if (ACTIVATION_SET >> code_ & 1u) return df;                                                                   \
        break;
#define SLOPE_OF_A_CASE(code_, name, usual, of_a, f, df)                                                               \
    case code_:                                                                                                        \
        if (of_a && ACTIVATION_SET >> code_ & 1u) return df;                                                           \
        break;
/* clang-format on */
#define DEFINE_ACTIVATIONS(type, suffix)                                                                               \
    static inline type activate##suffix(const type z, const uint code, const float p) {                                \
        switch (code) { ACTIVATIONS(ACTIVATE_CASE) }                                                                   \
        return z;                                                                                                      \
    }                                                                                                                  \
    static inline type slope##suffix(const type z, const type a, const uint code, const float p) {                     \
        switch (code) { ACTIVATIONS(SLOPE_CASE) }                                                                      \
        return 1.0f;                                                                                                   \
    }
#define DEFINE_SLOPES(type, suffix)                                                                                    \
    static inline type slope_from##suffix(const type a, const uint code, const float p) {                              \
        const type z = a; /* stands in cases that are left out */                                                      \
        switch (code) { ACTIVATIONS(SLOPE_OF_A_CASE) }                                                                 \
        return a;                                                                                                      \
    }

/* Bit CODE of the activations whose slope is stored. */
#define SLOPE_OF_Z(code_, name, usual, of_a, f, df) | (of_a ? 0u : 1u << code_)
#define SLOPES_OF_Z                                 (0u ACTIVATIONS(SLOPE_OF_Z))

DEFINE_ACTIVATIONS(float, )
DEFINE_SLOPES(float, )

/* The head that the program is compiled with, the parameter of its cost, and its outputs' activation with its own;
 * parameters by their bits. TARGET_VALUES: targets are a value for each output, not the label of one. */
#ifndef HEAD
#define HEAD             0
#define HEAD_PARAMETER   0
#define OUTPUT           1
#define OUTPUT_PARAMETER 0
#endif
#ifndef TARGET_VALUES
#define TARGET_VALUES 0
#endif
#ifndef WEIGHTED
#define WEIGHTED 0 /* samples have weights */
#endif

/* output_of(z): an output unit's activation, elementwise. cost_of_unit(z, a, y, log_sum) and delta_of_unit(z, a, y,
 * log_sum) of the head. */
/* Cases are no statements of their own. */
/* clang-format off */
#define COST_CASE(code_, name, usual, output, through, cost_, delta_)                                                  \
    case code_: return cost_;
#define COST_DELTA_CASE(code_, name, usual, output, through, cost_, delta_)                                            \
    case code_: d = delta_; break;
/* clang-format on */
#define IS_THROUGH(code_, name, usual, output, through, cost_, delta_) (HEAD == code_ && through) ||
#define DEFINE_HEADS(type, suffix)                                                                                     \
    static inline type output_of##suffix(const type z) {                                                               \
        return activate##suffix(z, OUTPUT, as_float(OUTPUT_PARAMETER));                                                \
    }                                                                                                                  \
    static inline type slope_of_output##suffix(const type z, const type a) {                                           \
        return slope##suffix(z, a, OUTPUT, as_float(OUTPUT_PARAMETER));                                                \
    }                                                                                                                  \
    static inline type cost_of_unit##suffix(const type z, const type a, const type y, const type log_sum) {            \
        const float p = as_float(HEAD_PARAMETER);                                                                      \
        switch (HEAD) { HEADS(COST_CASE) }                                                                             \
        return z;                                                                                                      \
    }                                                                                                                  \
    static inline type delta_of_unit##suffix(const type z, const type a, const type y, const type log_sum) {           \
        const float p = as_float(HEAD_PARAMETER);                                                                      \
        const bool through = HEADS(IS_THROUGH) false;                                                                  \
        type d = 1.0f;                                                                                                 \
        switch (HEAD) { HEADS(COST_DELTA_CASE) }                                                                       \
        return through ? d * slope_of_output##suffix(z, a) : d;                                                        \
    }
