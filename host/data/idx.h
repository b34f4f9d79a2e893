/* IDX files: 0, 0, a type, the number of dimensions, each dimension as a 32-bit big-endian number (the
 * first counts the samples), then the values, big-endian and row-major, and nothing after them. */
#ifndef EPOCL_DATA_IDX_H
#define EPOCL_DATA_IDX_H

#include "data/dataset.h"

/* Reads inputs into `dataset`: type, sample_count, input_count (the product of the other dimensions) and
 * inputs, which the data set owns from then on. 8-bit unsigned integers or 32-bit floats, at least two
 * dimensions: a file with one is most likely the labels, given by mistake. The values are not checked. */
epocl_status idx_read_inputs(const char *path, epocl_dataset *dataset);

/* Reads targets into `dataset`, as many as it has samples (0: any number, which it has then). By what is in the file:
 * integers in one dimension are labels, none negative, all below DATASET_MAX_CLASSES, and class_count is one more than
 * the largest; 32-bit floats in one or two dimensions are values; a matrix of integers is one of 0 and 1, which become
 * values. A file whose header declares another number takes no memory. */
epocl_status idx_read_targets(const char *path, epocl_dataset *dataset);

/* Reads the weights of `sample_count` samples, 32-bit floats in one dimension, into new memory that the caller frees;
 * NULL on failure. The values are not checked. */
epocl_status idx_read_weights(const char *path, size_t sample_count, float **weights);

#endif
