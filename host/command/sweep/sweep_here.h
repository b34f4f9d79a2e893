/* Workers of a sweep on the devices of this process. */
#ifndef EPOCL_COMMAND_SWEEP_SWEEP_HERE_H
#define EPOCL_COMMAND_SWEEP_SWEEP_HERE_H

#include "command/sweep/sweep_devices.h"
#include "command/sweep/sweep_workers.h"

struct sweep;

typedef struct sweep_here {
    sweep_workers workers; /* what others know of it; the first, so that it can be found from there */
    sweep_devices devices;
    const struct sweep *sweep; /* whose members' options and data these are trained with; the caller's */
    size_t first, step;        /* the members that are here: first, first + step, ... */
} sweep_here;

/* Opens the devices of `sweep_devices_open()` and makes their populations, without members. */
epocl_status sweep_here_open(const struct sweep *of, size_t first, size_t step, device_share share, sweep_here *here);
void sweep_here_release(sweep_here *here);

#endif
