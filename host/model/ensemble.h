/* An ensemble: a network of several members, which answer together. Members are networks of their own, with the same
 * inputs, encoder, activation texts and head; only their hidden layers' sizes and number may differ. The ensemble
 * itself shows the layers of its first member, and its answer is the mean of the members' outputs, each counting by
 * its weight. No OpenCL here. */
#ifndef EPOCL_MODEL_ENSEMBLE_H
#define EPOCL_MODEL_ENSEMBLE_H

#include "model/network.h"

enum { ENSEMBLE_MOST_MEMBERS = 64, ENSEMBLE_MOST_WEIGHT = 1 << 20 };

/* Makes an ensemble of `count` trained networks, which it owns from then on (members[] itself stays the caller's); of
 * one alone, that network. EPOCL_ERROR_ARGUMENT, and nothing is taken over, for members that do not belong together
 * and for weights that are not from 1 to ENSEMBLE_MOST_WEIGHT. */
epocl_status ensemble_create(epocl_network *const *members, const uint32_t *weights, size_t count,
                             epocl_network **ensemble);

/* The same, or a network that is no ensemble, with its parameters once more. */
epocl_status ensemble_copy(const epocl_network *network, epocl_network **copy);

/* Members; a network that is no ensemble is its only one. */
static inline bool network_is_ensemble(const epocl_network *network) {
    return network->member_count > 0;
}
static inline size_t ensemble_member_count(const epocl_network *network) {
    return network->member_count ? network->member_count : 1;
}
static inline const epocl_network *ensemble_member(const epocl_network *network, size_t index) {
    return network->member_count ? network->members[index] : network;
}
static inline uint32_t ensemble_weight(const epocl_network *network, size_t index) {
    return network->member_count ? network->member_weights[index] : 1;
}

/* Adds `weight` times a sample's outputs, which follow from its weighted inputs z, to sums[outputs]. */
void ensemble_add_outputs(const epocl_network *network, const float *z, double weight, double *sums);

/* The activation of the outputs; and the weighted input of which it makes a mean output: what cost and metrics are
 * computed from. That is finite for every mean of finite outputs. */
function ensemble_output_function(const epocl_network *network);
double ensemble_weighted_input(const epocl_network *network, double mean);

/* EPOCL_ERROR_ARGUMENT, with what cannot be done, for an ensemble. */
epocl_status ensemble_refuse(const epocl_network *network, const char *what);

#endif
