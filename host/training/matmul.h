/* Choosing who makes the matrix products. */
#ifndef EPOCL_TRAINING_MATMUL_H
#define EPOCL_TRAINING_MATMUL_H

#include "device/device.h"
#include "plan/plan.h"

/* A provider's parameters for a device and the network's widest layer. */
matmul_choice matmul_for(matmul_provider provider, const epocl_device_info *info, const epocl_network *network);

/* The provider that suits a device without timing anything. */
matmul_choice matmul_default(const epocl_device_info *info, const epocl_network *network);

/* What `options->matmul` names. "auto" trains a scaled-down network with each candidate for a few steps, drops those
 * that do not agree with plain, and takes the fastest. */
epocl_status matmul_choose(epocl_device *device, const epocl_network *network, const epocl_training_options *options,
                           size_t batch_size, matmul_choice *choice);

#endif
