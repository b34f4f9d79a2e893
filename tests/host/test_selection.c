/* Greedy selection: exact small cases, and a naive one to compare with. */
#include "ensemble/selection.h"

#include "data/dataset.h"
#include "model/ensemble.h"
#include "options/values.h"
#include "reference/reference.h"
#include "support/options.h"

#include <check.h>
#include <math.h>
#include <string.h>

Suite *selection_suite(void);

static epocl_network *create_network(const char *cost, size_t output_count) {
    const size_t counts[] = {1, output_count};
    epocl_network *network = NULL;
    ck_assert_int_eq(network_allocate(counts, 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "relu", cost, NULL), EPOCL_OK);
    return network;
}

static void assert_picks(const selection *made, size_t count, const size_t *picks) {
    ck_assert_uint_eq(made->pick_count, count);
    for (size_t i = 0; i < count; i++) ck_assert_uint_eq(made->picks[i], picks[i]);
}

/* ---- Exact --------------------------------------------------------------------------------------- */

/* Errors -1 and 2 of a target of 0: one alone, then both, then the first again, and none is left. */
START_TEST(picks_again_what_helps_again) {
    epocl_network *network = create_network("squared", 1);
    static const float zero[] = {0.0f}, low[] = {-1.0f}, high[] = {2.0f}, nan[] = {NAN};
    const selection_task task = {.network = network, .sample_count = 1, .value_count = 1, .targets = zero};
    const float *const candidates[] = {nan, high, low};
    selection made;
    ck_assert_int_eq(selection_make(&task, candidates, 3, 32, &made), EPOCL_OK);
    assert_picks(&made, 3, (size_t[]){2, 1, 2});
    ck_assert_double_le(made.cost, 1e-30);
    /* With fewer picks the mean of the two. */
    ck_assert_int_eq(selection_make(&task, candidates, 3, 2, &made), EPOCL_OK);
    assert_picks(&made, 2, (size_t[]){2, 1});
    ck_assert(made.cost == 0.125);
    epocl_network_release(network);
}
END_TEST

START_TEST(takes_the_first_of_equals) {
    epocl_network *network = create_network("squared", 1);
    static const float targets[] = {0.0f, 0.0f}, one[] = {1.0f, -1.0f}, other[] = {-1.0f, 1.0f};
    const selection_task task = {.network = network, .sample_count = 2, .value_count = 1, .targets = targets};
    const float *const candidates[] = {one, one, other, other};
    selection made;
    ck_assert_int_eq(selection_make(&task, candidates, 4, 32, &made), EPOCL_OK);
    assert_picks(&made, 2, (size_t[]){0, 2});
    ck_assert(made.cost == 0.0);
    epocl_network_release(network);
}
END_TEST

START_TEST(picks_nothing_of_nothing) {
    epocl_network *network = create_network("squared", 1);
    static const float zero[] = {0.0f}, nan[] = {NAN}, infinite[] = {INFINITY};
    const selection_task task = {.network = network, .sample_count = 1, .value_count = 1, .targets = zero};
    const float *const candidates[] = {nan, infinite};
    selection made;
    ck_assert_int_eq(selection_make(&task, candidates, 2, 32, &made), EPOCL_OK);
    ck_assert_uint_eq(made.pick_count, 0);
    epocl_network_release(network);
}
END_TEST

/* Probabilities of the right class, powers of two: their logarithms are exact multiples of log 2. */
START_TEST(costs_of_probabilities_are_logarithms) {
    enum { SAMPLES = 600 }; /* more than a block of products, and not a multiple */
    static float probabilities[SAMPLES], weights[SAMPLES];
    double twos = 0.0, weighed = 0.0, weight = 0.0;
    epocl_network *network = create_network("softmax-cross-entropy", 2);
    for (size_t i = 0; i < SAMPLES; i++) {
        const int power = (int)(i % 40); /* those beyond 30 count as 30 */
        probabilities[i] = ldexpf(1.0f, -power);
        weights[i] = (float)(i % 3);
        twos += power < 30 ? power : 30;
        weighed += (double)weights[i] * (power < 30 ? power : 30);
        weight += (double)weights[i];
    }
    selection_task task = {.network = network, .sample_count = SAMPLES, .value_count = 1};
    const float *const candidates[] = {probabilities};
    selection made;
    ck_assert_int_eq(selection_make(&task, candidates, 1, 32, &made), EPOCL_OK);
    ck_assert_uint_eq(made.pick_count, 1);
    ck_assert_double_eq_tol(made.cost, twos / SAMPLES * log(2.0), 1e-12);
    task.weights = weights;
    ck_assert_int_eq(selection_make(&task, candidates, 1, 32, &made), EPOCL_OK);
    ck_assert_double_eq_tol(made.cost, weighed / weight * log(2.0), 1e-12);
    epocl_network_release(network);
}
END_TEST

/* ---- Against the naive one ----------------------------------------------------------------------- */

