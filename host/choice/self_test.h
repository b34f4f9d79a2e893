/* The certificate of a device: before it trains or predicts for the first time with a choice of kernels, it trains a
 * small network for an epoch, and every tensor on the way is compared with the same computation on the host in double
 * precision. That it passed is kept (device/device_cache.h) for as long as device, driver and kernels stay the same. */
#ifndef EPOCL_CHOICE_SELF_TEST_H
#define EPOCL_CHOICE_SELF_TEST_H

#include "device/device.h"
#include "options/values.h"
#include "plan/matmul.h"

/* Runs the self-test now, with the activations and the head of `network`, and targets that are values or
 * labels. EPOCL_ERROR_SELF_TEST names the kernel, its sizes and the values. */
epocl_status self_test_run(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                           bool has_values);

/* Runs it for the kernels of a resident or merged plan of that shape, whose operations are those of `matmul`, compiled
 * as one: an epoch in slices of a few steps; what they leave is compared, and what the epoch added up. Groups that
 * never come together, as on a busy machine, are no failure: then the epoch has not ended. Of a layered shape it is
 * self_test_run(). */
epocl_status self_test_run_written(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                                   bool has_values, plan_shape shape, bool *has_ended);

/* Runs it unless it is known to have passed or the device is trusted (epocl_device_trust()). */
epocl_status self_test_ensure(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                              bool has_values);

/* The same for a plan that is written out. What has not ended is tested another time. */
epocl_status self_test_ensure_written(epocl_device *device, const matmul_choice *matmul, const epocl_network *network,
                                      bool has_values, plan_shape shape);

/* As self_test_ensure(); should the kernels of `matmul` fail, and another choice is allowed, `*matmul` becomes plain if
 * that passes, which is told: to the options' message or, where `options` is NULL, to the device's. */
epocl_status self_test_or_plain(epocl_device *device, matmul_choice *matmul, const epocl_network *network,
                                bool has_values, const training_options *options);

#endif
