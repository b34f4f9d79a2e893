/* Every OpenCL call of a run fails, once and from there on. */
#include "command/system/exit.h"
#include "device/programs/program.h"
#include "faults/faulty_run.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define CODE_NAME "CL_OUT_OF_RESOURCES" /* the layer's, unless told otherwise */

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names; names++)
        if (strcmp(name, *names) == 0) return true;
    return false;
}

static bool is_call(const call_log *log, size_t i, const char *name) {
    return strcmp(log->calls[i].name, name) == 0;
}

/* Whether call `i` makes a resident plan: a program other than those of the layered one, and its kernels, which are
 * created next after the program is built, or found, and kept. */
static bool makes_resident_plan(const call_log *log, size_t i) {
    static const char *const on_a_kernel[] = {"clCreateKernel", "clSetKernelArg", "clGetKernelWorkGroupInfo", NULL};
    static const char *const on_a_program[] = {"clCreateProgramWithSource", "clBuildProgram", "clGetProgramBuildInfo",
                                               "clRetainProgram", NULL};
    size_t program_count = 0;
    for (size_t j = 0; j <= i; j++) program_count += is_call(log, j, "clCreateProgramWithSource");
    if (program_count <= PROGRAM_PARTS) return false;
    if (is_one_of(log->calls[i].name, on_a_program)) return true;
    while (is_one_of(log->calls[i].name, on_a_kernel)) i--;
    return is_call(log, i, "clRetainProgram");
}

/* Whether a run may go on after call `i` has failed:
 * - a release: there is nothing to be done, and the run's results are there;
 * - clFinish before the release of buffers or program: the same;
 * - a call that makes the resident plan while the plan is to be chosen: another is chosen. */
static bool is_tolerated(const call_log *log, size_t i, bool plan_is_open) {
    if (strncmp(log->calls[i].name, "clRelease", 9) == 0) return true;
    if (is_call(log, i, "clFinish")) {
        while (i + 1 < log->call_count && is_call(log, i, "clFinish")) i++;
        return is_call(log, i, "clReleaseMemObject") || is_call(log, i, "clReleaseProgram");
    }
    return plan_is_open && makes_resident_plan(log, i);
}

/* The first call that failed and that the run has to report; NULL when there is none. */
static const logged_call *reportable(const call_log *log, bool plan_is_open) {
    for (size_t i = 0; i < log->call_count; i++)
        if (log->calls[i].is_injected && !is_tolerated(log, i, plan_is_open)) return &log->calls[i];
    return NULL;
}

static int expected_status(const char *name) {
    static const char *const looking_for_devices[] = {"clGetPlatformIDs", "clGetPlatformInfo", "clGetDeviceIDs",
                                                      "clGetDeviceInfo", NULL};
    return is_one_of(name, looking_for_devices) ? EXIT_DEVICE : EXIT_RUN_TIME;
}

static const char *judge(const trial *tried, const expectation *whole) {
    const logged_call *failed = reportable(&tried->log, whole->of->plan_is_open);
    const char *problem = trial_problem(tried);
    if (problem) return problem;
    if (!failed) return done_problem(&tried->ended, whole);
    if (!strstr(tried->ended.err, failed->name)) return "does not name the call";
    if (!strstr(tried->ended.err, CODE_NAME)) return "does not name the code";
    return failed_problem(&tried->ended, whole, expected_status(failed->name));
}

/* Makes the call of that number fail; with `suffix` "+", those after it too. */
static void try_failure(const expectation *whole, size_t number, const char *suffix, tally *counted) {
    char fault[120];
    set_variable("LAYER_FAIL", "%zu%s", number, suffix);
    trial tried = trial_run(whole->of, false);
    const char *problem = judge(&tried, whole);
    snprintf(fault, sizeof fault, "%s, call %zu%s (%s)", whole->of->name, number, suffix,
             number <= tried.log.call_count ? tried.log.calls[number - 1].name : "none");
    if (problem) tally_wrong(counted, fault, &tried.ended, "%s", problem);
    counted->tried++;
    trial_release(&tried);
}

START_TEST(every_call_fails) {
    tally counted = {.what = "OpenCL calls failed"};
    for (size_t i = 0; i < SCENARIO_COUNT; i++) {
        unsetenv("LAYER_FAIL");
        expectation whole = expect(&scenarios[i]);
        const fault_range chosen = choose_faults(whole.of->name, whole.call_count, "calls");
        for (size_t number = chosen.begin; number <= whole.call_count; number += chosen.stride) {
            try_failure(&whole, number, "", &counted);
            try_failure(&whole, number, "+", &counted);
        }
        expectation_release(&whole);
    }
    tally_end(&counted);
}
END_TEST

/* Steps are marked every hundredth, which those of the scenarios do not reach. */
START_TEST(a_mark_fails) {
    const scenario long_epoch = {.name = "train a long epoch",
                                 .words =
                                     (const char *const[]){"train",    "--recipe",     "seed",     "--data", "@many",
                                                           "--labels", "@many-labels", "--hidden", "5",      "--epochs",
                                                           "1",        "--batch-size", "1",        "--plan", "layered",
                                                           "--quiet",  "--force",      "--output", "@run",   NULL},
                                 .trains = true};
    tally counted = {.what = "marks failed"};
    fixture_write_images("many", "many-labels", 150);
    unsetenv("LAYER_FAIL");
    expectation whole = expect(&long_epoch);
    trial undisturbed = trial_run(&long_epoch, false);
    for (size_t i = 0; i < undisturbed.log.call_count; i++)
        if (is_call(&undisturbed.log, i, "clEnqueueMarkerWithWaitList")) try_failure(&whole, i + 1, "", &counted);
    trial_release(&undisturbed);
    expectation_release(&whole);
    tally_end(&counted);
}
END_TEST

Suite *opencl_calls_suite(void);

Suite *opencl_calls_suite(void) {
    Suite *suite = suite_create("opencl_calls");
    TCase *tests = tcase_create("every call");
    tcase_add_checked_fixture(tests, faults_create, fixture_remove);
    tcase_add_test(tests, every_call_fails);
    suite_add_tcase(suite, tests);
    TCase *marks = tcase_create("marks");
    tcase_add_checked_fixture(marks, faults_create, fixture_remove);
    tcase_add_test(marks, a_mark_fails);
    suite_add_tcase(suite, marks);
    return suite;
}
