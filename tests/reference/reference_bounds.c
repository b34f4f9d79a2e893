/* Error bounds of single precision against the reference: a running error analysis.
 *
 * Notation: x is the reference's value, x^ the value in single precision, e_x a bound on |x^ - x|, and
 * u = 2^-24. Each step bounds the error its own rounding adds and the error its inputs bring along.
 *
 * Product, k terms (p = sum a b, computed in any order, with or without FMA):
 *     rounding       f(k) u sum |a^| |b^|, with f(k) = max(4, 4 sqrt k): the rounding errors of a sum
 *                    behave as a random walk (N. Higham and T. Mary, 2019), and 4 deviations are allowed.
 *                    The worst case is k u S; for k up to 16, f(k) is above it.
 *     propagated     |a^| <= |a| + e_a and |b^| <= |b| + e_b, so
 *                    |sum a^ b^ - sum a b| <= sum (|a| + e_a) (|b| + e_b) - sum |a| |b|
 * Forward: a product of k = inputs + 1 terms, the bias being the last.
 * Sigmoid, 1 / (1 + exp(-z)) with OpenCL's limits for exp (3 ulp) and division (2.5 ulp); an ulp is at most
 * 2 u of the value:
 *     propagated     e_z times the steepest slope within e_z of z: at most 1/4, and less where the unit is
 *                    saturated, since s' falls with |z|
 *     rounding       exp: 6 u, of which a (1 - a) arrives; the sum: u a; the division: 5 u a
 * Cost of a unit, max(z, 0) - y z + log1p(exp(-|z|)) with log1p at 2 ulp:
 *     propagated     e_z |s(z) - y|, plus e_z^2 / 4 to second order
 *     rounding       u on the difference and on the sum, 6 u t / (1 + t) from t = exp(-|z|), 4 u log1p(t)
 * Cost of a mini-batch: each sample's is a sum over its units, as a product; then a sum over samples, as below.
 * Output delta, a - y:              e_a, and u of the result
 * Slope, s = a (1 - a):             e_a (|1 - 2 a| + e_a) exactly, and 2 u of the result
 * Hidden delta, p s:                (|p| + e_p) (s + e_s) - |p| s, and u of the result, in any order of
 *                                   the three factors
 * Gradients: sums over n samples, of products; for a bias the other factor is 1, exactly.
 *     order          sections of B samples, each in any order; their sums S_1 .. S_m one after the other with
 *                    compensation (W. Kahan, 1965)
 *     rounding       Equal samples make equal rounding errors: s + d is off by the same amount wherever the last digit
 *                    of s is worth the same, and nothing walks at random: n equal terms, one after the other, are off
 *                    by up to n u S / 3. So the worst case is taken. In a section each term is rounded at most
 *                    k = min(n, B) times, once as a product and in k - 1 sums (the first, to 0, is exact), or k times
 *                    by FMA: k u. The compensated sum of the S_i is off by at most (2 u + O(m u^2)) sum |S_i| (N.
 *                    Higham, Accuracy and Stability of Numerical Algorithms, 4.3). Together (min(n, B) + 2) u S, for
 *                    any n of which m = n / B < 2^24.
 *                    Where a section is shared by lanes whose sums are added at the end, a term is rounded less often.
 *     propagated     as of a product
 * Products of factors in two parts (kernels/products/block_tensor.cl): 16 u |a b| more for each.
 * A library's product is not in sections: it is within this bound for n up to B.
 * Update, w - r g with r = learning_rate / batch:
 *     propagated     r e_g
 *     rounding       r: 6 u (a quotient, or a product with a reciprocal); r g: u; the difference: u of the
 *                    new w
 *
 * Assumptions: parameters, learning rate and labels are the same numbers on both sides; the arithmetic is
 * IEEE single precision, rounded to nearest, without value-changing compiler options; a gradient is summed
 * before it is subtracted from its parameter; nothing overflows. Results below 2^-126 may be flushed to 0.
 */
#include "reference/reference.h"

#include <math.h>
#include <stdlib.h>

/* u; the factor takes in the terms of second order and the reference's own rounding. */
static const double unit_roundoff = 1.001 * 0x1p-24;

