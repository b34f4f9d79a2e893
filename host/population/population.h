/* A population's inside: many trainers on one device, each on a lane of its own, over data sets that are on the device
 * once. What trains is the trainer: a network by itself is a population of one. */
#ifndef EPOCL_POPULATION_POPULATION_H
#define EPOCL_POPULATION_POPULATION_H

#include "training/trainer.h"

/* One of the networks. While a population runs, what is below `is_busy` is the worker's that set it. */
typedef struct population_member {
    epocl_trainer *trainer; /* NULL: dropped */
    uint64_t own_bytes;     /* of the device's memory */
    bool is_busy;           /* a worker trains it     */
    bool is_parked;         /* it is in host memory, for want of room on the device */
    epocl_status failure;   /* of its training: EPOCL_OK, or it is trained no more */
    char *failure_text;     /* owned; NULL without    */
} population_member;

struct epocl_population {
    epocl_device *device; /* held */
    size_t worker_count;
    population_member *members;
    size_t count, capacity;
    device_dataset **data; /* held: what members are trained on, and may be again */
    size_t data_count, data_capacity;
    pthread_mutex_t lock; /* of what follows, and of members while they are trained */
    bool is_running;
    bool stop_requested;
    bool is_moving; /* a worker moves members between host and device, which one does at a time */
};

/* Whether a run to so many epochs has something left to train of it. */
bool population_is_trainable(const population_member *m, size_t epoch_count);

/* Bytes of the device's memory that a further member has to leave to the data sets and the members on it; beside
 * members, to others on the device, too. */
uint64_t population_taken_bytes(const epocl_population *p);

/* ---- members that wait in host memory, where the device has not room for all (room.c) ---- */

/* How many wait, and the sentence about it, for who hears of messages. */
size_t population_waiting_count(const epocl_population *p);
void population_say_waves(const epocl_population *p, const epocl_options *options);

/* Parks a member that nobody needs in a run to so many epochs; false, with the last error as it is, where there is
 * none. `*status` says whether that could be done. The lock is given up meanwhile. */
bool population_park_one(epocl_population *p, size_t epoch_count, epocl_status *status);

/* Brings the member that is furthest behind of those that wait and are to be trained to the device; members that nobody
 * needs make room. `*status` says whether that could be done; NULL where there is none, or no room as long as others on
 * the device are in training, are still to be trained, or have been stopped. The lock is given up meanwhile;
 * p->is_moving is the caller's to have seen unset. */
population_member *population_bring_in(epocl_population *p, size_t epoch_count, epocl_status *status);

/* Whether a worker trains one of the members. */
bool population_is_busy(const epocl_population *p);

#endif
