/* Evaluating and predicting once: a predictor for one data set. */
#include "data/dataset.h"
#include "device/wait.h"
#include "model/network.h"
#include "training/predictor.h"
#include "training/trainer.h"

/* A predictor with no more room than the data needs; `call` is for the error text, `result` where it goes. */
static epocl_status begin(const char *call, epocl_device *device, const epocl_network *network,
                          const epocl_dataset *dataset, const void *result, bool targets_needed,
                          epocl_predictor **predictor) {
    if (!device || !network || !dataset || !result) return fail(EPOCL_ERROR_ARGUMENT, "%s: NULL argument", call);
    const epocl_status status = network_check_dataset(network, dataset, targets_needed);
    if (status != EPOCL_OK) return status;
    const bool has_values = targets_needed && dataset->values;
    return predictor_create(device, network, smaller(EVALUATION_BATCH, dataset->sample_count), has_values, predictor);
}

epocl_status epocl_evaluate_sized(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                  epocl_evaluation *evaluation, size_t evaluation_bytes) {
    epocl_predictor *predictor = NULL;
    epocl_status status = begin("epocl_evaluate", device, network, dataset, evaluation, true, &predictor);
    if (status == EPOCL_OK) status = epocl_predictor_evaluate_sized(predictor, dataset, evaluation, evaluation_bytes);
    epocl_predictor_release(predictor);
    return status;
}

epocl_status epocl_predict(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                           float *outputs) {
    epocl_predictor *predictor = NULL;
    epocl_status status = begin("epocl_predict", device, network, dataset, outputs, false, &predictor);
    if (status == EPOCL_OK) status = epocl_predictor_run(predictor, dataset, outputs, NULL);
    epocl_predictor_release(predictor);
    return status;
}

epocl_status epocl_predict_classes(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                   uint32_t *classes) {
    epocl_predictor *predictor = NULL;
    epocl_status status = begin("epocl_predict_classes", device, network, dataset, classes, false, &predictor);
    if (status == EPOCL_OK) status = epocl_predictor_run(predictor, dataset, NULL, classes);
    epocl_predictor_release(predictor);
    return status;
}
