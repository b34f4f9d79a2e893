/* Training a population: workers, each a thread of the host, take the member that is furthest behind, train it for an
 * epoch, and go on with the next. What a member computes does not depend on who trains it when. */
#include "base/result.h"
#include "device/process.h"
#include "device/wait.h"
#include "population/population.h"

#include <stdlib.h>
#include <string.h>

enum { STACK_BYTES = 1024 * 1024 };

/* An epoch that its worker has run and the caller has not heard of yet. */
typedef struct told_epoch {
    bool is_new;
    size_t member;
    epocl_epoch_result result;
} told_epoch;

typedef struct run {
    epocl_population *population;
    size_t epoch_count;
    pthread_cond_t told;  /* an epoch is to be told of, or a worker has ended: for the caller */
    pthread_cond_t heard; /* the caller has heard of one: for the workers                     */
    pthread_cond_t moved; /* a member is busy no more, or members have been moved: likewise   */
    bool is_telling;
    size_t worker_count; /* that have not ended      */
    bool has_failed;     /* a member, for good: no further epoch begins */
} run;

typedef struct worker {
    run *run;
    pthread_t thread;
    told_epoch told;
} worker;

static bool is_finished(const population_member *m, size_t epoch_count) {
    epocl_progress so_far;
    return epocl_trainer_progress(m->trainer, epoch_count, &so_far) != EPOCL_OK || so_far.end != EPOCL_END_NONE;
}

bool population_is_trainable(const population_member *m, size_t epoch_count) {
    return m->trainer && m->failure == EPOCL_OK && !is_finished(m, epoch_count);
}

/* Members that would be trained further. */
static size_t count_trainable(const epocl_population *p, size_t epoch_count) {
    size_t count = 0;
    for (size_t i = 0; i < p->count; i++) count += population_is_trainable(&p->members[i], epoch_count);
    return count;
}

/* The member on the device with the fewest epochs that nobody trains and that is to be trained, the first of several;
 * NULL without. */
static population_member *find_member(const run *r) {
    const epocl_population *p = r->population;
    population_member *next = NULL;
    for (size_t i = 0; i < p->count; i++) {
        population_member *m = &p->members[i];
        if (!m->is_busy && !m->is_parked && population_is_trainable(m, r->epoch_count) &&
            (!next || m->trainer->epoch < next->trainer->epoch))
            next = m;
    }
    if (next) next->is_busy = true;
    return next;
}

/* Whether one waits in host memory that is to be trained. */
static bool is_any_waiting(const run *r) {
    const epocl_population *p = r->population;
    for (size_t i = 0; i < p->count; i++)
        if (p->members[i].is_parked && population_is_trainable(&p->members[i], r->epoch_count)) return true;
    return false;
}

/* A diverged member has come to its end; any other failure ends the training of all. A stop is one only if it was the
 * population that was asked: the trainer may have been on its way out of an epoch when an earlier one came. */
static void heed_status(run *r, population_member *m, epocl_status status) {
    if (status == EPOCL_OK || status == EPOCL_STOPPED) return;
    m->failure = status;
    m->failure_text = strdup(epocl_last_error());
    r->has_failed |= status != EPOCL_ERROR_DIVERGED;
}

/* The next member to train, as busy: one on the device or, where they are at their end or busy, one that waits, once
 * there is room for it. NULL without: those that are busy are gone on with by who trains them. */
static population_member *take_member(run *r) {
    epocl_population *p = r->population;
    while (!p->stop_requested && !r->has_failed) {
        epocl_status status = EPOCL_OK;
        population_member *m = find_member(r);
        if (m) return m;
        if (!is_any_waiting(r)) return NULL;
        if (!p->is_moving) {
            m = population_bring_in(p, r->epoch_count, &status);
            pthread_cond_broadcast(&r->moved);
            if (m) heed_status(r, m, status);
            if (m || !population_is_busy(p)) continue; /* there may be one on the device now */
        }
        pthread_cond_wait(&r->moved, &p->lock);
    }
    return NULL;
}

/* Leaves the result of an epoch for the caller of the run, who may not have heard of the last one yet. */
static void tell(worker *w, size_t member, const epocl_epoch_result *result) {
    run *r = w->run;
    if (!r->is_telling) return;
    while (w->told.is_new) pthread_cond_wait(&r->heard, &r->population->lock);
    w->told = (told_epoch){.is_new = true, .member = member, .result = *result};
    pthread_cond_signal(&r->told);
}

