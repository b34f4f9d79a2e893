/* The test reference: the same mathematics as the kernels, in plain C and double precision, written
 * from docs/math.md and sharing no code with kernels or library. Equation numbers are those of
 * docs/math.md. No OpenCL here.
 *
 *   1. Memory
 *   2. Pieces        one function an operation, with the magnitudes that tolerances are made of
 *   3. Networks      a whole trainer
 *   4. Random draws  on Random123's Philox
 *   5. Error bounds  of a single-precision implementation against this reference
 *
 * Matrices are row-major and dense, one sample a row. Arguments: sizes, scalars, inputs, outputs.
 * Running out of memory aborts: this is test code.
 */
#ifndef EPOCL_TESTS_REFERENCE_H
#define EPOCL_TESTS_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- 1. Memory ------------------------------------------------------------------------------ */

/* `count` zeros, at least one; the caller frees. */
double *reference_doubles(size_t count);

/* result[i] = values[i], exactly. */
void reference_widen(size_t count, const float *values, double *result);

/* ---- 2. Pieces ------------------------------------------------------------------------------ */

/* (15) 1 / (1 + e^-z), for any z without overflow. */
double reference_sigmoid(double z);

/* c [m, n] = op(a) op(b), the sum over k products; op(a) is [m, k] and op(b) is [k, n]: the matrix in
 * memory is [k, m] (or [n, k]) if transposed. magnitude [m, n], unless NULL, receives S = sum |a| |b|. */
void reference_matmul(size_t m, size_t n, size_t k, bool transpose_a, const double *a, bool transpose_b,
                      const double *b, double *c, double *magnitude);

/* (1)-(6) weighted_inputs z = inputs weights^T + biases, activations = sigma(z); inputs [batch, input],
 * weights [output, input], biases [output], results [batch, output]. magnitude, unless NULL, receives
 * sum |w| |input| + |bias| of z. */
void reference_forward(size_t batch_count, size_t input_count, size_t output_count, const double *weights,
                       const double *biases, const double *inputs, double *weighted_inputs, double *activations,
                       double *magnitude);

/* (7) The cross-entropy, summed over the output units, mean over the samples, from weighted inputs
 * [batch, output]: -(y log s(z) + (1-y) log(1-s(z))) = max(z, 0) - y z + log(1 + e^-|z|), where y is 1 for
 * the unit of the sample's label and 0 for the others. No term is negative: the cost is its own
 * magnitude. */
double reference_cost(size_t batch_count, size_t output_count, const double *weighted_inputs, const uint32_t *labels);

/* How many samples have their largest output at their label; of equal outputs the first counts. `outputs`
 * [batch, output] may be activations or weighted inputs: the activation is increasing. */
size_t reference_correct_count(size_t batch_count, size_t output_count, const double *outputs, const uint32_t *labels);

/* (16)-(19) deltas = activations - y, all [batch, output]. */
void reference_output_delta(size_t batch_count, size_t output_count, const double *activations, const uint32_t *labels,
                            double *deltas);

/* (20)-(24) deltas = (next_deltas next_weights) * a (1 - a) for a layer of `unit_count` units below one of
 * `next_count`: next_weights [next, unit], next_deltas [batch, next], activations and deltas
 * [batch, unit]. magnitude, unless NULL, receives sum |w| |delta| times a (1 - a). */
void reference_hidden_delta(size_t batch_count, size_t unit_count, size_t next_count, const double *next_weights,
                            const double *next_deltas, const double *activations, double *deltas, double *magnitude);

/* (25)-(26), (29) gradient [output, input] = deltas^T inputs, the sum over the samples, not the mean.
 * magnitude, unless NULL, receives sum |delta| |input|. */
void reference_weight_gradient(size_t batch_count, size_t input_count, size_t output_count, const double *deltas,
                               const double *inputs, double *gradient, double *magnitude);

/* (27)-(28), (30) gradient [output] = the sum of the deltas over the samples; magnitude, unless NULL,
 * receives sum |delta|. */
