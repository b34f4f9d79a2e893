/* The baselines of `epocl bench` train as the reference does, and one that does not is found out. */
#include "command/bench/baseline/reference.h"

#include "base/random.h"
#include "model/network.h"
#include "reference/recipe_training.h"
#include "reference/reference.h"
#include "support/options.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

Suite *cpu_baseline_suite(void);

enum { SAMPLES = 53, EPOCHS = 3, COUNTS_CAPACITY = 5 };

typedef struct shape {
    size_t counts[COUNTS_CAPACITY];
    size_t layer_count, batch_size;
} shape;

/* Sizes around the tile of the matmul, last batches that are shorter, batches larger than the data. */
static const shape shapes[] = {
    {{1, 2}, 1, 8},           {{16, 4}, 1, 16},          {{5, 3, 2}, 2, 1},          {{17, 15, 3}, 2, 7},
    {{20, 33, 16, 10}, 3, 8}, {{3, 40, 9, 2, 4}, 4, 32}, {{31, 16, 10}, 2, SAMPLES}, {{16, 17, 5}, 2, 1000},
};

enum { SHAPE_COUNT = sizeof shapes / sizeof *shapes, RECIPES = 2 };

static float weight(uint32_t index) {
    return random_unit(random_word(7, 0, 500, 0, index, 0)) - 0.5f;
}

/* The same parameters for both. */
static void create_networks(const shape *used, epocl_network **network, reference_network **reference) {
    uint32_t index = 0;
    ck_assert_int_eq(network_allocate(used->counts, used->layer_count, network), EPOCL_OK);
    (*network)->has_parameters = true;
    *reference = reference_network_create(used->layer_count, used->counts);
    for (size_t l = 0; l < used->layer_count; l++) {
        const layer *one = &(*network)->layers[l];
        for (size_t i = 0; i < one->input_count * one->output_count; i++) one->weights[i] = weight(index++);
        for (size_t i = 0; i < one->output_count; i++) one->biases[i] = weight(index++);
        reference_widen(one->input_count * one->output_count, one->weights, (*reference)->weights[l]);
        reference_widen(one->output_count, one->biases, (*reference)->biases[l]);
    }
}

/* A BLAS in three loops, of which one kind may forget the last term of each sum. */
static void multiply(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, int lda,
                     const float *b, int ldb, float beta, float *c, int ldc, int forgotten) {
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n; j++) {
            float sum = 0;
            for (int p = 0; p < k - forgotten; p++)
                sum += (transpose_a == BLAS_TRANSPOSED ? a[p * lda + i] : a[i * lda + p]) *
                       (transpose_b == BLAS_TRANSPOSED ? b[j * ldb + p] : b[p * ldb + j]);
            c[i * ldc + j] = (beta == 0 ? 0 : beta * c[i * ldc + j]) + alpha * sum;
        }
}

static void right_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a,
                        int lda, const float *b, int ldb, float beta, float *c, int ldc) {
    ck_assert_int_eq(order, BLAS_ROW_MAJOR);
    multiply(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, 0);
}

/* Wrong in the gradients alone, which are multiplied by something. */
static void wrong_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a,
                        int lda, const float *b, int ldb, float beta, float *c, int ldc) {
    ck_assert_int_eq(order, BLAS_ROW_MAJOR);
    multiply(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc, alpha != 1);
}

/* Plain C, and by a BLAS. */
static const blas right = {right_sgemm, "right"}, wrong = {wrong_sgemm, "wrong"};
static const blas *const libraries[] = {NULL, &right};
enum { LIBRARY_COUNT = sizeof libraries / sizeof *libraries };

typedef struct problem {
    epocl_network *network;
    reference_network *reference;
    uint8_t *bytes;
    double *inputs;
    uint32_t labels[SAMPLES];
} problem;

static void create_problem(const shape *used, problem *made) {
    const size_t value_count = SAMPLES * used->counts[0];
    made->bytes = malloc(value_count);
    made->inputs = reference_doubles(value_count);
    ck_assert_ptr_nonnull(made->bytes);
    for (size_t i = 0; i < value_count; i++) {
        made->bytes[i] = (uint8_t)(random_word(7, 0, 501, 0, (uint32_t)i, 0) >> 24);
        made->inputs[i] = made->bytes[i] / 255.0;
    }
    for (uint32_t i = 0; i < SAMPLES; i++)
        made->labels[i] = random_word(7, 0, 502, 0, i, 0) % (uint32_t)used->counts[used->layer_count];
    create_networks(used, &made->network, &made->reference);
}

static void release_problem(problem *released) {
    reference_network_release(released->reference);
    epocl_network_release(released->network);
    free(released->inputs);
    free(released->bytes);
}

START_TEST(epochs_cost_what_the_reference_says) {
    const shape *used = &shapes[_i / LIBRARY_COUNT];
    uint32_t order[SAMPLES];
    problem p;
    cpu_baseline *baseline = NULL;
    create_problem(used, &p);
    const cpu_baseline_data data = {&bench_recipes[0], p.bytes, p.labels, SAMPLES};
    ck_assert_int_eq(
        cpu_baseline_create(p.network, &data, used->batch_size, 0.5f, libraries[_i % LIBRARY_COUNT], &baseline),
        EPOCL_OK);
    for (uint32_t epoch = 1; epoch <= EPOCHS; epoch++) {
        for (uint32_t i = 0; i < SAMPLES; i++) order[i] = random_permute(1, 0, RANDOM_SHUFFLE, epoch, i, SAMPLES);
        const double expected =
            reference_train_epoch(p.reference, SAMPLES, used->batch_size, 0.5, p.inputs, p.labels, order).cost;
        const double cost = cpu_baseline_run_epoch(baseline);
        /* Up to 159 steps in single precision. */
        const bool ok = fabs(cost - expected) <= 2e-5 * expected;
        ck_assert_msg(ok, "epoch %u costs %.9g, not %.9g", epoch, cost, expected);
    }
    cpu_baseline_release(baseline);
    release_problem(&p);
}
END_TEST

