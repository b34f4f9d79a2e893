#include "prediction/calibration.h"

#include "base/result.h"
#include "data/dataset.h"
#include "device/wait.h"
#include "model/ensemble.h"
#include "prediction/ensemble_predictor.h"
#include "training/trainer.h"

#include <math.h>
#include <string.h>

/* ---- The cost by temperature --------------------------------------------------------------------- */

static double target_of(const epocl_dataset *data, size_t sample, size_t output, size_t outputs) {
    if (data->values) return (double)data->values[sample * outputs + output];
    return data->labels[sample] == output ? 1.0 : 0.0;
}

/* As an ensemble's cost is made of its members' weighted inputs. */
static double sample_cost(const member_answers *a, size_t place, double inverse, double *sums, float *z) {
    const epocl_network *network = a->network;
    const size_t outputs = network_output_count(network), sample = place * a->stride;
    const function output = ensemble_output_function(network);
    double weight = 0.0, cost = 0.0;
    memset(sums, 0, outputs * sizeof *sums);
    for (size_t k = 0; k < ensemble_member_count(network); k++) {
        const double share = (double)ensemble_weight(network, k);
        for (size_t o = 0; o < outputs; o++)
            z[o] = (float)((double)a->weighted_inputs[k][place * outputs + o] * inverse);
        ensemble_add_outputs(network, z, share, sums);
        weight += share;
    }
    for (size_t o = 0; o < outputs; o++)
        cost += head_cost(network->head, output, ensemble_weighted_input(network, sums[o] / weight),
                          target_of(a->dataset, sample, o, outputs), 0.0);
    return cost;
}

double calibration_cost(const member_answers *a, double temperature, double *sums, float *z) {
    double cost = 0.0, weight = 0.0;
    for (size_t i = 0; i < a->sample_count; i++) {
        const double one = a->dataset->weights ? (double)a->dataset->weights[i * a->stride] : 1.0;
        if (one > 0.0) cost += one * sample_cost(a, i, 1.0 / temperature, sums, z);
        weight += one;
    }
    return cost / weight;
}

/* ---- The best temperature ------------------------------------------------------------------------ */

/* By halves of an octave, from 1/16 to 16. Of a mean of members the cost may have more than one minimum. */
enum { GRID_OCTAVES = 4, GRID_STEPS = 2, NARROWINGS = 20 };

static double grid_temperature(int step) {
    return exp2((double)step / GRID_STEPS);
}

epocl_status calibration_fit(const member_answers *a, double *temperature) {
    epocl_status status = EPOCL_OK;
    const double golden = 0.5 * (sqrt(5.0) - 1.0);
    double *sums = NULL;
    float *z = NULL;
    int best = 0;
    TRY(allocate(network_output_count(a->network), sizeof *sums, "the outputs of a sample", &sums));
    TRY(allocate(network_output_count(a->network), sizeof *z, "the outputs of a sample", &z));
    double least = calibration_cost(a, 1.0, sums, z);
    for (int step = -GRID_OCTAVES * GRID_STEPS; step <= GRID_OCTAVES * GRID_STEPS; step++) {
        const double cost = step ? calibration_cost(a, grid_temperature(step), sums, z) : least;
        if (!(cost < least)) continue;
        least = cost;
        best = step;
    }
    /* By the logarithm, between its neighbours. */
    double low = ((double)best - 1) / GRID_STEPS, high = ((double)best + 1) / GRID_STEPS;
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double left_cost = calibration_cost(a, exp2(left), sums, z), right_cost = calibration_cost(a, exp2(right), sums, z);
    for (int i = 0; i < NARROWINGS; i++) {
        if (left_cost < right_cost) {
            high = right;
            right = left;
            right_cost = left_cost;
            left = high - golden * (high - low);
            left_cost = calibration_cost(a, exp2(left), sums, z);
        } else {
            low = left;
            left = right;
            left_cost = right_cost;
            right = low + golden * (high - low);
            right_cost = calibration_cost(a, exp2(right), sums, z);
        }
    }
    const double found = exp2(left_cost < right_cost ? left : right), cost = fmin(left_cost, right_cost);
    *temperature = cost < least ? found : grid_temperature(best);
cleanup:
    free(sums);
    free(z);
    return status;
}

static void scale_outputs(epocl_network *network, double factor) {
    layer *last = &network->layers[network->layer_count - 1];
    for (size_t i = 0; i < last->output_count * last->input_count; i++)
        last->weights[i] = (float)((double)last->weights[i] * factor);
    for (size_t i = 0; i < last->output_count; i++) last->biases[i] = (float)((double)last->biases[i] * factor);
}

void calibration_apply(epocl_network *network, double temperature) {
    if (!network_is_ensemble(network)) scale_outputs(network, 1.0 / temperature);
    for (size_t k = 0; k < network->member_count; k++) scale_outputs(network->members[k], 1.0 / temperature);
}

/* ---- A network on a device ----------------------------------------------------------------------- */

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