void reference_bias_gradient(size_t batch_count, size_t output_count, const double *deltas, double *gradient,
                             double *magnitude);

/* (8)-(9) parameters -= learning_rate / batch_count * gradient: the only place that takes the mean. */
void reference_update(size_t count, size_t batch_count, double learning_rate, const double *gradient,
                      double *parameters);

/* ---- 3. Networks ---------------------------------------------------------------------------- */

/* Layer l has counts[l] inputs and counts[l + 1] units. */
typedef struct reference_network {
    size_t layer_count;
    size_t *counts;   /* [layer_count + 1]                           */
    double **weights; /* [layer_count][counts[l + 1] x counts[l]]    */
    double **biases;  /* [layer_count][counts[l + 1]]                */
} reference_network;

/* A network of zeros; counts has layer_count + 1 entries. */
reference_network *reference_network_create(size_t layer_count, const size_t *counts);
reference_network *reference_network_copy(const reference_network *network);
void reference_network_release(reference_network *network);

/* Glorot weights of each layer, as reference_glorot_weights(), and zero biases. */
void reference_network_initialize(reference_network *network, uint64_t seed);

/* What a mini-batch leaves on its way through a network. */
typedef struct reference_pass {
    size_t layer_count;
    double **weighted_inputs; /* [layer_count][batch x counts[l + 1]]                                 */
    double **activations;     /* [layer_count + 1][batch x counts[l]]: [0] the inputs, [l + 1] layer l */
    double **deltas;          /* [layer_count][batch x counts[l + 1]]                                 */
} reference_pass;

/* Zeros of the right sizes. */
reference_pass *reference_pass_create(const reference_network *network, size_t batch_count);
void reference_pass_release(reference_pass *pass);

/* Fills weighted inputs and activations; then, from labels [batch], the deltas. */
void reference_pass_forward(const reference_network *network, size_t batch_count, const double *inputs,
                            reference_pass *pass);
void reference_pass_backward(const reference_network *network, size_t batch_count, const uint32_t *labels,
                             reference_pass *pass);

typedef struct reference_metrics {
    size_t sample_count;
    size_t correct_count;
    double cost;     /* mean over the samples        */
    double accuracy; /* correct_count / sample_count */
} reference_metrics;

/* Cost and accuracy of inputs [sample, counts[0]] with labels [sample]. */
reference_metrics reference_evaluate(const reference_network *network, size_t sample_count, const double *inputs,
                                     const uint32_t *labels);

/* The gradient of the cost summed over the samples, in a network of the same shape. */
void reference_gradient(const reference_network *network, size_t batch_count, const double *inputs,
                        const uint32_t *labels, reference_network *gradient);

/* One step of gradient descent on one mini-batch; the metrics are of before the update. Every delta is
 * taken from the weights of before the update. */
reference_metrics reference_train_step(reference_network *network, size_t batch_count, double learning_rate,
                                       const double *inputs, const uint32_t *labels);

/* Steps over mini-batches of `batch_size` samples, the last one with what remains, in the order
 * order[0], order[1], ... (NULL: as they lie). Each sample is measured before its own update. */
reference_metrics reference_train_epoch(reference_network *network, size_t sample_count, size_t batch_size,
                                        double learning_rate, const double *inputs, const uint32_t *labels,
                                        const uint32_t *order);

/* ---- 4. Random draws ------------------------------------------------------------------------ */

/* Purposes, as documented in kernels/shared/random.cl. */
#define REFERENCE_RANDOM_SHUFFLE    1u
#define REFERENCE_RANDOM_INITIALIZE 2u
#define REFERENCE_RANDOM_SPLIT      3u

/* Word 0 of Philox4x32-10 with counter {index, epoch, purpose, round} and key {seed low, seed high}. */
uint32_t reference_philox_word(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t index, uint32_t round);

/* The upper 24 bits of a word as a float in [0, 1). */
float reference_unit(uint32_t word);

