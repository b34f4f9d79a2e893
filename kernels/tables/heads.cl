/* heads: what a network ends with, one entry each: the cost of its outputs, and how they follow from the weighted
 * inputs z of the output layer. Kernels and host read this same table.
 *
 *     ENTRY(code, name, default of p, output activation, through, cost of a unit, delta of a unit)
 *
 * The cost of a sample is the sum over its units (7). y is a unit's target, a its output, p the parameter of the cost,
 * as in huber(1); log_sum is log(sum over the sample's units of exp(z)). through = 0: the output activation belongs to
 * the cost, and delta is dC/dz (19). through = 1: any elementwise output activation will do, identity unless told
 * otherwise; the last column is dC/da and is multiplied by its slope.
 *
 * cross_entropy: -(y log s(z) + (1 - y) log(1 - s(z))) = softplus(z) - y z, of units that say yes or no each by itself.
 * softmax_cross_entropy: -sum y log softmax(z), of units of which one is right; the targets of a sample add up to 1.
 * huber(p): squared up to a distance of p, absolute beyond (P. J. Huber, 1964). quantile(p): its minimum is the
 * p-quantile (R. Koenker and G. Bassett, 1978). poisson: of counts with mean exp(z), without the part that is the
 * target's alone. */

#define HEADS(ENTRY)                                                                                                   \
    ENTRY(0, cross_entropy, 0.0f, sigmoid, 0, fmax(z, 0.0f) - y * z + log1p(exp(-fabs(z))), a - y)                     \
    ENTRY(1, softmax_cross_entropy, 0.0f, softmax, 0, y *(log_sum - z), exp(fmin(z - log_sum, 0.0f)) - y)              \
    ENTRY(2, squared, 0.0f, identity, 1, 0.5f * (a - y) * (a - y), a - y)                                              \
    ENTRY(3, absolute, 0.0f, identity, 1, fabs(a - y), IS_POSITIVE(a - y) - IS_POSITIVE(y - a))                        \
    ENTRY(4, huber, 1.0f, identity, 1,                                                                                 \
          0.5f * fmin(fabs(a - y), p) * fmin(fabs(a - y), p) + p * (fabs(a - y) - fmin(fabs(a - y), p)),               \
          fmax(fmin(a - y, p), -p))                                                                                    \
    ENTRY(5, quantile, 0.5f, identity, 1, p *POSITIVE_PART(y - a) - (1.0f - p) * NEGATIVE_PART(y - a),                 \
          (1.0f - p) * IS_POSITIVE(a - y) - p * IS_POSITIVE(y - a))                                                    \
    ENTRY(6, poisson, 0.0f, exponential, 0, exp(z) - y * z, a - y)
