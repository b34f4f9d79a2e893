/* What a device can do at most: measured without a trace, and plausible. */
#include "device/harness.h"
#include "layers/count.h"

#include <math.h>

Suite *speed_suite(void);

START_TEST(a_device_is_measured_and_left_as_it_was) {
    static const char *const pairs[][2] = {{"clCreateBuffer", "clReleaseMemObject"},
                                           {"clCreateKernel", "clReleaseKernel"},
                                           {"clCreateProgramWithSource", "clReleaseProgram"}};
    call_counter calls;
    epocl_device_speed speed;
    ck_assert_msg(find_call_counter(&calls), "the counting layer is not loaded: OPENCL_LAYERS");
    epocl_device *device = test_device();
    calls.reset();
    ck_assert_ok(epocl_device_measure(device, &speed));
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        ck_assert_uint_gt(calls.count(pairs[i][0]), 0);
        /* The device may keep a program for a next time, each user of which retains it. */
        const unsigned long retained = i == 2 ? calls.count("clRetainProgram") : 0;
        const unsigned long kept = calls.count(pairs[i][0]) + retained - calls.count(pairs[i][1]);
        ck_assert_uint_le(kept, i == 2);
    }
    ck_assert(isfinite(speed.fma_flop_per_second) && speed.fma_flop_per_second > 0);
    ck_assert(isfinite(speed.copy_bytes_per_second) && speed.copy_bytes_per_second > 0);
    ck_assert(isfinite(speed.launch_seconds) && speed.launch_seconds > 0);
}
END_TEST

START_TEST(nothing_is_refused) {
    epocl_device_speed speed;
    ck_assert_int_eq(epocl_device_measure(NULL, &speed), EPOCL_ERROR_ARGUMENT);
    ck_assert_int_eq(epocl_device_measure(test_device(), NULL), EPOCL_ERROR_ARGUMENT);
}
END_TEST

Suite *speed_suite(void) {
    Suite *suite = suite_create("speed");
    TCase *tests = tcase_create("speed");
    tcase_add_test(tests, a_device_is_measured_and_left_as_it_was);
    tcase_add_test(tests, nothing_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