/* What flushing a subnormal result to zero loses. */
static const double flushed = 0x1p-126;

static double error_at(const double *errors, size_t i) {
    return errors ? errors[i] : 0;
}

/* |values| + errors; the caller frees. */
static double *reaches(size_t count, const double *values, const double *errors) {
    double *result = reference_doubles(count);
    for (size_t i = 0; i < count; i++) result[i] = fabs(values[i]) + error_at(errors, i);
    return result;
}

/* Of u |a b|, what a product of two factors is off by beside the rounding of its sum. */
static double product_units;

void reference_set_product_units(double units) {
    product_units = units;
}

double reference_product_factor(size_t k) {
    return (fmax(4, 4 * sqrt((double)k)) + product_units) * unit_roundoff;
}

double reference_sample_factor(size_t sample_count, size_t sum_samples) {
    return (fmin((double)sample_count, (double)sum_samples) + 2 + product_units) * unit_roundoff;
}

/* The error of k terms from the sum of their magnitudes and of their largest magnitudes in reach, whose rounding is
 * `factor` of them. */
static double sum_error(double factor, size_t k, double magnitude, double reach) {
    return factor * reach + (reach - magnitude) + 2 * (double)k * flushed;
}

/* As reference_matmul_bounds() for sums that round as `factor` says, with one more exact term, c[j] in column j, in
 * each sum unless NULL. */
static void product_bounds(double factor, size_t m, size_t n, size_t k, bool transpose_a, const double *a,
                           const double *a_errors, bool transpose_b, const double *b, const double *b_errors,
                           const double *c, double *errors) {
    double *a_reach = reaches(m * k, a, a_errors), *b_reach = reaches(k * n, b, b_errors);
    double *reach = reference_doubles(m * n), *product = reference_doubles(m * n);
    double *magnitude = reference_doubles(m * n);
    reference_matmul(m, n, k, transpose_a, a_reach, transpose_b, b_reach, reach, NULL);
    reference_matmul(m, n, k, transpose_a, a, transpose_b, b, product, magnitude);
    for (size_t i = 0; i < m * n; i++) {
        const double term = c ? fabs(c[i % n]) : 0;
        errors[i] = sum_error(factor, c ? k + 1 : k, magnitude[i] + term, reach[i] + term);
    }
    free(a_reach);
    free(b_reach);
    free(reach);
    free(product);
    free(magnitude);
}

void reference_matmul_bounds(size_t m, size_t n, size_t k, bool transpose_a, const double *a, const double *a_errors,
                             bool transpose_b, const double *b, const double *b_errors, double *errors) {
    product_bounds(reference_product_factor(k), m, n, k, transpose_a, a, a_errors, transpose_b, b, b_errors, NULL,
                   errors);
}

static double sigmoid_error(double z, double z_error) {
    const double a = reference_sigmoid(z);
    /* From the side of 0, where no digit of s (1 - s) is lost. */
    const double steepest = reference_sigmoid(-fmax(fabs(z) - z_error, 0));
    const double propagated = z_error * steepest * (1 - steepest);
    const double reach = a + propagated;
    return propagated + unit_roundoff * (6 * (a * (1 - a) + propagated) + (1 + 5) * reach) + 2 * flushed;
}

void reference_forward_bounds(size_t batch_count, size_t input_count, size_t output_count, const double *weights,
                              const double *biases, const double *inputs, const double *input_errors,
                              const double *weighted_inputs, double *weighted_input_errors, double *activation_errors) {
    product_bounds(reference_product_factor(input_count + 1), batch_count, output_count, input_count, false, inputs,
                   input_errors, true, weights, NULL, biases, weighted_input_errors);
    for (size_t i = 0; i < batch_count * output_count; i++) {
        activation_errors[i] = sigmoid_error(weighted_inputs[i], weighted_input_errors[i]);
    }
}

