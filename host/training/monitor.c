#include "training/monitor.h"

#include "metrics/metrics.h"
#include "model/network.h"
#include "options/monitors.h"
#include "options/requests.h"
#include "plan/recipe.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

monitor monitor_begin(const training_options *options) {
    return (monitor){.code = options->monitor,
                     .min_delta = options->min_delta,
                     .best = NAN,
                     .improved = NAN,
                     .rate = 1.0,
                     .plateau_patience = options->schedule == SCHEDULE_plateau ? options->plateau_patience : 0,
                     .plateau_factor = options->plateau_factor,
                     .least_rate = options->final_rate};
}

const char *monitor_metric(int code) {
#define METRIC_NAME(code_, name, ...) [code_] = #name,
    static const char *const names[] = {MONITORS(METRIC_NAME)};
#undef METRIC_NAME
    return names[code];
}

/* A network with such targets must have the metric. */
static epocl_status check_metric(int code, const epocl_network *network, bool has_values) {
    epocl_status status = EPOCL_OK;
    tally t = {0};
    char known[512] = "";
    TRY(tally_create(network, network_targets_of(network, has_values), 0, &t));
    if (metric_applies(&t, monitor_metric(code))) goto cleanup;
    for (int other = 0; other < MONITOR_COUNT; other++) {
        const size_t used = strlen(known);
        if (monitor_is_metric(other) && metric_applies(&t, monitor_metric(other)))
            snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", monitor_words[other]);
    }
    TRY(fail(EPOCL_ERROR_ARGUMENT, "monitor %s: these targets and outputs have none, but %s", monitor_words[code],
             known));
cleanup:
    tally_release(&t);
    return status;
}

epocl_status monitor_check(const training_options *options, const epocl_network *network, bool has_valid,
                           bool has_values) {
    const char *needing = options_need_validation(options);
    if (needing && !has_valid)
        return fail(EPOCL_ERROR_ARGUMENT, "the option %s goes by validation data, and there is none", needing);
    if (options->monitor == MONITOR_accuracy && has_values && head_is_of_values(network->head))
        return fail(EPOCL_ERROR_ARGUMENT, "monitor accuracy: with cost '%s', no output is right or wrong",
                    network->cost_text);
    return monitor_is_metric(options->monitor) ? check_metric(options->monitor, network, has_values) : EPOCL_OK;
}

double monitor_figure(int code, const epocl_epoch_result *epoch) {
#define FIGURE_OF(code_, name, word, field, ...)                                                                       \
    if (code == (code_)) return epoch->field;
    MONITORS(FIGURE_OF)
#undef FIGURE_OF
    return NAN;
}

/* Whether `figure` is better than `other`, by `least` or more. */
static bool is_better(int code, double figure, double other, double least) {
#define IS_BETTER(code_, name, word, field, better, ...)                                                               \
    if (code == (code_)) return better(figure, other) && fabs(figure - other) >= least;
    MONITORS(IS_BETTER)
#undef IS_BETTER
    return false;
}

/* Lowers the rate when there was no improvement for long enough. */
static void heed_plateau(monitor *m, bool is_improved) {
    m->plateau = is_improved ? 0 : m->plateau + 1;
    if (m->plateau_patience == 0 || m->plateau < m->plateau_patience) return;
    m->plateau = 0;
    m->rate = fmax(m->rate * m->plateau_factor, m->least_rate);
}

bool monitor_add(monitor *m, const epocl_epoch_result *epoch) {
    const double figure = monitor_figure(m->code, epoch);
    const bool is_improved =
        isfinite(figure) && (isnan(m->improved) || is_better(m->code, figure, m->improved, m->min_delta));
    m->seconds += epoch->seconds;
    m->waited = is_improved ? 0 : m->waited + 1;
    if (is_improved) m->improved = figure;
    heed_plateau(m, is_improved);
    if (!isfinite(figure)) return false;
    if (m->best_epoch && !is_better(m->code, figure, m->best, 0.0)) return false;
    m->best_epoch = epoch->epoch;
    m->best = figure;
    return true;
}

epocl_end monitor_end(const monitor *m, const training_options *options, size_t finished, size_t epoch_count) {
    if (finished >= epoch_count) return EPOCL_END_EPOCHS;
    if (options->patience && m->waited >= options->patience) return EPOCL_END_PATIENCE;
    if (options->max_seconds > 0 && m->seconds >= options->max_seconds) return EPOCL_END_SECONDS;
    return EPOCL_END_NONE;
}
