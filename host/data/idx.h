/* IDX files: 0, 0, a type, the number of dimensions, each dimension as a 32-bit big-endian number (the
 * first counts the samples), then the values, big-endian and row-major, and nothing after them. */
#ifndef EPOCL_DATA_IDX_H
#define EPOCL_DATA_IDX_H

#include "data/dataset.h"

/* Reads inputs into `dataset`: type, sample_count, input_count (the product of the other dimensions) and
 * inputs, which the data set owns from then on. 8-bit unsigned integers or 32-bit floats, at least two
 * dimensions: a file with one is most likely the labels, given by mistake. The values are not checked. */
epocl_status idx_read_inputs(const char *path, epocl_dataset *dataset);

/* Reads labels into new memory that the caller frees: integers of 8, 16 or 32 bits in one dimension, as many as there
 * are samples (0: any number), none negative, all below DATASET_MAX_CLASSES. *class_count is one more than the largest.
 * A file whose header declares another number takes no memory. */
epocl_status idx_read_labels(const char *path, size_t sample_count, uint32_t **labels, size_t *label_count,
                             size_t *class_count);

#endif
