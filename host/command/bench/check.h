/* A result is checked before its time is told. */
#ifndef EPOCL_COMMAND_BENCH_CHECK_H
#define EPOCL_COMMAND_BENCH_CHECK_H

#include "base/status.h"

/* The mean cross-entropy of a network of sigmoid units on 8-bit inputs, scaled by 1/255: a forward pass in plain C
 * and double precision. */
epocl_status bench_check_cost(const epocl_network *network, const uint8_t *inputs, const uint32_t *labels,
                              size_t sample_count, double *cost);

/* EPOCL_ERROR_SELF_TEST unless `value` is within `tolerance` x `expected` of `expected`; `what` names it. */
epocl_status bench_check_near(const char *device, const char *what, double value, double expected, double tolerance);

#endif
