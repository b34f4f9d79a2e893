/* Training by any recipe in double precision, from the definitions of docs/math.md: what a trainer's parameters are
 * after some epochs. Operations are marked for rounding.h. */
#ifndef EPOCL_TESTS_RECIPE_TRAINING_H
#define EPOCL_TESTS_RECIPE_TRAINING_H

#include "data/dataset.h"
#include "model/network.h"
#include "options/values.h"

/* A layer's parameters, [outputs][inputs + 1], a bias last. */
typedef struct trained_layer {
    size_t row_length, count;
    double *values;
} trained_layer;

typedef struct trained {
    size_t layer_count;
    trained_layer layers[NETWORK_MAX_LAYERS];
    double cost; /* the last epoch's mean, of each sample before its own step */
} trained;

/* Trains from the parameters of `network` for `epoch_count` epochs; `sample_weights` [samples] are what samples weigh,
 * or NULL. */
trained reference_train_recipe(const epocl_network *network, const epocl_dataset *data, const double *sample_weights,
                               const training_options *options, size_t epoch_count);
void trained_release(trained *released);

#endif
