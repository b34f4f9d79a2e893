/* Optimisers and schedules in the kernels against their definitions in double precision, for every provider. The
 * gradients are integers over a power of two, and so exact: what errs is the step alone. */
#include "device/harness.h"
#include "plan/recipe.h"
#include "reference/recipe_steps.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *optimizers_suite(void);

enum { STEPS = 3 };
static const kernel_shape shape = {9, 8, 21, 37};

/* The kernels are given floats, which are exact here. */
static reference_hyper hyper_of(const recipe *r) {
    return (reference_hyper){.optimizer = r->optimizer,
                             .momentum = (double)r->momentum,
                             .epsilon = (double)r->epsilon,
                             .weight_decay = (double)r->weight_decay,
                             .clip_value = (double)r->clip_value,
                             .beta1 = r->beta1,
                             .beta2 = r->beta2,
                             .one_minus_beta1 = 1 - r->beta1,
                             .one_minus_beta2 = 1 - r->beta2,
                             .log_beta1 = log(r->beta1),
                             .log_beta2 = log(r->beta2)};
}

static bool has_slot(const recipe *r, size_t slot) {
    return recipe_keeps(r, (parameter_slot)slot) || (slot == SLOT_GRADIENT && recipe_needs_gradients(r));
}

static void add_slots(harness *h, const recipe *r) {
    plan *p = &h->plan;
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (!has_slot(r, i)) continue;
        h->layer.weights_slots[i] =
            plan_add_matrix(p, PURPOSE_PARAMETERS, shape.input_count, shape.output_count, "of weights");
        h->layer.biases_slots[i] =
            plan_add_array(p, PURPOSE_PARAMETERS, shape.output_count, sizeof(float), "of biases");
    }
    h->layer.accumulates = r->accumulate > 1;
}

/* The rates kernel sets the state as a run of `STEPS` steps an epoch would have it before each mini-batch; those of a
 * group are all the same. */
static void run_steps(harness *h, const recipe *r) {
    const size_t count = STEPS * r->accumulate;
    const hyper_values hyper = recipe_hyper(r, count);
    ck_assert_ok(executable_write(&h->executable, h->batch.hyper, &hyper, sizeof hyper));
    h->state.sample_count = 1000;
    for (uint32_t step = 0; step < count; step++) {
        h->state.step = step;
        h->state.first = step * (uint32_t)shape.batch_count;
        h->state.batch_count = (uint32_t)shape.batch_count;
        ck_assert_ok(executable_write(&h->executable, h->batch.state, &h->state, sizeof h->state));
        harness_run(h);
    }
}

/* The gradient of a weight, or with `row` NULL of a bias, averaged over the mini-batch. */
static double gradient_of(const double *inputs, const double *delta, size_t column, const size_t *row) {
    double g = 0.0;
    for (size_t s = 0; s < shape.batch_count; s++)
        g += delta[s * shape.output_count + column] * (row ? inputs[s * shape.input_count + *row] : 1.0);
    return g / (double)shape.batch_count;
}

/* What clipping by the norm of all of them multiplies gradients by. */
static double clip_by_definition(const recipe *r, const double *inputs, const double *delta) {
    double squares = 0.0;
    for (size_t column = 0; column < shape.output_count; column++) {
        for (size_t row = 0; row < shape.input_count; row++)
            squares += pow(gradient_of(inputs, delta, column, &row), 2);
        squares += pow(gradient_of(inputs, delta, column, NULL), 2);
    }
    return r->clip_norm > 0.0f ? fmin(1.0, (double)r->clip_norm / (sqrt(squares) + 1e-6)) : 1.0;
}

