/* Where the threads of a CPU device run. */
#define _GNU_SOURCE /* sched_getaffinity() */
#include "command/system/affinity.h"
#include "command/fixture.h"

#include <check.h>
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *affinity_suite(void);

enum { CORES_CAPACITY = 256 };

/* The cores that a thread, or a process's first thread, may use: as text, "" when it has ended. */
static void read_cores(const char *path, char cores[CORES_CAPACITY]) {
    FILE *status = fopen(path, "r");
    *cores = '\0';
    if (!status) return;
    while (fgets(cores, CORES_CAPACITY, status) && strncmp(cores, "Cpus_allowed_list:", 18) != 0) *cores = '\0';
    fclose(status);
}

/* How many of a process's threads have cores of their own, other than the process's. */
static size_t count_pinned(pid_t id) {
    char path[300], all[CORES_CAPACITY], own[CORES_CAPACITY];
    size_t count = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)id);
    read_cores(path, all);
    snprintf(path, sizeof path, "/proc/%d/task", (int)id);
    DIR *threads = opendir(path);
    ck_assert_ptr_nonnull(threads);
    for (const struct dirent *thread; (thread = readdir(threads));) {
        snprintf(path, sizeof path, "/proc/%d/task/%.20s/status", (int)id, thread->d_name);
        if (*thread->d_name == '.') continue;
        read_cores(path, own);
        count += *own && strcmp(own, all) != 0;
    }
    closedir(threads);
    return count;
}

static size_t count_pinned_in_training(void) {
    process training = start(TRAIN, "--hidden", "64", "--epochs", "1000000", "--output", "@run", "--quiet", "--json");
    process_await(&training, training.out, "\"epoch\":2,");
    const size_t count = count_pinned(training.id);
    ck_assert_int_eq(kill(training.id, SIGTERM), 0);
    outcome ended = process_end(&training);
    outcome_release(&ended);
    return count;
}

START_TEST(each_thread_has_a_core_unless_told_otherwise) {
    cpu_set_t own;
    ck_assert_int_eq(sched_getaffinity(0, sizeof own, &own), 0);
    if (CPU_COUNT(&own) < 2) return;
    unsetenv("POCL_AFFINITY");
    const bool has_all = CPU_COUNT(&own) == sysconf(_SC_NPROCESSORS_ONLN);
    ck_assert_uint_eq(count_pinned_in_training(), has_all ? (size_t)CPU_COUNT(&own) : 0);
}
END_TEST

START_TEST(the_environment_may_say_otherwise) {
    setenv("POCL_AFFINITY", "0", 1);
    ck_assert_uint_eq(count_pinned_in_training(), 0);
}
END_TEST

/* PoCL would use cores that the process was not given. */
START_TEST(a_process_kept_to_some_cores_keeps_to_them) {
    cpu_set_t own, one;
    ck_assert_int_eq(sched_getaffinity(0, sizeof own, &own), 0);
    if (CPU_COUNT(&own) < 2) return;
    unsetenv("POCL_AFFINITY");
    one = own;
    for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &own)) continue;
        CPU_CLR(cpu, &one);
        break;
    }
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_uint_eq(count_pinned_in_training(), 0);
}
END_TEST

/* PoCL aborts where a thread has no core of its number. */
START_TEST(a_core_for_each_thread_there_must_be) {
    static const struct {
        size_t count, last;
        long online;
        const char *variable, *value;
        bool is_safe;
    } cases[] = {
        {4, 3, 4, NULL, NULL, true},
        {1, 0, 1, NULL, NULL, true},
        {2, 1, 8, NULL, NULL, false},
        {4, 6, 4, NULL, NULL, false}, /* cores 0, 2, 4, 6: every other one is off */
        {2, 3, 2, NULL, NULL, false},
        {0, 0, 0, NULL, NULL, false},
        {1, 0, -1, NULL, NULL, false},
        {4, 3, 4, "POCL_MAX_PTHREAD_COUNT", "4", true},
        {4, 3, 4, "POCL_MAX_PTHREAD_COUNT", "5", false},
        {4, 3, 4, "POCL_MAX_PTHREAD_COUNT", "2", false}, /* another process may have the other cores */
        {4, 3, 4, "POCL_MAX_PTHREAD_COUNT", "many", false},
        {4, 3, 4, "POCL_PTHREAD_MIN_THREADS", "5", false},
        {4, 3, 4, "POCL_CPU_MAX_CU_COUNT", "5", false},
        {4, 3, 4, "POCL_CPU_MIN_CU_COUNT", "5", false},
        {4, 3, 4, "POCL_CPU_MAX_CU_COUNT", "1", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        if (cases[i].variable) setenv(cases[i].variable, cases[i].value, 1);
        ck_assert_msg(affinity_is_safe(cases[i].count, cases[i].last, cases[i].online) == cases[i].is_safe, "case %zu",
                      i);
        if (cases[i].variable) unsetenv(cases[i].variable);
    }
}
END_TEST

START_TEST(more_threads_than_cores_are_no_crash) {
    char count[24];
    snprintf(count, sizeof count, "%ld", sysconf(_SC_NPROCESSORS_ONLN) + 1);
    unsetenv("POCL_AFFINITY");
    setenv("POCL_MAX_PTHREAD_COUNT", count, 1);
    outcome ended = run("devices");
    assert_status(&ended, 0);
    outcome_release(&ended);

    /* Who asks for what cannot be gets a sentence, where PoCL does not do without. */
    setenv("POCL_AFFINITY", "1", 1);
    ended = run(TRAIN, "--dry-run");
    ck_assert_msg(ended.status == 0 || ended.status == 69, "%d", ended.status);
    if (ended.status == 69) assert_contains(ended.err, "epocl: an OpenCL driver crashed");
    outcome_release(&ended);
    unsetenv("POCL_MAX_PTHREAD_COUNT");
    unsetenv("POCL_AFFINITY");
}
END_TEST

Suite *affinity_suite(void) {
    Suite *suite = suite_create("affinity");
    TCase *tests = tcase_create("affinity");
    tcase_add_checked_fixture(tests, fixture_create, fixture_remove);
    tcase_add_test(tests, each_thread_has_a_core_unless_told_otherwise);
    tcase_add_test(tests, the_environment_may_say_otherwise);
    tcase_add_test(tests, a_process_kept_to_some_cores_keeps_to_them);
    tcase_add_test(tests, a_core_for_each_thread_there_must_be);
    tcase_add_test(tests, more_threads_than_cores_are_no_crash);
    suite_add_tcase(suite, tests);
    return suite;
}