enum { SAMPLES = 301, OUTPUTS = 3, CANDIDATES = 12, VALUES = SAMPLES * OUTPUTS };

typedef struct trial {
    const char *cost;
    bool of_one, is_weighed;
} trial;

static const trial trials[] = {
    {"softmax-cross-entropy", true, false},
    {"softmax-cross-entropy", true, true},
    {"softmax-cross-entropy", false, false},
    {"cross-entropy", false, false},
    {"cross-entropy", false, true},
    {"squared", false, false},
    {"squared", false, true},
    {"huber", false, false},
    {"quantile(0.75)", false, false},
    {"poisson", false, true},
};

/* The cost of a sample's mean answers, by the formulas of docs/math.md. */
static double naive_cost(const char *cost, const double *mean, const float *targets) {
    double sum = 0.0;
    for (size_t o = 0; o < OUTPUTS; o++) {
        const double y = (double)targets[o], a = mean[o], error = a - y;
        if (strcmp(cost, "softmax-cross-entropy") == 0) sum -= y * log(a);
        if (strcmp(cost, "cross-entropy") == 0) sum -= y * log(a) + (1.0 - y) * log(1.0 - a);
        if (strcmp(cost, "squared") == 0) sum += 0.5 * error * error;
        if (strcmp(cost, "huber") == 0) sum += fabs(error) <= 1.0 ? 0.5 * error * error : fabs(error) - 0.5;
        if (strcmp(cost, "quantile(0.75)") == 0) sum += error < 0.0 ? -0.75 * error : 0.25 * error;
        if (strcmp(cost, "poisson") == 0) sum += a - y * log(a);
    }
    return sum;
}

typedef struct naive {
    const trial *trial;
    float targets[VALUES], weights[SAMPLES];
    float answers[CANDIDATES][VALUES]; /* all outputs */
} naive;

static double mean_cost(const naive *n, const size_t *picks, size_t count) {
    double sum = 0.0, weight = 0.0;
    for (size_t i = 0; i < SAMPLES; i++) {
        double mean[OUTPUTS] = {0};
        for (size_t p = 0; p < count; p++)
            for (size_t o = 0; o < OUTPUTS; o++) mean[o] += (double)n->answers[picks[p]][i * OUTPUTS + o];
        for (size_t o = 0; o < OUTPUTS; o++) mean[o] /= (double)count;
        const double w = n->trial->is_weighed ? (double)n->weights[i] : 1.0;
        sum += w * naive_cost(n->trial->cost, mean, n->targets + i * OUTPUTS);
        weight += w;
    }
    return sum / weight;
}

static void fill(naive *n, const trial *t) {
    n->trial = t;
    const bool is_softmax = strcmp(t->cost, "softmax-cross-entropy") == 0;
    for (uint32_t i = 0; i < VALUES; i++) {
        const double unit = (double)(reference_philox_word(3, 0, 0, i, 0) >> 8) / 16777216.0;
        n->targets[i] = strcmp(t->cost, "cross-entropy") == 0 ? (unit > 0.5 ? 1.0f : 0.0f) : (float)(4.0 * unit);
    }
    for (uint32_t i = 0; i < SAMPLES && is_softmax; i++)
        for (uint32_t o = 0; o < OUTPUTS; o++)
            n->targets[i * OUTPUTS + o] = reference_philox_word(4, 0, 0, i, 0) % OUTPUTS == o ? 1.0f : 0.0f;
    for (uint32_t i = 0; i < SAMPLES; i++) n->weights[i] = (float)(i % 4);
    for (uint32_t c = 0; c < CANDIDATES; c++)
        for (uint32_t i = 0; i < VALUES; i++) {
            const double unit = (double)(reference_philox_word(5, c, 0, i, 0) >> 8) / 16777216.0;
            /* Something of the target, a little more of it in some candidates. */
            const double told = (double)n->targets[i] * (0.5 + 0.002 * (double)c);
            n->answers[c][i] =
                (float)(0.05 + (is_softmax || strcmp(t->cost, "cross-entropy") == 0 ? 0.5 * unit + 0.8 * told
                                                                                    : 2.0 * unit + told));
        }
}

