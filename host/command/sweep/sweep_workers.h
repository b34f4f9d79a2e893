/* Where the members of a sweep are trained: on the devices of this process (sweep_here.h), or on those of many, each of
 * which has some members (command/mpi). A member is known by its number in the sweep and stays where it was added; what
 * it computes depends on no other, so it is the same wherever it is. */
#ifndef EPOCL_COMMAND_SWEEP_SWEEP_WORKERS_H
#define EPOCL_COMMAND_SWEEP_SWEEP_WORKERS_H

#include "base/files/file_place.h"
#include "command/sweep/standing.h"

typedef struct sweep_workers sweep_workers;

/* Hears of an epoch of a member: one call at a time, from any thread. */
typedef void sweep_hear(size_t number, const epocl_epoch_result *result, void *user);

/* One of the devices, and what is on it. */
typedef struct sweep_place {
    epocl_device_info device;
    epocl_population_info population;
    char where[32]; /* "" here, or "rank 2: " */
} sweep_place;

/* All but stop() are called by one thread, and not while run() goes on. Failures of a member name it. */
typedef struct sweep_workers_ways {
    /* Adds a member, from its beginning or, where `checkpoint` has bytes, from there. It may still be on its way, and
     * fail, until settle() says that all are there. */
    epocl_status (*add)(sweep_workers *w, size_t number, const memory_block *checkpoint);
    epocl_status (*settle)(sweep_workers *w);

    /* epocl_population_run() of all at the same time. The failure of one stops the others. */
    epocl_status (*run)(sweep_workers *w, size_t epoch_count, sweep_hear *hear, void *user);
    void (*stop)(sweep_workers *w); /* from any thread, also from `hear` */

    /* epocl_population_status(), what a member has come to in its first epochs, and its checkpoint, for free(). */
    epocl_status (*end_of)(sweep_workers *w, size_t number);
    epocl_status (*look)(sweep_workers *w, size_t number, size_t epoch_count, member_result *result);
    epocl_status (*save)(sweep_workers *w, size_t number, memory_block *checkpoint);

    /* Its network after its best epoch; and the end of one that is trained no more. */
    epocl_status (*best)(sweep_workers *w, size_t number, epocl_network **network);
    epocl_status (*drop)(sweep_workers *w, size_t number);

    epocl_status (*describe)(sweep_workers *w, size_t place, sweep_place *described);
} sweep_workers_ways;

struct sweep_workers {
    const sweep_workers_ways *ways;
    size_t place_count; /* of devices */
};

#endif
