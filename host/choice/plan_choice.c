#include "choice/plan_choice.h"
#include "base/clock.h"
#include "choice/self_test.h"
#include "choice/tuning.h"
#include "device/programs/fence.h"
#include "device/wait.h"
#include "model/network.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A slice is short enough for a stop to feel prompt. Steps beyond the second bound gain nothing from fewer launches;
 * untimed, steps beyond the third are taken for such, and a slice has no more than the fourth. */
static const double slice_seconds = 0.05, longest_step_seconds = 0.01, longest_step_flop = 100e6,
                    longest_slice_flop = 2e9;
/* How long a plan is timed, and what epochs must last to say anything. */
static const double quick_seconds = 0.01, full_seconds = 0.1, telling_seconds = 0.02;
/* Faster by less than this is noise. */
static const double worthwhile_gain = 1.25;
/* After that much training, then twice, four times as much, other plans are tried for a period, unless what is known of
 * them is too many times the present time, or they would take that part of the training so far longer than the present
 * one: a run that is short, or whose epochs are long, does without. */
static const double first_trials = 2.0, hopeless = 4.0, trial_share = 0.05;

/* No core does more: two products and sums of whole vectors, or four of halves, in each cycle. */
static const double core_cycles_per_second = 5e9, core_flop_of_cycle = 4, least_vector_width = 8;
/* What a work-group of many items does in a second: no compute unit of a GPU more than the first, and none that is
 * worth a try less than the second, by which a slice is short before it has been timed: some systems end a launch of
 * seconds. */
static const double unit_flop_per_second = 1e12, slow_unit_flop_per_second = 1e9;

enum {
    RUNS = 3,            /* of each plan */
    IMPLAUSIBLE = 5,     /* times slower */
    UNTIMED_SLICE = 100, /* steps        */
    MEMBER_SLICE = 1000, /* of one of many */
    USUAL_ITEMS = 256,   /* of a work-group of a GPU ...  */
    MOST_ITEMS = 1024,   /* ... and of one that is wide   */
    SOME_GROUPS = 32,    /* of a GPU: what meets soon ... */
    MOST_GROUPS = 128    /* ... and what has much to do   */
};

static epocl_device *device_of(const plan_choice *c) {
    return c->run->executable.device;
}

/* ---- timing ---- */

/* Seconds of a step whose launches these are. */
static epocl_status time_steps(plan_choice *c, const bound_sequence *step, double least_seconds, double *seconds) {
    epocl_status status = EPOCL_OK;
    const pass *p = &c->run->train;
    const size_t most = steps_of_epoch(p->plan);
    for (size_t steps = smaller(2, most);; steps = smaller(2 * steps, most)) {
        TRY(pass_enqueue_begin(p));
        TRY(device_finish(device_of(c), device_of(c)->queue, "the steps to time"));
        const double begin = seconds_now();
        for (size_t i = 0; i < steps; i++) TRY(bound_sequence_enqueue(step, p->plan->batch.batch_size));
        TRY(device_finish(device_of(c), device_of(c)->queue, "the steps to time"));
        const double elapsed = seconds_now() - begin;
        *seconds = elapsed / (double)steps;
        if (elapsed >= least_seconds || steps == most) break;
    }
cleanup:
    return status;
}

/* The least of several times, none of them the first, which also compiles; of steps that are long, of one. */
static epocl_status time_launches(plan_choice *c, const bound_sequence *step, double least_seconds, double *least) {
    epocl_status status = EPOCL_OK;
    double seconds = INFINITY;
    *least = INFINITY;
    TRY(time_steps(c, step, 0.0, &seconds));
    for (int run = 0; run < RUNS && !(*least > longest_step_seconds && run > 0); run++) {
        TRY(time_steps(c, step, least_seconds, &seconds));
        *least = fmin(*least, seconds);
    }
cleanup:
    return status;
}

/* Seconds of a step in a slice; infinite when the slice's groups did not come together, whatever those of another
 * timing did. */
