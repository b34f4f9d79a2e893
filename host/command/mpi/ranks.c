#include "command/mpi/ranks.h"

#include "command/mpi/messages.h"

#include <mpi.h>
#include <stdio.h>
#include <string.h>

/* ---- What all come to --------------------------------------------------------------------------- */

static int own_rank(void) {
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    return rank;
}

static int rank_count(void) {
    int count = 0;
    MPI_Comm_size(MPI_COMM_WORLD, &count);
    return count;
}

/* The failure of a rank becomes that of all, unless there is one already. */
static void weigh(verdict *all, const verdict *one, int rank) {
    if (all->status != EPOCL_OK) return;
    if (one->status != EPOCL_OK) {
        all->status = fail(one->status, "rank %d: %s", rank, one->text);
    } else if (*all->facts && strcmp(all->facts, one->facts) != 0) {
        all->status =
            fail(EPOCL_ERROR_DATA, "rank %d has %s; the first has %s: all ranks must have the same settings and files",
                 rank, one->facts, all->facts);
    } else {
        return;
    }
    snprintf(all->text, sizeof all->text, "%s", epocl_last_error());
}

/* Each with the number of the program, whose messages must be the same. */
static epocl_status agree(epocl_status status, const char *facts) {
    const int rank = own_rank(), count = rank_count();
    verdict all = {.status = status}, one;
    if (status != EPOCL_OK) snprintf(all.text, sizeof all.text, "%s", epocl_last_error());
    if (*facts) snprintf(all.facts, sizeof all.facts, "epocl %s, %s", epocl_version(), facts);
    if (rank > 0) {
        message_send(0, TAG_VERDICT, &all, sizeof all, NULL);
        message_await(0, TAG_VERDICT, &all, sizeof all);
    } else {
        for (int other = 1; other < count; other++) {
            message_await(other, TAG_VERDICT, &one, sizeof one);
            weigh(&all, &one, other);
        }
        for (int other = 1; other < count; other++) message_send(other, TAG_VERDICT, &all, sizeof all, NULL);
    }
    return all.status == EPOCL_OK ? EPOCL_OK : fail(all.status, "%s", all.text);
}

sweep_spread ranks_spread(void) {
    MPI_Comm machine;
    int host_rank = 0, host_count = 1;
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &machine);
    MPI_Comm_rank(machine, &host_rank);
    MPI_Comm_size(machine, &host_count);
    MPI_Comm_free(&machine);
    return (sweep_spread){.rank = (size_t)own_rank(),
                          .count = (size_t)rank_count(),
                          .host_rank = (size_t)host_rank,
                          .host_count = (size_t)host_count,
                          .agree = agree,
                          .lead = ranks_lead,
                          .end = ranks_end,
                          .serve = ranks_serve};
}
