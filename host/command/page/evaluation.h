/* What a model says of data with targets. */
#ifndef EPOCL_COMMAND_PAGE_EVALUATION_H
#define EPOCL_COMMAND_PAGE_EVALUATION_H

#include "base/status.h"

#include <stdbool.h>

typedef struct evaluation {
    const epocl_network *network; /* the caller's, as the data */
    const epocl_dataset *data;
    epocl_metrics *metrics;
    float *outputs; /* [samples, outputs]; values in the target's unit */
    size_t sample_count, output_count;
} evaluation;

epocl_status evaluation_create(epocl_device *device, const epocl_network *network, const epocl_dataset *data,
                               evaluation *made);
void evaluation_release(evaluation *made);

/* Of classes; else of values, or of units that say yes or no. */
bool evaluation_is_of_classes(const evaluation *made);
bool evaluation_is_of_values(const evaluation *made);

/* Whether outputs are probabilities. */
bool evaluation_has_probabilities(const evaluation *made);

/* What the data says: a label, a value in the target's unit, and how much the sample counts. */
size_t evaluation_label(const evaluation *made, size_t sample);
double evaluation_value(const evaluation *made, size_t sample, size_t output);
double evaluation_weight(const evaluation *made, size_t sample);

/* The name of a class, or of an output or target, else its number. */
enum { NAME_CAPACITY = 256 };
void evaluation_name(const evaluation *made, size_t place, char name[NAME_CAPACITY]);

#endif
