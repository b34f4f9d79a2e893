#include "steps/parameters.h"
#include "base/checked.h"

#include <stdio.h>

static epocl_status plan_parameters(layer_parameters **layers, plan *p, const epocl_network *network,
                                    const char *suffix) {
    const epocl_status status = allocate(network->layer_count, sizeof **layers, "the parameters of a plan", layers);
    if (status != EPOCL_OK) return status;
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *shape = &network->layers[l];
        char name[TENSOR_NAME_CAPACITY];
        snprintf(name, sizeof name, "layers.%zu.weight%s", l, suffix);
        (*layers)[l].weights = plan_add_matrix(p, PURPOSE_PARAMETERS, shape->input_count, shape->output_count, name);
        snprintf(name, sizeof name, "layers.%zu.bias%s", l, suffix);
        (*layers)[l].biases = plan_add_array(p, PURPOSE_PARAMETERS, shape->output_count, sizeof(float), name);
    }
    return EPOCL_OK;
}

bool gradients_go_to_memory(const plan *p, const recipe *r) {
    return p->matmul.provider == MATMUL_CLBLAST || recipe_needs_gradients(r);
}

epocl_status parameters_plan(parameter_tensors *parameters, plan *p, const epocl_network *network, const recipe *r) {
    static const char *const suffixes[SLOT_COUNT] = {".m", ".v", ".gradient", ".average"};
    epocl_status status = EPOCL_OK;
    *parameters = (parameter_tensors){.layer_count = network->layer_count};
    TRY(plan_parameters(&parameters->layers, p, network, ""));
    for (size_t i = 0; r && i < SLOT_COUNT; i++)
        if (recipe_keeps(r, (parameter_slot)i) || (i == SLOT_GRADIENT && gradients_go_to_memory(p, r)))
            TRY(plan_parameters(&parameters->slots[i], p, network, suffixes[i]));
cleanup:
    return status;
}

epocl_status parameters_plan_best(parameter_tensors *parameters, plan *p, const epocl_network *network) {
    return plan_parameters(&parameters->best, p, network, ".best");
}

void parameters_release(parameter_tensors *parameters) {
    free(parameters->layers);
    free(parameters->best);
    for (size_t i = 0; i < SLOT_COUNT; i++) free(parameters->slots[i]);
    *parameters = (parameter_tensors){0};
}
