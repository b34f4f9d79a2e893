/* initialize, shuffle, gather, cost, metrics and output: what surrounds the products. */
#include "base/random.h"
#include "data/encoder/encoder.h"
#include "device/harness.h"
#include "model/functions.h"
#include "options/requests.h"
#include "reference/reference.h"

#include <math.h>
#include <string.h>

Suite *batch_suite(void);

static const uint64_t seed = 0x123456789ABCDEF0;

static void set_seed(harness *h) {
    h->state.seed_low = (uint32_t)seed;
    h->state.seed_high = (uint32_t)(seed >> 32);
}

START_TEST(initial_weights_are_the_references) {
    for (size_t i = 0; i < awkward_shape_count; i++) {
        const kernel_shape *shape = &awkward_shapes[i];
        const size_t in = shape->input_count, out = shape->output_count;
        const matmul_choice matmul = test_matmul(MATMUL_TILE);
        harness h;
        harness_create(&h, &matmul, shape, 1, false);
        set_seed(&h);
        add_initialize(&h.plan, &h.sequence, &h.layer, h.batch.state, INITIALIZATION_auto);
        harness_begin(&h);
        harness_run(&h);
        float *expected = malloc(in * out * sizeof *expected);
        double *actual = reference_doubles(in * out);
        reference_glorot_weights(seed, (uint32_t)h.layer.number, in, out, expected);
        harness_read(&h, h.layer.weights, actual);
        for (size_t o = 0; o < out; o++)
            for (size_t k = 0; k < in; k++) ck_assert(actual[k * out + o] == (double)expected[o * in + k]);
        harness_check_untouched(&h, h.layer.weights, in, out);
        free(expected);
        free(actual);
        harness_release(&h);
    }
}
END_TEST

/* Of a layer of 2^31 inputs, of which the first rows are drawn, output 2 would begin anew what output 0 has. */
START_TEST(no_draw_is_repeated) {
    enum { IN = 4, OUT = 4 };
    const kernel_shape shape = {1, 1, IN, OUT};
    const matmul_choice matmul = test_matmul(MATMUL_PLAIN);
    double drawn[IN * OUT];
    harness h;
    harness_create(&h, &matmul, &shape, 1, false);
    set_seed(&h);
    add_initialize(&h.plan, &h.sequence, &h.layer, h.batch.state, INITIALIZATION_uniform);
    h.sequence.launches[0].arguments[0].value.uint_value = 1u << 31;
    harness_begin(&h);
    harness_run(&h);
    harness_read(&h, h.layer.weights, drawn);
    for (uint32_t o = 0; o < OUT; o++) {
        for (uint32_t k = 0; k < IN; k++) {
            const uint32_t index = (o % 2 << 31) + k, upper = o / 2;
            const double u = (double)reference_unit(
                reference_philox_word(seed, RANDOM_INITIALIZE, (uint32_t)h.layer.number, index, upper));
            /* One rounding; the scale is that of 4 inputs. */
            ck_assert_double_eq_tol(drawn[k * OUT + o], (2.0 * u - 1.0) * sqrt(1.0 / IN), ldexp(1.0, -24));
        }
    }
    harness_release(&h);
}
END_TEST

/* Written from the definitions: the square of the deviation, or of the limit; of what is drawn on the device. */
static double square_of(int code, double in, double out) {
    switch (code) {
    case INITIALIZATION_glorot_uniform: return 6 / (in + out);
    case INITIALIZATION_glorot_normal: return 2 / (in + out);
    case INITIALIZATION_he_uniform: return 6 / in;
    case INITIALIZATION_he_normal: return 2 / in;
    case INITIALIZATION_lecun_uniform: return 3 / in;
    case INITIALIZATION_lecun_normal:
    case INITIALIZATION_uniform: return 1 / in;
    default: return NAN;
    }
}

