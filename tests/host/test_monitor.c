/* What a history says of a run: the best epoch, and when to end. */
#include "metrics/metrics.h"
#include "options/monitors.h"
#include "support/options.h"
#include "training/monitor.h"

#include <math.h>
#include <string.h>

Suite *monitor_suite(void);

static training_options options_of(const char *figure, const char *patience, const char *min_delta) {
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    set_option(&options, "monitor", figure);
    set_option(&options, "patience", patience);
    set_option(&options, "min-delta", min_delta);
    return options.training;
}

/* Epochs of half a second, with those figures as cost or accuracy; returns the first after which training ends, or 0.
 */
static size_t ends_after(const training_options *options, const double *figures, size_t count, monitor *m) {
    size_t end = 0;
    *m = monitor_begin(options);
    for (size_t i = 0; i < count; i++) {
        epocl_epoch_result epoch = {.epoch = i + 1, .seconds = 0.5, .valid_cost = NAN, .valid_accuracy = NAN};
        *(options->monitor == MONITOR_cost ? &epoch.valid_cost : &epoch.valid_accuracy) = figures[i];
        monitor_add(m, &epoch);
        if (!end && monitor_end(m, options, i + 1, count + 1) != EPOCL_END_NONE) end = i + 1;
    }
    return end;
}

static const struct {
    const char *figure, *patience, *min_delta;
    double figures[8];
    size_t best, waited, end;
} cases[] = {
    {"cost", "0", "0", {5, 4, 6, 6, 6, 6, 6, 6}, 2, 6, 0},
    {"cost", "3", "0", {5, 4, 6, 5, 4.5, 3, 2, 1}, 8, 0, 5},
    {"cost", "3", "0", {5, 4, 6, 5, 3, 3, 3, 3}, 5, 3, 8}, /* equal is no improvement, and the first is the best */
    {"cost", "2", "0.5", {5, 4.75, 4.5, 4.25, 4.125, 4.25, 4, 4}, 7, 1, 5}, /* small steps add up; the last two: 0.5
                                                                               since 4.5 */
    {"cost", "2", "1", {5, 4.5, 4.25, 4.5, 4.5, 4.5, 4.5, 4.5}, 3, 7, 3}, /* the best is not an improvement          */
    {"cost", "1", "0", {NAN, INFINITY, 3, 3, 3, 3, 3, 3}, 3, 5, 1},
    {"accuracy", "3", "0", {0.5, 0.75, 0.5, 0.625, 0.75, 0.9, 0.5, 0.5}, 6, 2, 5},
    {"accuracy", "1", "0.25", {0.25, 0.5, 0.75, 0.875, 1, 1, 1, 1}, 5, 3, 4},
};

START_TEST(the_best_epoch_and_the_end_follow) {
    monitor m;
    const training_options options = options_of(cases[_i].figure, cases[_i].patience, cases[_i].min_delta);
    ck_assert_uint_eq(ends_after(&options, cases[_i].figures, 8, &m), cases[_i].end);
    ck_assert_uint_eq(m.best_epoch, cases[_i].best);
    ck_assert_uint_eq(m.waited, cases[_i].waited);
    ck_assert(m.best == cases[_i].figures[cases[_i].best - 1]);
    ck_assert(m.seconds == 4);
}
END_TEST

/* Three improvements, then none: the rate falls after each two epochs, to no less than the final rate. */
START_TEST(a_plateau_lowers_the_rate) {
    const double figures[] = {5, 4, 3, 3, 3, 3.5, 3, 2, 2, 2},
                 rates[] = {1, 1, 1, 1, 0.25, 0.25, 0.125, 0.125, 0.125, 0.125};
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    set_option(&options, "schedule", "plateau");
    set_option(&options, "plateau-patience", "2");
    set_option(&options, "plateau-factor", "0.25");
    set_option(&options, "final-rate", "0.125");
    monitor m = monitor_begin(&options.training);
    for (size_t i = 0; i < 10; i++) {
        monitor_add(&m, &(epocl_epoch_result){.epoch = i + 1, .valid_cost = figures[i]});
        ck_assert_msg(m.rate == rates[i], "%g, not %g, after epoch %zu", m.rate, rates[i], i + 1);
    }
    set_option(&options, "schedule", "constant");
    m = monitor_begin(&options.training);
    for (size_t i = 0; i < 10; i++) monitor_add(&m, &(epocl_epoch_result){.epoch = i + 1, .valid_cost = figures[i]});
    ck_assert(m.rate == 1);
}
END_TEST

