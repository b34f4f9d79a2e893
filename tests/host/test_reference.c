/* The reference is right: gradients against complex steps, a step worked out by hand, learning XOR. */
#include "reference/reference.h"
#include "reference/reference_example.h"

#include <check.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>

Suite *reference_suite(void);

static void expect_close(double actual, double expected, double tolerance, const char *what) {
    const bool close = fabs(actual - expected) <= tolerance;
    ck_assert_msg(close, "%s: %.17g, expected %.17g within %g", what, actual, expected, tolerance);
}

/* ---- Gradients ------------------------------------------------------------------------------ */

/* The mean cost as the notes write it, (1)-(7), in complex numbers, with `step` added to one parameter:
 * of layer `layer`, weight `place`, or bias `place` - weight count. */
static double complex cost_of_notes(const reference_example *example, size_t layer, size_t place, double complex step) {
    const reference_network *network = example->network;
    double complex a[64], z[64], cost = 0;
    for (size_t sample = 0; sample < example->sample_count; sample++) {
        for (size_t i = 0; i < network->counts[0]; i++) a[i] = example->inputs[sample * network->counts[0] + i];
        for (size_t l = 0; l < network->layer_count; l++) {
            const size_t input_count = network->counts[l], output_count = network->counts[l + 1];
            const size_t weight_count = input_count * output_count;
            for (size_t o = 0; o < output_count; o++) {
                const bool bias_moves = l == layer && place == weight_count + o;
                z[o] = network->biases[l][o] + (bias_moves ? step : 0);
                for (size_t i = 0; i < input_count; i++) {
                    const bool weight_moves = l == layer && place == o * input_count + i;
                    z[o] += (network->weights[l][o * input_count + i] + (weight_moves ? step : 0)) * a[i];
                }
            }
            for (size_t o = 0; o < output_count; o++) a[o] = 1 / (1 + cexp(-z[o]));
        }
        for (size_t o = 0; o < network->counts[network->layer_count]; o++) {
            const double y = o == example->labels[sample] ? 1 : 0;
            cost -= y * clog(a[o]) + (1 - y) * clog(1 - a[o]);
        }
    }
    return cost / (double)example->sample_count;
}

static double norm(size_t count, const double *values) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(values[i]));
    return largest;
}

/* Each derivative, and what a training step makes of it, against the complex step, exact to rounding. */
static void check_gradient(const reference_example *example) {
    const double h = 1e-100, learning_rate = 0.5, mean = 1 / (double)example->sample_count;
    const reference_network *network = example->network;
    reference_network *gradient = reference_network_create(network->layer_count, network->counts);
    reference_network *after = reference_network_copy(network);
    reference_gradient(network, example->sample_count, example->inputs, example->labels, gradient);
    const reference_metrics metrics =
        reference_train_step(after, example->sample_count, learning_rate, example->inputs, example->labels);
    expect_close(metrics.cost, creal(cost_of_notes(example, 0, 0, 0)), 1e-13 * metrics.cost, "cost");

    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t weight_count = network->counts[l] * network->counts[l + 1];
        const size_t count = weight_count + network->counts[l + 1];
        const double scale =
            fmax(norm(weight_count, gradient->weights[l]), norm(count - weight_count, gradient->biases[l]));
        ck_assert_msg(scale * mean >= 1e-4, "layer %zu: the gradient is all but zero", l);
        for (size_t i = 0; i < count; i++) {
            const bool weight = i < weight_count;
            const size_t place = weight ? i : i - weight_count;
            const double slope = cimag(cost_of_notes(example, l, i, h * I)) / h;
            expect_close((weight ? gradient->weights : gradient->biases)[l][place] * mean, slope, 1e-13 * scale,
                         "gradient");
            const double before = (weight ? network->weights : network->biases)[l][place];
            expect_close((weight ? after->weights : after->biases)[l][place], before - learning_rate * slope,
                         1e-13 * scale + 1e-15 * fabs(before), "parameter after a step");
        }
    }
    reference_network_release(gradient);
    reference_network_release(after);
}

static const size_t gradient_counts[] = {5, 4, 3, 6, 3};

