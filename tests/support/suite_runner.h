/* What the three test programs share: running the suites of their list. */
#ifndef EPOCL_TESTS_SUITE_RUNNER_H
#define EPOCL_TESTS_SUITE_RUNNER_H

#include <check.h>
#include <stdbool.h>

typedef struct suite_entry {
    const char *name;
    Suite *(*create)(void);
    bool kernels; /* tests kernels alone */
} suite_entry;

/* Runs the suites named in argv, those of kernels for `--kernels`, or all of them without an argument, in the
 * order of the list, which a NULL name ends; `--list` prints their names. Returns the exit status: 0 when every
 * check passed, 1 when one failed, 2 for an argument that is none of these.
 *
 * A test in a process of its own, and each program that it starts, ends by SIGXCPU after `cpu_seconds` of processor
 * time, times CK_TIMEOUT_MULTIPLIER: a busy machine changes nothing. Check's limit of time is but a net against hangs.
 */
int run_suites(const suite_entry *suites, int argc, char **argv, enum fork_status fork_mode, double cpu_seconds);

#endif