/* The program's own reference, against which a baseline is checked before it is timed. */
START_TEST(references_agree) {
    const shape *used = &shapes[_i];
    uint32_t order[SAMPLES];
    double cost = 0;
    problem p;
    create_problem(used, &p);
    const cpu_baseline_data data = {&bench_recipes[0], p.bytes, p.labels, SAMPLES};
    const size_t batch_size = used->batch_size < SAMPLES ? used->batch_size : SAMPLES;
    for (uint32_t i = 0; i < SAMPLES; i++) order[i] = random_permute(1, 0, RANDOM_SHUFFLE, 1, i, SAMPLES);
    ck_assert_int_eq(bench_reference_epoch(p.network, &data, batch_size, 0.5, &cost), EPOCL_OK);
    const double expected =
        reference_train_epoch(p.reference, SAMPLES, batch_size, 0.5, p.inputs, p.labels, order).cost;
    ck_assert_double_eq_tol(cost, expected, 1e-12 * expected);
    release_problem(&p);
}
END_TEST

/* A network of the recipe that people train with, with the problem's parameters. */
static epocl_network *standard_network(const shape *used, const problem *p, const epocl_dataset *data,
                                       epocl_options *options) {
    epocl_network *network = NULL;
    options_begin_recipe(options, RECIPE_STANDARD);
    set_hidden(options, used->counts + 1, used->layer_count - 1);
    options->network.normalize = NORMALIZE_SCALE255;
    ck_assert_int_eq(epocl_network_create(data, options, &network), EPOCL_OK);
    network->has_parameters = true;
    for (size_t l = 0; l < used->layer_count; l++) {
        const layer *from = &p->network->layers[l], *to = &network->layers[l];
        memcpy(to->weights, from->weights, from->input_count * from->output_count * sizeof *from->weights);
        memcpy(to->biases, from->biases, from->output_count * sizeof *from->biases);
    }
    return network;
}

/* By that recipe both the program's reference and a baseline train as the tests' own reference does. */
START_TEST(they_train_as_people_do) {
    const shape *used = &shapes[_i];
    const double rate = 0.01;
    problem p;
    epocl_dataset *data = NULL;
    epocl_options options;
    cpu_baseline *baseline = NULL;
    double cost = 0;
    create_problem(used, &p);
    ck_assert_int_eq(
        epocl_dataset_from_bytes(p.bytes, p.labels, SAMPLES, used->counts[0], used->counts[used->layer_count], &data),
        EPOCL_OK);
    epocl_network *network = standard_network(used, &p, data, &options);
    options.training.batch_size = used->batch_size < SAMPLES ? used->batch_size : SAMPLES;
    options.training.learning_rate = rate;
    const cpu_baseline_data given = {&bench_recipes[1], p.bytes, p.labels, SAMPLES};
    trained expected = reference_train_recipe(network, data, NULL, &options.training, 1);
    ck_assert_int_eq(bench_reference_epoch(p.network, &given, options.training.batch_size, rate, &cost), EPOCL_OK);
    ck_assert_double_eq_tol(cost, expected.cost, 1e-6 * expected.cost); /* whose scale of inputs is a float */
    ck_assert_int_eq(cpu_baseline_create(p.network, &given, used->batch_size, (float)rate, NULL, &baseline), EPOCL_OK);
    /* Adam's steps are the sign of a gradient, also where that is rounding; of what little it does to the cost. */
    ck_assert_double_eq_tol(cpu_baseline_run_epoch(baseline), expected.cost, 1e-4 * expected.cost);
    cpu_baseline_release(baseline);
    trained_release(&expected);
    epocl_network_release(network);
    epocl_dataset_release(data);
    release_problem(&p);
}
END_TEST

START_TEST(a_wrong_baseline_is_found_out) {
    const shape *used = &shapes[_i / RECIPES];
    problem p;
    /* Of so few relu units all may be off: then no weight has a gradient. */
    if (_i % RECIPES == 1)
        for (size_t l = 1; l < used->layer_count; l++)
            if (used->counts[l] < 5) return;
    create_problem(used, &p);
    const cpu_baseline_data data = {&bench_recipes[_i % RECIPES], p.bytes, p.labels, SAMPLES};
    ck_assert_int_eq(bench_reference_check("it", p.network, &data, NULL), EPOCL_OK);
    ck_assert_int_eq(bench_reference_check("it", p.network, &data, &right), EPOCL_OK);
    ck_assert_int_eq(bench_reference_check("it", p.network, &data, &wrong), EPOCL_ERROR_SELF_TEST);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "it gives wrong results, so it was not timed"));
    release_problem(&p);
}
END_TEST

Suite *cpu_baseline_suite(void) {
    Suite *suite = suite_create("cpu_baseline");
    TCase *training = tcase_create("training");
    tcase_add_loop_test(training, epochs_cost_what_the_reference_says, 0, LIBRARY_COUNT * SHAPE_COUNT);
    tcase_add_loop_test(training, references_agree, 0, SHAPE_COUNT);
    tcase_add_loop_test(training, they_train_as_people_do, 0, SHAPE_COUNT);
    tcase_add_loop_test(training, a_wrong_baseline_is_found_out, 0, RECIPES * SHAPE_COUNT);
    suite_add_tcase(suite, training);
    return suite;
}
