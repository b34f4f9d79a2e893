/* A data set in host memory, and the statistics that normalise its inputs. No OpenCL here. */
#ifndef EPOCL_DATA_DATASET_H
#define EPOCL_DATA_DATASET_H

#include "epocl.h"

#include <stdbool.h>

typedef enum input_type { INPUT_BYTES, INPUT_FLOATS } input_type;

struct epocl_dataset {
    size_t sample_count; /* at least 1                                                  */
    size_t input_count;  /* values a sample, at least 1; of a table, the encoder's sources */
    size_t class_count;  /* 0 without labels; every label is below it                   */
    input_type type;
    void *inputs;            /* sample_count x input_count of uint8_t or float, row-major, owned */
    uint32_t *labels;        /* sample_count, owned; NULL without labels                         */
    size_t value_count;      /* target values a sample; 0 without                              */
    float *values;           /* sample_count x value_count, owned; NULL without, and where there are labels */
    float *weights;          /* sample_count, owned; NULL: all weigh 1                         */
    struct encoder *encoder; /* what made the inputs of a table (data/encoder.h), held; NULL otherwise */
    uint64_t identity;       /* of its contents: no two data sets of a process share it; 0: none yet   */
};

/* The most samples, inputs a sample and classes accepted anywhere: indices are 32-bit on the device. */
#define DATASET_MAX_SAMPLES ((size_t)1 << 31)
#define DATASET_MAX_INPUTS  ((size_t)1 << 24)
#define DATASET_MAX_CLASSES ((size_t)1 << 20)

/* Gives a data set whose contents were made or changed an identity of its own. */
void dataset_identify(epocl_dataset *dataset);

/* Whether there are target values, and each is 0 or 1: units say no or yes. */
bool dataset_is_of_answers(const epocl_dataset *dataset);

/* Mean of the samples' weights: 1 where they have none. */
double dataset_mean_weight(const epocl_dataset *dataset);

/* Bytes of one input value. */
size_t dataset_value_bytes(const epocl_dataset *dataset);

/* "60000 x 784 bytes, CRC-32 0123abcd": counts, and a checksum of inputs, targets and weights, which tells data sets
 * apart. */
void dataset_fingerprint(const epocl_dataset *dataset, char *text, size_t capacity);

/* Writes, for each input, the factors of normalised = value * scale + shift. `kind` is "none",
 * "scale255", "zscore", "minmax" or "auto"; *resolved_kind is the static name of the kind in effect
 * ("auto": scale255 for bytes, zscore for floats). An input that never varies gets a scale that
 * maps it to 0. Unknown kinds are EPOCL_ERROR_ARGUMENT. Statistics are taken in double precision, samples counting by
 * their weights. */
epocl_status dataset_normalization(const epocl_dataset *dataset, const char *kind, const char **resolved_kind,
                                   float *scale, float *shift);

#endif
