/* Metrics against numbers that scikit-learn 1.9 gives for the same targets, outputs and weights, ties among them, and
 * where they are not defined. */
#include "metrics/metrics.h"

#include <check.h>
#include <math.h>
#include <string.h>

Suite *metrics_suite(void);

enum { MOST_VALUES = 16 };

typedef struct expectation {
    const char *name; /* NULL ends a list */
    size_t count;
    double values[MOST_VALUES]; /* NaN: undefined */
} expectation;

/* A data set with what a network says of it. */
typedef struct metrics_case {
    const char *cost, *output; /* NULL: the cost's own */
    size_t sample_count, output_count;
    const float *z, *values, *weights;
    const uint32_t *labels;
    expectation expected[24];
} metrics_case;

static uint32_t class_of(const float *z, size_t count) {
    uint32_t largest = 0;
    for (uint32_t i = 1; i < count; i++)
        if (z[i] > z[largest]) largest = i;
    return largest;
}

static uint32_t are_right(const float *z, const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if ((z[i] > 0.0f) != (values[i] >= 0.5f)) return 0;
    return 1;
}

/* In parts of at most `part` samples. */
static epocl_metrics *metrics_of(const metrics_case *c, size_t part) {
    epocl_network *network = NULL;
    epocl_metrics *metrics = NULL;
    tally t;
    ck_assert_int_eq(network_allocate((const size_t[]){1, c->output_count}, 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "identity", c->cost, c->output), EPOCL_OK);
    ck_assert_int_eq(tally_create(network, network_targets_of(network, c->values != NULL), c->sample_count, &t),
                     EPOCL_OK);
    for (size_t first = 0; first < c->sample_count; first += part) {
        uint32_t classes[32];
        const size_t end = first + part < c->sample_count ? first + part : c->sample_count;
        for (size_t i = first; i < end; i++) {
            const float *z = c->z + i * c->output_count;
            classes[i - first] = c->values ? are_right(z, c->values + i * c->output_count, c->output_count)
                                           : class_of(z, c->output_count);
        }
        tally_add(&t, &(tally_samples){.count = end - first,
                                       .weighted_inputs = c->z + first * c->output_count,
                                       .classes = part % 2 ? classes : NULL, /* which follow from z */
                                       .labels = c->labels ? c->labels + first : NULL,
                                       .values = c->values ? c->values + first * c->output_count : NULL,
                                       .weights = c->weights ? c->weights + first : NULL});
    }
    t.cost = 0.25;
    tally_finish(&t);
    ck_assert_int_eq(metrics_create(&t, &metrics), EPOCL_OK);
    tally_release(&t);
    epocl_network_release(network);
    return metrics;
}

