#include "model/ensemble.h"

#include "base/checked.h"
#include "data/encoder/encoder.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

/* ---- Creation ------------------------------------------------------------------------------------ */

static bool belong_together(const epocl_network *one, const epocl_network *other) {
    const size_t input_count = one->layers[0].input_count;
    return other->layers[0].input_count == input_count && network_output_count(one) == network_output_count(other) &&
           strcmp(one->activation_text, other->activation_text) == 0 && function_is_equal(one->head, other->head) &&
           strcmp(one->output_text, other->output_text) == 0 && strcmp(one->normalization, other->normalization) == 0 &&
           one->of_values == other->of_values &&
           memcmp(one->input_scale, other->input_scale, input_count * sizeof *one->input_scale) == 0 &&
           memcmp(one->input_shift, other->input_shift, input_count * sizeof *one->input_shift) == 0 &&
           encoder_is_alike(one->encoder, other->encoder);
}

static epocl_status fail_count(size_t count) {
    return fail(EPOCL_ERROR_ARGUMENT, "an ensemble has 1 to %d members, not %zu", ENSEMBLE_MOST_MEMBERS, count);
}

static epocl_status check_members(epocl_network *const *members, const uint32_t *weights, size_t count) {
    if (count < 1 || count > ENSEMBLE_MOST_MEMBERS) return fail_count(count);
    for (size_t i = 0; i < count; i++) {
        if (!members[i]->has_parameters) return fail(EPOCL_ERROR_ARGUMENT, "member %zu has not been trained", i);
        if (weights[i] < 1 || weights[i] > ENSEMBLE_MOST_WEIGHT)
            return fail(EPOCL_ERROR_ARGUMENT, "member %zu has weight %" PRIu32 "; there are 1 to %d", i, weights[i],
                        ENSEMBLE_MOST_WEIGHT);
        if (!belong_together(members[0], members[i]))
            return fail(EPOCL_ERROR_ARGUMENT, "member %zu has other inputs, functions or outputs than the first", i);
    }
    return EPOCL_OK;
}

epocl_status ensemble_create(epocl_network *const *members, const uint32_t *weights, size_t count,
                             epocl_network **ensemble) {
    epocl_status status = EPOCL_OK;
    epocl_network *made = NULL;
    *ensemble = NULL;
    TRY(check_members(members, weights, count));
    if (count == 1) {
        *ensemble = members[0];
        return EPOCL_OK;
    }
    TRY(allocate(1, sizeof *made, "an ensemble", &made));
    TRY(allocate(count, sizeof *made->members, "the members of an ensemble", &made->members));
    TRY(allocate(count, sizeof *made->member_weights, "the members of an ensemble", &made->member_weights));
    epocl_network **held = made->members;
    uint32_t *counts = made->member_weights;
    memcpy(held, members, count * sizeof *held);
    memcpy(counts, weights, count * sizeof *counts);
    *made = *members[0]; /* all that the first member has is shown; it stays the member's */
    made->members = held;
    made->member_weights = counts;
    made->member_count = count;
    *ensemble = made;
    made = NULL;
cleanup:
    if (made) {
        free(made->members);
        free(made->member_weights);
        free(made);
    }
    return status;
}

/* ---- Means --------------------------------------------------------------------------------------- */

static void add_softmax(size_t count, const float *z, double weight, double *sums) {
    double largest = -INFINITY, sum = 0.0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, (double)z[i]);
    for (size_t i = 0; i < count; i++) sum += exp((double)z[i] - largest);
    for (size_t i = 0; i < count; i++) sums[i] += weight * (exp((double)z[i] - largest) / sum);
}

void ensemble_add_outputs(const epocl_network *network, const float *z, double weight, double *sums) {
    const function output = network->layers[network->layer_count - 1].activation;
    const size_t count = network_output_count(network);
    if (output.code == ACTIVATION_softmax) {
        add_softmax(count, z, weight, sums);
        return;
    }
    for (size_t i = 0; i < count; i++) sums[i] += weight * activation_value(output, (double)z[i]);
}

double ensemble_weighted_input(const epocl_network *network, double mean) {
    const double most = 1.0 - DBL_EPSILON / 2; /* the largest double below 1 */
    switch (network->head.code) {
    case HEAD_softmax_cross_entropy:
    case HEAD_poisson: return log(mean < DBL_MIN ? DBL_MIN : mean);
    case HEAD_cross_entropy: {
        const double p = mean < DBL_MIN ? DBL_MIN : mean > most ? most : mean;
        return log(p) - log1p(-p);
    }
    default: return mean;
    }
}

function ensemble_output_function(const epocl_network *network) {
    return head_takes_any_output(network->head) ? (function){ACTIVATION_identity, 0.0f} : head_output(network->head);
}

epocl_status ensemble_refuse(const epocl_network *network, const char *what) {
    if (!network_is_ensemble(network)) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "the model is an ensemble of %zu networks, which %s", network->member_count,
                what);
}

/* ---- In the public interface --------------------------------------------------------------------- */

epocl_status epocl_network_create_ensemble(const epocl_network *const *members, const uint32_t *weights, size_t count,
                                           epocl_network **ensemble) {
    epocl_status status = EPOCL_OK;
    epocl_network *copies[ENSEMBLE_MOST_MEMBERS] = {NULL};
    uint32_t counts[ENSEMBLE_MOST_MEMBERS];
    if (ensemble) *ensemble = NULL;
    if (!members || !ensemble) return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_create_ensemble: NULL argument");
    if (count < 1 || count > ENSEMBLE_MOST_MEMBERS) return fail_count(count);
    for (size_t i = 0; i < count; i++) {
        if (!members[i]) TRY(fail(EPOCL_ERROR_ARGUMENT, "epocl_network_create_ensemble: member %zu is NULL", i));
        TRY(ensemble_refuse(members[i], "cannot be a member"));
        TRY(network_copy(members[i], &copies[i]));
        counts[i] = weights ? weights[i] : 1;
    }
    TRY(ensemble_create(copies, counts, count, ensemble));
cleanup:
    for (size_t i = 0; i < count && !*ensemble; i++) epocl_network_release(copies[i]);
    return status;
}

epocl_status ensemble_copy(const epocl_network *network, epocl_network **copy) {
    const size_t count = ensemble_member_count(network);
    const epocl_network *members[ENSEMBLE_MOST_MEMBERS];
    for (size_t k = 0; k < count; k++) members[k] = ensemble_member(network, k);
    return epocl_network_create_ensemble(members, network->member_weights, count, copy);
}

size_t epocl_network_member_count(const epocl_network *network) {
    return ensemble_member_count(network);
}

const epocl_network *epocl_network_member(const epocl_network *network, size_t index) {
    return index < ensemble_member_count(network) ? ensemble_member(network, index) : NULL;
}

double epocl_network_member_share(const epocl_network *network, size_t index) {
    double sum = 0.0;
    if (index >= ensemble_member_count(network)) return 0.0;
    for (size_t i = 0; i < ensemble_member_count(network); i++) sum += (double)ensemble_weight(network, i);
    return (double)ensemble_weight(network, index) / sum;
}
