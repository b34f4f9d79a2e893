/* functions: activations and costs, one entry each. Kernels and host read this same table.
 *
 * An activation is ENTRY(code, name, activation of z, slope from a):
 *     a = f(z)           (5), (15) of docs/math.md
 *     f'(z) written in a (18)
 * A cost is ENTRY(code, name, cost of an output unit from z and y, delta of an output unit from a and y):
 *     C                  (7), from z in the form that never takes log(0)
 *     delta = dC/dz      (19)
 * z, a and y are float or a vector of floats.
 */

#define ACTIVATIONS(ENTRY)                                                                                             \
    ENTRY(0, identity, z, 1.0f)                                                                                        \
    ENTRY(1, sigmoid, 1.0f / (1.0f + exp(-z)), a * (1.0f - a))

/* Cross-entropy of a sigmoid output: -(y log s(z) + (1-y) log(1-s(z))) = softplus(z) - y z. */
#define COSTS(ENTRY) ENTRY(0, cross_entropy, fmax(z, 0.0f) - y * z + log1p(exp(-fabs(z))), a - y)