START_TEST(gradient_matches_complex_step) {
    const size_t hidden_layer_count = (size_t)_i;
    const size_t sample_counts[] = {1, 2, 7};
    for (size_t i = 0; i < sizeof sample_counts / sizeof *sample_counts; i++) {
        for (uint64_t seed = 1; seed <= 3; seed++) {
            reference_example *example =
                reference_example_create(hidden_layer_count + 1, gradient_counts + 3 - hidden_layer_count,
                                         sample_counts[i], REFERENCE_INPUTS_SIGNED, seed);
            check_gradient(example);
            reference_example_release(example);
        }
    }
}
END_TEST

/* ---- By hand -------------------------------------------------------------------------------- */

static void expect_values(size_t count, const double *actual, const double *expected, const char *what) {
    for (size_t i = 0; i < count; i++) expect_close(actual[i], expected[i], 1e-15, what);
}

/* Two inputs, two hidden units, two outputs, two samples; sigma(0) = 1/2, sigma(ln 3) = 3/4.
 *     W1 = ( 2  -1  )  b1 = (  0   )    W2 = (  2  -4/3 )  b2 = (  0   )    samples (1, 2) of class 1
 *          ( 1 -1/2 )       ( ln 3 )         ( -2   4/3 )       ( ln 3 )            (0, 0) of class 0
 * Forward: W1 x = 0 for both samples, so z1 = (0, ln 3) and a1 = (1/2, 3/4);
 *     W2 a1 = (1 - 1, -1 + 1) = 0, so z2 = (0, ln 3) and a2 = (1/2, 3/4): class 1, one of two is right.
 * Cost: of sample 1, y = (0, 1): -ln(1 - 1/2) - ln(3/4) = ln(8/3); of sample 2, y = (1, 0):
 *     -ln(1/2) - ln(1 - 3/4) = ln 8; mean ln(64/3) / 2.
 * Deltas, sample 1: d2 = (1/2, -1/4); W2^T d2 = (1 + 1/2, -2/3 - 1/3) = (3/2, -1);
 *     a1 (1 - a1) = (1/4, 3/16); d1 = (3/8, -3/16).
 * Deltas, sample 2: d2 = (-1/2, 3/4); W2^T d2 = (-1 - 3/2, 2/3 + 1) = (-5/2, 5/3); d1 = (-5/8, 5/16).
 * Gradients, summed: of W2: (d2 summed) a1^T with d2 summed (0, 1/2): (0 0; 1/4 3/8); of b2: (0, 1/2);
 *     of W1: (3/8, -3/16)^T (1, 2) + 0 = (3/8 3/4; -3/16 -3/8); of b1: (-1/4, 1/8).
 * Update: learning rate 1/2, two samples: minus a quarter of each. */
START_TEST(step_matches_hand_computation) {
    const size_t counts[] = {2, 2, 2};
    const double third = 1.0 / 3, ln3 = log(3);
    const double w1[] = {2, -1, 1, -0.5}, b1[] = {0, ln3}, w2[] = {2, -4 * third, -2, 4 * third}, b2[] = {0, ln3};
    const double inputs[] = {1, 2, 0, 0};
    const uint32_t labels[] = {1, 0};
    reference_network *network = reference_network_create(2, counts);
    for (size_t i = 0; i < 4; i++) {
        network->weights[0][i] = w1[i];
        network->weights[1][i] = w2[i];
    }
    for (size_t i = 0; i < 2; i++) {
        network->biases[0][i] = b1[i];
        network->biases[1][i] = b2[i];
    }

    reference_pass *pass = reference_pass_create(network, 2);
    reference_pass_forward(network, 2, inputs, pass);
    reference_pass_backward(network, 2, labels, pass);
    expect_values(4, pass->activations[1], (const double[]){0.5, 0.75, 0.5, 0.75}, "activations of layer 0");
    expect_values(4, pass->weighted_inputs[1], (const double[]){0, ln3, 0, ln3}, "weighted inputs of layer 1");
    expect_values(4, pass->deltas[1], (const double[]){0.5, -0.25, -0.5, 0.75}, "deltas of layer 1");
    expect_values(4, pass->deltas[0], (const double[]){0.375, -0.1875, -0.625, 0.3125}, "deltas of layer 0");
    reference_pass_release(pass);

    const reference_metrics metrics = reference_train_step(network, 2, 0.5, inputs, labels);
    expect_close(metrics.cost, log(64.0 / 3) / 2, 1e-15, "cost");
    ck_assert_uint_eq(metrics.correct_count, 1);
    expect_close(metrics.accuracy, 0.5, 0, "accuracy");
    expect_values(4, network->weights[0], (const double[]){2 - 3.0 / 32, -1 - 3.0 / 16, 1 + 3.0 / 64, -0.5 + 3.0 / 32},
                  "weights of layer 0");
    expect_values(2, network->biases[0], (const double[]){1.0 / 16, ln3 - 1.0 / 32}, "biases of layer 0");
    expect_values(4, network->weights[1], (const double[]){2, -4 * third, -2 - 1.0 / 16, 4 * third - 3.0 / 32},
                  "weights of layer 1");
    expect_values(2, network->biases[1], (const double[]){0, ln3 - 1.0 / 8}, "biases of layer 1");
    reference_network_release(network);
}
END_TEST

