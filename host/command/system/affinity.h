/* On which cores the threads of a CPU device run. */
#ifndef EPOCL_COMMAND_SYSTEM_AFFINITY_H
#define EPOCL_COMMAND_SYSTEM_AFFINITY_H

#include <stdbool.h>
#include <stddef.h>

/* Asks PoCL to keep each of its threads on a core of its own, unless the environment says otherwise or the process may
 * not use all cores, which PoCL would not heed. On one core by turns, the groups of a resident plan would wait for each
 * other. Call it before any OpenCL call. */
void affinity_begin(void);

/* Whether PoCL should do so: it gives thread I the core I, and aborts where there is none. `core_count` cores, of which
 * the last is number `last_core`, may be used of the `online_count` of the machine. PoCL makes a thread for each,
 * unless its variables in the environment want another number: more have no cores, and fewer, of several processes
 * side by side, would all have the first ones. */
bool affinity_is_safe(size_t core_count, size_t last_core, long online_count);

#endif