START_TEST(initializations_are_as_defined) {
    enum { IN = 90, OUT = 70 };
    const kernel_shape shape = {1, 1, IN, OUT};
    const matmul_choice matmul = test_matmul(MATMUL_PLAIN);
    const double square = square_of(_i, IN, OUT), scale = sqrt(square);
    const bool is_normal = strstr(initialization_words[_i], "normal") != NULL;
    if (_i == INITIALIZATION_orthogonal) return; /* tests/host/test_orthogonal.c */
    double found[IN * OUT], sum = 0.0, squares = 0.0;
    harness h;
    harness_create(&h, &matmul, &shape, 1, false);
    set_seed(&h);
    add_initialize(&h.plan, &h.sequence, &h.layer, h.batch.state, _i);
    harness_begin(&h);
    harness_run(&h);
    harness_read(&h, h.layer.weights, found);
    for (uint32_t o = 0; o < OUT; o++) {
        for (uint32_t k = 0; k < IN; k++) {
            uint32_t block[4] = {o * IN + k, (uint32_t)h.layer.number, RANDOM_INITIALIZE, 0};
            random_philox(block, h.state.seed_low, h.state.seed_high);
            const double u = (double)random_unit(block[0]), v = (double)random_unit(block[1]);
            const double normal = sqrt(-2.0 * log(u + ldexp(1.0, -24))) * cos(2.0 * acos(-1.0) * v);
            const double expected = scale * (is_normal ? normal : 2.0 * u - 1.0), actual = found[k * OUT + o];
            /* A logarithm, a root and a cosine of a few ulp, of numbers below 6. */
            ck_assert_double_eq_tol(actual, expected, 16 * 6 * scale * ldexp(1.0, -24));
            sum += actual;
            squares += actual * actual;
        }
    }
    /* 6,300 draws: the mean deviates by 0.013 scale, the mean square by 2 % of itself. */
    ck_assert_double_eq_tol(sum / (IN * OUT), 0.0, 0.05 * scale);
    ck_assert_double_eq_tol(squares / (IN * OUT) / (is_normal ? square : square / 3.0), 1.0, 0.08);
    harness_release(&h);
}
END_TEST

/* What `auto` takes, by the layer's activation. */
START_TEST(initialization_suits_the_activation) {
    static const struct {
        int activation, initialization;
        bool is_output;
    } cases[] = {
        {ACTIVATION_sigmoid, INITIALIZATION_glorot_uniform, false},
        {ACTIVATION_tanh, INITIALIZATION_glorot_uniform, false},
        {ACTIVATION_relu, INITIALIZATION_he_uniform, false},
        {ACTIVATION_gelu, INITIALIZATION_he_uniform, false},
        {ACTIVATION_selu, INITIALIZATION_lecun_normal, false},
        {ACTIVATION_relu, INITIALIZATION_glorot_uniform, true},
    };
    const kernel_shape shape = {1, 1, 9, 7};
    const matmul_choice matmul = test_matmul(MATMUL_PLAIN);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double by_itself[9 * 7], told[9 * 7];
        for (size_t which = 0; which < 2; which++) {
            harness h;
            harness_create(&h, &matmul, &shape, 1, false);
            set_seed(&h);
            h.layer.activation.code = cases[i].activation;
            h.layer.is_output = cases[i].is_output;
            add_initialize(&h.plan, &h.sequence, &h.layer, h.batch.state,
                           which ? cases[i].initialization : INITIALIZATION_auto);
            harness_begin(&h);
            harness_run(&h);
            harness_read(&h, h.layer.weights, which ? told : by_itself);
            harness_release(&h);
        }
        ck_assert_mem_eq(by_itself, told, sizeof told);
    }
}
END_TEST

static void shuffle_on_device(size_t count, uint32_t epoch, bool shuffled, uint32_t *order) {
    const kernel_shape shape = {1, 1, 1, 1};
    const matmul_choice matmul = test_matmul(MATMUL_TILE);
    harness h;
    harness_create(&h, &matmul, &shape, count, false);
    set_seed(&h);
    h.state.epoch = epoch;
    add_shuffle(&h.plan, &h.sequence, &h.batch, shuffled);
    harness_begin(&h);
    harness_run(&h);
    ck_assert_ok(executable_read(&h.executable, h.batch.order, order, count * sizeof *order));
    harness_release(&h);
}

START_TEST(shuffle_is_the_references_permutation) {
    static const uint32_t counts[] = {1, 2, 3, 63, 64, 65, 257, 1000};
    uint32_t actual[1000], expected[1000];
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        for (uint32_t epoch = 1; epoch <= 2; epoch++) {
            shuffle_on_device(counts[i], epoch, true, actual);
            reference_permutation(seed, epoch, counts[i], expected);
            ck_assert_mem_eq(actual, expected, counts[i] * sizeof *actual);
        }
    }
    shuffle_on_device(65, 1, false, actual);
    for (uint32_t i = 0; i < 65; i++) ck_assert_uint_eq(actual[i], i);
}
END_TEST

