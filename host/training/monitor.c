#include "training/monitor.h"

#include "model/network.h"
#include "options/monitors.h"

#include <math.h>

monitor monitor_begin(const training_options *options) {
    return (monitor){.code = options->monitor, .min_delta = options->min_delta, .best = NAN, .improved = NAN};
}

epocl_status monitor_check(const training_options *options, const epocl_network *network, bool has_valid,
                           bool has_values) {
    const char *needing = options->patience > 0 ? "patience" : options->monitor != MONITOR_cost ? "monitor" : NULL;
    if (needing && !has_valid)
        return fail(EPOCL_ERROR_ARGUMENT, "the option %s goes by validation data, and there is none", needing);
    if (options->monitor == MONITOR_accuracy && has_values && head_is_of_values(network->head))
        return fail(EPOCL_ERROR_ARGUMENT, "monitor accuracy: with cost '%s', no output is right or wrong",
                    network->cost_text);
    return EPOCL_OK;
}

static double figure_of(int code, const epocl_epoch_result *epoch) {
#define FIGURE_OF(code_, word, field, ...)                                                                             \
    if (code == (code_)) return epoch->field;
    MONITORS(FIGURE_OF)
#undef FIGURE_OF
    return NAN;
}

/* Whether `figure` is better than `other`, by `least` or more. */
static bool is_better(int code, double figure, double other, double least) {
#define IS_BETTER(code_, word, field, better, ...)                                                                     \
    if (code == (code_)) return better(figure, other) && fabs(figure - other) >= least;
    MONITORS(IS_BETTER)
#undef IS_BETTER
    return false;
}

bool monitor_add(monitor *m, const epocl_epoch_result *epoch) {
    const double figure = figure_of(m->code, epoch);
    m->seconds += epoch->seconds;
    m->waited++;
    if (!isfinite(figure)) return false;
    if (isnan(m->improved) || is_better(m->code, figure, m->improved, m->min_delta)) {
        m->improved = figure;
        m->waited = 0;
    }
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
