/* Choosing who makes the matrix products. */
#ifndef EPOCL_CHOICE_MATMUL_H
#define EPOCL_CHOICE_MATMUL_H

#include "device/device.h"
#include "options/values.h"
#include "plan/matmul.h"

/* What `options->matmul` names; for "auto" what `options->tune` finds: candidates that do not agree with plain are
 * dropped, the fastest is taken and remembered. */
epocl_status matmul_choose(epocl_device *device, const epocl_network *network, const training_options *options,
                           size_t batch_size, matmul_choice *choice);

#endif
