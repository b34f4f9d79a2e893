/* Runs the suites that need an OpenCL device; see run_suites() for the arguments. */
#include "device/harness.h"
#include "epocl.h"
#include "support/beside.h"
#include "support/suite_runner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUITE(name)        Suite *name##_suite(void);
#define KERNEL_SUITE(name) Suite *name##_suite(void);
#include "device/suites.h"
#undef SUITE
#undef KERNEL_SUITE

static const suite_entry suites[] = {
#define SUITE(name)        {#name, name##_suite, false},
#define KERNEL_SUITE(name) {#name, name##_suite, true},
#include "device/suites.h"
#undef SUITE
#undef KERNEL_SUITE
    {NULL, NULL, false},
};

static epocl_status print_device(void) {
    epocl_device *device = NULL;
    epocl_device_info info = {0};
    const epocl_status status = epocl_device_open(test_device_selector(), &device);
    if (status == EPOCL_OK) {
        epocl_device_describe(device, &info);
        printf("Device: %s, %s (%s)\n", info.name, info.platform_name, info.driver_version);
        fflush(stdout);
    } else {
        fprintf(stderr, "%s: %s\n", epocl_status_name(status), epocl_last_error());
    }
    epocl_device_release(device);
    return status;
}

int main(int argc, char **argv) {
    const bool is_listing = argc == 2 && strcmp(argv[1], "--list") == 0;
    set_path_beside("OPENCL_LAYERS", argv[0], "libtest_layer.so"); /* before the loader reads it */
    if (!is_listing && print_device() != EPOCL_OK) return EXIT_FAILURE;
    /* All in this process: PoCL does not survive fork(). So no test has limits; tests/run.sh has one. */
    return run_suites(suites, argc, argv, CK_NOFORK, 0);
}
