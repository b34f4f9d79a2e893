/* Room on the device: members that it has no memory for wait in host memory. So those of a run are trained in waves, as
 * many at once as there is room for; what a member computes is the same wherever it has been. */
#include "population/population.h"

/* One that is on the device, and that a run to so many epochs does not need there; NULL without. */
static population_member *find_idle(const epocl_population *p, size_t epoch_count) {
    for (size_t i = 0; i < p->count; i++) {
        population_member *m = &p->members[i];
        if (m->trainer && !m->is_parked && !m->is_busy && !population_is_trainable(m, epoch_count)) return m;
    }
    return NULL;
}

bool population_park_one(epocl_population *p, size_t epoch_count, epocl_status *status) {
    population_member *m = find_idle(p, epoch_count);
    if (!m) return false;
    pthread_mutex_unlock(&p->lock);
    *status = trainer_park(m->trainer);
    pthread_mutex_lock(&p->lock);
    m->is_parked = *status == EPOCL_OK;
    return true;
}

/* The first of those that are furthest behind. */
static population_member *find_waiting(const epocl_population *p, size_t epoch_count) {
    population_member *next = NULL;
    for (size_t i = 0; i < p->count; i++) {
        population_member *m = &p->members[i];
        if (m->trainer && m->is_parked && population_is_trainable(m, epoch_count) &&
            (!next || m->trainer->epoch < next->trainer->epoch))
            next = m;
    }
    return next;
}

bool population_is_busy(const epocl_population *p) {
    for (size_t i = 0; i < p->count; i++)
        if (p->members[i].is_busy) return true;
    return false;
}

/* Whether one on the device is still to be trained there: who had it has left it behind while the lock was given up. */
static bool is_any_ready(const epocl_population *p, size_t epoch_count) {
    for (size_t i = 0; i < p->count; i++)
        if (!p->members[i].is_parked && population_is_trainable(&p->members[i], epoch_count)) return true;
    return false;
}

/* Whether members that are on the device now will make room. */
static bool will_be_room(const epocl_population *p, size_t epoch_count) {
    return p->stop_requested || population_is_busy(p) || is_any_ready(p, epoch_count);
}

population_member *population_bring_in(epocl_population *p, size_t epoch_count, epocl_status *status) {
    population_member *m = find_waiting(p, epoch_count);
    *status = EPOCL_OK;
    if (!m) return NULL;
    p->is_moving = true;
    for (;;) {
        const uint64_t taken = population_taken_bytes(p);
        pthread_mutex_unlock(&p->lock);
        *status = trainer_unpark(m->trainer, taken);
        pthread_mutex_lock(&p->lock);
        epocl_status parked = EPOCL_OK;
        if (*status != EPOCL_ERROR_MEMORY || !population_park_one(p, epoch_count, &parked)) break;
        *status = parked;
        if (parked != EPOCL_OK) break;
    }
    p->is_moving = false;
    if (*status == EPOCL_ERROR_MEMORY && will_be_room(p, epoch_count)) {
        *status = EPOCL_OK;
        return NULL;
    }
    m->is_parked = *status != EPOCL_OK;
    return m;
}
