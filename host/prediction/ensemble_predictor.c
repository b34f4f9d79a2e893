#include "prediction/ensemble_predictor.h"

#include "base/checked.h"
#include "data/dataset.h"
#include "data/encoder/encoder.h"
#include "device/device.h"
#include "model/ensemble.h"

#include <math.h>
#include <string.h>

/* Samples that are worked on at once: at most so many, and so many outputs of them in all. */
enum { MOST_SAMPLES = 8192, MOST_OUTPUTS = 1 << 22 };

struct ensemble_predictor {
    epocl_device *device; /* held */
    epocl_network *network;
    shape_predictors shared;
    double weight;          /* of all members */
    size_t capacity;        /* samples of a part */
    double *sums;           /* [capacity, outputs] */
    float *weighted_inputs; /* likewise, of the means */
    float *costs;           /* [capacity] */
    uint32_t *classes;
};

/* ---- One predictor for each shape ---------------------------------------------------------------- */

epocl_status shape_predictors_take(shape_predictors *shared, const epocl_network *network, epocl_predictor **found) {
    epocl_status status = EPOCL_OK;
    *found = NULL;
    for (size_t i = 0; i < shared->count && !*found; i++)
        if (network_is_alike(predictor_network(shared->predictors[i]), network)) *found = shared->predictors[i];
    if (*found) return predictor_write(*found, network);
    if (!shared->predictors)
        TRY(allocate(ENSEMBLE_MOST_MEMBERS, sizeof(epocl_predictor *), "predictors", &shared->predictors));
    TRY(predictor_create(shared->device, network, shared->batch_size, false, &shared->predictors[shared->count]));
    *found = shared->predictors[shared->count++];
cleanup:
    return status;
}

void shape_predictors_release(shape_predictors *shared) {
    for (size_t i = 0; i < shared->count; i++) epocl_predictor_release(shared->predictors[i]);
    free(shared->predictors);
    *shared = (shape_predictors){0};
}

/* ---- Creation ------------------------------------------------------------------------------------ */

epocl_status ensemble_predictor_create(epocl_device *device, const epocl_network *ensemble, size_t batch_size,
                                       ensemble_predictor **predictor) {
    epocl_status status = EPOCL_OK;
    ensemble_predictor *p = NULL;
    *predictor = NULL;
    TRY(allocate(1, sizeof *p, "a predictor", &p));
    p->device = device_hold(device);
    p->shared = (shape_predictors){.device = device, .batch_size = batch_size};
    TRY(ensemble_copy(ensemble, &p->network));
    const size_t count = ensemble_member_count(p->network), outputs = network_output_count(p->network);
    for (size_t k = 0; k < count; k++) p->weight += (double)ensemble_weight(p->network, k);
    p->capacity = smaller(MOST_SAMPLES, MOST_OUTPUTS / outputs);
    if (p->capacity == 0) p->capacity = 1;
    TRY(allocate(p->capacity * outputs, sizeof *p->sums, "the outputs of an ensemble", &p->sums));
    TRY(allocate(p->capacity * outputs, sizeof *p->weighted_inputs, "the outputs of an ensemble", &p->weighted_inputs));
    TRY(allocate(p->capacity, sizeof *p->costs, "the costs of samples", &p->costs));
    TRY(allocate(p->capacity, sizeof *p->classes, "the classes of samples", &p->classes));
    for (size_t k = 0; k < count; k++) { /* what cannot be compiled fails now */
        epocl_predictor *one = NULL;
        TRY(shape_predictors_take(&p->shared, ensemble_member(p->network, k), &one));
    }
    *predictor = p;
    p = NULL;
cleanup:
    ensemble_predictor_release(p);
    return status;
}

void ensemble_predictor_release(ensemble_predictor *predictor) {
    if (!predictor) return;
    shape_predictors_release(&predictor->shared);
    free(predictor->sums);
    free(predictor->weighted_inputs);
    free(predictor->costs);
    free(predictor->classes);
    epocl_network_release(predictor->network);
    epocl_device_release(predictor->device);
    free(predictor);
}

const epocl_network *ensemble_predictor_network(const ensemble_predictor *predictor) {
    return predictor->network;
}

/* ---- Running ------------------------------------------------------------------------------------- */

/* Where a member's outputs are added. */
typedef struct member_sum {
    const epocl_network *network;
    double weight, *sums;
} member_sum;

static void add_member(void *user, const predicted_samples *samples) {
    const member_sum *sum = user;
    const size_t outputs = network_output_count(sum->network);
    for (size_t i = 0; i < samples->count; i++)
        ensemble_add_outputs(sum->network, samples->weighted_inputs + i * outputs, sum->weight,
                             sum->sums + (samples->first + i) * outputs);
}

