#include "command/mpi/own_members.h"

#include <stdio.h>

static void *work(void *user) {
    own_members *t = user;
    const epocl_status status = t->workers->ways->run(t->workers, t->epoch_count, t->hear, t->user);
    pthread_mutex_lock(&t->lock);
    t->status = status;
    if (status != EPOCL_OK) snprintf(t->text, sizeof t->text, "%s", epocl_last_error());
    t->is_done = true;
    pthread_mutex_unlock(&t->lock);
    return NULL;
}

void own_members_begin(own_members *t, sweep_workers *workers, size_t epoch_count, sweep_hear *hear, void *user) {
    *t = (own_members){.workers = workers, .epoch_count = epoch_count, .hear = hear, .user = user};
    pthread_mutex_init(&t->lock, NULL);
    t->has_thread = pthread_create(&t->thread, NULL, work, t) == 0;
    if (!t->has_thread) work(t);
}

bool own_members_is_done(own_members *t) {
    pthread_mutex_lock(&t->lock);
    const bool is_done = t->is_done;
    pthread_mutex_unlock(&t->lock);
    return is_done;
}

epocl_status own_members_end(own_members *t) {
    if (t->has_thread) pthread_join(t->thread, NULL);
    pthread_mutex_destroy(&t->lock);
    return t->status == EPOCL_OK ? EPOCL_OK : fail(t->status, "%s", t->text);
}
