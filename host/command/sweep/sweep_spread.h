/* A sweep by several processes that run the same command: one leads, trains its part of the members, writes the files
 * and prints; the others train theirs as it says. The program epocl is one process; epocl-mpi has the ranks of MPI. */
#ifndef EPOCL_COMMAND_SWEEP_SWEEP_SPREAD_H
#define EPOCL_COMMAND_SWEEP_SWEEP_SPREAD_H

#include "command/options/settings.h"
#include "command/sweep/sweep_here.h"

typedef struct sweep_spread {
    size_t rank, count;           /* of this process; 0 leads                                       */
    size_t host_rank, host_count; /* among those of this machine, which have its devices in turn    */

    /* What all came to until now, by all of them: the failure of the first that has one, which is then everybody's. Its
     * `facts` must be those of the leader. */
    epocl_status (*agree)(epocl_status status, const char *facts);

    /* The leader's: the workers of all, its own (`here`) among them, which it releases by end(); that tells the others
     * the status to end with, and leaves the last error as it is. */
    epocl_status (*lead)(sweep_here *here, sweep_workers **all);
    void (*end)(epocl_status status);

    /* The others': does what the leader says until its end, and returns its status. */
    epocl_status (*serve)(sweep_here *here);
} sweep_spread;

/* The command `sweep`. */
epocl_status sweep_run(const settings *given, const sweep_spread *spread);

#endif