static void check(const recipe *r, matmul_provider provider) {
    harness h;
    const matmul_choice matmul = test_matmul(provider);
    const size_t in = shape.input_count, out = shape.output_count, batch = shape.batch_size;
    const size_t weight_count = in * out;
    double *inputs = malloc(batch * in * sizeof *inputs), *delta = malloc(batch * out * sizeof *delta);
    double *weights = malloc(weight_count * sizeof *weights), *biases = malloc(out * sizeof *biases);
    double *zeros = calloc(weight_count, sizeof *zeros);
    fill_integers(inputs, batch * in, 1);
    fill_integers(delta, batch * out, 2);
    fill_reals(weights, weight_count, -1.0, 1.0, 3);
    fill_reals(biases, out, -1.0, 1.0, 4);

    harness_create(&h, &matmul, &shape, batch, false);
    recipe_define(&h.plan.constants, r);
    add_slots(&h, r);
    add_rates(&h.sequence, &h.batch);
    add_update(&h.plan, &h.sequence, &h.batch, &h.layer);
    if (r->clip_norm > 0.0f) add_clip(&h.plan, &h.sequence, &h.batch, &h.layer, 1);
    if (recipe_needs_gradients(r)) add_step(&h.plan, &h.sequence, &h.batch, &h.layer);
    harness_begin(&h);
    harness_write(&h, h.layer.input, inputs);
    harness_write(&h, h.layer.delta, delta);
    harness_write_transposed(&h, h.layer.weights, weights);
    harness_write(&h, h.layer.biases, biases);
    for (size_t i = 0; i < SLOT_COUNT; i++) {
        if (!has_slot(r, i)) continue;
        harness_write_transposed(&h, h.layer.weights_slots[i], zeros);
        harness_write(&h, h.layer.biases_slots[i], zeros);
    }
    run_steps(&h, r);

    /* A few operations a step, each of a relative error of 2^-24 or a function's few ulp, on a step of at most `size`.
     * The norm, of sums of 21 squares, adds half of 25 to them. */
    const double clip = clip_by_definition(r, inputs, delta);
    const reference_hyper hyper = hyper_of(r);
    double *actual = malloc(weight_count * sizeof *actual);
    for (size_t part = 0; part < 2; part++) {
        const size_t count = part ? out : weight_count;
        harness_read(&h, part ? h.layer.biases : h.layer.weights, actual);
        for (size_t i = 0; i < count; i++) {
            /* Weights come back as [input, output]. */
            const size_t row = part ? 0 : i / out, column = part ? i : i % out;
            reference_parameter p = {.w = part ? biases[column] : weights[column * in + row]};
            const double g = clip * gradient_of(inputs, delta, column, part ? NULL : &row);
            double size = 0.0;
            for (size_t t = 1; t <= STEPS; t++) {
                const double before = p.w;
                const reference_rates rates = reference_rates_of(&hyper, (double)r->learning_rate, (double)t);
                reference_optimizer_step(&p, &hyper, &rates, g, part == 0);
                size += fabs(p.w - before) + fabs(before);
            }
            const double bound = (r->clip_norm > 0.0f ? 45.0 : 32.0) * ldexp(size, -24);
            ck_assert_msg(fabs(actual[i] - p.w) <= bound, "%s, %s: %s %zu is %.9g, not %.9g",
                          optimizer_name(r->optimizer), matmul_provider_name(provider), part ? "bias" : "weight", i,
                          actual[i], p.w);
        }
    }
    harness_release(&h);
    double *arrays[] = {inputs, delta, weights, biases, zeros, actual};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
}

/* Plain; with decay and clipping; by way of memory, clipped by norm, and for groups of mini-batches. */
enum { VARIANTS = 4 };
START_TEST(steps_are_as_defined) {
    const int optimizer = _i / VARIANTS;
    for (matmul_provider provider = MATMUL_PLAIN; provider <= MATMUL_LOCAL; provider++) {
        if (!test_takes((size_t)(optimizer + _i % VARIANTS) + provider)) continue;
        recipe r = recipe_plain(0.03f);
        r.optimizer = optimizer;
        if (_i % VARIANTS == 1) {
            r.weight_decay = 0.125f;
            r.clip_value = 1.5f;
        }
        if (_i % VARIANTS >= 2) r.clip_norm = 3.0f;
        if (_i % VARIANTS == 3) {
            r.weight_decay = 0.125f;
            r.accumulate = 2;
        }
        check(&r, provider);
    }
}
END_TEST

Suite *optimizers_suite(void) {
    Suite *suite = suite_create("optimizers");
    TCase *tests = tcase_create("optimizers");
    tcase_add_loop_test(tests, steps_are_as_defined, 0, VARIANTS * OPTIMIZER_COUNT);
    suite_add_tcase(suite, tests);
    return suite;
}