static epocl_status time_resident(plan_choice *c, double least_seconds, double *seconds) {
    epocl_status status = EPOCL_OK;
    pass *p = &c->run->train;
    epoch_state state;
    double elapsed = 0.0;
    *seconds = INFINITY;
    TRY(pass_resume(p));
    for (int run = 0; run < RUNS || elapsed < least_seconds; run++) {
        TRY(pass_enqueue_begin(p));
        TRY(device_finish(device_of(c), device_of(c)->queue, "the steps to time"));
        const double begin = seconds_now();
        TRY(bound_sequence_enqueue(&p->bound_written, p->plan->batch.batch_size));
        TRY(pass_read_state(p, &state));
        if (state.step == 0) break;
        const double slice = seconds_now() - begin;
        elapsed += slice;
        *seconds = fmin(*seconds, slice / state.step);
    }
cleanup:
    return status;
}

/* ---- ways ---- */

static bool is_cpu(const plan_choice *c) {
    return device_of(c)->info.type == EPOCL_DEVICE_CPU;
}

/* Steps of a slice: by what is known of the speed. */
static size_t slice_of(const plan_choice *c, const plan_way *way) {
    if (way->shape.is_merged) return 1;
    const double layered = c->ways[0].seconds,
                 untimed = c->step_flop / ((double)way->shape.group_count * slow_unit_flop_per_second);
    size_t fitting =
        smaller(c->planned->is_one_of_many ? MEMBER_SLICE : UNTIMED_SLICE, (size_t)(longest_slice_flop / c->step_flop));
    if (way->shape.group_items)
        fitting = (size_t)(slice_seconds / fmax(isfinite(way->seconds) ? way->seconds : untimed, 1e-6));
    else if (isfinite(layered))
        fitting = (size_t)(slice_seconds / fmax(layered, 1e-6));
    return smaller(fitting ? fitting : 1, steps_of_epoch(&c->planned->train));
}

static epocl_status use_written(plan_choice *c, const plan_way *way) {
    const size_t slice = slice_of(c, way);
    if (c->run->train.slice_steps == slice && shapes_are_same(c->run->train.shape, way->shape)) return EPOCL_OK;
    return pass_use_shape(&c->run->train, way->shape, slice);
}

static epocl_status test_written(const plan_choice *c, plan_shape shape) {
    const bool has_values = c->planned->train.batch.values != TENSOR_NONE;
    return self_test_ensure_written(device_of(c), &c->planned->plan.matmul, c->run->network, has_values, shape);
}

/* On a CPU, groups of one item do in a loop what the tested kernels do; to compile a test of them, too, is 3 seconds of
 * the first run on a machine, so it is for who asks for such a plan. */
static epocl_status use_way(plan_choice *c, size_t way) {
    epocl_status status = EPOCL_OK;
    const plan_way *used = &c->ways[way];
    c->way = way;
    if (shape_is_layered(used->shape)) {
        pass_use_layered(&c->run->train);
        return EPOCL_OK;
    }
    if (!is_cpu(c)) status = test_written(c, used->shape);
    return status == EPOCL_OK ? use_written(c, used) : status;
}

static size_t fastest_way(const plan_choice *c) {
    size_t best = 0;
    for (size_t i = 1; i < PLAN_WAYS; i++)
        if (c->ways[i].seconds < c->ways[best].seconds) best = i;
    return best;
}

/* Says of a way that it could not be used just now; `options` is NULL where nobody is told. */
static void say_unusable(const plan_choice *c, size_t way, const training_options *options) {
    char name[PLAN_TEXT_CAPACITY];
    plan_request_text(&(plan_request){.shape = c->ways[way].shape}, name);
    if (options) options_say(options, "plan %s does not work on this device: %.900s", name, epocl_last_error());
}

/* What cannot be built gives way to the layered plan, which is always there, and is not tried again. */
static epocl_status use_or_layered(plan_choice *c, size_t way, const training_options *options) {
    if (use_way(c, way) == EPOCL_OK) return EPOCL_OK;
    say_unusable(c, way, options);
    c->ways[way].seconds = c->ways[way].least = INFINITY;
    return use_way(c, 0);
}

static epocl_status use_fastest(plan_choice *c, const training_options *options) {
    return use_or_layered(c, fastest_way(c), options);
}

