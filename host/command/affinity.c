#define _GNU_SOURCE /* sched_getaffinity() */
#include "command/affinity.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

void affinity_begin(void) {
    cpu_set_t own;
    if (sched_getaffinity(0, sizeof own, &own) == 0 && CPU_COUNT(&own) == sysconf(_SC_NPROCESSORS_ONLN))
        setenv("POCL_AFFINITY", "1", 0);
}
