/* Runs the suites that need no OpenCL; see run_suites() for the arguments. */
#include "support/suite_runner.h"

#define SUITE(name) Suite *name##_suite(void);
#include "host/suites.h"
#undef SUITE

static const suite_entry suites[] = {
#define SUITE(name) {#name, name##_suite, false},
#include "host/suites.h"
#undef SUITE
    {NULL, NULL, false},
};

int main(int argc, char **argv) {
    return run_suites(suites, argc, argv, CK_FORK_GETENV, 120);
}