/* Of as many groups as may wait for each other, and no more than asked; with tiles, of one. */
static plan_shape shape_of_items(const plan *p, const epocl_device_info *device, size_t most_groups,
                                 size_t most_items) {
    const size_t groups = p->matmul.provider == MATMUL_TILE ? 1 : p->resident_groups;
    return (plan_shape){.group_count = smaller(groups, most_groups),
                        .group_items = smaller(device->max_work_group_size, most_items)};
}

/* Layered first; then, on a CPU, resident in as many groups as may be, and in a single group, which needs no meetings;
 * elsewhere in one group of many items and, where groups may wait for each other, in several, and merged. */
static void list_ways(plan_choice *c) {
    const plan *p = &c->planned->plan;
    const epocl_device_info *info = &device_of(c)->info;
    const plan_shape none = {0};
    const plan_shape of_cpu[PLAN_WAYS] = {none, {.group_count = p->resident_groups}, {.group_count = 1}};
    const plan_shape of_others[PLAN_WAYS] = {none,
                                             shape_of_items(p, info, 1, USUAL_ITEMS),
                                             shape_of_items(p, info, 1, MOST_ITEMS),
                                             shape_of_items(p, info, SOME_GROUPS, USUAL_ITEMS),
                                             shape_of_items(p, info, MOST_GROUPS, USUAL_ITEMS),
                                             {.is_merged = true}};
    for (size_t i = 0; i < PLAN_WAYS; i++)
        c->ways[i] = (plan_way){.shape = is_cpu(c) ? of_cpu[i] : of_others[i], .seconds = INFINITY};
}

/* Those that this network can go, each once. */
static bool is_way(const plan_choice *c, size_t way) {
    const plan_shape shape = c->ways[way].shape;
    for (size_t i = 0; i < way; i++)
        if (shapes_are_same(c->ways[i].shape, shape)) return false;
    return pass_plan_check(&c->planned->train, &c->planned->plan, shape) == EPOCL_OK;
}

/* Whether there is another than layered. */
static bool has_ways(const plan_choice *c) {
    for (size_t i = 1; i < PLAN_WAYS; i++)
        if (is_way(c, i)) return true;
    return false;
}

/* A single group is a single core or compute unit: where that could not be faster than what was timed, it is not even
 * compiled. */
static bool can_win(const plan_choice *c, const plan_way *way) {
    const double width = fmax(device_of(c)->info.native_vector_width, least_vector_width);
    const double core_flop_per_second = core_cycles_per_second * core_flop_of_cycle * width;
    const double least = c->step_flop / (way->shape.group_items ? unit_flop_per_second : core_flop_per_second);
    return way->shape.group_count != 1 || least < c->ways[fastest_way(c)].seconds;
}

static epocl_status time_ways(plan_choice *c, double least_seconds, const training_options *options) {
    epocl_status status = EPOCL_OK;
    plan_way *ways = c->ways;
    pass *train = &c->run->train;
    TRY(pass_bind_step(train));
    TRY(time_launches(c, &train->bound_step, least_seconds, &ways[0].seconds));
    if (ways[0].seconds > longest_step_seconds) return EPOCL_OK;
    for (size_t i = 1; i < PLAN_WAYS; i++) {
        if (!is_way(c, i) || !can_win(c, &ways[i])) continue;
        /* A compiler without the fence, or a kernel that it cannot do: layered is always there. */
        if (use_written(c, &ways[i]) != EPOCL_OK) /* it is tested if it is taken */
            say_unusable(c, i, options);
        else if (ways[i].shape.is_merged)
            TRY(time_launches(c, &train->bound_written, least_seconds, &ways[i].seconds));
        else
            TRY(time_resident(c, least_seconds, &ways[i].seconds));
    }
    TRY(pass_resume(train)); /* whatever busy moments the timing met */
cleanup:
    return status;
}

/* ---- what is known of them: nanoseconds of a step, 0 where a way does not work or was not worth a try ---- */

static void write_times(const unsigned long times[PLAN_WAYS], char text[CACHE_TEXT_CAPACITY]) {
    size_t used = 0;
    for (size_t i = 0; i < PLAN_WAYS && used < CACHE_TEXT_CAPACITY; i++)
        used += (size_t)snprintf(text + used, CACHE_TEXT_CAPACITY - used, "%s%lu", i ? " " : "", times[i]);
}

