/* Every allocation of a run fails, those that the program makes and those of jansson, zlib and libdeflate for it, once
 * and from there on. */
#include "command/system/exit.h"
#include "faults/faulty_run.h"
#include "faults/preload_log.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const char *judge(const trial *tried, const expectation *whole) {
    const char *problem = trial_problem(tried);
    const bool has_failed = preload_log_read(tried->ended.status < 0).failed_count > 0;
    if (problem) return problem;
    /* A plan that finds no memory can be one not chosen, a text that was refused can be tried in another way: what
     * counts is that the results are those of an undisturbed run. */
    if (!has_failed || tried->ended.status == EXIT_DONE) return done_problem(&tried->ended, whole);
    if (!strstr(tried->ended.err, "not enough memory")) return "does not say that memory is short";
    return failed_problem(&tried->ended, whole, EXIT_RUN_TIME);
}

static void try_failure(const expectation *whole, unsigned long number, const char *suffix, tally *counted) {
    char fault[120];
    set_variable("FAULT_ALLOCATION", "%lu%s", number, suffix);
    trial tried = trial_run(whole->of, false);
    const char *problem = judge(&tried, whole);
    snprintf(fault, sizeof fault, "%s, allocation %lu%s", whole->of->name, number, suffix);
    if (problem) tally_wrong(counted, fault, &tried.ended, "%s", problem);
    counted->tried++;
    trial_release(&tried);
}

START_TEST(every_allocation_fails) {
    tally counted = {.what = "allocations failed"};
    preload_begin();
    for (size_t i = 0; i < SCENARIO_COUNT; i++) {
        unsetenv("FAULT_ALLOCATION");
        expectation whole = expect(&scenarios[i]);
        const unsigned long count = preload_log_read(false).allocations;
        const fault_range chosen = choose_faults(whole.of->name, count, "allocations");
        for (unsigned long number = chosen.begin; number <= count; number += chosen.stride) {
            try_failure(&whole, number, "", &counted);
            try_failure(&whole, number, "+", &counted);
        }
        expectation_release(&whole);
    }
    tally_end(&counted);
}
END_TEST

Suite *allocations_suite(void);

Suite *allocations_suite(void) {
    Suite *suite = suite_create("allocations");
    TCase *tests = tcase_create("every allocation");
    tcase_add_checked_fixture(tests, faults_create, fixture_remove);
    tcase_add_test(tests, every_allocation_fails);
    suite_add_tcase(suite, tests);
    return suite;
}
