#include "training/class_weights.h"

#include "base/checked.h"

/* The weight of each class, [class_count]. */
static epocl_status balance(const epocl_dataset *data, size_t class_count, double *weights) {
    size_t *counts = NULL, present_count = 0;
    const epocl_status status = allocate(class_count, sizeof *counts, "the classes", &counts);
    if (status != EPOCL_OK) return status;
    for (size_t i = 0; i < data->sample_count; i++) counts[data->labels[i]]++;
    for (size_t class = 0; class < class_count; class ++) present_count += counts[class] > 0;
    for (size_t class = 0; class < class_count; class ++)
        if (counts[class] > 0)
            weights[class] = (double)data->sample_count / ((double)present_count * (double)counts[class]);
    free(counts);
    return EPOCL_OK;
}

static epocl_status weights_of(const class_weights_request *request, const epocl_dataset *data, size_t class_count,
                               double *weights) {
    if (request->is_balanced) return balance(data, class_count, weights);
    if (request->weights.count != class_count)
        return fail(EPOCL_ERROR_ARGUMENT, "class-weights has %zu weights for %zu classes; give one for each",
                    request->weights.count, class_count);
    for (size_t class = 0; class < class_count; class ++) weights[class] = request->weights.values[class];
    return EPOCL_OK;
}

epocl_status class_weights_apply(const class_weights_request *request, const epocl_dataset *data, size_t class_count,
                                 weighed_data *weighed) {
    epocl_status status = EPOCL_OK;
    double *weights = NULL, sum = 0.0;
    *weighed = (weighed_data){.data = *data};
    if (!request->is_balanced && request->weights.count == 0) return EPOCL_OK;
    if (!data->labels)
        return fail(EPOCL_ERROR_ARGUMENT, "class-weights are of class labels, and the targets of the data are values");
    TRY(allocate(class_count, sizeof *weights, "the weights of classes", &weights));
    TRY(weights_of(request, data, class_count, weights));
    TRY(allocate(data->sample_count, sizeof *weighed->weights, "the weights of samples", &weighed->weights));
    for (size_t i = 0; i < data->sample_count; i++) {
        const double own = data->weights ? (double)data->weights[i] : 1.0;
        weighed->weights[i] = (float)(own * weights[data->labels[i]]);
        sum += (double)weighed->weights[i];
    }
    if (!(sum > 0.0)) TRY(fail(EPOCL_ERROR_ARGUMENT, "class-weights are 0 for all classes that have samples"));
    weighed->data.weights = weighed->weights;
cleanup:
    free(weights);
    if (status != EPOCL_OK) weighed_data_release(weighed);
    return status;
}

void weighed_data_release(weighed_data *weighed) {
    free(weighed->weights);
    weighed->weights = NULL;
}
