#include "ensemble/selection.h"

#include "base/checked.h"
#include "data/dataset.h"
#include "model/ensemble.h"

#include <math.h>
#include <string.h>

bool selection_takes_probability(const epocl_network *network, const epocl_dataset *valid) {
    return valid->labels && network->head.code == HEAD_softmax_cross_entropy;
}

/* ---- Costs of a mean ----------------------------------------------------------------------------- */

/* Candidates are tried in turn, so each loop reads sums and one candidate's numbers more. The mean is their sum times
 * `inverse`; [samples, values] are not finite where an output is not. */
static double sum_at(const double *sums, const float *more, size_t i) {
    return sums[i] + (double)more[i];
}

/* -log p over all samples: logarithms of products of 32 probabilities, which are 32 times fewer; in eight lanes. */
static double log_losses(const double *sums, const float *more, double inverse, size_t count) {
    enum { LANES = 8, FACTORS = 32 };
    const double least = SELECTION_LEAST_PROBABILITY;
    double loss = 0.0;
    for (size_t first = 0; first < count; first += (size_t)LANES * FACTORS) {
        double products[LANES] = {1, 1, 1, 1, 1, 1, 1, 1};
        const size_t end = smaller(count, first + (size_t)LANES * FACTORS),
                     whole = first + (end - first) / LANES * LANES;
        for (size_t i = first; i < whole; i += LANES)
            for (size_t lane = 0; lane < LANES; lane++) {
                const double p = sum_at(sums, more, i + lane) * inverse;
                products[lane] *= p < least ? least : p;
            }
        for (size_t i = whole; i < end; i++) {
            const double p = sum_at(sums, more, i) * inverse;
            products[i - whole] *= p < least ? least : p;
        }
        for (size_t lane = 0; lane < LANES; lane++) loss -= log(products[lane]);
    }
    return loss;
}

static double weighed_log_losses(const double *sums, const float *more, double inverse, const selection_task *task) {
    double loss = 0.0;
    for (size_t i = 0; i < task->sample_count; i++) {
        const double p = sum_at(sums, more, i) * inverse;
        loss -= (double)task->weights[i] * log(p < SELECTION_LEAST_PROBABILITY ? SELECTION_LEAST_PROBABILITY : p);
    }
    return loss;
}

static double squared_errors(const double *sums, const float *more, double inverse, const float *targets,
                             size_t count) {
    double loss = 0.0;
    for (size_t i = 0; i < count; i++) {
        const double error = sum_at(sums, more, i) * inverse - (double)targets[i];
        loss += error * error;
    }
    return 0.5 * loss;
}

static double other_costs(const double *sums, const float *more, double inverse, const selection_task *task) {
    const epocl_network *network = task->network;
    const function output = ensemble_output_function(network);
    double loss = 0.0;
    for (size_t i = 0; i < task->sample_count; i++) {
        const double weight = task->weights ? (double)task->weights[i] : 1.0;
        for (size_t v = i * task->value_count; v < (i + 1) * task->value_count; v++) {
            const double mean = sum_at(sums, more, v) * inverse;
            const double z = ensemble_weighted_input(network, mean);
            loss += weight * head_cost(network->head, output, z, (double)task->targets[v], 0.0);
        }
    }
    return loss;
}

static double total_weight(const selection_task *task) {
    double weight = 0.0;
    for (size_t i = 0; i < task->sample_count; i++) weight += task->weights ? (double)task->weights[i] : 1.0;
    return weight;
}

static double cost_with(const selection_task *task, const double *sums, const float *more, double inverse,
                        double weight) {
    const size_t count = task->sample_count * task->value_count;
    if (!task->targets)
        return (task->weights ? weighed_log_losses(sums, more, inverse, task)
                              : log_losses(sums, more, inverse, count)) /
               weight;
    if (task->network->head.code == HEAD_squared && !task->weights)
        return squared_errors(sums, more, inverse, task->targets, count) / weight;
    return other_costs(sums, more, inverse, task) / weight;
}

/* ---- Picks --------------------------------------------------------------------------------------- */

epocl_status selection_make(const selection_task *task, const float *const *candidates, size_t candidate_count,
                            size_t most_picks, selection *made) {
    const size_t count = task->sample_count * task->value_count;
    const double weight = total_weight(task);
    double *sums = NULL;
    *made = (selection){.cost = INFINITY};
    const epocl_status status = allocate(count, sizeof *sums, "the outputs of an ensemble", &sums);
    while (status == EPOCL_OK && made->pick_count < smaller(most_picks, SELECTION_MOST_PICKS)) {
        size_t best = candidate_count;
        for (size_t c = 0; c < candidate_count; c++) {
            const double cost = cost_with(task, sums, candidates[c], 1.0 / (double)(made->pick_count + 1), weight);
            if (!(cost < made->cost)) continue; /* also where it is not a number */
            made->cost = cost;
            best = c;
        }
        if (best == candidate_count) break;
        for (size_t i = 0; i < count; i++) sums[i] += (double)candidates[best][i];
        made->picks[made->pick_count++] = best;
    }
    free(sums);
    return status;
}