static void check_gather(const kernel_shape *shape, bool bytes) {
    enum { SAMPLES = 50, FIRST = 7 };
    const size_t in = shape->input_count, value_count = SAMPLES * in;
    const matmul_choice matmul = test_matmul(MATMUL_TILE);
    harness h;
    float *values = malloc(value_count * sizeof *values), *scale = malloc(in * sizeof *scale),
          *shift = malloc(in * sizeof *shift);
    uint8_t *byte_values = malloc(value_count);
    uint32_t order[SAMPLES], labels[SAMPLES], *label = malloc(shape->batch_size * sizeof *label);
    for (size_t i = 0; i < value_count; i++) {
        byte_values[i] = (uint8_t)(i * 37 % 256);
        values[i] = byte_values[i];
    }
    for (size_t i = 0; i < in; i++) { /* powers of two and small integers: exact, fused or not */
        scale[i] = i % 2 ? 0.5f : 2.0f;
        shift[i] = (float)(i % 5) - 2.0f;
    }
    for (uint32_t i = 0; i < SAMPLES; i++) {
        order[i] = (i * 7 + 3) % SAMPLES;
        labels[i] = i * 1000;
    }
    harness_create(&h, &matmul, shape, SAMPLES, bytes);
    h.state.first = FIRST;
    add_gather(&h.plan, &h.sequence, &h.batch, &h.layer);
    harness_begin(&h);
    ck_assert_ok(executable_write(&h.executable, h.batch.inputs, bytes ? (void *)byte_values : (void *)values,
                                  value_count * (bytes ? 1 : sizeof *values)));
    ck_assert_ok(executable_write(&h.executable, h.batch.labels, labels, sizeof labels));
    ck_assert_ok(executable_write(&h.executable, h.batch.order, order, sizeof order));
    ck_assert_ok(executable_write(&h.executable, h.batch.scale, scale, in * sizeof *scale));
    ck_assert_ok(executable_write(&h.executable, h.batch.shift, shift, in * sizeof *shift));
    harness_run(&h);

    double *actual = reference_doubles(shape->batch_size * in);
    harness_read(&h, h.layer.input, actual);
    ck_assert_ok(executable_read(&h.executable, h.batch.label, label, shape->batch_size * sizeof *label));
    for (size_t b = 0; b < shape->batch_count; b++) {
        const uint32_t sample = order[FIRST + b];
        ck_assert_uint_eq(label[b], labels[sample]);
        for (size_t i = 0; i < in; i++)
            ck_assert(actual[b * in + i] == (double)(values[sample * in + i] * scale[i] + shift[i]));
    }
    harness_check_untouched(&h, h.layer.input, shape->batch_count, in);
    harness_release(&h);
    free(values);
    free(scale);
    free(shift);
    free(byte_values);
    free(label);
    free(actual);
}

START_TEST(gather_converts_and_normalises) {
    static const kernel_shape wide = {3, 2, 300, 1}; /* three work-items a sample */
    check_gather(&wide, true);
    check_gather(&wide, false);
    for (size_t i = 0; i < awkward_shape_count; i++) {
        check_gather(&awkward_shapes[i], true);
        check_gather(&awkward_shapes[i], false);
    }
}
END_TEST

/* What the header of kernels/rows/gather.cl says of an input of a table. */
static float encoded(float value, input_shape shape, float offset, float factor) {
    if (shape == INPUT_EQUAL) return value == offset ? factor : 0.0f;
    if (value == ENCODER_MISSING) return 0.0f;
    const float line = (value - offset) * factor;
    return shape == INPUT_LINEAR ? line : line < 0.0f ? 0.0f : line > 1.0f ? 1.0f : line;
}