/* The inputs of some of a data set's samples; nothing of it is to be released. */
static epocl_dataset inputs_of(const epocl_dataset *dataset, size_t first, size_t count) {
    const size_t sample_bytes = dataset->input_count * dataset_value_bytes(dataset);
    epocl_dataset part = *dataset;
    part.sample_count = count;
    part.inputs = (char *)dataset->inputs + first * sample_bytes;
    part.labels = NULL;
    part.values = NULL;
    part.weights = NULL;
    return part;
}

/* The mean outputs of these samples become p->sums. */
static epocl_status add_members(ensemble_predictor *p, const epocl_dataset *dataset, size_t first, size_t count) {
    epocl_status status = EPOCL_OK;
    const size_t outputs = network_output_count(p->network);
    const epocl_dataset part = inputs_of(dataset, first, count);
    memset(p->sums, 0, count * outputs * sizeof *p->sums);
    for (size_t k = 0; k < ensemble_member_count(p->network); k++) {
        epocl_predictor *one = NULL;
        member_sum sum = {p->network, (double)ensemble_weight(p->network, k), p->sums};
        TRY(shape_predictors_take(&p->shared, ensemble_member(p->network, k), &one));
        TRY(predictor_run(one, &part, &(prediction){.weighted_inputs = true, .take = add_member, .user = &sum}));
    }
    for (size_t i = 0; i < count * outputs; i++) p->sums[i] /= p->weight;
cleanup:
    return status;
}

static size_t largest_of(const double *values, size_t count) {
    size_t largest = 0;
    for (size_t i = 1; i < count; i++)
        if (values[i] > values[largest]) largest = i;
    return largest;
}

/* The class that is said, or, of targets that are values, whether all outputs are rightly said. */
static uint32_t class_of(const epocl_network *network, const double *means, const float *values) {
    const size_t outputs = network_output_count(network), said = largest_of(means, outputs);
    if (!values) return (uint32_t)said;
    if (network->head.code == HEAD_softmax_cross_entropy) {
        size_t right = 0;
        for (size_t i = 1; i < outputs; i++)
            if (values[i] > values[right]) right = i;
        return said == right;
    }
    for (size_t i = 0; i < outputs; i++)
        if ((means[i] > 0.5) != (values[i] >= 0.5f)) return 0;
    return 1;
}

/* Cost, class and weighted inputs of the part's sample `i`, which is the data set's `sample`. */
static void judge(ensemble_predictor *p, const epocl_dataset *dataset, size_t sample, size_t i) {
    const epocl_network *network = p->network;
    const size_t outputs = network_output_count(network);
    const function output = ensemble_output_function(network);
    const double *means = p->sums + i * outputs;
    const float *values = dataset->values ? dataset->values + sample * outputs : NULL;
    double cost = 0.0;
    for (size_t o = 0; o < outputs; o++) {
        const double z = ensemble_weighted_input(network, means[o]);
        const double y = values            ? (double)values[o]
                         : dataset->labels ? (dataset->labels[sample] == o ? 1.0 : 0.0)
                                           : 0.0;
        cost += head_cost(network->head, output, z, y, 0.0);
        if (!isfinite(z)) cost = NAN;
        p->weighted_inputs[i * outputs + o] = (float)z;
    }
    p->costs[i] = (float)cost;
    p->classes[i] = class_of(network, means, values);
}

static epocl_status take_part(ensemble_predictor *p, const epocl_dataset *dataset, const prediction *w, size_t first,
                              size_t count) {
    const size_t outputs = network_output_count(p->network);
    if (w->outputs) {
        float *to = w->outputs + first * outputs;
        for (size_t i = 0; i < count * outputs; i++) to[i] = (float)p->sums[i];
        if (p->network->encoder) encoder_decode(p->network->encoder, to, count);
    }
    if (!w->classes && !w->take) return EPOCL_OK;
    for (size_t i = 0; i < count; i++) judge(p, dataset, first + i, i);
    if (w->take)
        w->take(w->user, &(predicted_samples){.first = first,
                                              .count = count,
                                              .costs = p->costs,
                                              .classes = p->classes,
                                              .weighted_inputs = p->weighted_inputs});
    if (!w->classes) return EPOCL_OK;
    memcpy(w->classes + first, p->classes, count * sizeof *p->classes);
    return predictor_check_costs(p->costs, count, first);
}

epocl_status ensemble_predictor_run(ensemble_predictor *p, const epocl_dataset *dataset, const prediction *w) {
    epocl_status status = EPOCL_OK;
    for (size_t first = 0; first < dataset->sample_count; first += p->capacity) {
        const size_t count = smaller(p->capacity, dataset->sample_count - first);
        TRY(add_members(p, dataset, first, count));
        TRY(take_part(p, dataset, w, first, count));
    }
cleanup:
    return status;
}

epocl_status ensemble_predictor_run_member(ensemble_predictor *p, size_t member, const epocl_dataset *dataset,
                                           const prediction *w) {
    epocl_predictor *one = NULL;
    const epocl_status status = shape_predictors_take(&p->shared, ensemble_member(p->network, member), &one);
    return status == EPOCL_OK ? predictor_run(one, dataset, w) : status;
}
