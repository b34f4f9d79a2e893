#include "command/ensemble/member_outputs.h"

#include "base/checked.h"

#include <math.h>

epocl_status member_outputs_create(const epocl_network *network, size_t capacity, member_outputs *made) {
    epocl_status status = EPOCL_OK;
    const size_t members = epocl_network_member_count(network);
    *made = (member_outputs){.network = network, .capacity = capacity};
    made->output_count = epocl_network_output_count(network, epocl_network_layer_count(network) - 1);
    size_t rows = 0;
    if (!checked_multiply(members, capacity, &rows))
        TRY(fail(EPOCL_ERROR_MEMORY, "not enough memory for the outputs of %zu members", members));
    TRY(allocate(rows, made->output_count * sizeof *made->outputs, "the outputs of members", &made->outputs));
    TRY(allocate(rows, sizeof *made->classes, "the classes of members", &made->classes));
cleanup:
    return status;
}

void member_outputs_release(member_outputs *made) {
    free(made->outputs);
    free(made->classes);
    *made = (member_outputs){0};
}

epocl_status member_outputs_run(member_outputs *made, epocl_predictor *predictor, const epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    for (size_t k = 0; k < epocl_network_member_count(made->network); k++)
        TRY(epocl_predictor_run_member(predictor, k, dataset, made->outputs + k * made->capacity * made->output_count,
                                       made->classes + k * made->capacity));
cleanup:
    return status;
}

float member_output(const member_outputs *made, size_t member, size_t sample, size_t output) {
    return made->outputs[(member * made->capacity + sample) * made->output_count + output];
}

uint32_t member_class(const member_outputs *made, size_t member, size_t sample) {
    return made->classes[member * made->capacity + sample];
}

double member_spread(const member_outputs *made, size_t sample, size_t output) {
    const size_t members = epocl_network_member_count(made->network);
    double mean = 0.0, squares = 0.0;
    for (size_t k = 0; k < members; k++)
        mean += epocl_network_member_share(made->network, k) * (double)member_output(made, k, sample, output);
    for (size_t k = 0; k < members; k++) {
        const double off = (double)member_output(made, k, sample, output) - mean;
        squares += epocl_network_member_share(made->network, k) * off * off;
    }
    return sqrt(squares);
}
