/* Temperature scaling (C. Guo et al., 2017): one number by which the weighted inputs of the output layer are divided,
 * so that probabilities are as sure as the network is right. No OpenCL here. */
#ifndef EPOCL_MODEL_CALIBRATION_H
#define EPOCL_MODEL_CALIBRATION_H

#include "model/network.h"

/* What the members of a network say of some samples, before their output function. */
typedef struct member_answers {
    const epocl_network *network;
    const epocl_dataset *dataset;
    size_t sample_count, stride; /* samples 0, stride, 2 * stride, ... of the data set */
    float **weighted_inputs;     /* of each member: [samples, outputs]                  */
} member_answers;

/* Mean cost of the mean of the members' outputs with their weighted inputs divided by `temperature`; `sums` and `z`
 * have room for a sample's outputs. */
double calibration_cost(const member_answers *answers, double temperature, double *sums, float *z);

/* The temperature from 1/16 to 16 with the least cost: the best of a grid, then the golden section around it. */
epocl_status calibration_fit(const member_answers *answers, double *temperature);

/* Divides the weighted inputs of the output layer, of each member, for good: it changes weights and biases. */
void calibration_apply(epocl_network *network, double temperature);

#endif
