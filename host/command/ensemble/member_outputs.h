/* What each member of an ensemble says of some samples, and how far they are apart. */
#ifndef EPOCL_COMMAND_ENSEMBLE_MEMBER_OUTPUTS_H
#define EPOCL_COMMAND_ENSEMBLE_MEMBER_OUTPUTS_H

#include "epocl.h"

typedef struct member_outputs {
    const epocl_network *network; /* the caller's; one that is no ensemble is its only member */
    size_t capacity, output_count;
    float *outputs;    /* [members, capacity, outputs] */
    uint32_t *classes; /* [members, capacity] */
} member_outputs;

/* Room for `capacity` samples. */
epocl_status member_outputs_create(const epocl_network *network, size_t capacity, member_outputs *made);
void member_outputs_release(member_outputs *made);

epocl_status member_outputs_run(member_outputs *made, epocl_predictor *predictor, const epocl_dataset *dataset);

float member_output(const member_outputs *made, size_t member, size_t sample, size_t output);
uint32_t member_class(const member_outputs *made, size_t member, size_t sample);

/* Standard deviation of an output over the members, each counting by its share. */
double member_spread(const member_outputs *made, size_t sample, size_t output);

#endif
