/* Runs the suites that run the built epocl program; see run_suites() for the arguments. The tests find
 * the program's absolute path in the environment variable EPOCL, and the layers of tests/odd_devices,
 * tests/pretend_gpus and tests/layers in ODD_LAYER_PATH, PRETEND_LAYER_PATH and TEST_LAYER. */
#include "support/beside.h"
#include "support/suite_runner.h"

#include <stdlib.h>

#define SUITE(name) Suite *name##_suite(void);
#include "command/suites.h"
#undef SUITE

static const suite_entry suites[] = {
#define SUITE(name) {#name, name##_suite, false},
#include "command/suites.h"
#undef SUITE
    {NULL, NULL, false},
};

int main(int argc, char **argv) {
    set_path_beside("EPOCL", argv[0], "../epocl");
    set_path_beside("ODD_LAYER_PATH", argv[0], "libodd_layer.so");
    set_path_beside("PRETEND_LAYER_PATH", argv[0], "libpretend_layer.so");
    set_path_beside("TEST_LAYER", argv[0], "libtest_layer.so");
    return run_suites(suites, argc, argv, CK_FORK_GETENV, 600);
}