double reference_cost_bound(size_t batch_count, size_t output_count, const double *weighted_inputs,
                            const double *weighted_input_errors, const uint32_t *labels) {
    const size_t term_count = batch_count * output_count;
    double magnitude = 0, reach = 0;
    for (size_t i = 0; i < term_count; i++) {
        const double z = weighted_inputs[i], z_error = error_at(weighted_input_errors, i);
        const double y = i % output_count == labels[i / output_count] ? 1 : 0;
        const double linear = fmax(z, 0) - y * z, t = exp(-fabs(z)), curved = log1p(t);
        const double propagated = z_error * (fabs(reference_sigmoid(z) - y) + z_error / 4);
        const double rounding = (1 + 1) * linear + 6 * t / (1 + t) + (4 + 1) * curved + 12 * propagated;
        magnitude += linear + curved;
        reach += linear + curved + propagated + unit_roundoff * rounding;
    }
    const double factor =
        reference_product_factor(output_count) + reference_sample_factor(batch_count, REFERENCE_SUM_SAMPLES);
    const double error = sum_error(factor, term_count, magnitude, reach);
    return (error + 6 * unit_roundoff * (magnitude + error)) / (double)batch_count;
}

void reference_output_delta_bounds(size_t batch_count, size_t output_count, const double *activation_errors,
                                   const double *deltas, double *delta_errors) {
    for (size_t i = 0; i < batch_count * output_count; i++) {
        const double propagated = error_at(activation_errors, i);
        delta_errors[i] = propagated + unit_roundoff * (fabs(deltas[i]) + propagated) + flushed;
    }
}

void reference_hidden_delta_bounds(size_t batch_count, size_t unit_count, size_t next_count, const double *next_weights,
                                   const double *next_deltas, const double *next_delta_errors,
                                   const double *activations, const double *activation_errors, double *delta_errors) {
    const size_t count = batch_count * unit_count;
    double *products = reference_doubles(count), *product_errors = reference_doubles(count);
    reference_matmul(batch_count, unit_count, next_count, false, next_deltas, false, next_weights, products, NULL);
    reference_matmul_bounds(batch_count, unit_count, next_count, false, next_deltas, next_delta_errors, false,
                            next_weights, NULL, product_errors);
    for (size_t i = 0; i < count; i++) {
        const double a = activations[i], a_error = error_at(activation_errors, i), product = fabs(products[i]);
        const double slope = a * (1 - a), slope_propagated = a_error * (fabs(1 - 2 * a) + a_error);
        const double slope_error = slope_propagated + 2 * unit_roundoff * (slope + slope_propagated) + 2 * flushed;
        const double reach = (product + product_errors[i]) * (slope + slope_error);
        delta_errors[i] = (reach - product * slope) + unit_roundoff * reach + 2 * flushed;
    }
    free(products);
    free(product_errors);
}

void reference_weight_gradient_bounds(size_t batch_count, size_t sum_samples, size_t input_count, size_t output_count,
                                      const double *deltas, const double *delta_errors, const double *inputs,
                                      const double *input_errors, double *gradient_errors) {
    product_bounds(reference_sample_factor(batch_count, sum_samples), output_count, input_count, batch_count, true,
                   deltas, delta_errors, false, inputs, input_errors, NULL, gradient_errors);
}

void reference_bias_gradient_bounds(size_t batch_count, size_t sum_samples, size_t output_count, const double *deltas,
                                    const double *delta_errors, double *gradient_errors) {
    const double factor = reference_sample_factor(batch_count, sum_samples);
    for (size_t unit = 0; unit < output_count; unit++) {
        double magnitude = 0, propagated = 0;
        for (size_t sample = 0; sample < batch_count; sample++) {
            magnitude += fabs(deltas[sample * output_count + unit]);
            propagated += error_at(delta_errors, sample * output_count + unit);
        }
        gradient_errors[unit] = sum_error(factor, batch_count, magnitude, magnitude + propagated);
    }
}

void reference_update_bounds(size_t count, size_t batch_count, double learning_rate, const double *gradient,
                             const double *gradient_errors, const double *parameters, double *parameter_errors) {
    const double rate = fabs(learning_rate) / (double)batch_count;
    for (size_t i = 0; i < count; i++) {
        const double propagated = rate * error_at(gradient_errors, i);
        const double change = rate * fabs(gradient[i]) + propagated;
        const double before = propagated + 7 * unit_roundoff * change + 2 * flushed;
        double parameter = parameters[i];
        reference_update(1, batch_count, learning_rate, gradient + i, &parameter);
        parameter_errors[i] = before + unit_roundoff * (fabs(parameter) + before) + flushed;
    }
}

