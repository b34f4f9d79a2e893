/* A predictor's inside, for those who know how much data there will be. */
#ifndef EPOCL_TRAINING_PREDICTOR_H
#define EPOCL_TRAINING_PREDICTOR_H

#include "epocl.h"

#include <stdbool.h>

/* epocl_predictor_create with room for mini-batches of `batch_size` samples; no result depends on it. With
 * `has_values` it evaluates data whose targets are values, and knows no classes. */
epocl_status predictor_create(epocl_device *device, const epocl_network *network, size_t batch_size, bool has_values,
                              epocl_predictor **predictor);

#endif
