#include "execution/parameters.h"

epocl_status parameters_write(const layer_parameters *layers, const executable *e, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *from = &network->layers[l];
        TRY(executable_write_transposed(e, layers[l].weights, from->weights));
        TRY(executable_write(e, layers[l].biases, from->biases, from->output_count * sizeof(float)));
    }
cleanup:
    return status;
}

epocl_status parameters_read(const layer_parameters *layers, const executable *e, epocl_network *network) {
    epocl_status status = EPOCL_OK;
    for (size_t l = 0; l < network->layer_count; l++) {
        layer *to = &network->layers[l];
        TRY(executable_read_transposed(e, layers[l].weights, to->weights));
        TRY(executable_read(e, layers[l].biases, to->biases, to->output_count * sizeof(float)));
    }
    network->has_parameters = true;
cleanup:
    return status;
}

epocl_status parameters_keep_best(const parameter_tensors *parameters, const executable *e) {
    epocl_status status = EPOCL_OK;
    for (size_t l = 0; l < parameters->layer_count; l++) {
        TRY(executable_copy(e, parameters_result(parameters)[l].weights, parameters->best[l].weights));
        TRY(executable_copy(e, parameters_result(parameters)[l].biases, parameters->best[l].biases));
    }
cleanup:
    return status;
}