/* Both are double precision, of sums of at most 12 samples whose terms are a few ulp off. */
static void assert_metric(const epocl_metrics *metrics, const expectation *e) {
    epocl_metric metric;
    ck_assert_msg(epocl_metrics_find(metrics, e->name, &metric) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_uint_eq(metric.rows * metric.columns, e->count);
    for (size_t i = 0; i < e->count; i++) {
        const double found = metric.values[i], expected = e->values[i];
        const bool ok = isnan(expected) ? isnan(found) : fabs(found - expected) <= 1e-13 * fmax(1.0, fabs(expected));
        ck_assert_msg(ok, "%s %zu: %.17g, not %.17g", e->name, i, found, expected);
    }
}

static const float z3[] = {2, 1, 0,     0.5f, 0.25f, -1, 1,     3,    0.5f,   -1, 0.75f, 0,
                           0, 1, 0.75f, 1.5f, 1.5f,  -2, 0.25f, 0.5f, -0.25f, 2,  -1,    1};
static const uint32_t y3[] = {0, 0, 1, 1, 2, 1, 0, 2};
static const float w3[] = {1, 2, 0.5f, 1, 3, 1, 0, 1.5f};
static const float z2[] = {0, 1, 0.5f, 0.5f, 1, 0.25f, 0, -1, 0.25f, 1.25f, 1, 2, 2, 0, 0, 0, 0.5f, 1, 1, 1};
static const uint32_t y2[] = {1, 0, 0, 1, 1, 0, 0, 1, 1, 0}, zeros[10] = {0};
static const float w2[] = {1, 0.5f, 2, 1, 0.25f, 1, 1, 3, 1, 1};
static const float z7[] = {
    4.0f,       -4.984375f, 0.78125f,   -1.203125f, -0.9375f,   -0.421875f, -3.90625f,  -0.5f,      -1.734375f,
    6.78125f,   0.546875f,  -0.6875f,   -0.421875f, -1.15625f,  -2.0f,      -0.734375f, 1.03125f,   -0.453125f,
    2.0625f,    -0.421875f, 0.09375f,   3.0f,       1.015625f,  -0.96875f,  -0.203125f, 1.0625f,    3.828125f,
    -0.40625f,  -0.5f,      2.015625f,  -1.71875f,  -0.453125f, 1.8125f,    1.328125f,  0.34375f,   1.25f,
    -5.734375f, 2.03125f,   -1.953125f, -3.1875f,   0.578125f,  1.59375f,   -1.0f,      -2.234375f, 0.03125f,
    0.046875f,  2.8125f,    1.578125f,  0.59375f,   2.25f,      -0.484375f, -1.71875f,  1.296875f,  1.3125f,
    -0.421875f, -1.40625f,  0.5f,       -4.984375f, 1.53125f,   1.046875f,  -3.1875f,   0.078125f,  -1.90625f,
    1.5f,       -3.984375f, -1.71875f,  1.546875f,  2.3125f,    -4.171875f, -0.90625f,  0.75f,      -1.234375f,
    3.28125f,   -2.453125f, 0.8125f,    -1.921875f, 2.84375f,   0.0f,       -0.734375f, -3.46875f,  3.296875f,
    1.5625f,    1.578125f,  2.34375f};
static const uint32_t y7[] = {5, 3, 6, 4, 5, 0, 2, 4, 4, 2, 1, 4};
static const float zm[] = {1, -1, -2, 0.5f, 0.25f, -1, -1, 2, -0.5f, -2, -1, -1, 3, 1, -1};
static const float ym[] = {1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 0, 0};
static const float z1[] = {1, 0.5f, -1, -2, 3}, y1[] = {1, 0, 0, 1, 1};
static const float wm[] = {1, 2, 1, 0.5f, 1};
static const float yv[] = {1, 1000.5f, 2, 1001, 0.5f, 1000, 3, 1002.25f, 2, 1001.5f};
static const float zv[] = {1.25f, 1000.25f, 1.5f, 1001, 0, 1001, 3, 1002, 2.5f, 1001.75f};
static const float wv[] = {1, 0, 2, 0.5f, 1};
static const float one_hot[] = {1, 0, 0, 0, 1, 0}, z_hot[] = {2, 1, 0, 0.5f, 0.25f, -1};
static const float same[] = {2, 1, 2, 3, 2, 5}, z_same[] = {2, 1, 3, 3, 2, 4};

static const metrics_case cases[] = {
    {"softmax-cross-entropy",
     NULL,
     8,
     3,
     z3,
     NULL,
     w3,
     y3,
     {{"cost", 1, {0.25}},
      {"accuracy", 1, {0.45}},
      {"balanced_accuracy", 1, {0.5333333333333333}},
      {"log_loss", 1, {0.8166049888351126}},
      {"brier_score", 1, {0.5308770483779183}},
      {"macro_precision", 1, {0.2929292929292929}},
      {"macro_recall", 1, {0.5333333333333333}},
      {"macro_f1", 1, {0.37815126050420167}},
      {"weighted_precision", 1, {0.24696969696969698}},
      {"weighted_recall", 1, {0.45}},
      {"weighted_f1", 1, {0.3189075630252101}},
      {"precision", 3, {0.5454545454545454, 0.3333333333333333, NAN}},
      {"recall", 3, {1.0, 0.6, 0.0}},
      {"f1", 3, {0.7058823529411765, 0.42857142857142855, 0.0}},
      {"support", 3, {3.0, 2.5, 4.5}},
      {"confusion_matrix", 9, {3.0, 0, 0, 1.0, 1.5, 0, 1.5, 3.0, 0}}}},
    {"cross-entropy",
     NULL,
     8,
     3,
     z3,
     NULL,
     NULL,
     y3,
     {{"accuracy", 1, {0.5}},
      {"balanced_accuracy", 1, {0.4444444444444444}},
      {"log_loss", 1, {0.8957912063719298}},
      {"brier_score", 1, {0.5472099815353553}},
      {"macro_f1", 1, {0.38095238095238093}},
      {"weighted_f1", 1, {0.42857142857142855}},
      {"support", 3, {3, 3, 2}},
      {"confusion_matrix", 9, {2, 1, 0, 1, 2, 0, 1, 1, 0}}}},
    {"softmax-cross-entropy",
     NULL,
     10,
     2,
     z2,
     NULL,
     NULL,
     y2,
     {{"accuracy", 1, {0.7}},
      {"log_loss", 1, {0.6320364293090706}},
      {"brier_score", 1, {0.22232248673120275}},
      {"roc_auc", 1, {0.68}},
      {"average_precision", 1, {0.642063492063492}},
      {"macro_precision", 1, {0.7083333333333333}}}},
    {"softmax-cross-entropy",
     NULL,
     10,
     2,
     z2,
     NULL,
     w2,
     y2,
     {{"accuracy", 1, {0.574468085106383}},
      {"log_loss", 1, {0.6393199833537752}},
      {"brier_score", 1, {0.22526843049178175}},
      {"roc_auc", 1, {0.6690909090909091}},
      {"average_precision", 1, {0.640064888016876}},
      {"weighted_precision", 1, {0.6160585347068451}}}},
    {"cross-entropy", NULL, 10, 2, z2, NULL, NULL, y2, {{"roc_auc", 1, {0.68}}}},
    {"softmax-cross-entropy", NULL, 12, 7, z7, NULL, NULL, y7, {{"top_5_accuracy", 1, {0.9166666666666666}}}},
    /* Six equal outputs: of those, the first five count. */
    {"softmax-cross-entropy",
     NULL,
     2,
     6,
     (const float[12]){0},
     NULL,
     NULL,
     (const uint32_t[]){4, 5},
     {{"top_5_accuracy", 1, {0.5}}}},
    /* One class alone, and one that never comes. */
    {"softmax-cross-entropy",
     NULL,
     10,
     2,
     z2,
     NULL,
     NULL,
     zeros,
     {{"accuracy", 1, {0.6}},
      {"balanced_accuracy", 1, {0.6}},
      {"roc_auc", 1, {NAN}},
      {"average_precision", 1, {NAN}},
      {"precision", 2, {1.0, 0.0}},
      {"recall", 2, {0.6, NAN}},
      {"f1", 2, {0.75, 0.0}},
      {"support", 2, {10, 0}},
      {"macro_recall", 1, {0.3}},
      {"weighted_recall", 1, {0.6}}}},
    /* The third class neither comes nor is said: no part of an average. */
    {"softmax-cross-entropy",
     NULL,
     2,
     3,
     z3,
     NULL,
     NULL,
     zeros,
     {{"precision", 3, {1.0, NAN, NAN}}, {"f1", 3, {1.0, NAN, NAN}}, {"macro_f1", 1, {1.0}}}},
    /* One-hot values for softmax are classes. */
    {"softmax-cross-entropy",
     NULL,
     2,
     3,
     z_hot,
     one_hot,
     NULL,
     NULL,
     {{"accuracy", 1, {0.5}}, {"support", 3, {1, 1, 0}}, {"confusion_matrix", 9, {1, 0, 0, 1, 0, 0, 0, 0, 0}}}},
    /* Labels without probabilities. */
    {"squared", NULL, 10, 2, z2, NULL, NULL, y2, {{"accuracy", 1, {0.7}}, {"roc_auc", 1, {0.68}}}},
    {"cross-entropy",
     NULL,
     5,
     3,
     zm,
     ym,
     NULL,
     NULL,
     {{"accuracy", 1, {0.4}},
      {"micro_precision", 1, {0.6666666666666666}},
      {"micro_recall", 1, {0.8}},
      {"micro_f1", 1, {0.7272727272727273}},
      {"macro_precision", 1, {0.4444444444444444}},
      {"macro_recall", 1, {0.5555555555555555}},
      {"macro_f1", 1, {0.48888888888888893}},
      {"weighted_f1", 1, {0.72}},
      {"precision", 3, {0.6666666666666666, 0.6666666666666666, NAN}},
      {"recall", 3, {0.6666666666666666, 1.0, NAN}},
      {"f1", 3, {0.6666666666666666, 0.8, NAN}},
      {"support", 3, {3, 2, 0}},
      {"output_accuracy", 3, {0.6, 0.8, 1.0}}}},
    {"cross-entropy",
     NULL,
     5,
     3,
     zm,
     ym,
     wm,
     NULL,
     {{"accuracy", 1, {0.36363636363636365}},
      {"micro_precision", 1, {0.625}},
      {"micro_recall", 1, {0.9090909090909091}},
      {"micro_f1", 1, {0.7407407407407407}},
      {"macro_f1", 1, {0.4908424908424909}},
      {"weighted_precision", 1, {0.6363636363636364}},
      {"weighted_recall", 1, {0.9090909090909091}},
      {"weighted_f1", 1, {0.7472527472527472}},
      {"output_accuracy", 3, {0.5454545454545454, 0.8181818181818182, 1.0}}}},
    {"cross-entropy",
     NULL,
     5,
     1,
     z1,
     y1,
     wm,
     NULL,
     {{"roc_auc", 1, {0.8}}, {"average_precision", 1, {0.8909090909090909}}}},
    {"squared",
     NULL,
     5,
     2,
     zv,
     yv,
     NULL,
     NULL,
     {{"rmse", 1, {0.44522630232768784}},
      {"mae", 1, {0.35}},
      {"r2", 1, {0.698419974115617}},
      {"output_rmse", 2, {0.4031128874149275, 0.48733971724044817}},
      {"output_mae", 2, {0.35, 0.35}},
      {"output_r2", 2, {0.7861842105263158, 0.610655737704918}}}},
    {"huber(2)",
     NULL,
     5,
     2,
     zv,
     yv,
     wv,
     NULL,
     {{"rmse", 1, {0.5585684740212858}},
      {"mae", 1, {0.48611111111111116}},
      {"r2", 1, {0.49923893368438377}},
      {"output_rmse", 2, {0.42491829279939874, 0.6922186552431729}},
      {"output_mae", 2, {0.3888888888888889, 0.5833333333333334}},
      {"output_r2", 2, {0.7521186440677966, 0.24635922330097093}}}},
    /* Targets that never vary have nothing to explain. */
    {"squared",
     NULL,
     3,
     2,
     z_same,
     same,
     NULL,
     NULL,
     {{"r2", 1, {0.875}}, {"output_r2", 2, {NAN, 0.875}}, {"output_mae", 2, {0.3333333333333333, 0.3333333333333333}}}},
    {"squared", NULL, 1, 2, z_same, same, NULL, NULL, {{"r2", 1, {NAN}}, {"rmse", 1, {0}}}},
};

START_TEST(metrics_are_those_of_the_definitions) {
    const metrics_case *c = &cases[_i];
    for (size_t part = 1; part <= 16; part *= 4) {
        epocl_metrics *metrics = metrics_of(c, part);
        for (const expectation *e = c->expected; e->name; e++) assert_metric(metrics, e);
        epocl_metrics_release(metrics);
    }
}
END_TEST

/* Those that the outputs say: exp of log 2 here. */
START_TEST(values_are_those_of_the_output_activation) {
    static const float z[] = {0.693147182f}, five[] = {5};
    epocl_metrics *metrics = metrics_of(&(metrics_case){"poisson", NULL, 1, 1, z, five, NULL, NULL, {{0}}}, 1);
    epocl_metric mae;
    ck_assert_int_eq(epocl_metrics_find(metrics, "mae", &mae), EPOCL_OK);
    ck_assert_double_eq_tol(mae.values[0], 3.0, 1e-6); /* z is a float */
    epocl_metrics_release(metrics);
}
END_TEST

static bool has_metric(size_t place, const char *name) {
    epocl_metrics *metrics = metrics_of(&cases[place], 16);
    epocl_metric metric;
    const epocl_status status = epocl_metrics_find(metrics, name, &metric);
    ck_assert(status == EPOCL_OK || (status == EPOCL_ERROR_ARGUMENT && strstr(epocl_last_error(), name)));
    epocl_metrics_release(metrics);
    return status == EPOCL_OK;
}

START_TEST(metrics_of_other_targets_are_left_out) {
    enum { THREE = 0, TWO = 2, SEVEN = 5, SQUARED = 10, ANSWERS = 11, VALUES = 14 };
    ck_assert(!has_metric(THREE, "roc_auc") && has_metric(TWO, "roc_auc") && has_metric(SQUARED, "roc_auc"));
    ck_assert(!has_metric(THREE, "top_5_accuracy") && has_metric(SEVEN, "top_5_accuracy"));
    ck_assert(has_metric(THREE, "log_loss") && !has_metric(SQUARED, "log_loss") && !has_metric(SQUARED, "brier_score"));
    ck_assert(!has_metric(THREE, "rmse") && has_metric(VALUES, "rmse") && !has_metric(VALUES, "accuracy"));
    ck_assert(!has_metric(ANSWERS, "confusion_matrix") && !has_metric(ANSWERS, "roc_auc"));
    ck_assert(!has_metric(THREE, "micro_f1") && has_metric(ANSWERS, "micro_f1"));
    ck_assert(!has_metric(THREE, "kappa"));
}
END_TEST

START_TEST(metrics_are_listed_in_turn) {
    epocl_metrics *metrics = metrics_of(&cases[0], 16);
    epocl_metric metric, found;
    size_t count = 0;
    for (; epocl_metrics_at(metrics, count, &metric) == EPOCL_OK; count++) {
        ck_assert_int_eq(epocl_metrics_find(metrics, metric.name, &found), EPOCL_OK);
        ck_assert_ptr_eq(found.values, metric.values);
        ck_assert(metric.rows >= 1 && metric.columns >= 1 && *metric.label);
    }
    ck_assert_uint_eq(count, 16);
    ck_assert_int_eq(epocl_metrics_at(metrics, count, &metric), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_metrics_at(NULL, 0, &metric), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_metrics_find(metrics, NULL, &metric), EPOCL_ERROR_ARGUMENT);
    epocl_metrics_release(metrics);
    epocl_metrics_release(NULL);
}
END_TEST

Suite *metrics_suite(void) {
    Suite *suite = suite_create("metrics");
    TCase *tests = tcase_create("metrics");
    tcase_add_loop_test(tests, metrics_are_those_of_the_definitions, 0, sizeof cases / sizeof *cases);
    tcase_add_test(tests, values_are_those_of_the_output_activation);
    tcase_add_test(tests, metrics_of_other_targets_are_left_out);
    tcase_add_test(tests, metrics_are_listed_in_turn);
    suite_add_tcase(suite, tests);
    return suite;
}
