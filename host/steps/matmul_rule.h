/* Which matmul suits a device and a network by rule; choice/matmul.h knows better by timing. No OpenCL here. */
#ifndef EPOCL_STEPS_MATMUL_RULE_H
#define EPOCL_STEPS_MATMUL_RULE_H

#include "model/network.h"
#include "plan/matmul.h"

/* A provider's parameters for a device and the network's widest layer; NULL: one with wide layers. */
matmul_choice matmul_for(matmul_provider provider, const epocl_device_info *info, const epocl_network *network);

/* The provider that suits a device without timing anything. */
matmul_choice matmul_default(const epocl_device_info *info, const epocl_network *network);

/* Tiles whose rows are samples get as many rows as waste least of a mini-batch's last tile. No result depends on it. */
void matmul_fit_batch(matmul_choice *choice, size_t batch_size);

#endif
