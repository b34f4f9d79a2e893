#include "command/sweep/sweep_devices.h"

#include "base/checked.h"
#include "command/system/device_list.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* ---- Opening ------------------------------------------------------------------------------------- */

/* What --device selects, one after another. */
typedef struct selection {
    char *texts[SWEEP_MOST_DEVICES]; /* owned */
    size_t count;
} selection;

static void selection_release(selection *all) {
    for (size_t i = 0; i < all->count; i++) free(all->texts[i]);
}

static epocl_status select_one(const char *text, size_t length, selection *all) {
    if (all->count == SWEEP_MOST_DEVICES)
        return fail(EPOCL_ERROR_ARGUMENT, "--device: a sweep is spread over at most %d devices", SWEEP_MOST_DEVICES);
    const epocl_status status = allocate(length + 1, 1, "a list of devices", &all->texts[all->count]);
    if (status == EPOCL_OK) memcpy(all->texts[all->count++], text, length);
    return status;
}

static epocl_status select_all(selection *all) {
    epocl_status status = EPOCL_OK;
    epocl_device_info *infos = NULL;
    size_t count = 0;
    char text[48];
    TRY(device_list(&infos, &count));
    for (size_t i = 0; i < count; i++) {
        if (*infos[i].unusable) continue;
        const int length = snprintf(text, sizeof text, "%zu:%zu", infos[i].platform, infos[i].device);
        TRY(select_one(text, (size_t)length, all));
    }
    if (all->count == 0) TRY(select_one("auto", strlen("auto"), all)); /* which says why there is none */
cleanup:
    free(infos);
    return status;
}

static epocl_status select_listed(const char *list, selection *all) {
    epocl_status status = EPOCL_OK;
    for (const char *one = list; one;) {
        const size_t length = strcspn(one, ",");
        TRY(select_one(one, length, all));
        one = one[length] ? one + length + 1 : NULL;
    }
cleanup:
    return status;
}

static bool is_in_share(device_share share, size_t place, size_t count) {
    return count < share.count ? place == share.first % count : place % share.count == share.first;
}

/* Two populations on a device would both count its memory. */
static epocl_status check_apart(const sweep_devices *d, const char *selector, const epocl_device *device) {
    epocl_device_info info, other;
    epocl_device_describe(device, &info);
    for (size_t i = 0; i < d->count; i++) {
        epocl_device_describe(d->devices[i], &other);
        if (info.index == other.index)
            return fail(EPOCL_ERROR_ARGUMENT, "--device: %s is device %zu, which is named before; name each once",
                        selector, info.index);
    }
    return EPOCL_OK;
}

epocl_status sweep_devices_open(const settings *given, device_share share, sweep_devices *d) {
    epocl_status status = EPOCL_OK;
    selection all = {.count = 0};
    TRY(strcmp(given->device, "all") == 0 ? select_all(&all) : select_listed(given->device, &all));
    for (size_t i = 0; i < all.count; i++) {
        epocl_device *device = NULL;
        if (!is_in_share(share, i, all.count)) continue;
        TRY(device_open(given, all.texts[i], &device));
        status = check_apart(d, all.texts[i], device);
        d->devices[d->count++] = device;
        TRY(status);
    }
cleanup:
    selection_release(&all);
    return status;
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
