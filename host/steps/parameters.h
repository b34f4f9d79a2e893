/* The parameters of a network in a plan, and what a recipe keeps of each. No OpenCL here; execution/parameters.h moves
 * their values. */
#ifndef EPOCL_STEPS_PARAMETERS_H
#define EPOCL_STEPS_PARAMETERS_H

#include "model/network.h"
#include "plan/plan.h"
#include "plan/recipe.h"

/* The layers' weights and biases, shared by all passes of a plan; or what a slot keeps of them, in the same places. */
typedef struct layer_parameters {
    tensor_id weights, biases;
} layer_parameters;

typedef struct parameter_tensors {
    size_t layer_count;
    layer_parameters *layers;
    layer_parameters *slots[SLOT_COUNT]; /* each or NULL */
    layer_parameters *best;              /* a copy of them after an epoch; NULL: none is kept */
} parameter_tensors;

/* Those that are evaluated and read: the ones that train, or their average. */
static inline layer_parameters *parameters_result(const parameter_tensors *parameters) {
    return parameters->slots[SLOT_AVERAGE] ? parameters->slots[SLOT_AVERAGE] : parameters->layers;
}

/* With what the recipe keeps of them; NULL outside training. */
epocl_status parameters_plan(parameter_tensors *parameters, plan *p, const epocl_network *network, const recipe *r);
epocl_status parameters_plan_best(parameter_tensors *parameters, plan *p, const epocl_network *network);
void parameters_release(parameter_tensors *parameters);

/* Whether updates write gradients to memory: as the recipe wants it, or since a library's product ends there. */
bool gradients_go_to_memory(const plan *p, const recipe *r);

#endif
