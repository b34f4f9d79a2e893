#include "training/plan_choice.h"
#include "base/clock.h"

#include <math.h>
#include <string.h>

/* A slice is short enough for a stop to feel prompt. Steps beyond the second bound gain nothing from fewer launches. */
static const double slice_seconds = 0.05, longest_step_seconds = 0.01, timing_seconds = 0.01;

enum {
    RUNS = 3,     /* of each plan; the first compiles                          */
    HOPELESS = 10 /* times the longest step: no compiling explains that         */
};

epocl_status plan_check_name(const char *name) {
    if (!name || strcmp(name, "auto") == 0 || strcmp(name, "layered") == 0 || strcmp(name, "resident") == 0)
        return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "unknown plan '%s'; there are: auto, layered, resident", name);
}

static size_t steps_of_epoch(const pass *p) {
    return divide_up(p->batch.sample_count, p->batch.batch_size);
}

/* Seconds of a step, launched by itself. */
static epocl_status time_layered(epocl_trainer *t, double *seconds) {
    epocl_status status = EPOCL_OK;
    const pass *p = &t->train;
    const size_t most = steps_of_epoch(p);
    for (size_t steps = smaller(2, most);; steps = smaller(2 * steps, most)) {
        TRY(pass_enqueue_begin(p));
        CL_TRY(clFinish(t->device->queue));
        const double begin = seconds_now();
        for (size_t i = 0; i < steps; i++) TRY(bound_sequence_enqueue(&p->bound_step, p->batch.batch_size));
        CL_TRY(clFinish(t->device->queue));
        const double elapsed = seconds_now() - begin;
        *seconds = elapsed / (double)steps;
        if (elapsed >= timing_seconds || steps == most) break;
    }
cleanup:
    return status;
}

/* Seconds of a step in a slice; infinite when the slice's groups did not come together. */
static epocl_status time_resident(epocl_trainer *t, double *seconds) {
    epocl_status status = EPOCL_OK;
    const pass *p = &t->train;
    epoch_state state;
    *seconds = INFINITY;
    for (int run = 0; run < RUNS; run++) {
        TRY(pass_enqueue_begin(p));
        CL_TRY(clFinish(t->device->queue));
        const double begin = seconds_now();
        TRY(bound_sequence_enqueue(&p->bound_resident, p->batch.batch_size));
        TRY(pass_read_state(p, &t->executable, &state));
        if (state.step == 0) break;
        *seconds = fmin(*seconds, (seconds_now() - begin) / state.step);
    }
cleanup:
    return status;
}

/* Of resident plans, the one in a group for each compute unit and the one in a single group, which needs no meetings:
 * how fast cores exchange what they wrote differs from machine to machine, and by the hour on a shared one. */
static epocl_status choose_by_timing(epocl_trainer *t) {
    epocl_status status = EPOCL_OK;
    double layered = INFINITY, seconds = INFINITY;
    for (int run = 0; run < RUNS; run++) {
        TRY(time_layered(t, &seconds));
        layered = fmin(layered, seconds);
        if (seconds > HOPELESS * longest_step_seconds) return EPOCL_OK;
    }
    if (layered > longest_step_seconds) return EPOCL_OK;
    const size_t fitting = smaller((size_t)(slice_seconds / layered), steps_of_epoch(&t->train));
    const size_t slice = fitting ? fitting : 1, groups[] = {t->plan.compute_units, 1};
    double best = layered;
    size_t best_groups = 0; /* layered */
    for (size_t i = 0; i < (groups[0] > 1 ? 2 : 1); i++) {
        /* A compiler without the fence, or a kernel that it cannot do: layered is always there. */
        if (pass_use_resident(&t->train, &t->executable, groups[i], slice) != EPOCL_OK) continue;
        TRY(time_resident(t, &seconds));
        if (seconds < best) {
            best = seconds;
            best_groups = groups[i];
        }
    }
    if (best_groups == 0)
        pass_use_layered(&t->train);
    else if (best_groups != t->train.group_count)
        TRY(pass_use_resident(&t->train, &t->executable, best_groups, slice));
    TRY(pass_resume(&t->train, &t->executable)); /* whatever busy moments the timing met */
cleanup:
    return status;
}

epocl_status plan_choose(epocl_trainer *t, const char *name) {
    enum { PINNED_SLICE = 100 };
    if (name && strcmp(name, "layered") == 0) return EPOCL_OK;
    if (name && strcmp(name, "resident") == 0)
        return pass_use_resident(&t->train, &t->executable, t->plan.compute_units,
                                 smaller(PINNED_SLICE, steps_of_epoch(&t->train)));
    /* Groups that wait for each other are sure to go on only where they are threads. */
    if (t->device->info.type != EPOCL_DEVICE_CPU || !resident_possible(&t->plan, &t->train.step)) return EPOCL_OK;
    return choose_by_timing(t);
}
