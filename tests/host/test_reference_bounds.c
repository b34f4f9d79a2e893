/* The error bounds have room for a plain single-precision training step and none for a mistake in it. */
#include "reference/reference.h"
#include "reference/reference_example.h"

#include <check.h>
#include <math.h>

Suite *reference_bounds_suite(void);

typedef enum mistake {
    NO_MISTAKE,
    NO_MEAN,         /* the sum over the samples in place of the mean              */
    FULL_BATCH_MEAN, /* a short batch divided by the full batch size               */
    NO_SLOPE,        /* sigma' left out of a hidden delta                          */
    SLOPE_OF_Z,      /* z (1 - z) for a (1 - a)                                    */
    NOT_TRANSPOSED,  /* W read as [input, output] in a hidden delta                */
    UPDATED_WEIGHTS, /* a hidden delta from weights that were updated before       */
    SHORT_FORWARD,   /* the last input left out                                    */
    SHORT_DELTA,     /* the last unit of the next layer left out                   */
    SHORT_GRADIENT,  /* the last sample left out                                   */
    NO_BIAS,         /* the bias left out of z                                     */
    BIAS_NOT_UPDATED,
    OPPOSITE_DELTA,   /* y - a                                                      */
    LABEL_OFF_BY_ONE, /* the next class                                             */
    MISTAKE_COUNT
} mistake;

static float sigmoid(float z) {
    return 1.0f / (1.0f + expf(-z));
}

/* float values kept in doubles, exactly */
static float at(const double *values, size_t i) {
    return (float)values[i];
}

static void forward(const reference_network *network, size_t batch_count, reference_pass *pass, mistake made) {
    for (size_t l = 0; l < network->layer_count; l++) {
        const size_t input_count = network->counts[l], output_count = network->counts[l + 1];
        for (size_t s = 0; s < batch_count; s++) {
            for (size_t o = 0; o < output_count; o++) {
                float z = made == NO_BIAS ? 0.0f : at(network->biases[l], o);
                for (size_t i = 0; i < input_count - (made == SHORT_FORWARD); i++) {
                    z += at(network->weights[l], o * input_count + i) * at(pass->activations[l], s * input_count + i);
                }
                pass->weighted_inputs[l][s * output_count + o] = (double)z;
                pass->activations[l + 1][s * output_count + o] = (double)sigmoid(z);
            }
        }
    }
}

static void output_delta(const reference_network *network, size_t batch_count, const uint32_t *labels,
                         reference_pass *pass, mistake made) {
    const size_t last = network->layer_count - 1, output_count = network->counts[last + 1];
    for (size_t i = 0; i < batch_count * output_count; i++) {
        const size_t label = (labels[i / output_count] + (made == LABEL_OFF_BY_ONE)) % output_count;
        const float delta = at(pass->activations[last + 1], i) - (i % output_count == label ? 1.0f : 0.0f);
        pass->deltas[last][i] = (double)(made == OPPOSITE_DELTA ? -delta : delta);
    }
}

/* The delta of layer `l`, not the last one. */
static void hidden_delta(const reference_network *network, size_t l, size_t batch_count, reference_pass *pass,
                         mistake made) {
    const size_t unit_count = network->counts[l + 1], next_count = network->counts[l + 2];
    for (size_t s = 0; s < batch_count; s++) {
        for (size_t u = 0; u < unit_count; u++) {
            float sum = 0.0f;
            for (size_t n = 0; n < next_count - (made == SHORT_DELTA); n++) {
                const size_t place = made == NOT_TRANSPOSED ? u * next_count + n : n * unit_count + u;
                sum += at(network->weights[l + 1], place) * at(pass->deltas[l + 1], s * next_count + n);
            }
            const float a =
                at((made == SLOPE_OF_Z ? pass->weighted_inputs[l] : pass->activations[l + 1]), s * unit_count + u);
            pass->deltas[l][s * unit_count + u] = (double)(made == NO_SLOPE ? sum : sum * (a * (1.0f - a)));
        }
    }
}

static void update(reference_network *network, size_t l, size_t batch_count, float rate, const reference_pass *pass,
                   mistake made) {
    const size_t input_count = network->counts[l], output_count = network->counts[l + 1];
    const size_t summed_count = batch_count - (made == SHORT_GRADIENT);
    for (size_t o = 0; o < output_count; o++) {
        float bias_gradient = 0.0f;
        for (size_t s = 0; s < summed_count; s++) bias_gradient += at(pass->deltas[l], s * output_count + o);
        if (made != BIAS_NOT_UPDATED) {
            network->biases[l][o] = (double)(at(network->biases[l], o) - rate * bias_gradient);
        }
        for (size_t i = 0; i < input_count; i++) {
            float gradient = 0.0f;
            for (size_t s = 0; s < summed_count; s++) {
                gradient += at(pass->deltas[l], s * output_count + o) * at(pass->activations[l], s * input_count + i);
            }
            double *weight = &network->weights[l][o * input_count + i];
            *weight = (double)((float)*weight - rate * gradient);
        }
    }
}

