/* What a self-test lets a device's values be off by: little where rounding is little, so that mistakes are seen, and
 * enough for a computation in single precision, whatever the network's functions. */
#include "choice/example.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *example_suite(void);

enum { BATCH = 9, MOST = EXAMPLE_SAMPLES * EXAMPLE_MOST_UNITS, LAYERS = EXAMPLE_LAYERS };

/* The same computation as an example's, as a device without a mistake does it: all in floats. */
typedef struct single {
    float weights[LAYERS][EXAMPLE_MOST_UNITS * EXAMPLE_MOST_UNITS], biases[LAYERS][EXAMPLE_MOST_UNITS];
    float a[LAYERS + 1][MOST], delta[LAYERS][MOST], slopes[LAYERS - 1][MOST], costs[EXAMPLE_SAMPLES];
} single;

static example *exact, *rounded;
static single *device;
static float learning_rate;

/* Two hidden layers of an activation below a head, with labels. */
static void begin(const char *activation, const char *head) {
    exact = calloc(1, sizeof *exact);
    rounded = calloc(1, sizeof *rounded);
    device = calloc(1, sizeof *device);
    for (size_t l = 0; l + 1 < LAYERS; l++)
        ck_assert_int_eq(activation_parse(activation, strlen(activation), &exact->activations[l]), EPOCL_OK);
    ck_assert_int_eq(head_parse(head, &exact->head), EPOCL_OK);
    exact->activations[LAYERS - 1] = head_output(exact->head);
    example_begin(exact);
    learning_rate = example_rate(exact, BATCH, rounded);
    memcpy(rounded, exact, sizeof *exact);
    rounded->rounding = (double)FLT_EPSILON / 2.0;
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t i = 0; i < example_counts[l] * example_counts[l + 1]; i++)
            device->weights[l][i] = (float)exact->weights[l][i];
}

static void end(void) {
    free(exact);
    free(rounded);
    free(device);
}

static size_t batch_at(size_t first) {
    return first + BATCH < EXAMPLE_SAMPLES ? BATCH : EXAMPLE_SAMPLES - first;
}

/* ---- in floats ---- */

static float sum_in_floats(float sum, const float *x, const float *y, size_t y_stride, size_t count) {
    for (size_t i = 0; i < count; i++) sum += x[i] * y[i * y_stride];
    return sum;
}

static void head_in_floats(size_t s, uint32_t label) {
    const size_t out = example_counts[LAYERS];
    const float *z = &device->a[LAYERS][s * out];
    float largest = z[0], sum = 0.0f, cost = 0.0f;
    for (size_t o = 1; o < out; o++) largest = fmaxf(largest, z[o]);
    for (size_t o = 0; o < out; o++) sum += expf(z[o] - largest);
    for (size_t o = 0; o < out; o++) {
        const function output = exact->activations[LAYERS - 1];
        const double y = o == label, log_sum = (double)(largest + logf(sum));
        cost += (float)head_cost(exact->head, output, (double)z[o], y, log_sum);
        device->delta[LAYERS - 1][s * out + o] = (float)head_delta(exact->head, output, (double)z[o], y, log_sum);
    }
    device->costs[s] = cost;
}

static void forward_in_floats(size_t first, size_t count) {
    for (size_t s = 0; s < count; s++) {
        const size_t sample = (size_t)exact->order[first + s];
        for (size_t i = 0; i < example_counts[0]; i++)
            device->a[0][s * example_counts[0] + i] =
                exact->float_inputs[sample * example_counts[0] + i] * (1.0f / 255.0f);
        for (size_t l = 0; l < LAYERS; l++) {
            const size_t in = example_counts[l], out = example_counts[l + 1];
            for (size_t o = 0; o < out; o++) {
                const float z =
                    sum_in_floats(device->biases[l][o], &device->a[l][s * in], &device->weights[l][o], out, in);
                const bool is_hidden = l + 1 < LAYERS;
                device->a[l + 1][s * out + o] =
                    is_hidden ? (float)activation_value(exact->activations[l], (double)z) : z;
                if (is_hidden)
                    device->slopes[l][s * out + o] = (float)activation_slope(exact->activations[l], (double)z);
            }
        }
        head_in_floats(s, exact->labels[sample]);
    }
}

static void backward_in_floats(size_t count) {
    const float rate = learning_rate / (float)count;
    for (size_t l = LAYERS; l-- > 0;) {
        const size_t in = example_counts[l], out = example_counts[l + 1];
        for (size_t s = 0; l > 0 && s < count; s++)
            for (size_t i = 0; i < in; i++)
                device->delta[l - 1][s * in + i] =
                    device->slopes[l - 1][s * in + i] *
                    sum_in_floats(0.0f, &device->delta[l][s * out], &device->weights[l][i * out], 1, out);
        for (size_t o = 0; o < out; o++) {
            float bias = 0.0f;
            for (size_t s = 0; s < count; s++) bias += device->delta[l][s * out + o];
            device->biases[l][o] -= rate * bias;
            for (size_t i = 0; i < in; i++) {
                float g = 0.0f;
                for (size_t s = 0; s < count; s++) g += device->a[l][s * in + i] * device->delta[l][s * out + o];
                device->weights[l][i * out + o] -= rate * g;
            }
        }
    }
}

/* ---- comparisons ---- */

