/* What a network's outputs are, and how far from them single precision may be. */
#ifndef EPOCL_EXPORT_EXACT_H
#define EPOCL_EXPORT_EXACT_H

#include "model/network.h"

/* The outputs of a sample, its inputs or the columns of a table as they are in C, in double precision, and for each a
 * bound on the error of a computation in floats that sums in any order, and whose functions of mathematics err by 16
 * units in the last place at most, as those of C's libraries and of OpenCL do. */
epocl_status exact_outputs(const epocl_network *network, const float *inputs, double *outputs, double *bounds);

#endif
