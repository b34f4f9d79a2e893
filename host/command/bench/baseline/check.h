/* A result is checked before its time is told. */
#ifndef EPOCL_COMMAND_BENCH_BASELINE_CHECK_H
#define EPOCL_COMMAND_BENCH_BASELINE_CHECK_H

#include "base/status.h"

/* EPOCL_ERROR_SELF_TEST unless `value` is within `tolerance` x `expected` of `expected`; `what` names it. */
epocl_status bench_check_near(const char *device, const char *what, double value, double expected, double tolerance);

#endif
