/* A sweep over the ranks of MPI: rank r of n trains members r, r + n, r + 2n, ... The first leads. */
#ifndef EPOCL_COMMAND_MPI_RANKS_H
#define EPOCL_COMMAND_MPI_RANKS_H

#include "command/sweep/sweep_spread.h"

/* Of these ranks; MPI has begun. */
sweep_spread ranks_spread(void);

/* A leader's, and what the others do. */
epocl_status ranks_lead(sweep_here *here, sweep_workers **all);
void ranks_end(epocl_status status);
epocl_status ranks_serve(sweep_here *here);

#endif