/* One step on the first batch_count samples, in float throughout; `network` becomes that of after it. */
static void float_train_step(reference_network *network, size_t batch_count, float learning_rate,
                             const reference_example *example, mistake made) {
    const size_t full_count = example->sample_count;
    const float divisor = (float)(made == NO_MEAN ? 1 : made == FULL_BATCH_MEAN ? full_count : batch_count);
    reference_pass *pass = reference_pass_create(network, batch_count);
    for (size_t i = 0; i < batch_count * network->counts[0]; i++) pass->activations[0][i] = example->inputs[i];
    forward(network, batch_count, pass, made);
    output_delta(network, batch_count, example->labels, pass, made);
    for (size_t l = network->layer_count; l-- > 0;) {
        if (made == UPDATED_WEIGHTS) update(network, l, batch_count, learning_rate / divisor, pass, made);
        if (l > 0) hidden_delta(network, l - 1, batch_count, pass, made);
    }
    for (size_t l = 0; l < network->layer_count && made != UPDATED_WEIGHTS; l++) {
        update(network, l, batch_count, learning_rate / divisor, pass, made);
    }
    reference_pass_release(pass);
}

/* The worst error of a float step on the first batch_count samples, in units of its bound. */
static double worst_of_step(const reference_example *example, size_t batch_count, mistake made) {
    const float learning_rate = 0.3f;
    reference_network *bounds = reference_network_create(example->network->layer_count, example->network->counts);
    reference_network *expected = reference_network_copy(example->network);
    reference_network *actual = reference_network_copy(example->network);
    reference_train_step_bounds(example->network, batch_count, (double)learning_rate, example->inputs, NULL,
                                example->labels, bounds);
    reference_train_step(expected, batch_count, (double)learning_rate, example->inputs, example->labels);
    float_train_step(actual, batch_count, learning_rate, example, made);
    const double worst = reference_worst_ratio(expected, actual, bounds);
    reference_network_release(bounds);
    reference_network_release(expected);
    reference_network_release(actual);
    return worst;
}

typedef struct shape {
    size_t layer_count, counts[5], batch_size, batch_count;
} shape;

static const shape shapes[] = {
    {1, {1, 1}, 1, 1},        {1, {13, 10}, 8, 5},         {2, {7, 5, 3}, 16, 9},      {2, {17, 17, 17}, 32, 31},
    {3, {9, 8, 7, 6}, 12, 7}, {4, {6, 5, 6, 5, 4}, 10, 3}, {2, {784, 32, 10}, 32, 32},
};
enum { SHAPE_COUNT = sizeof shapes / sizeof *shapes };

static reference_example *example_of(const shape *s, reference_inputs kind, uint64_t seed) {
    return reference_example_create(s->layer_count, s->counts, s->batch_size, kind, seed);
}

START_TEST(bounds_hold_for_float) {
    for (uint64_t seed = 1; seed <= 5; seed++) {
        for (int kind = REFERENCE_INPUTS_SIGNED; kind <= REFERENCE_INPUTS_POSITIVE; kind++) {
            reference_example *example = example_of(&shapes[_i], (reference_inputs)kind, seed);
            const double worst = worst_of_step(example, shapes[_i].batch_count, NO_MISTAKE);
            ck_assert_msg(worst <= 1, "seed %u: error %g times its bound", (unsigned)seed, worst);
            reference_example_release(example);
        }
    }
}
END_TEST

/* Every mistake, in 0 to 3 hidden layers where there is a place for it, is far beyond the bounds. */
START_TEST(bounds_do_not_hold_for_mistakes) {
    const mistake made = (mistake)_i;
    for (size_t i = 1; i < SHAPE_COUNT; i++) {
        const bool hidden_only = made == NO_SLOPE || made == SLOPE_OF_Z || made == NOT_TRANSPOSED ||
                                 made == UPDATED_WEIGHTS || made == SHORT_DELTA;
        if (hidden_only && shapes[i].layer_count == 1) continue;
        if (made == FULL_BATCH_MEAN && shapes[i].batch_size == shapes[i].batch_count) continue;
        reference_example *example = example_of(&shapes[i], REFERENCE_INPUTS_POSITIVE, 1);
        const double worst = worst_of_step(example, shapes[i].batch_count, made);
        ck_assert_msg(worst >= 10, "shape %zu: the mistake is only %g times the bound", i, worst);
        reference_example_release(example);
    }
}
END_TEST

