/* Runs the suites that make calls of epocl fail; see run_suites() for the arguments. FAULTS_SAMPLE=N in the environment
 * takes N faults of each kind in each run, evenly spread, instead of all. */
#include "support/beside.h"
#include "support/suite_runner.h"

#include <stdlib.h>

#define SUITE(name) Suite *name##_suite(void);
#include "faults/suites.h"
#undef SUITE

static const suite_entry suites[] = {
#define SUITE(name) {#name, name##_suite, false},
#include "faults/suites.h"
#undef SUITE
    {NULL, NULL, false},
};

int main(int argc, char **argv) {
    set_path_beside("EPOCL", argv[0], "../epocl");
    set_path_beside("TEST_LAYER", argv[0], "libtest_layer.so");
    set_path_beside("LAYER_PROBE", argv[0], "layer_probe");
    set_path_beside("FAULT_PRELOAD", argv[0], "libfault_preload.so");
    setenv("CK_DEFAULT_TIMEOUT", "14400", 0); /* seconds a test: thousands of runs */
    return run_suites(suites, argc, argv, CK_FORK_GETENV, 600);
}
