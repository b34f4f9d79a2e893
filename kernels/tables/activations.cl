/* activations: one entry each. Kernels and host read this same table.
 *
 *     ENTRY(code, name, default of p, of_a, a = f(z), f'(z))
 *
 * z is a unit's weighted input, a its activation (5), f'(z) the slope that delta is multiplied by (18), p the parameter
 * of the function, above 0, as in leaky-relu(0.01); all of them float, a vector of floats or, on the host, double. of_a
 * is 1 where f'(z) follows from a alone and is written so: then forward need not store it for delta. What is not
 * finite stays so: a maximum would hide it. */

/* In the place of a code: what is stored is the slope itself. */
#define SLOPE_STORED 31

/* max(z, 0), min(z, 0), and softplus(z) = log(1 + exp(z)) without overflow. */
#define POSITIVE_PART(z) (0.5f * ((z) + fabs(z)))
#define NEGATIVE_PART(z) (0.5f * ((z)-fabs(z)))
#define SOFTPLUS(z)      (POSITIVE_PART(z) + log1p(exp(-fabs(z))))
#define LOGISTIC(z)      (1.0f / (1.0f + exp(-(z))))

/* SELU: S (max(z, 0) + A min(exp(z) - 1, 0)), G. Klambauer et al., 2017. GELU: z P(N(0, 1) < z), and its approximation
 * 0.5 z (1 + tanh(u)), u = sqrt(2 / pi) (z + 0.044715 z^3), D. Hendrycks and K. Gimpel, 2016. */
#define SELU_S       1.05070098735548f
#define SELU_SA      1.75809934084738f
#define GELU_PART(z) (0.5f + 0.5f * erf(0.707106781186548f * (z)))
#define GELU_TANH(z) tanh((z) * (0.797884560802865f + 0.0356774081363001f * (z) * (z)))

#define ACTIVATIONS(ENTRY)                                                                                             \
    ENTRY(0, identity, 0.0f, 1, z, 1.0f)                                                                               \
    ENTRY(1, sigmoid, 0.0f, 1, 1.0f / (1.0f + exp(-z)), a * (1.0f - a))                                                \
    ENTRY(2, tanh, 0.0f, 1, tanh(z), 1.0f - a * a)                                                                     \
    ENTRY(3, relu, 0.0f, 1, POSITIVE_PART(z), IS_POSITIVE(a))                                                          \
    ENTRY(4, leaky_relu, 0.01f, 1, POSITIVE_PART(z) + p * NEGATIVE_PART(z), p + (1.0f - p) * IS_POSITIVE(a))           \
    ENTRY(5, elu, 1.0f, 1, POSITIVE_PART(z) + p * expm1(NEGATIVE_PART(z)),                                             \
          IS_POSITIVE(a) + (1.0f - IS_POSITIVE(a)) * (NEGATIVE_PART(a) + p))                                           \
    ENTRY(6, selu, 0.0f, 1, SELU_S *POSITIVE_PART(z) + SELU_SA * expm1(NEGATIVE_PART(z)),                              \
          IS_POSITIVE(a) * SELU_S + (1.0f - IS_POSITIVE(a)) * (NEGATIVE_PART(a) + SELU_SA))                            \
    ENTRY(7, gelu, 0.0f, 0, z *GELU_PART(z), GELU_PART(z) + 0.398942280401433f * z * exp(-0.5f * z * z))               \
    ENTRY(8, gelu_tanh, 0.0f, 0, 0.5f * z * (1.0f + GELU_TANH(z)),                                                     \
          0.5f * (1.0f + GELU_TANH(z)) +                                                                               \
              0.5f * z * (1.0f - GELU_TANH(z) * GELU_TANH(z)) * (0.797884560802865f + 0.1070322244089f * z * z))       \
    ENTRY(9, silu, 0.0f, 0, z *LOGISTIC(z), LOGISTIC(z) + a * (1.0f - LOGISTIC(z)))                                    \
    ENTRY(10, mish, 0.0f, 0, z *tanh(SOFTPLUS(z)),                                                                     \
          tanh(SOFTPLUS(z)) + z * LOGISTIC(z) * (1.0f - tanh(SOFTPLUS(z)) * tanh(SOFTPLUS(z))))                        \
    ENTRY(11, softplus, 0.0f, 0, SOFTPLUS(z), LOGISTIC(z))                                                             \
    ENTRY(12, sine, 1.0f, 0, sin(p *z), p *cos(p *z))                                                                  \
    ENTRY(13, exponential, 0.0f, 1, exp(z), a)