/* Fills `errors`, a pass that holds bounds in place of values. */
static void pass_bounds(const reference_network *network, size_t batch_count, const reference_pass *pass,
                        reference_pass *errors) {
    const size_t layer_count = network->layer_count, *counts = network->counts;
    for (size_t l = 0; l < layer_count; l++) {
        reference_forward_bounds(batch_count, counts[l], counts[l + 1], network->weights[l], network->biases[l],
                                 pass->activations[l], errors->activations[l], pass->weighted_inputs[l],
                                 errors->weighted_inputs[l], errors->activations[l + 1]);
    }
    reference_output_delta_bounds(batch_count, counts[layer_count], errors->activations[layer_count],
                                  pass->deltas[layer_count - 1], errors->deltas[layer_count - 1]);
    for (size_t l = layer_count - 1; l-- > 0;) {
        reference_hidden_delta_bounds(batch_count, counts[l + 1], counts[l + 2], network->weights[l + 1],
                                      pass->deltas[l + 1], errors->deltas[l + 1], pass->activations[l + 1],
                                      errors->activations[l + 1], errors->deltas[l]);
    }
}

void reference_train_step_bounds(const reference_network *network, size_t batch_count, double learning_rate,
                                 const double *inputs, const double *input_errors, const uint32_t *labels,
                                 reference_network *bounds) {
    reference_pass *pass = reference_pass_create(network, batch_count);
    reference_pass *errors = reference_pass_create(network, batch_count);
    reference_network *gradient = reference_network_create(network->layer_count, network->counts);
    for (size_t i = 0; i < batch_count * network->counts[0]; i++) errors->activations[0][i] = error_at(input_errors, i);
    reference_pass_forward(network, batch_count, inputs, pass);
    reference_pass_backward(network, batch_count, labels, pass);
    pass_bounds(network, batch_count, pass, errors);
    reference_gradient(network, batch_count, inputs, labels, gradient);
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t input_count = network->counts[l], output_count = network->counts[l + 1];
        reference_weight_gradient_bounds(batch_count, REFERENCE_SUM_SAMPLES, input_count, output_count, pass->deltas[l],
                                         errors->deltas[l], pass->activations[l], errors->activations[l],
                                         bounds->weights[l]);
        reference_bias_gradient_bounds(batch_count, REFERENCE_SUM_SAMPLES, output_count, pass->deltas[l],
                                       errors->deltas[l], bounds->biases[l]);
        reference_update_bounds(output_count * input_count, batch_count, learning_rate, gradient->weights[l],
                                bounds->weights[l], network->weights[l], bounds->weights[l]);
        reference_update_bounds(output_count, batch_count, learning_rate, gradient->biases[l], bounds->biases[l],
                                network->biases[l], bounds->biases[l]);
    }
    reference_pass_release(pass);
    reference_pass_release(errors);
    reference_network_release(gradient);
}

static double worst_of(size_t count, const double *expected, const double *actual, const double *bounds) {
    double worst = 0;
    for (size_t i = 0; i < count; i++) {
        const double ratio = fabs(actual[i] - expected[i]) / bounds[i];
        worst = fmax(worst, isfinite(ratio) ? ratio : INFINITY);
    }
    return worst;
}

double reference_worst_ratio(const reference_network *expected, const reference_network *actual,
                             const reference_network *bounds) {
    double worst = 0;
    for (size_t l = 0; l < expected->layer_count; l++) {
        const size_t input_count = expected->counts[l], output_count = expected->counts[l + 1];
        worst = fmax(
            worst, worst_of(output_count * input_count, expected->weights[l], actual->weights[l], bounds->weights[l]));
        worst = fmax(worst, worst_of(output_count, expected->biases[l], actual->biases[l], bounds->biases[l]));
    }
    return worst;
}
