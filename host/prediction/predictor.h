/* A predictor's inside, for those who know how much data there will be. */
#ifndef EPOCL_PREDICTION_PREDICTOR_H
#define EPOCL_PREDICTION_PREDICTOR_H

#include "epocl.h"
#include "plan/state.h"

#include <stdbool.h>

/* epocl_predictor_create with room for mini-batches of `batch_size` samples; no result depends on it. With
 * `has_values` it evaluates data whose targets are values, and knows no classes. */
epocl_status predictor_create(epocl_device *device, const epocl_network *network, size_t batch_size, bool has_values,
                              epocl_predictor **predictor);

/* Samples of a mini-batch as they come back. */
typedef struct predicted_samples {
    size_t first, count;          /* of the data set                                                          */
    const float *costs;           /* [count]; not finite where the outputs overflow                           */
    const uint32_t *classes;      /* [count]; of a predictor of values: whether all outputs are rightly said  */
    const float *weighted_inputs; /* [count, outputs] of the output layer; NULL unless they are wanted        */
} predicted_samples;

/* What is wanted of a data set, and where it goes. */
typedef struct prediction {
    float *outputs;    /* [samples, outputs]; NULL: not wanted                 */
    uint32_t *classes; /* [samples]; NULL: not wanted, but see the others      */
    bool metrics;      /* costs and correct answers are added up in the state  */
    bool weighted_inputs;
    void (*take)(void *user, const predicted_samples *samples); /* each mini-batch in turn; NULL: nobody */
    void *user;
} prediction;

/* All samples of a data set, which fits; afterwards nothing is on its way any more. */
epocl_status predictor_run(epocl_predictor *predictor, const epocl_dataset *dataset, const prediction *wanted);

/* Brings the parameters of another network of the predictor's shape and functions to the device. */
epocl_status predictor_write(const epocl_predictor *predictor, const epocl_network *network);

/* EPOCL_ERROR_DATA, naming the sample, unless costs are finite: without a finite one a sample has no class. */
epocl_status predictor_check_costs(const float *costs, size_t count, size_t first);

/* The predictor itself, or one that it keeps for targets of the other kind. */
epocl_status predictor_of_kind(epocl_predictor *predictor, bool has_values, epocl_predictor **found);

/* Of an ensemble nothing is added up on the device. */
bool predictor_is_of_ensemble(const epocl_predictor *predictor);

/* The network's shape and functions, and the state after the last run. */
const epocl_network *predictor_network(const epocl_predictor *predictor);
epocl_status predictor_read_state(const epocl_predictor *predictor, epoch_state *state);

#endif
