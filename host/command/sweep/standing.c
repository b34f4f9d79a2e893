#include "command/sweep/standing.h"

#include "base/checked.h"
#include "options/monitors.h"

#include <math.h>

size_t rungs_plan(size_t setting_count, size_t epoch_count, size_t halving, sweep_rung rungs[RUNGS_MOST]) {
    size_t count = 0;
    for (size_t left = setting_count, epochs = epoch_count;
         halving > 1 && left > 1 && epochs > 1 && count + 1 < RUNGS_MOST; count++) {
        left = divide_up(left, halving);
        epochs = divide_up(epochs, halving);
    }
    count++;
    for (size_t i = 0; i < count; i++) {
        size_t epochs = epoch_count;
        for (size_t below = i; below + 1 < count; below++) epochs = divide_up(epochs, halving);
        rungs[i] = (sweep_rung){i ? divide_up(rungs[i - 1].setting_count, halving) : setting_count, epochs};
    }
    return count;
}

double figure_of(int monitor, const epocl_epoch_result *epoch) {
#define FIGURE_OF(code_, name, word, field, ...)                                                                       \
    if (monitor == (code_)) return epoch->field;
    MONITORS(FIGURE_OF)
#undef FIGURE_OF
    return NAN;
}

bool figure_is_better(int monitor, double one, double other) {
    if (!isfinite(one) || !isfinite(other)) return isfinite(one) && !isfinite(other);
#define IS_BETTER(code_, name, word, field, is_better_, ...)                                                           \
    if (monitor == (code_)) return is_better_(one, other);
    MONITORS(IS_BETTER)
#undef IS_BETTER
    return false;
}

void member_result_add(member_result *m, int monitor, const epocl_epoch_result *epoch) {
    const double figure = figure_of(monitor, epoch);
    m->epoch_count = epoch->epoch;
    if (isfinite(figure) && (!m->best.epoch || figure_is_better(monitor, figure, figure_of(monitor, &m->best))))
        m->best = *epoch;
}

epocl_status member_result_read(const epocl_trainer *trainer, int monitor, size_t epoch_count, member_result *m) {
    epocl_status status = EPOCL_OK;
    const size_t count = smaller(epocl_trainer_epoch_count(trainer), epoch_count);
    *m = (member_result){.has_diverged = false};
    for (size_t i = 0; i < count; i++) {
        epocl_epoch_result epoch;
        TRY(epocl_trainer_history(trainer, i, &epoch));
        member_result_add(m, monitor, &epoch);
    }
cleanup:
    return status;
}

/* Where the figure of an epoch's result lies. */
typedef double epoch_figure(const epocl_epoch_result *epoch);

static double cost_of(const epocl_epoch_result *epoch) {
    return epoch->valid_cost;
}

static double accuracy_of(const epocl_epoch_result *epoch) {
    return epoch->valid_accuracy;
}

static double rmse_of(const epocl_epoch_result *epoch) {
    return epoch->valid_rmse;
}

static double figure_at(const epocl_epoch_result *epoch) {
    return epoch->valid_figure;
}

static double mean_of(const member_result *members, size_t count, epoch_figure *figure) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += members[i].best.epoch && !members[i].has_diverged ? figure(&members[i].best) : NAN;
    return sum / (double)count;
}

setting_result setting_result_of(const member_result *members, size_t seed_count, int monitor, size_t number,
                                 size_t rung) {
    setting_result s = {.number = number, .rung = rung, .spread = NAN};
    s.cost = mean_of(members, seed_count, cost_of);
    s.accuracy = mean_of(members, seed_count, accuracy_of);
    s.rmse = mean_of(members, seed_count, rmse_of);
    s.figure = monitor_is_metric(monitor)    ? mean_of(members, seed_count, figure_at)
               : monitor == MONITOR_accuracy ? s.accuracy
                                             : s.cost;
    double squares = 0;
    for (size_t i = 0; i < seed_count; i++) {
        const double difference = figure_of(monitor, &members[i].best) - s.figure;
        squares += difference * difference;
        if (members[i].epoch_count > s.epoch_count) s.epoch_count = members[i].epoch_count;
    }
    if (seed_count > 1) s.spread = sqrt(squares / (double)(seed_count - 1));
    return s;
}

static bool is_before(const setting_result *a, const setting_result *b, int monitor) {
    if (!isfinite(a->figure) != !isfinite(b->figure)) return isfinite(a->figure);
    if (a->rung != b->rung) return a->rung > b->rung;
    if (figure_is_better(monitor, a->figure, b->figure)) return true;
    if (figure_is_better(monitor, b->figure, a->figure)) return false;
    return a->number < b->number;
}

/* By insertion: they come nearly sorted each time, and are thousands at the most. */
void settings_sort(setting_result *settings, size_t count, int monitor) {
    for (size_t i = 1; i < count; i++) {
        const setting_result one = settings[i];
        size_t place = i;
        for (; place > 0 && is_before(&one, &settings[place - 1], monitor); place--)
            settings[place] = settings[place - 1];
        settings[place] = one;
    }
}