/* The image of `index` in the seeded permutation of [0, count). */
uint32_t reference_permute(uint64_t seed, uint32_t purpose, uint32_t epoch, uint32_t index, uint32_t count);

/* The shuffle of an epoch, the first of which is 1: order[i] = image of i, for all i below count. */
void reference_permutation(uint64_t seed, uint32_t epoch, uint32_t count, uint32_t *order);

/* weights [output, input] of layer `layer`: (2 u - 1) limit in float, with u drawn at index
 * o * input_count + i, and limit = sqrt(6 / (input_count + output_count)) rounded to float. */
void reference_glorot_weights(uint64_t seed, uint32_t layer, size_t input_count, size_t output_count, float *weights);

/* ---- 5. Error bounds ------------------------------------------------------------------------ */

/* Bounds on |single precision - reference|; derivation and assumptions are in reference_bounds.c. Each
 * function takes the reference's values and the bounds on the errors that its inputs already have
 * (`*_errors`, where NULL means exact), and writes bounds on the errors of its results. Shapes are those
 * of the piece of the same name. */

/* Of a sum of `k` products with magnitude S, computed in any order: reference_product_factor(k) * S. */
double reference_product_factor(size_t k);

/* From now on, each product of two factors is off by as many units of u |a b| beside that; 0 at first. */
void reference_set_product_units(double units);

/* Likewise of a sum over `sample_count` samples in sections of `sum_samples`; epocl's are REFERENCE_SUM_SAMPLES. */
enum { REFERENCE_SUM_SAMPLES = 1024 };
double reference_sample_factor(size_t sample_count, size_t sum_samples);

void reference_matmul_bounds(size_t m, size_t n, size_t k, bool transpose_a, const double *a, const double *a_errors,
                             bool transpose_b, const double *b, const double *b_errors, double *errors);

void reference_forward_bounds(size_t batch_count, size_t input_count, size_t output_count, const double *weights,
                              const double *biases, const double *inputs, const double *input_errors,
                              const double *weighted_inputs, double *weighted_input_errors, double *activation_errors);

/* A bound on the error of the mean cost. */
double reference_cost_bound(size_t batch_count, size_t output_count, const double *weighted_inputs,
                            const double *weighted_input_errors, const uint32_t *labels);

void reference_output_delta_bounds(size_t batch_count, size_t output_count, const double *activation_errors,
                                   const double *deltas, double *delta_errors);

void reference_hidden_delta_bounds(size_t batch_count, size_t unit_count, size_t next_count, const double *next_weights,
                                   const double *next_deltas, const double *next_delta_errors,
                                   const double *activations, const double *activation_errors, double *delta_errors);

void reference_weight_gradient_bounds(size_t batch_count, size_t sum_samples, size_t input_count, size_t output_count,
                                      const double *deltas, const double *delta_errors, const double *inputs,
                                      const double *input_errors, double *gradient_errors);

void reference_bias_gradient_bounds(size_t batch_count, size_t sum_samples, size_t output_count, const double *deltas,
                                    const double *delta_errors, double *gradient_errors);

/* `parameters` are those of before the update, exact in single precision. */
void reference_update_bounds(size_t count, size_t batch_count, double learning_rate, const double *gradient,
                             const double *gradient_errors, const double *parameters, double *parameter_errors);

/* A bound for every weight and bias after one training step, in a network of the same shape. `network`
 * is that of before the step; its parameters, and the learning rate, are exact in single precision. */
void reference_train_step_bounds(const reference_network *network, size_t batch_count, double learning_rate,
                                 const double *inputs, const double *input_errors, const uint32_t *labels,
                                 reference_network *bounds);

/* The largest |actual - expected| / bound over all parameters; at most 1 if the bounds hold, INFINITY if
 * a parameter is not finite. */
double reference_worst_ratio(const reference_network *expected, const reference_network *actual,
                             const reference_network *bounds);

#endif