/* Of layer 1 of the example above, whose inputs are a1:
 *     forward: |W2| |a1| + |b2| = (1 + 1, 1 + 1 + ln 3), for both samples;
 *     hidden deltas: |W2|^T |d2| = (3/2, 1) and (5/2, 5/3), times a1 (1 - a1): (3/8, 3/16), (5/8, 5/16);
 *     gradients: |d2| summed is (1, 1), so of W2 (1/2 3/4; 1/2 3/4) and of b2 (1, 1). */
START_TEST(magnitudes_match_hand_computation) {
    const double third = 1.0 / 3, ln3 = log(3);
    const double weights[] = {2, -4 * third, -2, 4 * third}, biases[] = {0, -ln3};
    const double activations[] = {0.5, 0.75, 0.5, 0.75}, deltas[] = {0.5, -0.25, -0.5, 0.75};
    double values[4], outputs[4], magnitude[4];
    reference_forward(2, 2, 2, weights, biases, activations, values, outputs, magnitude);
    expect_values(4, magnitude, (const double[]){2, 2 + ln3, 2, 2 + ln3}, "forward");
    reference_hidden_delta(2, 2, 2, weights, deltas, activations, values, magnitude);
    expect_values(4, magnitude, (const double[]){0.375, 0.1875, 0.625, 0.3125}, "hidden delta");
    reference_weight_gradient(2, 2, 2, deltas, activations, values, magnitude);
    expect_values(4, magnitude, (const double[]){0.5, 0.75, 0.5, 0.75}, "weight gradient");
    reference_bias_gradient(2, 2, deltas, values, magnitude);
    expect_values(2, magnitude, (const double[]){1, 1}, "bias gradient");
}
END_TEST

/* (1 2 3; 4 5 6) (1 -1; 0 2; -1 1) = (-2 6; -2 12); magnitudes (4 8; 10 20). Every way to lay it out. */
START_TEST(product_matches_hand_computation) {
    const double a[2][6] = {{1, 2, 3, 4, 5, 6}, {1, 4, 2, 5, 3, 6}};
    const double b[2][6] = {{1, -1, 0, 2, -1, 1}, {1, 0, -1, -1, 2, 1}};
    for (int i = 0; i < 4; i++) {
        double c[4], magnitude[4];
        reference_matmul(2, 2, 3, i / 2, a[i / 2], i % 2, b[i % 2], c, magnitude);
        expect_values(4, c, (const double[]){-2, 6, -2, 12}, "product");
        expect_values(4, magnitude, (const double[]){4, 8, 10, 20}, "magnitude");
    }
}
END_TEST

/* At z = +-800 a naive logarithm is of 0: the cost is |z| on the wrong side and 0 on the right one. */
START_TEST(cost_is_finite_when_saturated) {
    const double z[] = {800, -800};
    expect_close(reference_cost(1, 2, z, (const uint32_t[]){0}), 0, 0, "cost of the right answer");
    expect_close(reference_cost(1, 2, z, (const uint32_t[]){1}), 1600, 0, "cost of the wrong answer");
    expect_close(reference_sigmoid(800), 1, 0, "sigmoid");
    expect_close(reference_sigmoid(-800), 0, 0, "sigmoid");
}
END_TEST

