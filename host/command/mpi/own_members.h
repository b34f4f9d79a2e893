/* A rank's own members in training, by a thread, while the rank's first thread passes messages on. */
#ifndef EPOCL_COMMAND_MPI_OWN_MEMBERS_H
#define EPOCL_COMMAND_MPI_OWN_MEMBERS_H

#include "command/mpi/messages.h"

#include <pthread.h>

typedef struct own_members {
    sweep_workers *workers;
    size_t epoch_count;
    sweep_hear *hear;
    void *user;
    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock; /* of what follows */
    bool is_done;
    epocl_status status;
    char text[MESSAGE_TEXT];
} own_members;

/* Runs the workers' members; where no thread can be had, to the end at once. */
void own_members_begin(own_members *t, sweep_workers *workers, size_t epoch_count, sweep_hear *hear, void *user);

/* Whether that has come to its end. */
bool own_members_is_done(own_members *t);

/* Waits for the end; its status, with the sentence of a failure as the last error. */
epocl_status own_members_end(own_members *t);

#endif
