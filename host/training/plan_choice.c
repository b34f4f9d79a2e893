#include "training/plan_choice.h"
#include "base/clock.h"

#include <math.h>
#include <string.h>

/* A slice is short enough for a stop to feel prompt. Steps beyond the second bound gain nothing from fewer launches. */
static const double slice_seconds = 0.05, longest_step_seconds = 0.01, timing_seconds = 0.01;

enum { RUNS = 3 }; /* of each plan; the first compiles */

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

static epocl_status choose_by_timing(epocl_trainer *t) {
    epocl_status status = EPOCL_OK;
    double layered, resident, seconds = INFINITY;
    layered = INFINITY;
    for (int run = 0; run < RUNS; run++) {
        TRY(time_layered(t, &seconds));
        layered = fmin(layered, seconds);
    }
    if (layered > longest_step_seconds) return EPOCL_OK;
    const size_t slice = smaller((size_t)(slice_seconds / layered), steps_of_epoch(&t->train));
    if (pass_use_resident(&t->train, &t->executable, slice ? slice : 1) != EPOCL_OK)
        return EPOCL_OK; /* a compiler without the fence, or a kernel that it cannot do: layered is always there */
    TRY(time_resident(t, &resident));
    if (!(resident < layered)) pass_use_layered(&t->train);
cleanup:
    return status;
}

epocl_status plan_choose(epocl_trainer *t, const char *name) {
    enum { PINNED_SLICE = 100 };
    if (name && strcmp(name, "layered") == 0) return EPOCL_OK;
    if (name && strcmp(name, "resident") == 0)
        return pass_use_resident(&t->train, &t->executable, smaller(PINNED_SLICE, steps_of_epoch(&t->train)));
    /* Groups that wait for each other are sure to go on only where they are threads. */
    if (t->device->info.type != EPOCL_DEVICE_CPU || !resident_possible(&t->plan, &t->train.step)) return EPOCL_OK;
    return choose_by_timing(t);
}
