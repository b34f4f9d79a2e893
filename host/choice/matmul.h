/* Choosing who makes the matrix products. */
#ifndef EPOCL_CHOICE_MATMUL_H
#define EPOCL_CHOICE_MATMUL_H

#include "device/device.h"
#include "options/values.h"
#include "plan/plan.h"

/* A provider's parameters for a device and the network's widest layer; NULL: one with wide layers. */
matmul_choice matmul_for(matmul_provider provider, const epocl_device_info *info, const epocl_network *network);

/* The provider that suits a device without timing anything. */
matmul_choice matmul_default(const epocl_device_info *info, const epocl_network *network);

/* Tiles whose rows are samples get as many rows as waste least of a mini-batch's last tile. No result depends on it. */
void matmul_fit_batch(matmul_choice *choice, size_t batch_size);

/* What `options->matmul` names; for "auto" what `options->tune` finds: candidates that do not agree with plain are
 * dropped, the fastest is taken and remembered. */
epocl_status matmul_choose(epocl_device *device, const epocl_network *network, const training_options *options,
                           size_t batch_size, matmul_choice *choice);

#endif