START_TEST(first_of_equal_outputs_counts) {
    const double outputs[] = {0.25, 0.5, 0.5, /**/ 0.25, 0.5, 0.5, /**/ 0.5, 0.5, 0.5};
    ck_assert_uint_eq(reference_correct_count(3, 3, outputs, (const uint32_t[]){1, 2, 0}), 2);
}
END_TEST

/* ---- Training ------------------------------------------------------------------------------- */

/* 10 samples in batches of 4: the same as steps of 4, 4 and 2 in the given order. */
START_TEST(epoch_is_its_steps) {
    const size_t counts[] = {3, 5, 2}, batch_counts[] = {4, 4, 2};
    const uint32_t order[] = {7, 2, 9, 0, 5, 1, 8, 3, 6, 4};
    reference_example *example = reference_example_create(2, counts, 10, REFERENCE_INPUTS_SIGNED, 1);
    reference_network *by_steps = reference_network_copy(example->network);
    double cost = 0;
    size_t correct_count = 0;
    for (size_t step = 0, first = 0; step < 3; first += batch_counts[step++]) {
        double inputs[4 * 3];
        uint32_t labels[4];
        for (size_t i = 0; i < batch_counts[step]; i++) {
            for (size_t j = 0; j < 3; j++) inputs[i * 3 + j] = example->inputs[order[first + i] * 3 + j];
            labels[i] = example->labels[order[first + i]];
        }
        const reference_metrics before = reference_evaluate(by_steps, batch_counts[step], inputs, labels);
        cost += before.cost * (double)batch_counts[step];
        correct_count += before.correct_count;
        reference_train_step(by_steps, batch_counts[step], 0.5, inputs, labels);
    }

    const reference_metrics metrics =
        reference_train_epoch(example->network, 10, 4, 0.5, example->inputs, example->labels, order);
    expect_close(metrics.cost, cost / 10, 1e-15, "cost");
    ck_assert_uint_eq(metrics.correct_count, correct_count);
    ck_assert_uint_eq(metrics.sample_count, 10);
    for (size_t l = 0; l < 2; l++) {
        const size_t weight_count = counts[l] * counts[l + 1];
        ck_assert_mem_eq(example->network->weights[l], by_steps->weights[l], weight_count * sizeof(double));
        ck_assert_mem_eq(example->network->biases[l], by_steps->biases[l], counts[l + 1] * sizeof(double));
    }
    reference_network_release(by_steps);
    reference_example_release(example);
}
END_TEST

START_TEST(learns_xor) {
    const size_t counts[] = {2, 4, 2};
    const double inputs[] = {0, 0, 0, 1, 1, 0, 1, 1};
    const uint32_t labels[] = {0, 1, 1, 0};
    reference_network *network = reference_network_create(2, counts);
    reference_network_initialize(network, 1);
    const reference_metrics first = reference_evaluate(network, 4, inputs, labels);
    for (uint32_t epoch = 1; epoch <= 4000; epoch++) {
        uint32_t order[4];
        reference_permutation(1, epoch, 4, order);
        reference_train_epoch(network, 4, 3, 0.5, inputs, labels, order);
    }
    const reference_metrics last = reference_evaluate(network, 4, inputs, labels);
    ck_assert_msg(first.cost >= 1.2, "a fresh network knows the answer: cost %g", first.cost);
    ck_assert_msg(last.cost <= 0.05, "cost %g after training", last.cost);
    ck_assert_uint_eq(last.correct_count, 4);
    reference_network_release(network);
}
END_TEST

Suite *reference_suite(void) {
    Suite *suite = suite_create("reference");
    TCase *gradient = tcase_create("gradient");
    tcase_add_loop_test(gradient, gradient_matches_complex_step, 0, 4);
    suite_add_tcase(suite, gradient);
    TCase *by_hand = tcase_create("by hand");
    tcase_add_test(by_hand, step_matches_hand_computation);
    tcase_add_test(by_hand, magnitudes_match_hand_computation);
    tcase_add_test(by_hand, product_matches_hand_computation);
    tcase_add_test(by_hand, cost_is_finite_when_saturated);
    tcase_add_test(by_hand, first_of_equal_outputs_counts);
    suite_add_tcase(suite, by_hand);
    TCase *training = tcase_create("training");
    tcase_add_test(training, epoch_is_its_steps);
    tcase_add_test(training, learns_xor);
    suite_add_tcase(suite, training);
    return suite;
}
