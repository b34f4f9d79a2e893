/* Evaluating, by a predictor; evaluating and predicting once, by one for that data set. */
#include "base/result.h"
#include "data/dataset.h"
#include "device/wait.h"
#include "metrics/metrics.h"
#include "model/ensemble.h"
#include "prediction/predictor.h"
#include "steps/pass_plan.h"

#include <math.h>

/* ---- by a predictor ---- */

/* What an evaluation adds up on the host. */
typedef struct evaluation_sums {
    const epocl_dataset *dataset;
    tally *tally; /* NULL: not wanted */
    double cost, right, weight;
} evaluation_sums;

static void take(void *user, const predicted_samples *samples) {
    evaluation_sums *sums = user;
    const epocl_dataset *data = sums->dataset;
    for (size_t i = 0; i < samples->count; i++) {
        const size_t sample = samples->first + i;
        const double weight = data->weights ? (double)data->weights[sample] : 1.0;
        const bool is_right = data->labels ? samples->classes[i] == data->labels[sample] : samples->classes[i] != 0;
        sums->cost += weight * (double)samples->costs[i];
        sums->right += is_right ? weight : 0.0;
        sums->weight += weight;
    }
    if (!sums->tally) return;
    tally_add(sums->tally,
              &(tally_samples){.count = samples->count,
                               .weighted_inputs = samples->weighted_inputs,
                               .classes = samples->classes,
                               .labels = data->labels ? data->labels + samples->first : NULL,
                               .values = data->values ? data->values + samples->first * data->value_count : NULL,
                               .weights = data->weights ? data->weights + samples->first : NULL});
}

/* Without weights, cost and accuracy are the device's sums, but for an ensemble. */
static epocl_status evaluate(const char *call, epocl_predictor *predictor, const epocl_dataset *dataset,
                             const void *result, tally *t, epocl_evaluation *made) {
    epocl_status status = EPOCL_OK;
    epoch_state state = {0};
    evaluation_sums sums = {.dataset = dataset, .tally = t};
    if (!predictor || !dataset || !result) return fail(EPOCL_ERROR_ARGUMENT, "%s: NULL argument", call);
    const bool has_values = dataset->values != NULL;
    const epocl_network *network = predictor_network(predictor);
    const network_targets targets = network_targets_of(network, has_values);
    TRY(network_check_dataset(network, dataset, true));
    TRY(predictor_of_kind(predictor, has_values, &predictor));
    const bool on_host = dataset->weights || predictor_is_of_ensemble(predictor);
    if (t) TRY(tally_create(network, targets, dataset->sample_count, t));
    if (t && predictor_is_of_ensemble(predictor)) t->output = ensemble_output_function(network);
    TRY(predictor_run(
        predictor, dataset,
        &(prediction){
            .metrics = true, .weighted_inputs = t != NULL, .take = t || on_host ? take : NULL, .user = &sums}));
    if (!predictor_is_of_ensemble(predictor)) TRY(predictor_read_state(predictor, &state));
    if (state.nonfinite_step || !isfinite(sums.cost))
        TRY(fail(EPOCL_ERROR_DIVERGED, "the cost of this network on this data is not finite"));
    const double count = (double)dataset->sample_count;
    *made = (epocl_evaluation){.cost = ((double)state.cost + (double)state.cost_compensation) / count,
                               .accuracy = (double)state.correct / count,
                               .sample_count = dataset->sample_count};
    if (on_host) {
        made->cost = sums.cost / sums.weight;
        made->accuracy = sums.right / sums.weight;
    }
    if (targets == TARGETS_VALUES) made->accuracy = NAN;
cleanup:
    return status;
}

epocl_status epocl_predictor_evaluate_sized(epocl_predictor *predictor, const epocl_dataset *dataset,
                                            epocl_evaluation *evaluation, size_t evaluation_bytes) {
    epocl_evaluation made;
    const epocl_status status = evaluate("epocl_predictor_evaluate", predictor, dataset, evaluation, NULL, &made);
    if (status == EPOCL_OK) result_write(evaluation, evaluation_bytes, &made, sizeof made);
    return status;
}

epocl_status epocl_predictor_metrics(epocl_predictor *predictor, const epocl_dataset *dataset,
                                     epocl_metrics **metrics) {
    epocl_status status = EPOCL_OK;
    epocl_evaluation made;
    tally t = {0};
    if (metrics) *metrics = NULL;
    TRY(evaluate("epocl_predictor_metrics", predictor, dataset, metrics, &t, &made));
    t.cost = made.cost;
    tally_finish(&t);
    TRY(metrics_create(&t, metrics));
cleanup:
    tally_release(&t);
    return status;
}

/* ---- once ---- */

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

epocl_status epocl_evaluate_metrics(epocl_device *device, const epocl_network *network, const epocl_dataset *dataset,
                                    epocl_metrics **metrics) {
    epocl_predictor *predictor = NULL;
    if (metrics) *metrics = NULL;
    epocl_status status = begin("epocl_evaluate_metrics", device, network, dataset, metrics, true, &predictor);
    if (status == EPOCL_OK) status = epocl_predictor_metrics(predictor, dataset, metrics);
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
