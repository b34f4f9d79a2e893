/* On which cores the threads of a CPU device run. */
#ifndef EPOCL_COMMAND_AFFINITY_H
#define EPOCL_COMMAND_AFFINITY_H

/* Asks PoCL to keep each of its threads on a core of its own, unless the environment says otherwise or the process may
 * not use all cores, which PoCL would not heed. On one core by turns, the groups of a resident plan would wait for each
 * other. Call it before any OpenCL call. */
void affinity_begin(void);

#endif
