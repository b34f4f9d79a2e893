/* A data set in device memory, uploaded once for all trainers that use it at the same time. */
#ifndef EPOCL_EXECUTION_DEVICE_DATASET_H
#define EPOCL_EXECUTION_DEVICE_DATASET_H

#include "base/printable.h"
#include "data/dataset.h"
#include "device/programs/executable.h"

#include <stdatomic.h>

typedef enum dataset_array { ARRAY_INPUTS, ARRAY_LABELS, ARRAY_VALUES, ARRAY_WEIGHTS, ARRAY_COUNT } dataset_array;

typedef struct device_dataset {
    atomic_size_t holder_count;
    epocl_device *device;        /* held                                                 */
    uint64_t identity;           /* of the data set, as it was                           */
    const float *weights;        /* the data set's in host memory, to compare; not read  */
    cl_mem buffers[ARRAY_COUNT]; /* each or NULL, where the data set has none            */
    size_t bytes[ARRAY_COUNT];   /* of them, padded as much as plans do                  */
    char *host_arena;            /* their memory, on a CPU device; else NULL             */
    char fingerprint[PRINTABLE_CAPACITY];
} device_dataset;

/* What a run that is one of many takes from them: each or NULL. */
typedef struct data_loan {
    device_dataset *train, *valid;
    uint64_t taken_bytes; /* of the device's memory, by them and the others */
} data_loan;

/* Copies a data set to the device and waits for it; EPOCL_ERROR_MEMORY where `taken_bytes` of the device's memory do
 * not leave enough. */
epocl_status device_dataset_create(epocl_device *device, const epocl_dataset *dataset, uint64_t taken_bytes,
                                   device_dataset **created);

/* Whether it is of that data set, and weighed as that is. */
bool device_dataset_has_weights(const device_dataset *data, const epocl_dataset *dataset);

/* One holder more, for device_dataset_release(): the last one's frees it, once nothing enqueued uses it. NULL is
 * accepted by both. */
device_dataset *device_dataset_hold(device_dataset *data);
void device_dataset_release(device_dataset *data);

uint64_t device_dataset_bytes(const device_dataset *data);

#endif