/* Inputs of all shapes in turn, each of the sources some times; every fifth value is missing. */
static void check_gather_table(const kernel_shape *shape, const matmul_choice *matmul) {
    enum { SAMPLES = 50, FIRST = 7, MOST_SOURCES = 9, SHAPES = 3 };
    const size_t in = shape->input_count, sources = smaller(in, MOST_SOURCES);
    harness h;
    float values[SAMPLES * MOST_SOURCES], *factor = malloc(in * sizeof *factor), *offset = malloc(in * sizeof *offset);
    uint32_t order[SAMPLES], labels[SAMPLES], *source = malloc(in * sizeof *source);
    for (size_t i = 0; i < SAMPLES * sources; i++)
        values[i] = i % 5 == 4 ? ENCODER_MISSING : (float)(i * 37 % 23) * 0.25f - 2.0f;
    for (size_t i = 0; i < in; i++) {
        source[i] = (uint32_t)(i * 5 % sources << 2 | i % SHAPES);
        factor[i] = i % 2 ? 0.5f : 3.0f;
        offset[i] = i % 7 == 6 ? ENCODER_MISSING : (float)(i % 6) * 0.5f - 1.5f;
        if (i % SHAPES != INPUT_EQUAL && offset[i] == ENCODER_MISSING) offset[i] = 1e30f;
    }
    for (uint32_t i = 0; i < SAMPLES; i++) {
        order[i] = (i * 7 + 3) % SAMPLES;
        labels[i] = i * 1000;
    }
    harness_create(&h, matmul, shape, SAMPLES, false);
    h.state.first = FIRST;
    h.batch.source_count = sources;
    h.batch.source = plan_add_array(&h.plan, PURPOSE_DATA_SET, in, sizeof *source, "source");
    add_gather(&h.plan, &h.sequence, &h.batch, &h.layer);
    harness_begin(&h);
    ck_assert_ok(executable_write(&h.executable, h.batch.inputs, values, SAMPLES * sources * sizeof *values));
    ck_assert_ok(executable_write(&h.executable, h.batch.labels, labels, sizeof labels));
    ck_assert_ok(executable_write(&h.executable, h.batch.order, order, sizeof order));
    ck_assert_ok(executable_write(&h.executable, h.batch.source, source, in * sizeof *source));
    ck_assert_ok(executable_write(&h.executable, h.batch.scale, factor, in * sizeof *factor));
    ck_assert_ok(executable_write(&h.executable, h.batch.shift, offset, in * sizeof *offset));
    harness_run(&h);

    double *actual = reference_doubles(shape->batch_size * in);
    harness_read(&h, h.layer.input, actual);
    for (size_t b = 0; b < shape->batch_count; b++)
        for (size_t i = 0; i < in; i++) {
            const float value = values[order[FIRST + b] * sources + (source[i] >> 2)];
            const float expected = encoded(value, (input_shape)(source[i] & 3), offset[i], factor[i]);
            ck_assert_msg(actual[b * in + i] == (double)expected, "sample %zu, input %zu: %g is not %g", b, i,
                          actual[b * in + i], (double)expected);
        }
    harness_check_untouched(&h, h.layer.input, shape->batch_count, in);
    harness_release(&h);
    free(source);
    free(factor);
    free(offset);
    free(actual);
}

START_TEST(gather_encodes_tables) {
    static const kernel_shape wide = {3, 2, 300, 1}; /* three work-items a sample */
    for (int provider = MATMUL_PLAIN; provider <= MATMUL_LOCAL; provider++) {
        const matmul_choice matmul = test_matmul((matmul_provider)provider);
        check_gather_table(&wide, &matmul);
        for (size_t i = 0; i < awkward_shape_count; i++) check_gather_table(&awkward_shapes[i], &matmul);
    }
}
END_TEST

/* Whether the largest of `count` numbers stays the largest when each is off by its bound. */
static bool largest_is_certain(size_t count, const double *values, const double *bounds) {
    size_t largest = 0;
    for (size_t i = 1; i < count; i++)
        if (values[i] > values[largest]) largest = i;
    for (size_t i = 0; i < count; i++)
        if (i != largest && values[largest] - values[i] <= bounds[largest] + bounds[i]) return false;
    return true;
}

