/* Weights of 8 bits: those of a unit are whole numbers from -127 to 127 times a scale of its own. */
#ifndef EPOCL_EXPORT_QUANTIZED_H
#define EPOCL_EXPORT_QUANTIZED_H

#include "model/network.h"

/* A copy whose weights are the nearest such numbers; all else is the network's, of an ensemble of every member. */
epocl_status quantized_copy(const epocl_network *network, epocl_network **copy);

/* The scale of a unit's weights, above 0. Its products with those whole numbers are floats without rounding, so that
 * the scale of a copy's unit is again the one that made it. */
float quantized_scale(const float *weights, size_t count);

/* The whole number of a weight. */
int quantized_number(float weight, float scale);

/* Says how far the copy's outputs are off the network's, on inputs that are drawn as test vectors are (c_vectors.h),
 * in double precision; of classes also for how many inputs the class is another. */
enum { QUANTIZED_TEXT_CAPACITY = 256 };
epocl_status quantized_describe(const epocl_network *network, const epocl_network *copy,
                                char text[QUANTIZED_TEXT_CAPACITY]);

#endif
