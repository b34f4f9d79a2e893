#define _GNU_SOURCE /* sched_getaffinity() */
#include "command/system/affinity.h"

#include "base/number.h"

#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Whether a variable that sets a number of threads, if there is one, sets that of the cores. */
static bool is_of_all_cores(const char *variable, size_t core_count) {
    const char *text = getenv(variable);
    uint64_t thread_count = 0;
    return !text || (number_whole(text, strlen(text), &thread_count) && thread_count == core_count);
}

bool affinity_is_safe(size_t core_count, size_t last_core, long online_count) {
    static const char *const variables[] = {"POCL_MAX_PTHREAD_COUNT", "POCL_PTHREAD_MIN_THREADS",
                                            "POCL_CPU_MAX_CU_COUNT", "POCL_CPU_MIN_CU_COUNT"};
    if (online_count < 1 || core_count != (size_t)online_count || last_core + 1 != core_count) return false;
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++)
        if (!is_of_all_cores(variables[i], core_count)) return false;
    return true;
}

void affinity_begin(void) {
    cpu_set_t own;
    size_t last = 0;
    if (sched_getaffinity(0, sizeof own, &own) != 0) return;
    for (size_t core = 0; core < CPU_SETSIZE; core++)
        if (CPU_ISSET(core, &own)) last = core;
    if (affinity_is_safe((size_t)CPU_COUNT(&own), last, sysconf(_SC_NPROCESSORS_ONLN))) setenv("POCL_AFFINITY", "1", 0);
}