static bool recall_ways(plan_choice *c, const char *what, const epocl_network *network) {
    char text[CACHE_TEXT_CAPACITY], whole[CACHE_TEXT_CAPACITY], *rest = text;
    unsigned long times[PLAN_WAYS];
    if (!tuning_recall(device_of(c), what, network, c->planned->train.batch.batch_size, text)) return false;
    for (size_t i = 0; i < PLAN_WAYS; i++) times[i] = strtoul(rest, &rest, 10);
    write_times(times, whole);
    if (times[0] == 0 || strcmp(text, whole) != 0) return false;
    for (size_t i = 0; i < PLAN_WAYS; i++) {
        c->ways[i].seconds = times[i] ? 1e-9 * (double)times[i] : INFINITY;
        c->ways[i].is_due = true; /* it may be different today */
    }
    return true;
}

static unsigned long nanoseconds(double seconds) {
    return isfinite(seconds) && seconds < 1e3 ? (unsigned long)(1e9 * seconds) + 1 : 0;
}

static void remember_ways(const plan_choice *c, const char *what, const epocl_network *network) {
    char text[CACHE_TEXT_CAPACITY];
    unsigned long times[PLAN_WAYS];
    for (size_t i = 0; i < PLAN_WAYS; i++) times[i] = nanoseconds(c->ways[i].seconds);
    write_times(times, text);
    tuning_remember(device_of(c), what, network, c->planned->train.batch.batch_size, text);
}

/* On a CPU, a resident plan is never far slower than a layered one, unless the machine was busy with something else. */
static bool is_plausible(const plan_choice *c) {
    const double most = (double)IMPLAUSIBLE * c->ways[0].seconds;
    for (size_t i = 1; i < PLAN_WAYS; i++)
        if (is_cpu(c) && isfinite(c->ways[i].seconds) && c->ways[i].seconds > most) return false;
    return true;
}

/* ---- the choice ---- */

static epocl_status choose_by_timing(plan_choice *c, const epocl_network *network, const training_options *options,
                                     tune_level level) {
    epocl_status status = EPOCL_OK;
    char matmul[MATMUL_TEXT_CAPACITY], what[160], frozen[24] = "";
    matmul_choice_text(&c->planned->plan.matmul, matmul);
    if (options->freeze.bits) snprintf(frozen, sizeof frozen, " -%" PRIx64, options->freeze.bits);
    snprintf(what, sizeof what, "plan %s %s%s%s", matmul, optimizer_name(c->planned->recipe.optimizer),
             recipe_needs_gradients(&c->planned->recipe) ? " by gradients" : "", frozen);
    const bool is_timed = level == TUNE_FULL || !recall_ways(c, what, network);
    if (is_timed) {
        options_say(options, "choosing the plan for this device");
        TRY(time_ways(c, level == TUNE_FULL ? full_seconds : quick_seconds, options));
    }
    c->reconsiders = true;
    for (size_t i = 0; i < PLAN_WAYS; i++) c->ways[i].least = c->ways[i].seconds;
    TRY(use_fastest(c, options)); /* which may find that it does not work */
    if (is_timed && is_plausible(c)) remember_ways(c, what, network);
    c->watch = (plan_watch){.latest = c->ways[c->way].seconds, .next_trials = first_trials};
cleanup:
    return status;
}

/* One of many networks is resident on its core or, unless it is large enough to fill a device by itself, its compute
 * unit. */
static epocl_status choose_by_rule(plan_choice *c, const training_options *options) {
    const bool is_small = c->step_flop <= longest_step_flop;
    const bool is_resident = c->planned->is_one_of_many ? is_cpu(c) || is_small : is_cpu(c) && is_small;
    c->ways[is_resident && is_way(c, 1) ? 1 : 0].seconds = 0;
    return use_fastest(c, options);
}

static plan_shape shape_asked(const run_plan *planned, const epocl_device_info *device,
                              const training_options *options) {
    plan_shape shape = options->plan.shape;
    const size_t most_groups = planned->plan.resident_groups;
    if (!options->plan.is_resident) return shape;
    if (shape.group_items) return shape_of_items(&planned->plan, device, shape.group_count, shape.group_items);
    if (shape.group_count == 0 && device->type != EPOCL_DEVICE_CPU)
        return shape_of_items(&planned->plan, device, SOME_GROUPS, USUAL_ITEMS);
    if (shape.group_count == 0) shape.group_count = most_groups;
    return (plan_shape){.group_count = smaller(shape.group_count, most_groups)};
}

