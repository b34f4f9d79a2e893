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
};

/* The member, unless there is none of that number or it is dropped: EPOCL_ERROR_ARGUMENT, naming the caller. */
epocl_status population_find(const epocl_population *p, size_t index, const char *caller, population_member **found);

#endif