/* The output layer's product, cost and delta, with weights in [-range, range). */
static void check_cost(matmul_provider provider, const kernel_shape *shape, double range) {
    const size_t in = shape->input_count, out = shape->output_count, samples = shape->batch_count;
    const size_t count = samples * out, most = shape->batch_size * (in + out) + in * out;
    const matmul_choice matmul = test_matmul(provider);
    harness h;
    double *weights = reference_doubles(most), *biases = reference_doubles(most), *inputs = reference_doubles(most);
    double *z = reference_doubles(most), *z_bounds = reference_doubles(most), *a = reference_doubles(most),
           *a_bounds = reference_doubles(most), *expected = reference_doubles(most), *bounds = reference_doubles(most),
           *actual = reference_doubles(most), *transposed = reference_doubles(most);
    uint32_t *labels = malloc(most * sizeof *labels), *classes = malloc(most * sizeof *classes);
    float *costs = malloc(most * sizeof *costs);
    fill_reals(weights, in * out, -range, range, 5);
    fill_reals(biases, out, -range, range, 6);
    fill_reals(inputs, shape->batch_size * in, 0.0, 1.0, 7);
    for (size_t s = 0; s < shape->batch_size; s++) labels[s] = (uint32_t)(s * 3 % out);

    harness_create(&h, &matmul, shape, shape->batch_size, false);
    h.layer.activation.code = ACTIVATION_sigmoid;
    add_cost(&h.plan, &h.sequence, &h.batch, &h.layer, &(target_levels){1.0f, 0.0f});
    harness_begin(&h);
    harness_write(&h, h.layer.input, inputs);
    harness_write_transposed(&h, h.layer.weights, weights);
    harness_write(&h, h.layer.biases, biases);
    ck_assert_ok(executable_write(&h.executable, h.batch.label, labels, shape->batch_size * sizeof *labels));
    harness_run(&h);

    reference_forward(samples, in, out, weights, biases, inputs, z, a, NULL);
    reference_forward_bounds(samples, in, out, weights, biases, inputs, NULL, z, z_bounds, a_bounds);
    reference_output_delta(samples, out, a, labels, expected);
    reference_output_delta_bounds(samples, out, a_bounds, expected, bounds);
    harness_read(&h, h.layer.delta, actual);
    check_within("delta", count, actual, expected, bounds);
    if (provider == MATMUL_TILE) {
        harness_read(&h, h.layer.delta_transposed, transposed);
        for (size_t s = 0; s < samples; s++)
            for (size_t o = 0; o < out; o++) ck_assert(transposed[o * shape->batch_size + s] == actual[s * out + o]);
    } else { /* rows without a sample have no delta: a library sums over them */
        for (size_t i = count; i < shape->batch_size * out; i++) ck_assert(actual[i] == 0.0);
    }
    ck_assert_ok(executable_read(&h.executable, h.batch.costs, costs, samples * sizeof *costs));
    ck_assert_ok(executable_read(&h.executable, h.batch.classes, classes, samples * sizeof *classes));
    size_t certain_count = 0;
    for (size_t s = 0; s < samples; s++) {
        const double *sample_z = z + s * out, *sample_bounds = z_bounds + s * out;
        const double cost = reference_cost(1, out, sample_z, labels + s), actual_cost = (double)costs[s];
        const double bound = reference_cost_bound(1, out, sample_z, sample_bounds, labels + s);
        check_within("cost", 1, &actual_cost, &cost, &bound);
        if (!largest_is_certain(out, sample_z, sample_bounds)) continue;
        certain_count++;
        ck_assert_uint_lt(classes[s], out);
        ck_assert_uint_eq(reference_correct_count(1, out, sample_z, classes + s), 1);
    }
    ck_assert_uint_ge(2 * certain_count, samples);
    harness_release(&h);
    double *arrays[] = {weights, biases, inputs, z, z_bounds, a, a_bounds, expected, bounds, actual, transposed};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    free(labels);
    free(classes);
    free(costs);
}

START_TEST(cost_and_delta_agree) {
    static const kernel_shape many_outputs = {9, 7, 5, 300};
    for (size_t i = 0; i < awkward_shape_count; i++) {
        check_cost(MATMUL_TILE, &awkward_shapes[i], 1.0);
        check_cost(MATMUL_PLAIN, &awkward_shapes[i], 1.0);
        check_cost(MATMUL_LOCAL, &awkward_shapes[i], 1.0);
        check_cost(MATMUL_TILE, &awkward_shapes[i], 60.0); /* far beyond where 1 - s(z) is 0 in float */
    }
    check_cost(MATMUL_TILE, &many_outputs, 1.0);
}
END_TEST

/* A sample that is surely right has a cost near 0, which is known as well as any other. For weighted inputs z and -z it
 * is 2 log(1 + exp(-z)); exp() is within 3 units in the last place of its result and log1p() within 2, and the addition
 * of two equal numbers is exact. */