/* Epochs before patience, patience before time. */
START_TEST(an_end_has_one_reason) {
    const double figures[] = {1, 2, 3, 4};
    monitor m;
    training_options options = options_of("cost", "3", "0");
    ends_after(&options, figures, 4, &m);
    options.max_seconds = 2;
    ck_assert_int_eq(monitor_end(&m, &options, 4, 4), EPOCL_END_EPOCHS);
    ck_assert_int_eq(monitor_end(&m, &options, 4, 5), EPOCL_END_PATIENCE);
    options.patience = 4;
    ck_assert_int_eq(monitor_end(&m, &options, 4, 5), EPOCL_END_SECONDS);
    options.max_seconds = 2.5;
    ck_assert_int_eq(monitor_end(&m, &options, 4, 5), EPOCL_END_NONE);
}
END_TEST

/* Outputs that are as good as can be, and such that are wrong: of each metric that a network has, all of them or an
 * average, the first has the better figure by its monitor, and each has a monitor. */
static epocl_metrics *metrics_of(const char *cost, size_t output_count, bool of_values, bool is_good) {
    enum { SAMPLES = 12, MOST_OUTPUTS = 7 };
    float z[SAMPLES * MOST_OUTPUTS], values[SAMPLES * MOST_OUTPUTS];
    uint32_t labels[SAMPLES];
    epocl_network *network = NULL;
    epocl_metrics *metrics = NULL;
    tally t;
    for (size_t i = 0; i < SAMPLES; i++) labels[i] = (uint32_t)(i % output_count);
    for (size_t i = 0; i < SAMPLES * output_count; i++) {
        values[i] = (float)(i % 5 % 2);
        const bool is = of_values ? values[i] > 0.0f : labels[i / output_count] == i % output_count;
        z[i] = is == is_good ? 4.0f + (float)(i % 3) : -4.0f - (float)(i % output_count);
    }
    ck_assert_int_eq(network_allocate((const size_t[]){1, output_count}, 1, &network), EPOCL_OK);
    ck_assert_int_eq(network_set_functions(network, "identity", cost, NULL), EPOCL_OK);
    ck_assert_int_eq(tally_create(network, network_targets_of(network, of_values), SAMPLES, &t), EPOCL_OK);
    tally_add(&t, &(tally_samples){.count = SAMPLES,
                                   .weighted_inputs = z,
                                   .labels = of_values ? NULL : labels,
                                   .values = of_values ? values : NULL});
    tally_finish(&t);
    ck_assert_int_eq(metrics_create(&t, &metrics), EPOCL_OK);
    tally_release(&t);
    epocl_network_release(network);
    return metrics;
}

static bool is_better(const char *name, double one, double other) {
#define IS_BETTER(code, name_, word, field, better, ...)                                                               \
    if (strcmp(name, #name_) == 0) return better(one, other);
    MONITORS(IS_BETTER)
#undef IS_BETTER
    ck_abort_msg("there is no monitor for the metric %s", name);
}

START_TEST(each_metric_has_a_monitor_in_its_direction) {
    static const struct {
        const char *cost;
        size_t output_count;
        bool of_values;
    } kinds[] = {{"softmax-cross-entropy", 2, false},
                 {"softmax-cross-entropy", 7, false},
                 {"cross-entropy", 1, true},
                 {"cross-entropy", 3, true},
                 {"squared", 2, true}};
    bool is_seen[MONITOR_COUNT] = {[MONITOR_cost] = true};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        epocl_metrics *good = metrics_of(kinds[k].cost, kinds[k].output_count, kinds[k].of_values, true);
        epocl_metrics *bad = metrics_of(kinds[k].cost, kinds[k].output_count, kinds[k].of_values, false);
        epocl_metric one, other;
        for (size_t i = 0; epocl_metrics_at(good, i, &one) == EPOCL_OK; i++) {
            if (one.kind > EPOCL_METRIC_AVERAGE || strcmp(one.name, "cost") == 0) continue;
            ck_assert_int_eq(epocl_metrics_find(bad, one.name, &other), EPOCL_OK);
            ck_assert_msg(is_better(one.name, one.values[0], other.values[0]), "%s: %g, %g", one.name, one.values[0],
                          other.values[0]);
            for (int code = 0; code < MONITOR_COUNT; code++)
                if (strcmp(monitor_metric(code), one.name) == 0) is_seen[code] = true;
        }
        epocl_metrics_release(good);
        epocl_metrics_release(bad);
    }
    for (int code = 0; code < MONITOR_COUNT; code++) ck_assert_msg(is_seen[code], "%s", monitor_metric(code));
}
END_TEST

Suite *monitor_suite(void) {
    Suite *suite = suite_create("monitor");
    TCase *history = tcase_create("history");
    tcase_add_loop_test(history, the_best_epoch_and_the_end_follow, 0, sizeof cases / sizeof *cases);
    tcase_add_test(history, a_plateau_lowers_the_rate);
    tcase_add_test(history, an_end_has_one_reason);
    tcase_add_test(history, each_metric_has_a_monitor_in_its_direction);
    suite_add_tcase(suite, history);
    return suite;
}
