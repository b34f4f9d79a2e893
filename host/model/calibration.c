#include "model/calibration.h"

#include "base/checked.h"
#include "data/dataset.h"
#include "model/ensemble.h"

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