START_TEST(ratio_does_not_miss_nan) {
    reference_example *example = example_of(&shapes[2], REFERENCE_INPUTS_SIGNED, 1);
    reference_network *broken = reference_network_copy(example->network);
    broken->biases[0][2] = NAN;
    ck_assert(isinf(reference_worst_ratio(example->network, broken, example->network)));
    reference_network_release(broken);
    reference_example_release(example);
}
END_TEST

START_TEST(cost_bound_holds_for_float) {
    enum { BATCH_COUNT = 40, OUTPUT_COUNT = 11, COUNT = BATCH_COUNT * OUTPUT_COUNT };
    const double z_error = 1e-5;
    double z[COUNT], errors[COUNT];
    uint32_t labels[BATCH_COUNT];
    float sum = 0.0f, sample_sum = 0.0f;
    for (size_t i = 0; i < COUNT; i++) {
        const float x = 40.0f * (reference_unit(reference_philox_word(1, 103, 0, (uint32_t)i, 0)) - 0.5f);
        const float y = i % OUTPUT_COUNT == i / OUTPUT_COUNT % OUTPUT_COUNT ? 1.0f : 0.0f;
        z[i] = (double)x + (i % 2 ? z_error : -z_error);
        errors[i] = z_error + 1e-15;
        labels[i / OUTPUT_COUNT] = (uint32_t)(i / OUTPUT_COUNT % OUTPUT_COUNT);
        sample_sum += fmaxf(x, 0.0f) - y * x + log1pf(expf(-fabsf(x)));
        if ((i + 1) % OUTPUT_COUNT) continue;
        sum += sample_sum;
        sample_sum = 0.0f;
    }
    const double expected = reference_cost(BATCH_COUNT, OUTPUT_COUNT, z, labels);
    const double bound = reference_cost_bound(BATCH_COUNT, OUTPUT_COUNT, z, errors, labels);
    const double error = fabs((double)(sum / (float)BATCH_COUNT) - expected);
    ck_assert_msg(error <= bound, "error %g, bound %g", error, bound);
    ck_assert_msg(bound <= 1e-5 * expected, "bound %g of %g catches nothing", bound, expected);
}
END_TEST

static float sum_of_equal(float term, size_t count) {
    float sum = 0.0f;
    for (size_t i = 0; i < count; i++) sum += term;
    return sum;
}

/* Equal samples, whose rounding errors add up: within the bound in sections, far beyond it without. */
START_TEST(sample_bound_holds_for_equal_samples) {
    enum { COUNT = 100 * REFERENCE_SUM_SAMPLES };
    const float term = 0.44702911376953125f; /* one of the worst of 400 */
    const float section = sum_of_equal(term, REFERENCE_SUM_SAMPLES);
    const double expected = (double)COUNT * (double)term;
    const double bound = reference_sample_factor(COUNT, REFERENCE_SUM_SAMPLES) * expected;
    const double in_sections = fabs(100 * (double)section - expected);
    const double at_once = fabs((double)sum_of_equal(term, COUNT) - expected);
    ck_assert_msg(in_sections <= bound, "error %g, bound %g", in_sections, bound);
    ck_assert_msg(at_once >= 10 * bound, "error %g, bound %g", at_once, bound);
    ck_assert(fabs(reference_sample_factor(30, 1024) - 32 * 0x1p-24) <= 0.002 * 32 * 0x1p-24);
    ck_assert(fabs(reference_sample_factor(3000, 1024) - 1026 * 0x1p-24) <= 0.002 * 1026 * 0x1p-24);
}
END_TEST

/* Errors of the inputs, in the worst direction for the first unit, arrive there as bounded: not more, and
 * not much less. Rounding plays no part beside errors this large. */
enum { INPUT_COUNT = 6, UNIT_COUNT = 3 };
static const double worst_weights[UNIT_COUNT * INPUT_COUNT] = {
    0.5, -1, 2, -0.25, 1.5, -0.75, /**/ 1, 1, 1, 1, 1, 1, /**/ -0.5, 0.5, -0.5, 0.5, -0.5, 0.5,
};

static void expect_attained(double moved, double bound, const char *what) {
    ck_assert_msg(fabs(moved) <= bound, "%s moved by %g, bound %g", what, fabs(moved), bound);
    ck_assert_msg(fabs(moved) >= 0.95 * bound, "%s moved by %g only, bound %g", what, fabs(moved), bound);
}

