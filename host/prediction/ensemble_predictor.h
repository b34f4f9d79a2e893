/* The members of an ensemble on a device, one after another: one predictor for each shape of members, whose parameters
 * are written to it when it is their turn. Outputs, costs and classes are computed on the host, in double precision,
 * from the members' weighted inputs, added up in the members' order. */
#ifndef EPOCL_PREDICTION_ENSEMBLE_PREDICTOR_H
#define EPOCL_PREDICTION_ENSEMBLE_PREDICTOR_H

#include "prediction/predictor.h"

typedef struct ensemble_predictor ensemble_predictor;

/* A copy of the ensemble is kept. */
epocl_status ensemble_predictor_create(epocl_device *device, const epocl_network *ensemble, size_t batch_size,
                                       ensemble_predictor **predictor);
void ensemble_predictor_release(ensemble_predictor *predictor);

const epocl_network *ensemble_predictor_network(const ensemble_predictor *predictor);

/* As predictor_run(), but for the sums on the device: whoever wants metrics takes samples. */
epocl_status ensemble_predictor_run(ensemble_predictor *predictor, const epocl_dataset *dataset,
                                    const prediction *wanted);

/* What one member says by itself. */
epocl_status ensemble_predictor_run_member(ensemble_predictor *predictor, size_t member, const epocl_dataset *dataset,
                                           const prediction *wanted);

/* The predictor of members that have the network's shape, made where there is none among `shared`; the network's
 * parameters are written to it. */
typedef struct shape_predictors {
    epocl_device *device; /* the caller's */
    size_t batch_size;
    size_t count;
    epocl_predictor **predictors;
} shape_predictors;
epocl_status shape_predictors_take(shape_predictors *shared, const epocl_network *network, epocl_predictor **found);
void shape_predictors_release(shape_predictors *shared);

#endif
