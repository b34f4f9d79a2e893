#include "support/suite_runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static bool is_named(const suite_entry *entry, const char *argument) {
    return strcmp(argument, entry->name) == 0 || (entry->kernels && strcmp(argument, "--kernels") == 0);
}

static bool is_wanted(const suite_entry *entry, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (is_named(entry, argv[i])) return true;
    return argc <= 1;
}

static bool names_a_suite(const suite_entry *suites, const char *argument) {
    for (const suite_entry *entry = suites; entry->name; entry++)
        if (is_named(entry, argument)) return true;
    return false;
}

/* For processes to come: the time of this one is only that of starting them. */
static bool limit_processor_time(double seconds) {
    const char *multiplier = getenv("CK_TIMEOUT_MULTIPLIER");
    struct rlimit limit;
    if (getrlimit(RLIMIT_CPU, &limit) != 0) return false;
    limit.rlim_cur = (rlim_t)(seconds * (multiplier ? strtod(multiplier, NULL) : 1));
    if (limit.rlim_cur > limit.rlim_max) limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_CPU, &limit) == 0;
}

int run_suites(const suite_entry *suites, int argc, char **argv, enum fork_status fork_mode, double cpu_seconds) {
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (const suite_entry *entry = suites; entry->name; entry++) puts(entry->name);
        return EXIT_SUCCESS;
    }
    for (int i = 1; i < argc; i++) {
        if (names_a_suite(suites, argv[i])) continue;
        fprintf(stderr, "%s: no suite is called '%s'; --list prints the names\n", argv[0], argv[i]);
        return 2;
    }

    setenv("CK_DEFAULT_TIMEOUT", "1800", 0); /* seconds a test, so that what hangs ends, too */
    SRunner *runner = srunner_create(NULL);
    for (const suite_entry *entry = suites; entry->name; entry++)
        if (is_wanted(entry, argc, argv)) srunner_add_suite(runner, entry->create());
    srunner_set_fork_status(runner, fork_mode);
    if (srunner_fork_status(runner) == CK_FORK && !limit_processor_time(cpu_seconds)) perror("setrlimit");
    srunner_run_all(runner, CK_ENV);
    const int failed_count = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed_count == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
