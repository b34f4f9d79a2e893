#include "execution/profile.h"
#include "device/wait.h"

#include <stdio.h>

struct epoch_profile {
    executable *executable;
    recorder recorder;
    epocl_profile_launch *launches; /* those collected: the first of the recorder's */
    size_t launch_count;
    size_t epoch;
    cl_ulong origin; /* when the first launch was queued                */
    epocl_status failure;
    char failure_text[512];
};

epocl_status profile_create(executable *e, epoch_profile **created) {
    epocl_status status = EPOCL_OK;
    epoch_profile *p = NULL;
    *created = NULL;
    TRY(allocate(1, sizeof *p, "a profile", &p));
    p->executable = e;
    TRY(recorder_create(&p->recorder, PROFILE_LAUNCHES));
    TRY(allocate(PROFILE_LAUNCHES, sizeof *p->launches, "the launches of a profile", &p->launches));
    e->recorder = &p->recorder;
    *created = p;
    p = NULL;
cleanup:
    profile_release(p);
    return status;
}

void profile_release(epoch_profile *p) {
    if (!p) return;
    p->executable->recorder = NULL;
    recorder_release(&p->recorder);
    free(p->launches);
    free(p);
}

void profile_begin(epoch_profile *p, size_t epoch) {
    if (!p) return;
    recorder_clear(&p->recorder);
    p->launch_count = 0;
    p->epoch = epoch;
    p->failure = EPOCL_OK;
}

/* Clocks of a device may differ: a time can lie before the origin. */
static double seconds_since(cl_ulong origin, cl_ulong time) {
    return 1e-9 * (time >= origin ? (double)(time - origin) : -(double)(origin - time));
}

/* Of the samples that a launch was to work on, those before the pass ended. */
static size_t samples_done(const recorded_launch *recorded, size_t done) {
    return done > recorded->first ? smaller(done - recorded->first, recorded->sample_count) : 0;
}

static epocl_status collect_launch(epoch_profile *p, recorded_launch *recorded, const pass *pass_,
                                   const char *pass_name, size_t done) {
    epocl_status status = EPOCL_OK;
    launch_times times;
    const launch *l = recorded->launch;
    const batch_tensors *b = &pass_->plan->batch;
    const double samples = (double)samples_done(recorded, done), batches = samples / (double)b->batch_size;
    const bool did_work = samples > 0 || recorded->sample_count == 0;
    TRY(recorded_launch_times(recorded, &times));
    if (p->launch_count == 0) p->origin = times.queued;
    p->launches[p->launch_count++] = (epocl_profile_launch){
        .kernel = l->kernel,
        .detail = l->detail,
        .pass = pass_name,
        .queued = seconds_since(p->origin, times.queued),
        .start = seconds_since(p->origin, times.start),
        .end = seconds_since(p->origin, times.end),
        .flop = batches * l->flop,
        .bytes = did_work ? plan_launch_bytes(p->executable->plan, l, batches, samples / (double)b->sample_count) : 0,
    };
cleanup:
    return status;
}

/* On a queue that works in order, the last launch of a pass begins after the first has ended: unless it is a driver
 * that keeps no times and answers with numbers all the same. */
static epocl_status check_clock(const epoch_profile *p, size_t first) {
    if (p->launch_count - first < 2 || p->launches[p->launch_count - 1].start >= p->launches[first].end)
        return EPOCL_OK;
    return fail(EPOCL_ERROR_OPENCL, "the times of launches that %s gives contradict their order",
                p->executable->device->info.name);
}

void profile_collect(epoch_profile *p, const pass *pass_, const char *pass_name, size_t done) {
    epocl_status status = EPOCL_OK;
    if (!p) return;
    const size_t first = p->launch_count;
    TRY(p->failure);
    TRY(device_finish(p->executable->device, p->executable->device->queue, "the launches of a profile"));
    for (size_t i = p->launch_count; i < p->recorder.count; i++) {
        TRY(collect_launch(p, &p->recorder.launches[i], pass_, pass_name, done));
        recorded_launch_release(&p->recorder.launches[i]);
    }
    TRY(check_clock(p, first));
cleanup:
    if (status == EPOCL_OK) return;
    if (p->failure == EPOCL_OK) snprintf(p->failure_text, sizeof p->failure_text, "%s", epocl_last_error());
    p->failure = status;
    profile_end(p);
}

void profile_end(epoch_profile *p) {
    if (!p) return;
    for (size_t i = 0; i < p->recorder.count; i++) recorded_launch_release(&p->recorder.launches[i]);
}

epocl_status profile_get(const epoch_profile *p, epocl_profile *got) {
    if (p->failure != EPOCL_OK) return fail(p->failure, "no profile: %s", p->failure_text);
    *got = (epocl_profile){
        .epoch = p->epoch, .launch_count = p->launch_count, .left_out_count = p->recorder.left_out_count};
    return EPOCL_OK;
}

const epocl_profile_launch *profile_launch(const epoch_profile *p, size_t index) {
    return index < p->launch_count ? &p->launches[index] : NULL;
}