START_TEST(costs_near_zero_have_all_digits) {
    const kernel_shape shape = {1, 1, 1, 2};
    static const double values[] = {8, 20, 40, 80};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (matmul_provider provider = MATMUL_PLAIN; provider <= MATMUL_LOCAL; provider++) {
            const matmul_choice matmul = test_matmul(provider);
            const double zeros[2] = {0}, biases[2] = {values[i], -values[i]};
            const double expected = 2 * log1p(exp(-values[i])), bound = 6 * (double)FLT_EPSILON * expected;
            const uint32_t label = 0;
            float cost = NAN;
            harness h;
            harness_create(&h, &matmul, &shape, 1, false);
            h.layer.activation.code = ACTIVATION_sigmoid;
            add_cost(&h.plan, &h.sequence, &h.batch, &h.layer, &(target_levels){1.0f, 0.0f});
            harness_begin(&h);
            harness_write(&h, h.layer.input, zeros);
            harness_write(&h, h.layer.weights, zeros);
            harness_write(&h, h.layer.biases, biases);
            ck_assert_ok(executable_write(&h.executable, h.batch.label, &label, sizeof label));
            harness_run(&h);
            ck_assert_ok(executable_read(&h.executable, h.batch.costs, &cost, sizeof cost));
            const double actual = (double)cost;
            check_within("cost", 1, &actual, &expected, &bound);
            harness_release(&h);
        }
}
END_TEST

/* Of equal outputs the first counts as the largest, within a panel and across panels. */
START_TEST(ties_go_to_the_first_output) {
    const kernel_shape shape = {5, 5, 3, 70};
    const size_t labels_at[] = {0, 1, 31, 32, 69};
    for (matmul_provider provider = MATMUL_PLAIN; provider <= MATMUL_LOCAL; provider++) {
        const matmul_choice matmul = test_matmul(provider);
        harness h;
        double *zeros = reference_doubles(3 * 70);
        uint32_t labels[5], classes[5];
        for (size_t i = 0; i < 5; i++) labels[i] = (uint32_t)labels_at[i];
        harness_create(&h, &matmul, &shape, shape.batch_size, false);
        h.layer.activation.code = ACTIVATION_sigmoid;
        add_cost(&h.plan, &h.sequence, &h.batch, &h.layer, &(target_levels){1.0f, 0.0f});
        harness_begin(&h);
        harness_write(&h, h.layer.input, zeros);
        harness_write(&h, h.layer.weights, zeros);
        harness_write(&h, h.layer.biases, zeros);
        ck_assert_ok(executable_write(&h.executable, h.batch.label, labels, sizeof labels));
        harness_run(&h);
        ck_assert_ok(executable_read(&h.executable, h.batch.classes, classes, sizeof classes));
        for (size_t i = 0; i < 5; i++) ck_assert_uint_eq(classes[i], 0);
        harness_release(&h);
        free(zeros);
    }
}
END_TEST

/* Steps of metrics over given costs, in sections of `sum_samples`; every second sample's class is its label. */
static epoch_state run_metrics_in(size_t sum_samples, size_t sample_count, size_t batch_size, size_t steps,
                                  const float *costs, bool stop) {
    const kernel_shape shape = {batch_size, 0, 1, 1};
    const uint32_t stop_value = stop;
    const matmul_choice matmul = test_matmul(MATMUL_TILE);
    harness h;
    uint32_t *labels = malloc(batch_size * sizeof *labels), *classes = malloc(batch_size * sizeof *classes);
    for (size_t i = 0; i < batch_size; i++) {
        labels[i] = (uint32_t)(i % 7);
        classes[i] = i % 2 ? labels[i] : labels[i] + 1;
    }
    harness_create(&h, &matmul, &shape, sample_count, false);
    h.plan.sum_samples = sum_samples;
    add_metrics_begin(&h.sequence, &h.batch);
    for (size_t i = 0; i < steps; i++) add_metrics_step(&h.plan, &h.sequence, &h.batch);
    harness_begin(&h);
    ck_assert_ok(executable_write(&h.executable, h.batch.costs, costs, batch_size * sizeof *costs));
    ck_assert_ok(executable_write(&h.executable, h.batch.label, labels, batch_size * sizeof *labels));
    ck_assert_ok(executable_write(&h.executable, h.batch.classes, classes, batch_size * sizeof *classes));
    ck_assert_ok(executable_write(&h.executable, h.batch.stop, &stop_value, sizeof stop_value));
    harness_run(&h);
    const epoch_state state = h.state;
    harness_release(&h);
    free(classes);
    free(labels);
    return state;
}

static epoch_state run_metrics(size_t sample_count, size_t batch_size, size_t steps, const float *costs, bool stop) {
    return run_metrics_in(SUM_SAMPLES, sample_count, batch_size, steps, costs, stop);
}

