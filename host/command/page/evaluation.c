#include "command/page/evaluation.h"

#include "base/checked.h"
#include "data/dataset.h"
#include "data/encoder/encoder.h"
#include "model/network.h"

#include <stdio.h>
#include <string.h>

epocl_status evaluation_create(epocl_device *device, const epocl_network *network, const epocl_dataset *data,
                               evaluation *made) {
    epocl_status status = EPOCL_OK;
    epocl_predictor *predictor = NULL;
    *made = (evaluation){.network = network,
                         .data = data,
                         .sample_count = epocl_dataset_sample_count(data),
                         .output_count = epocl_network_output_count(network, epocl_network_layer_count(network) - 1)};
    TRY(allocate(made->sample_count, made->output_count * sizeof *made->outputs, "the outputs", &made->outputs));
    TRY(epocl_predictor_create(device, network, &predictor));
    TRY(epocl_predictor_metrics(predictor, data, &made->metrics));
    TRY(epocl_predictor_run(predictor, data, made->outputs, NULL));
cleanup:
    epocl_predictor_release(predictor);
    if (status != EPOCL_OK) evaluation_release(made);
    return status;
}

void evaluation_release(evaluation *made) {
    epocl_metrics_release(made->metrics);
    free(made->outputs);
    *made = (evaluation){0};
}

bool evaluation_is_of_classes(const evaluation *made) {
    return made->data->labels != NULL;
}

bool evaluation_is_of_values(const evaluation *made) {
    return !made->data->labels && strcmp(epocl_network_targets(made->network), "values") == 0;
}

bool evaluation_has_probabilities(const evaluation *made) {
    const char *output = epocl_network_output(made->network);
    return !evaluation_is_of_values(made) && (strcmp(output, "softmax") == 0 || strcmp(output, "sigmoid") == 0);
}

size_t evaluation_label(const evaluation *made, size_t sample) {
    return made->data->labels[sample];
}

double evaluation_value(const evaluation *made, size_t sample, size_t output) {
    const double value = (double)made->data->values[sample * made->output_count + output];
    const encoder *e = made->network->encoder;
    return e && output < e->target_count ? encoder_target_value(&e->targets[output], value) : value;
}

double evaluation_weight(const evaluation *made, size_t sample) {
    return made->data->weights ? (double)made->data->weights[sample] : 1.0;
}

void evaluation_name(const evaluation *made, size_t place, char name[NAME_CAPACITY]) {
    const encoder *e = made->network->encoder;
    const char *known = evaluation_is_of_classes(made) ? epocl_network_class_name(made->network, place)
                        : e && place < e->target_count ? e->targets[place].name
                                                       : NULL;
    if (known)
        snprintf(name, NAME_CAPACITY, "%s", known);
    else
        snprintf(name, NAME_CAPACITY, "%zu", place);
}
