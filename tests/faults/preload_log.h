/* The preloaded library of tests/preload, and its log. */
#ifndef EPOCL_TESTS_FAULTS_PRELOAD_LOG_H
#define EPOCL_TESTS_FAULTS_PRELOAD_LOG_H

#include <stdbool.h>

typedef struct preload_log {
    unsigned long allocations, writes;
    unsigned long failed_count;
    bool has_failed_removal; /* of a file or a folder */
    bool has_failed_mkdir, has_failed_openat;
} preload_log;

/* All runs after this one have the library, and FAULT_LOG. */
void preload_begin(void);

/* The log of the last run; `was_killed` if it may have left none. */
preload_log preload_log_read(bool was_killed);

#endif