START_TEST(metrics_count_an_epoch) {
    float costs[100];
    for (int i = 0; i < 100; i++) costs[i] = (float)(i % 7);
    /* 250 samples in batches of 100: two whole ones and one of 50. */
    epoch_state state = run_metrics(250, 100, 3, costs, false);
    float expected_cost = 0;
    for (int i = 0; i < 250; i++) expected_cost += costs[i % 100];
    ck_assert_uint_eq(state.epoch, 2);
    ck_assert_uint_eq(state.step, 3);
    ck_assert_uint_eq(state.first, 250);
    ck_assert_uint_eq(state.batch_count, 0);
    ck_assert_uint_eq(state.correct, 125);
    ck_assert(state.cost + state.cost_compensation == expected_cost);
    /* More launches than batches change nothing. */
    epoch_state later = run_metrics(250, 100, 5, costs, false);
    ck_assert_mem_eq(&state, &later, sizeof state);
    /* After the second step the last batch is a short one. */
    ck_assert_uint_eq(run_metrics(250, 100, 2, costs, false).batch_count, 50);
    /* Fewer samples than a batch has are a batch. */
    ck_assert_uint_eq(run_metrics(50, 100, 0, costs, false).batch_count, 50);
}
END_TEST

START_TEST(metrics_compensate_rounding) {
    /* 16777216 + 1 + 1 + ...: plain float addition would lose every 1. */
    float costs[64] = {16777216.0f};
    for (int i = 1; i < 64; i++) costs[i] = 0.0f;
    epoch_state state = run_metrics(640, 64, 1, costs, false);
    ck_assert(state.cost == 16777216.0f);
    enum { STEPS = 7 };
    float ones[1] = {1.0f / 3.0f};
    state = run_metrics(STEPS, 1, STEPS, ones, false);
    ck_assert_double_eq_tol((double)state.cost + (double)state.cost_compensation, (double)STEPS * (double)ones[0],
                            1e-9);
}
END_TEST

/* Equal costs: 32 sums of 625 would be off by 151 units of rounding; in sections of 64 at most 66. */
START_TEST(metrics_of_a_large_batch_do_not_drift) {
    enum { SAMPLES = 20000, SECTION = 64 };
    const float cost = 0.40711212158203125f;
    const double expected = (double)SAMPLES * (double)cost,
                 bound = reference_sample_factor(SAMPLES, SECTION) * expected;
    float *costs = malloc(SAMPLES * sizeof *costs);
    for (size_t i = 0; i < SAMPLES; i++) costs[i] = cost;
    epoch_state state = run_metrics_in(SECTION, SAMPLES, SAMPLES, 1, costs, false);
    ck_assert_double_eq_tol((double)state.cost + (double)state.cost_compensation, expected, bound);
    ck_assert_uint_eq(state.correct, SAMPLES / 2);
    ck_assert_uint_eq(state.first, SAMPLES);
    ck_assert_uint_eq(state.step, 1);
    costs[SECTION] = NAN; /* in the second section */
    ck_assert_uint_eq(run_metrics_in(SECTION, SAMPLES, SAMPLES, 1, costs, false).nonfinite_step, 1);
    free(costs);
}
END_TEST

START_TEST(metrics_find_what_is_not_finite) {
    float costs[3] = {1.0f, NAN, 1.0f};
    epoch_state state = run_metrics(30, 3, 4, costs, false);
    ck_assert_uint_eq(state.nonfinite_step, 1);
    ck_assert_uint_eq(state.step, 1); /* and no step after it */
    costs[1] = INFINITY;
    ck_assert_uint_eq(run_metrics(30, 3, 1, costs, false).nonfinite_step, 1);
    costs[1] = 3e38f;
    ck_assert_uint_eq(run_metrics(30, 3, 1, costs, false).nonfinite_step, 0);
}
END_TEST

START_TEST(metrics_stop_after_the_step) {
    const float costs[3] = {1.0f, 2.0f, 3.0f};
    epoch_state state = run_metrics(30, 3, 4, costs, true);
    ck_assert_uint_eq(state.stopped, 1);
    ck_assert_uint_eq(state.step, 1);
    ck_assert_uint_eq(state.first, 3);
    /* A stop during the last step comes too late to stop anything. */
    ck_assert_uint_eq(run_metrics(3, 3, 1, costs, true).stopped, 0);
}
END_TEST