static double largest_of(const double *values, size_t count) {
    double largest = 0.0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, fabs(values[i]));
    return largest;
}

static void check_single(const char *what, const float *found, const double *expected, const double *with_rounding,
                         size_t count) {
    const double most = example_tolerance(expected, with_rounding, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(fabs((double)found[i] - expected[i]) <= most, "%s[%zu] is %.9g, not %.9g; tolerated: %g", what, i,
                      (double)found[i], expected[i], most);
}

static void check_parameters(void) {
    for (size_t l = 0; l < LAYERS; l++) {
        check_single("weights", device->weights[l], exact->weights[l], rounded->weights[l],
                     example_counts[l] * example_counts[l + 1]);
        check_single("biases", device->biases[l], exact->biases[l], rounded->biases[l], example_counts[l + 1]);
    }
}

/* What the self-test compares after a step. */
static void check_step(size_t count) {
    for (size_t l = 0; l < LAYERS; l++) {
        check_single("a", device->a[l], exact->a[l], rounded->a[l], count * example_counts[l]);
        check_single("delta", device->delta[l], exact->delta[l], rounded->delta[l], count * example_counts[l + 1]);
    }
    check_single("costs", device->costs, exact->costs, rounded->costs, count);
    check_parameters();
}

static void step(size_t first, size_t count) {
    example *const both[] = {exact, rounded};
    for (size_t i = 0; i < 2; i++) {
        both[i]->cost_sum = 0;
        example_forward(both[i], first, count);
        example_backward(both[i], count, (double)learning_rate);
    }
    forward_in_floats(first, count);
    backward_in_floats(count);
}

/* All go on from the device's parameters, as in the self-test. */
static void take_parameters(void) {
    for (size_t l = 0; l < LAYERS; l++) {
        for (size_t i = 0; i < example_counts[l] * example_counts[l + 1]; i++)
            exact->weights[l][i] = rounded->weights[l][i] = (double)device->weights[l][i];
        for (size_t o = 0; o < example_counts[l + 1]; o++)
            exact->biases[l][o] = rounded->biases[l][o] = (double)device->biases[l][o];
    }
}

/* The largest share of a tensor's largest value that a step tolerates of any. */
static double tolerated_share(size_t count) {
    double share = example_tolerance(exact->costs, rounded->costs, count) / largest_of(exact->costs, count);
    for (size_t l = 0; l < LAYERS; l++) {
        const size_t deltas = count * example_counts[l + 1], weights = example_counts[l] * example_counts[l + 1];
        share = fmax(share, example_tolerance(exact->delta[l], rounded->delta[l], deltas) /
                                largest_of(exact->delta[l], deltas));
        share = fmax(share, example_tolerance(exact->weights[l], rounded->weights[l], weights) /
                                largest_of(exact->weights[l], weights));
        if (l == 0) continue; /* inputs are no sums */
        const size_t outputs = count * example_counts[l];
        share = fmax(share, example_tolerance(exact->a[l], rounded->a[l], outputs) / largest_of(exact->a[l], outputs));
    }
    return share;
}

/* ---- tests ---- */

static const char *const usual[] = {"sigmoid", "relu", "tanh", "gelu", "silu"};
static const char *const heads[] = {"cross-entropy", "softmax-cross-entropy", "squared"};
enum { USUAL = sizeof usual / sizeof *usual, HEADS_TRIED = sizeof heads / sizeof *heads };

/* Of a tensor's largest value: a kernel that is wrong is off by far more. */
static const double most_usual = 3e-4;

START_TEST(of_usual_functions_little_is_tolerated) {
    begin(usual[_i % USUAL], heads[_i / USUAL]);
    ck_assert(learning_rate == 0.05f);
    for (size_t first = 0; first < EXAMPLE_SAMPLES; first += BATCH) {
        const size_t count = batch_at(first);
        step(first, count);
        check_step(count);
        const double share = tolerated_share(count);
        ck_assert_msg(share <= most_usual, "%s, %s: %g", usual[_i % USUAL], heads[_i / USUAL], share);
        take_parameters();
    }
    end();
}
END_TEST

/* Two layers of exponential make more of rounding than others do. What single precision makes of them is tolerated, in
 * each step and in an epoch as a whole, as of a resident plan; with a rate at which nothing grows beyond numbers. */
START_TEST(of_exponential_as_much_as_it_takes) {
    const bool is_by_steps = _i % 2;
    double share = 0.0;
    begin("exponential", heads[_i / 2]);
    for (size_t first = 0; first < EXAMPLE_SAMPLES; first += BATCH) {
        const size_t count = batch_at(first);
        step(first, count);
        share = fmax(share, tolerated_share(count));
        if (!is_by_steps) continue;
        check_step(count);
        take_parameters();
    }
    check_parameters();
    if (_i == 0) ck_assert_msg(share > most_usual, "%g", share);
    ck_assert(isfinite(exact->cost_sum) && learning_rate <= 0.05f);
    end();
}
END_TEST

Suite *example_suite(void) {
    Suite *suite = suite_create("example");
    TCase *tests = tcase_create("tolerance");
    tcase_add_loop_test(tests, of_usual_functions_little_is_tolerated, 0, USUAL * HEADS_TRIED);
    tcase_add_loop_test(tests, of_exponential_as_much_as_it_takes, 0, 2 * HEADS_TRIED);
    suite_add_tcase(suite, tests);
    return suite;
}
