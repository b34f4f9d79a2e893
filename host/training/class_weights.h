/* Weights of samples that follow from their classes. */
#ifndef EPOCL_TRAINING_CLASS_WEIGHTS_H
#define EPOCL_TRAINING_CLASS_WEIGHTS_H

#include "data/dataset.h"
#include "options/requests.h"

/* A data set that shares the memory of another one but, where classes have weights, the weights of its samples. */
typedef struct weighed_data {
    epocl_dataset data;
    float *weights; /* owned; NULL without class weights */
} weighed_data;

/* `data` with each sample's weight multiplied by that of its class; it must outlive *weighed. Balanced, a class of n_c
 * of n samples weighs n / (k n_c), with k the classes that have samples. EPOCL_ERROR_ARGUMENT for another number of
 * weights than `class_count`, and where targets are no class labels. */
epocl_status class_weights_apply(const class_weights_request *request, const epocl_dataset *data, size_t class_count,
                                 weighed_data *weighed);
void weighed_data_release(weighed_data *weighed);

#endif
