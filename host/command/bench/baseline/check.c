#include "command/bench/baseline/check.h"

#include <math.h>
#include <stdbool.h>

epocl_status bench_check_near(const char *device, const char *what, double value, double expected, double tolerance) {
    const bool ok = fabs(value - expected) <= tolerance * fabs(expected);
    if (ok) return EPOCL_OK;
    return fail(EPOCL_ERROR_SELF_TEST, "%s gives wrong results, so it was not timed: %s is %.6g, %.6g was expected",
                device, what, value, expected);
}
