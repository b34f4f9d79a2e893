/* Calibrating a network or an ensemble by what it says of a data set on a device. */
#include "base/result.h"
#include "data/dataset.h"
#include "device/wait.h"
#include "model/calibration.h"
#include "model/ensemble.h"
#include "prediction/ensemble_predictor.h"
#include "training/trainer.h"

#include <string.h>

/* Weighted inputs that are kept of all members together; of more samples only every so many are. */
static const size_t most_kept = (size_t)1 << 28;

static void keep(void *user, const predicted_samples *samples) {
    const member_answers *a = user;
    const size_t outputs = network_output_count(a->network);
    float *to = a->weighted_inputs[0]; /* of the member that is asked */
    for (size_t i = 0; i < samples->count; i++) {
        const size_t sample = samples->first + i, place = sample / a->stride;
        if (sample % a->stride == 0)
            memcpy(to + place * outputs, samples->weighted_inputs + i * outputs, outputs * sizeof *to);
    }
}

static void answers_release(member_answers *a) {
    for (size_t k = 0; a->weighted_inputs && k < ensemble_member_count(a->network); k++) free(a->weighted_inputs[k]);
    free(a->weighted_inputs);
}

static epocl_status answers_create(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                   member_answers *a) {
    epocl_status status = EPOCL_OK;
    const size_t members = ensemble_member_count(network), outputs = network_output_count(network);
    shape_predictors shared = {.device = device, .batch_size = smaller(EVALUATION_BATCH, dataset->sample_count)};
    *a = (member_answers){.network = network, .dataset = dataset};
    a->stride = divide_up(dataset->sample_count * members * outputs, most_kept);
    a->sample_count = divide_up(dataset->sample_count, a->stride);
    TRY(allocate(members, sizeof *a->weighted_inputs, "the answers of networks", &a->weighted_inputs));
    for (size_t k = 0; k < members; k++) {
        epocl_predictor *predictor = NULL;
        member_answers one = *a;
        TRY(allocate(a->sample_count * outputs, sizeof **a->weighted_inputs, "the answers of a network",
                     &a->weighted_inputs[k]));
        one.weighted_inputs = &a->weighted_inputs[k];
        TRY(shape_predictors_take(&shared, ensemble_member(network, k), &predictor));
        TRY(predictor_run(predictor, dataset, &(prediction){.weighted_inputs = true, .take = keep, .user = &one}));
    }
cleanup:
    shape_predictors_release(&shared);
    return status;
}

static bool says_probabilities(const epocl_network *network) {
    return network->head.code == HEAD_softmax_cross_entropy || network->head.code == HEAD_cross_entropy;
}

static epocl_status cost_of(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                            double *cost) {
    epocl_evaluation evaluation;
    const epocl_status status = epocl_evaluate(device, network, dataset, &evaluation);
    *cost = evaluation.cost;
    return status;
}

/* Parameters are rounded, and a sample may have been left out: what is no better on the device is undone. */
static epocl_status calibrate(epocl_device *device, epocl_network *network, const epocl_dataset *dataset,
                              epocl_calibration *made) {
    epocl_status status = EPOCL_OK;
    member_answers answers = {.network = network};
    epocl_network *scaled = NULL;
    TRY(network_check_dataset(network, dataset, true));
    TRY(cost_of(device, network, dataset, &made->cost_before));
    TRY(answers_create(device, network, dataset, &answers));
    TRY(calibration_fit(&answers, &made->temperature));
    TRY(ensemble_copy(network, &scaled));
    calibration_apply(scaled, made->temperature);
    TRY(cost_of(device, scaled, dataset, &made->cost_after));
    if (made->cost_after < made->cost_before) {
        calibration_apply(network, made->temperature);
    } else {
        made->temperature = 1.0;
        made->cost_after = made->cost_before;
    }
cleanup:
    answers_release(&answers);
    epocl_network_release(scaled);
    return status;
}

epocl_status epocl_network_calibrate_sized(epocl_device *device, epocl_network *network, const epocl_dataset *dataset,
                                           epocl_calibration *result, size_t result_bytes) {
    epocl_calibration made = {.temperature = 1.0};
    if (!device || !network || !dataset || !result)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_calibrate: NULL argument");
    if (!says_probabilities(network))
        return fail(EPOCL_ERROR_ARGUMENT,
                    "only probabilities are calibrated, and the network says none: its cost is %s",
                    epocl_network_cost(network));
    const epocl_status status = calibrate(device, network, dataset, &made);
    if (status == EPOCL_OK) result_write(result, result_bytes, &made, sizeof made);
    return status;
}