epocl_status plan_ask_device(epocl_device *device, const training_options *options) {
    char why[FENCE_TEXT_CAPACITY];
    if (!options->plan.is_auto && !options->plan.is_resident) return EPOCL_OK;
    const epocl_status status = fence_ensure(device, why);
    if (*why) options_say(options, "resident plans have one work-group on this device: %s", why);
    return status;
}

epocl_status plan_asked(const run_plan *planned, const epocl_device_info *device, const training_options *options,
                        plan_shape *shape) {
    *shape = shape_asked(planned, device, options);
    return shape_is_layered(*shape) ? EPOCL_OK : pass_plan_check(&planned->train, &planned->plan, *shape);
}

epocl_status plan_choose(plan_choice *c, training_run *run, const epocl_network *network,
                         const training_options *options) {
    const tune_level level = (tune_level)options->tune;
    *c = (plan_choice){.run = run, .planned = run->planned};
    c->step_flop = step_flop(network, c->planned->train.batch.batch_size);
    list_ways(c);
    const plan_way asked = {.shape = shape_asked(c->planned, &device_of(c)->info, options), .seconds = INFINITY};
    if (!shape_is_layered(asked.shape)) {
        const epocl_status status = test_written(c, asked.shape);
        return status == EPOCL_OK ? use_written(c, &asked) : status;
    }
    if (!options->plan.is_auto || !has_ways(c)) return EPOCL_OK;
    if (level == TUNE_OFF || c->planned->is_one_of_many) return choose_by_rule(c, options);
    return choose_by_timing(c, network, options, level);
}

/* The seconds of a step in the period that ends with an epoch of such steps; 0 when it does not end yet. */
static double end_period(plan_watch *watch, double step_seconds, size_t steps) {
    watch->period_seconds += step_seconds * (double)steps;
    watch->period_steps += (double)steps;
    if (watch->period_seconds < telling_seconds) return 0.0;
    const double seconds = watch->period_seconds / watch->period_steps;
    watch->told_seconds += watch->period_seconds;
    watch->period_seconds = watch->period_steps = 0.0;
    return seconds;
}

/* Another way that is worth a trial now; else the one in use. */
static size_t find_trial(plan_choice *c) {
    plan_watch *watch = &c->watch;
    const double present = c->ways[c->way].seconds;
    const double most = present + trial_share * watch->told_seconds / (double)steps_of_epoch(&c->planned->train);
    if (watch->told_seconds < first_trials) return c->way;
    if (watch->told_seconds >= watch->next_trials) {
        watch->next_trials = 2.0 * watch->told_seconds;
        for (size_t i = 0; i < PLAN_WAYS; i++) c->ways[i].is_due |= i != c->way && c->ways[i].least < present;
    }
    for (size_t i = 0; i < PLAN_WAYS; i++) {
        if (i == c->way || !c->ways[i].is_due || !(c->ways[i].least < fmin(hopeless * present, most))) continue;
        c->ways[i].is_due = false;
        return i;
    }
    return c->way;
}

epocl_status plan_reconsider(plan_choice *c, double step_seconds) {
    plan_watch *watch = &c->watch;
    plan_way *used = &c->ways[c->way];
    if (!c->reconsiders || c->run->train.rests) return EPOCL_OK;
    const double period = end_period(watch, step_seconds, steps_of_epoch(&c->planned->train));
    if (period <= 0.0) return EPOCL_OK;
    const bool was_trial = watch->is_trial;
    /* One slow moment is no slow plan. */
    used->seconds = was_trial ? period : fmin(period, watch->latest);
    used->least = fmin(used->least, period);
    used->is_due = false;
    watch->latest = period;
    const size_t trial = find_trial(c), best = fastest_way(c);
    watch->is_trial = trial != c->way;
    if (watch->is_trial) return use_or_layered(c, trial, NULL);
    if (used == &c->ways[best] || (!was_trial && used->seconds < worthwhile_gain * c->ways[best].seconds))
        return EPOCL_OK;
    watch->latest = c->ways[best].seconds;
    return use_fastest(c, NULL);
}
