/* A rank's own members in training, by a thread, while the rank's first thread passes messages on. */
#ifndef EPOCL_COMMAND_MPI_TRAINING_H
#define EPOCL_COMMAND_MPI_TRAINING_H

#include "command/mpi/messages.h"

#include <pthread.h>

typedef struct training {
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
} training;

/* Runs the workers' members; where no thread can be had, to the end at once. */
void training_begin(training *t, sweep_workers *workers, size_t epoch_count, sweep_hear *hear, void *user);

/* Whether that has come to its end. */
bool training_is_done(training *t);

/* Waits for the end; its status, with the sentence of a failure as the last error. */
epocl_status training_end(training *t);

#endif