START_TEST(agrees_with_the_naive_one) {
    static naive n;
    static float of_one[CANDIDATES][SAMPLES];
    fill(&n, &trials[_i]);
    const trial *t = n.trial;
    epocl_network *network = create_network(t->cost, OUTPUTS);
    const float *candidates[CANDIDATES];
    for (size_t c = 0; c < CANDIDATES; c++) {
        for (size_t i = 0; i < SAMPLES; i++)
            for (size_t o = 0; o < OUTPUTS; o++)
                if (n.targets[i * OUTPUTS + o] == 1.0f) of_one[c][i] = n.answers[c][i * OUTPUTS + o];
        candidates[c] = t->of_one ? of_one[c] : n.answers[c];
    }
    const selection_task task = {.network = network,
                                 .sample_count = SAMPLES,
                                 .value_count = t->of_one ? 1 : OUTPUTS,
                                 .targets = t->of_one ? NULL : n.targets,
                                 .weights = t->is_weighed ? n.weights : NULL};
    selection made;
    ck_assert_int_eq(selection_make(&task, candidates, CANDIDATES, SELECTION_MOST_PICKS, &made), EPOCL_OK);
    ck_assert_uint_gt(made.pick_count, 1);
    /* Step by step: no candidate would have been better by more than sums are rounded. */
    double before = INFINITY;
    for (size_t count = 1; count <= made.pick_count + 1; count++) {
        size_t picks[SELECTION_MOST_PICKS + 1];
        double least = INFINITY;
        memcpy(picks, made.picks, made.pick_count * sizeof *picks);
        for (size_t c = 0; c < CANDIDATES; c++) {
            picks[count - 1] = c;
            least = fmin(least, mean_cost(&n, picks, count));
        }
        if (count > made.pick_count) {
            if (made.pick_count < SELECTION_MOST_PICKS) ck_assert_double_ge(least, before - 1e-12);
            break;
        }
        picks[count - 1] = made.picks[count - 1];
        const double cost = mean_cost(&n, picks, count);
        ck_assert_double_le(cost, least + 1e-12);
        ck_assert_double_lt(cost, before);
        before = cost;
    }
    ck_assert_double_eq_tol(made.cost, before, 1e-12);
    epocl_network_release(network);
}
END_TEST

/* ---- Drawn settings ------------------------------------------------------------------------------ */

START_TEST(settings_are_drawn_within_their_ranges) {
    epocl_options options;
    double least_rate = INFINITY, most_rate = 0.0, most_decay = 0.0;
    size_t without_dropout = 0, depths[4] = {0};
    options_begin_recipe(&options, RECIPE_TABLE);
    for (size_t k = 0; k < 200; k++) {
        epocl_options *drawn = NULL, *again = NULL;
        ck_assert_int_eq(epocl_options_draw(&options, "learning-rate,weight-decay,dropout,depth", k, &drawn), EPOCL_OK);
        const training_options *t = &drawn->training;
        ck_assert(t->learning_rate >= 0.3e-3 && t->learning_rate <= 3e-3);
        ck_assert(t->weight_decay >= 1e-3 && t->weight_decay <= 0.3);
        ck_assert(t->dropout.count == 1 && t->dropout.values[0] >= 0.0 && t->dropout.values[0] < 0.5);
        ck_assert(drawn->network.hidden.count >= 1 && drawn->network.hidden.count <= 3);
        for (size_t l = 0; l < drawn->network.hidden.count; l++)
            ck_assert_uint_eq(drawn->network.hidden.values[l], 256);
        least_rate = fmin(least_rate, t->learning_rate);
        most_rate = fmax(most_rate, t->learning_rate);
        most_decay = fmax(most_decay, t->weight_decay);
        without_dropout += t->dropout.values[0] == 0.0;
        depths[drawn->network.hidden.count]++;
        /* The same again; less drawn leaves the rest as it is, and what is drawn the same. */
        ck_assert_int_eq(epocl_options_draw(&options, "weight-decay", k, &again), EPOCL_OK);
        ck_assert(again->training.weight_decay == t->weight_decay && again->training.seed == t->seed);
        ck_assert(again->training.dropout.values[0] == options.training.dropout.values[0]);
        ck_assert_uint_ne(t->seed, options.training.seed);
        epocl_options_release(again);
        epocl_options_release(drawn);
    }
    ck_assert(least_rate < 0.4e-3 && most_rate > 2.5e-3 && most_decay > 0.2);
    ck_assert(without_dropout > 60 && without_dropout < 140);
    for (size_t d = 1; d <= 3; d++) ck_assert_uint_gt(depths[d], 30);
}
END_TEST

START_TEST(other_names_are_not_drawn) {
    epocl_options *options = NULL, *drawn = NULL;
    ck_assert_int_eq(epocl_options_create(&options), EPOCL_OK);
    ck_assert_int_eq(epocl_options_draw(options, "learning-rate,batch", 0, &drawn), EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "'batch' is not drawn"));
    ck_assert_ptr_null(drawn);
    epocl_options_release(options);
}
END_TEST

Suite *selection_suite(void) {
    Suite *suite = suite_create("selection");
    TCase *tests = tcase_create("selection");
    tcase_add_test(tests, picks_again_what_helps_again);
    tcase_add_test(tests, takes_the_first_of_equals);
    tcase_add_test(tests, picks_nothing_of_nothing);
    tcase_add_test(tests, costs_of_probabilities_are_logarithms);
    tcase_add_loop_test(tests, agrees_with_the_naive_one, 0, sizeof trials / sizeof *trials);
    tcase_add_test(tests, settings_are_drawn_within_their_ranges);
    tcase_add_test(tests, other_names_are_not_drawn);
    suite_add_tcase(suite, tests);
    return suite;
}