static void *work(void *given) {
    worker *w = given;
    run *r = w->run;
    epocl_population *p = r->population;
    epocl_epoch_result result;
    pthread_mutex_lock(&p->lock);
    for (population_member *m; (m = take_member(r));) {
        pthread_mutex_unlock(&p->lock);
        const epocl_status status = epocl_trainer_run_epoch(m->trainer, &result);
        pthread_mutex_lock(&p->lock);
        heed_status(r, m, status);
        if (status == EPOCL_OK) tell(w, (size_t)(m - p->members), &result);
        m->is_busy = false; /* from here on another may train it, whose epoch is told of after this one */
        pthread_cond_broadcast(&r->moved);
    }
    r->worker_count--;
    pthread_cond_signal(&r->told);
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* Whether an earlier epoch of the same member is still to be told of. */
static bool is_later(const worker *workers, size_t count, const told_epoch *told) {
    for (size_t i = 0; i < count; i++)
        if (workers[i].told.is_new && workers[i].told.member == told->member &&
            workers[i].told.result.epoch < told->result.epoch)
            return true;
    return false;
}

/* Tells the caller of what epochs there are, those of a member in their order; with the lock, which is given up
 * meanwhile. */
static void deliver(run *r, worker *workers, size_t count,
                    void (*each)(size_t member, const epocl_epoch_result *result, void *user), void *user) {
    for (size_t i = 0; each && i < count; i++) {
        if (!workers[i].told.is_new || is_later(workers, count, &workers[i].told)) continue;
        const told_epoch told = workers[i].told;
        workers[i].told.is_new = false;
        pthread_cond_broadcast(&r->heard);
        pthread_mutex_unlock(&r->population->lock);
        each(told.member, &told.result, user);
        pthread_mutex_lock(&r->population->lock);
    }
}

static bool is_something_new(const worker *workers, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (workers[i].told.is_new) return true;
    return false;
}

/* How many of the workers there are now; with one at least, the others are not missed. */
static epocl_status start_workers(run *r, worker *workers, size_t count) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    for (size_t i = 0; i < count; i++) {
        workers[i].run = r;
        if (pthread_create(&workers[i].thread, &attributes, work, &workers[i]) != 0) break;
        r->worker_count++;
    }
    pthread_attr_destroy(&attributes);
    return r->worker_count > 0 ? EPOCL_OK : fail(EPOCL_ERROR_MEMORY, "no thread can be made to train with");
}

/* What a run says: the first member's failure, if there is one that is no divergence, or the stop. */
static epocl_status say_end(const run *r, bool is_stopped) {
    const epocl_population *p = r->population;
    for (size_t i = 0; i < p->count; i++)
        if (p->members[i].failure != EPOCL_OK && p->members[i].failure != EPOCL_ERROR_DIVERGED)
            return fail(p->members[i].failure, "member %zu: %s", i, p->members[i].failure_text);
    const size_t left = count_trainable(p, r->epoch_count);
    if (is_stopped && left > 0)
        return fail(EPOCL_STOPPED, "stopped with %zu of %zu members unfinished", left, p->count);
    return EPOCL_OK;
}

static epocl_status begin(epocl_population *p) {
    const epocl_status status = device_enter(p->device);
    if (status != EPOCL_OK) return status;
    pthread_mutex_lock(&p->lock);
    const bool is_running = p->is_running;
    p->is_running = true;
    pthread_mutex_unlock(&p->lock);
    return is_running ? fail(EPOCL_ERROR_ARGUMENT, "epocl_population_run: the population is being trained") : EPOCL_OK;
}

epocl_status epocl_population_run(epocl_population *population, size_t epoch_count,
                                  void (*each)(size_t member, const epocl_epoch_result *result, void *user),
                                  void *user) {
    epocl_status status = EPOCL_OK;
    worker *workers = NULL;
    run r = {.population = population,
             .epoch_count = epoch_count,
             .is_telling = each != NULL,
             .told = PTHREAD_COND_INITIALIZER,
             .heard = PTHREAD_COND_INITIALIZER,
             .moved = PTHREAD_COND_INITIALIZER};
    if (!population) return fail(EPOCL_ERROR_ARGUMENT, "epocl_population_run: NULL argument");
    status = begin(population);
    if (status != EPOCL_OK) return status;
    const size_t trainable = count_trainable(population, epoch_count);
    const size_t count = smaller(population->worker_count, trainable ? trainable : 1);
    TRY(allocate(count, sizeof *workers, "the workers of a population", &workers));
    pthread_mutex_lock(&population->lock);
    status = start_workers(&r, workers, count); /* they wait for the lock */
    const size_t started = r.worker_count;
    while (r.worker_count > 0 || is_something_new(workers, started)) {
        deliver(&r, workers, started, each, user);
        if (r.worker_count > 0 && !is_something_new(workers, started)) pthread_cond_wait(&r.told, &population->lock);
    }
    pthread_mutex_unlock(&population->lock);
    for (size_t i = 0; i < started; i++) pthread_join(workers[i].thread, NULL);
    if (status != EPOCL_OK) goto cleanup;
    pthread_mutex_lock(&population->lock);
    const bool is_stopped = population->stop_requested;
    population->stop_requested = false;
    pthread_mutex_unlock(&population->lock);
    status = say_end(&r, is_stopped);
cleanup:
    pthread_mutex_lock(&population->lock);
    population->is_running = false;
    pthread_mutex_unlock(&population->lock);
    pthread_cond_destroy(&r.told);
    pthread_cond_destroy(&r.heard);
    pthread_cond_destroy(&r.moved);
    free(workers);
    return status;
}

void epocl_population_stop(epocl_population *population) {
    if (!population || process_is_forked()) return; /* whose lock another thread of the parent may hold */
    pthread_mutex_lock(&population->lock);
    population->stop_requested = true;
    for (size_t i = 0; i < population->count; i++)
        if (population->members[i].is_busy) epocl_trainer_stop(population->members[i].trainer);
    pthread_mutex_unlock(&population->lock);
}