START_TEST(outputs_are_row_major) {
    const kernel_shape shape = {9, 7, 5, 37};
    const matmul_choice matmul = test_matmul(MATMUL_TILE);
    const size_t count = shape.batch_count * shape.output_count;
    harness h;
    double *z = reference_doubles(shape.batch_size * shape.output_count);
    float *outputs = malloc(count * sizeof *outputs);
    fill_reals(z, shape.batch_size * shape.output_count, -5.0, 5.0, 6);
    harness_create(&h, &matmul, &shape, 9, false);
    h.layer.activation.code = ACTIVATION_sigmoid;
    add_output(&h.plan, &h.sequence, &h.batch, &h.layer, h.outputs);
    harness_begin(&h);
    harness_write(&h, h.layer.output, z);
    harness_run(&h);
    ck_assert_ok(executable_read(&h.executable, h.outputs, outputs, count * sizeof *outputs));
    for (size_t i = 0; i < count; i++)
        ck_assert_double_eq_tol((double)outputs[i], reference_sigmoid(z[i]), 8 * 0x1p-24);
    harness_check_untouched(&h, h.outputs, 1, count);
    free(z);
    free(outputs);
    harness_release(&h);
}
END_TEST

/* Of a mini-batch that begins at the third sample. With `tile` the layer is multiplied for it, of weights 0 here. */
START_TEST(weighted_inputs_are_kept_in_their_places) {
    const kernel_shape shape = {9, 7, 5, 37};
    const matmul_choice matmul = test_matmul(_i ? MATMUL_PLAIN : MATMUL_TILE);
    const size_t count = shape.batch_size * shape.output_count, first = 2, before = first * shape.output_count;
    harness h;
    double *z = reference_doubles(count);
    double *zeros = reference_doubles(shape.batch_size * shape.input_count + shape.input_count * shape.output_count);
    double biases[37];
    float *kept = malloc(count * sizeof *kept);
    for (size_t i = 0; i < 37; i++) biases[i] = (double)i - 7.0;
    fill_reals(z, count, -5.0, 5.0, 6);
    harness_create(&h, &matmul, &shape, 9, false);
    h.state.first = (uint32_t)first;
    add_output_keep(&h.plan, &h.sequence, &h.batch, &h.layer, h.outputs);
    harness_begin(&h);
    harness_write(&h, h.layer.output, z);
    ck_assert_ok(executable_clear(&h.executable, h.outputs));
    harness_write(&h, h.layer.weights, zeros);
    harness_write(&h, h.layer.input, zeros);
    harness_write(&h, h.layer.biases, biases);
    harness_run(&h);
    ck_assert_ok(executable_read(&h.executable, h.outputs, kept, count * sizeof *kept));
    for (size_t i = 0; i < before; i++) ck_assert(kept[i] == 0.0f);
    for (size_t i = before; i < count; i++)
        ck_assert(kept[i] == (float)(_i ? z[i - before] : biases[i % shape.output_count]));
    free(zeros);
    free(z);
    free(kept);
    harness_release(&h);
}
END_TEST

Suite *batch_suite(void) {
    Suite *suite = suite_create("batch");
    TCase *tests = tcase_create("around the products");
    tcase_add_test(tests, initial_weights_are_the_references);
    tcase_add_loop_test(tests, initializations_are_as_defined, 1, INITIALIZATION_COUNT);
    tcase_add_test(tests, initialization_suits_the_activation);
    tcase_add_test(tests, no_draw_is_repeated);
    tcase_add_test(tests, shuffle_is_the_references_permutation);
    tcase_add_test(tests, gather_converts_and_normalises);
    tcase_add_test(tests, gather_encodes_tables);
    tcase_add_test(tests, cost_and_delta_agree);
    tcase_add_test(tests, costs_near_zero_have_all_digits);
    tcase_add_test(tests, ties_go_to_the_first_output);
    tcase_add_test(tests, metrics_count_an_epoch);
    tcase_add_test(tests, metrics_compensate_rounding);
    tcase_add_test(tests, metrics_of_a_large_batch_do_not_drift);
    tcase_add_test(tests, metrics_find_what_is_not_finite);
    tcase_add_test(tests, metrics_stop_after_the_step);
    tcase_add_test(tests, outputs_are_row_major);
    tcase_add_loop_test(tests, weighted_inputs_are_kept_in_their_places, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
