#include "command/sweep/sweep_devices.h"

#include "base/checked.h"
#include "command/system/device_list.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* ---- Opening ------------------------------------------------------------------------------------- */

static epocl_status open_one(const settings *given, const char *selector, sweep_devices *d) {
    if (d->count == SWEEP_MOST_DEVICES)
        return fail(EPOCL_ERROR_ARGUMENT, "--device: a sweep is spread over at most %d devices", SWEEP_MOST_DEVICES);
    const epocl_status status = device_open(given, selector, &d->devices[d->count]);
    if (status == EPOCL_OK) d->count++;
    return status;
}

static epocl_status open_all(const settings *given, sweep_devices *d) {
    epocl_status status = EPOCL_OK;
    epocl_device_info *infos = NULL;
    size_t count = 0;
    char selector[48];
    TRY(device_list(&infos, &count));
    for (size_t i = 0; i < count; i++) {
        if (*infos[i].unusable) continue;
        snprintf(selector, sizeof selector, "%zu:%zu", infos[i].platform, infos[i].device);
        TRY(open_one(given, selector, d));
    }
    if (d->count == 0) TRY(open_one(given, "auto", d)); /* which says why there is none */
cleanup:
    free(infos);
    return status;
}

static epocl_status open_listed(const settings *given, sweep_devices *d) {
    epocl_status status = EPOCL_OK;
    char *list = NULL;
    TRY(allocate(strlen(given->device) + 1, 1, "a list of devices", &list));
    strcpy(list, given->device);
    for (char *one = list, *next = NULL; one; one = next) {
        next = strchr(one, ',');
        if (next) *next++ = '\0';
        TRY(open_one(given, one, d));
    }
cleanup:
    free(list);
    return status;
}

epocl_status sweep_devices_open(const settings *given, sweep_devices *d) {
    return strcmp(given->device, "all") == 0 ? open_all(given, d) : open_listed(given, d);
}

epocl_status sweep_devices_populate(sweep_devices *d, size_t worker_count) {
    epocl_status status = EPOCL_OK;
    for (size_t i = 0; i < d->count; i++) TRY(epocl_population_create(d->devices[i], worker_count, &d->populations[i]));
cleanup:
    return status;
}

void sweep_devices_release(sweep_devices *d) {
    for (size_t i = 0; i < d->count; i++) epocl_population_release(d->populations[i]);
    for (size_t i = 0; i < d->count; i++) epocl_device_release(d->devices[i]);
    *d = (sweep_devices){.count = 0};
}

/* ---- Training ------------------------------------------------------------------------------------ */

typedef struct run {
    sweep_devices *devices;
    size_t epoch_count;
    void (*each)(size_t number, const epocl_epoch_result *result, void *user);
    void *user;
    pthread_mutex_t lock; /* of each() */
} run;

typedef struct population_run {
    run *of;
    size_t device;
    pthread_t thread;
    bool is_started;
    epocl_status status;
    char text[1024]; /* of a failure: each thread has an error of its own */
} population_run;

static void hear(size_t member, const epocl_epoch_result *result, void *user) {
    const population_run *p = user;
    run *r = p->of;
    pthread_mutex_lock(&r->lock);
    r->each(member * r->devices->count + p->device, result, r->user);
    pthread_mutex_unlock(&r->lock);
}

static void *work(void *user) {
    population_run *p = user;
    const run *r = p->of;
    p->status = epocl_population_run(r->devices->populations[p->device], r->epoch_count, hear, p);
    if (p->status == EPOCL_OK) return NULL;
    snprintf(p->text, sizeof p->text, "%s", epocl_last_error());
    if (p->status != EPOCL_STOPPED) sweep_devices_stop(r->devices);
    return NULL;
}

/* A failure comes before a stop, which may have followed from it. */
static epocl_status say_end(const population_run *runs, size_t count) {
    const population_run *worst = &runs[0];
    for (size_t i = 1; i < count; i++)
        if (runs[i].status != EPOCL_OK && (worst->status == EPOCL_OK || worst->status == EPOCL_STOPPED))
            worst = &runs[i];
    return worst->status == EPOCL_OK ? EPOCL_OK : fail(worst->status, "%s", worst->text);
}

epocl_status sweep_devices_run(sweep_devices *d, size_t epoch_count,
                               void (*each)(size_t number, const epocl_epoch_result *result, void *user), void *user) {
    epocl_status status = EPOCL_OK;
    population_run *runs = NULL;
    run r = {d, epoch_count, each, user, PTHREAD_MUTEX_INITIALIZER};
    TRY(allocate(d->count, sizeof *runs, "the devices of a sweep", &runs));
    for (size_t i = 0; i < d->count; i++) {
        runs[i] = (population_run){.of = &r, .device = i};
        if (i > 0) runs[i].is_started = pthread_create(&runs[i].thread, NULL, work, &runs[i]) == 0;
    }
    for (size_t i = 0; i < d->count; i++) /* also those for which there is no thread, one after the other */
        if (!runs[i].is_started) work(&runs[i]);
    for (size_t i = 1; i < d->count; i++)
        if (runs[i].is_started) pthread_join(runs[i].thread, NULL);
    status = say_end(runs, d->count);
cleanup:
    pthread_mutex_destroy(&r.lock);
    free(runs);
    return status;
}

void sweep_devices_stop(const sweep_devices *d) {
    for (size_t i = 0; i < d->count; i++) epocl_population_stop(d->populations[i]);
}