START_TEST(forward_bounds_are_attained) {
    const double error = 0x1p-10, biases[UNIT_COUNT] = {0.5, 0, 0};
    const double inputs[INPUT_COUNT] = {0.5, 0.25, -1, 0.5, 1, 0.125};
    double moved_inputs[INPUT_COUNT], errors[INPUT_COUNT], z[2][UNIT_COUNT], a[2][UNIT_COUNT];
    double z_errors[UNIT_COUNT], a_errors[UNIT_COUNT];
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        errors[i] = error;
        moved_inputs[i] = inputs[i] + copysign(error, worst_weights[i]);
    }
    reference_forward(1, INPUT_COUNT, UNIT_COUNT, worst_weights, biases, inputs, z[0], a[0], NULL);
    reference_forward(1, INPUT_COUNT, UNIT_COUNT, worst_weights, biases, moved_inputs, z[1], a[1], NULL);
    reference_forward_bounds(1, INPUT_COUNT, UNIT_COUNT, worst_weights, biases, inputs, errors, z[0], z_errors,
                             a_errors);
    expect_attained(z[1][0] - z[0][0], z_errors[0], "weighted input");
    expect_attained(a[1][0] - a[0][0], a_errors[0], "activation");
}
END_TEST

START_TEST(delta_bounds_are_attained) {
    const double error = 0x1p-12, next_deltas[UNIT_COUNT] = {0.75, 0.5, -0.25};
    double moved_deltas[UNIT_COUNT], errors[INPUT_COUNT], a[2][INPUT_COUNT];
    double deltas[2][INPUT_COUNT], delta_errors[INPUT_COUNT];
    for (size_t i = 0; i < INPUT_COUNT; i++) {
        errors[i] = error;
        a[0][i] = 0.25;
        a[1][i] = 0.25 + error;
    }
    for (size_t n = 0; n < UNIT_COUNT; n++) {
        moved_deltas[n] = next_deltas[n] + copysign(error, worst_weights[n * INPUT_COUNT]);
    }
    reference_hidden_delta(1, INPUT_COUNT, UNIT_COUNT, worst_weights, next_deltas, a[0], deltas[0], NULL);
    reference_hidden_delta(1, INPUT_COUNT, UNIT_COUNT, worst_weights, moved_deltas, a[1], deltas[1], NULL);
    reference_hidden_delta_bounds(1, INPUT_COUNT, UNIT_COUNT, worst_weights, next_deltas, errors, a[0], errors,
                                  delta_errors);
    expect_attained(deltas[1][0] - deltas[0][0], delta_errors[0], "hidden delta");
    reference_output_delta_bounds(1, UNIT_COUNT, errors, next_deltas, delta_errors);
    expect_attained(error, delta_errors[0], "output delta");
    reference_bias_gradient_bounds(3, 3, 1, next_deltas, errors, delta_errors);
    expect_attained(3 * error, delta_errors[0], "bias gradient");
}
END_TEST

START_TEST(product_bound_takes_in_errors_of_inputs) {
    const double a[] = {1, -2}, b[] = {3, 4}, a_errors[] = {0.5, 0.25}, b_errors[] = {0.125, 1};
    double error;
    reference_matmul_bounds(1, 1, 2, false, a, a_errors, false, b, b_errors, &error);
    /* reach 1.5 * 3.125 + 2.25 * 5 = 15.9375, magnitude 3 + 8 = 11 */
    const double expected = 4.9375 + reference_product_factor(2) * 15.9375;
    ck_assert_msg(fabs(error - expected) <= 1e-14, "bound %.17g, expected %.17g", error, expected);
    ck_assert(fabs(reference_product_factor(2) - 4 * sqrt(2) * 0x1p-24) <= 0.002 * 0x1p-22);
    ck_assert(fabs(reference_product_factor(784) - 112 * 0x1p-24) <= 0.002 * 112 * 0x1p-24);
}
END_TEST

Suite *reference_bounds_suite(void) {
    Suite *suite = suite_create("reference_bounds");
    TCase *bounds = tcase_create("bounds");
    tcase_add_loop_test(bounds, bounds_hold_for_float, 0, SHAPE_COUNT);
    tcase_add_loop_test(bounds, bounds_do_not_hold_for_mistakes, NO_MEAN, MISTAKE_COUNT);
    tcase_add_test(bounds, ratio_does_not_miss_nan);
    tcase_add_test(bounds, cost_bound_holds_for_float);
    tcase_add_test(bounds, sample_bound_holds_for_equal_samples);
    tcase_add_test(bounds, forward_bounds_are_attained);
    tcase_add_test(bounds, delta_bounds_are_attained);
    tcase_add_test(bounds, product_bound_takes_in_errors_of_inputs);
    suite_add_tcase(suite, bounds);
    return suite;
}
