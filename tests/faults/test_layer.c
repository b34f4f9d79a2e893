/* The OpenCL layer itself: what it does to tests/probe/probe.c. */
#include "faults/faulty_run.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static void layer_create(void) {
    scratch_create();
    set_variable("EPOCL", "%s", getenv("LAYER_PROBE"));
    set_variable("OPENCL_LAYERS", "%s", getenv("TEST_LAYER"));
    set_variable("LAYER_LOG", "%s", scratch_path("log"));
}

static const char *const no_words[] = {NULL};

/* What the probe prints, and the log; the caller's to free. */
static char *probe(char **log) {
    size_t byte_count = 0;
    outcome ended = run_words(no_words);
    assert_status(&ended, 0);
    *log = (char *)file_read(scratch_path("log"), &byte_count);
    (*log)[byte_count] = '\0';
    free(ended.err);
    return ended.out;
}

static void assert_probe(const char *const *printed, const char *const *logged) {
    char *log, *out = probe(&log);
    for (; *printed; printed++) assert_contains(out, *printed);
    for (; *logged; logged++) assert_contains(log, *logged);
    free(log);
    free(out);
}
#define LINES(...) ((const char *const[]){__VA_ARGS__, NULL})

START_TEST(logs_and_finds_what_is_left) {
    assert_probe(LINES("floats 1 0: 0\n", "small by 32: 0\n", "hungry by 8: 0\n"),
                 LINES("1 clGetPlatformIDs 0\n", "alive 1\n", "object cl_mem, 2 references, from clCreateBuffer\n"));
}
END_TEST

START_TEST(fails_a_call_once) {
    set_variable("LAYER_FAIL", "11"); /* the third buffer: after two, two and four calls */
    assert_probe(LINES("buffer of 256: 0\nbuffer of 256: 0\nbuffer of 1048576: -5\nfloats"),
                 LINES("11 clCreateBuffer -5 injected\n12 clEnqueueReadBuffer 0\n", "alive 0\n"));
}
END_TEST

START_TEST(fails_from_there_on_with_a_code) {
    set_variable("LAYER_FAIL", "9+");
    set_variable("LAYER_CODE", "-6");
    assert_probe(LINES("buffer of 256: -6\nbuffer of 256: -6\n", "build: -6\n"),
                 LINES("9 clCreateBuffer -6 injected\n10 clCreateBuffer -6 injected\n", "alive 0\n"));
}
END_TEST

START_TEST(fills_new_buffers) {
    set_variable("LAYER_FILL", "1");
    assert_probe(LINES("floats -nan -nan: 0\nfloats 1 0: 0\n"), LINES("alive 1\n"));
}
END_TEST

START_TEST(lowers_and_enforces_limits) {
    set_variable("LAYER_MAX_WORK_GROUP", "16");
    set_variable("LAYER_MAX_LOCAL", "4096");
    set_variable("LAYER_MAX_ALLOCATION", "65536");
    set_variable("LAYER_MAX_GLOBAL", "400");
    assert_probe(LINES("limits 16 4096 65536 400\n", "buffer of 256: 0\nbuffer of 256: -4\nbuffer of 1048576: -61\n",
                       "small by 8: 0\n", "small by 32: -54\n"),
                 LINES("clCreateBuffer -61\n", "clEnqueueNDRangeKernel -54\n"));
}
END_TEST

START_TEST(enforces_the_local_memory_that_the_driver_tells) {
    set_variable("LAYER_MAX_LOCAL", "4096");
    char *log, *out = probe(&log);
    const bool is_told = strstr(out, "hungry has 0 bytes of local memory\n") == NULL; /* PoCL 6 says 0 of any kernel */
    assert_contains(out, is_told ? "hungry has 8192 bytes of local memory\nhungry by 8: -5\n" : "hungry by 8: 0\n");
    free(log);
    free(out);
}
END_TEST

START_TEST(stalls_a_wait) {
    set_variable("LAYER_STALL", "2:0.01"); /* the waits are: a read, a read, clFinish */
    assert_probe(LINES("small by 8: 0\n"), LINES("\nstalls clEnqueueReadBuffer\n"));

    set_variable("LAYER_STALL", "3:600");
    set_variable("LAYER_LOG", "/dev/stderr");
    process started = start_words(no_words);
    process_await(&started, started.err, "stalls clFinish\n");
    ck_assert_int_eq(kill(started.id, SIGKILL), 0);
    outcome ended = process_end(&started);
    assert_status(&ended, -SIGKILL);
    ck_assert_ptr_null(strstr(ended.err, "clFinish 0"));
    outcome_release(&ended);
}
END_TEST

START_TEST(training_relies_on_no_fresh_memory) {
    expectation whole = expect(&scenarios[0]);
    set_variable("LAYER_FILL", "1");
    trial tried = trial_run(whole.of, false);
    const char *problem = done_problem(&tried.ended, &whole);
    ck_assert_msg(!problem, "with NaN in all new buffers: %s", problem);
    trial_release(&tried);
    expectation_release(&whole);
}
END_TEST

Suite *layer_suite(void);

Suite *layer_suite(void) {
    Suite *suite = suite_create("layer");
    TCase *probing = tcase_create("on a probe");
    tcase_add_checked_fixture(probing, layer_create, scratch_remove);
    tcase_add_test(probing, logs_and_finds_what_is_left);
    tcase_add_test(probing, fails_a_call_once);
    tcase_add_test(probing, fails_from_there_on_with_a_code);
    tcase_add_test(probing, fills_new_buffers);
    tcase_add_test(probing, lowers_and_enforces_limits);
    tcase_add_test(probing, enforces_the_local_memory_that_the_driver_tells);
    tcase_add_test(probing, stalls_a_wait);
    suite_add_tcase(suite, probing);
    TCase *training = tcase_create("on training");
    tcase_add_checked_fixture(training, faults_create, fixture_remove);
    tcase_add_test(training, training_relies_on_no_fresh_memory);
    suite_add_tcase(suite, training);
    return suite;
}
