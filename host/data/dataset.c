#include "data/dataset.h"

#include "base/checked.h"
#include "base/checksum.h"
#include "base/random.h"
#include "data/encoder/encoder.h"
#include "data/idx.h"
#include "data/format/input_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

void dataset_identify(epocl_dataset *dataset) {
    static _Atomic uint64_t latest;
    dataset->identity = atomic_fetch_add(&latest, 1) + 1;
}

size_t dataset_value_bytes(const epocl_dataset *dataset) {
    return dataset->type == INPUT_BYTES ? sizeof(uint8_t) : sizeof(float);
}

size_t epocl_dataset_sample_count(const epocl_dataset *dataset) {
    return dataset ? dataset->sample_count : 0;
}

size_t epocl_dataset_input_count(const epocl_dataset *dataset) {
    return dataset ? dataset->input_count : 0;
}

size_t epocl_dataset_class_count(const epocl_dataset *dataset) {
    return dataset ? dataset->class_count : 0;
}

void epocl_dataset_release(epocl_dataset *dataset) {
    if (!dataset) return;
    free(dataset->inputs);
    free(dataset->labels);
    free(dataset->values);
    free(dataset->weights);
    encoder_release(dataset->encoder);
    free(dataset);
}

/* A data set of this shape, its inputs and (with class_count > 0) labels zero. */
static epocl_status dataset_allocate(input_type type, size_t sample_count, size_t input_count, size_t class_count,
                                     epocl_dataset **dataset) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *created = NULL;
    size_t value_count = 0;
    if (!checked_multiply(sample_count, input_count, &value_count))
        TRY(fail(EPOCL_ERROR_ARGUMENT, "a data set of %zu x %zu values is more than this machine can address",
                 sample_count, input_count));
    TRY(allocate(1, sizeof *created, "a data set", &created));
    created->sample_count = sample_count;
    created->input_count = input_count;
    created->class_count = class_count;
    created->type = type;
    TRY(allocate(value_count, dataset_value_bytes(created), "the inputs of a data set", &created->inputs));
    if (class_count > 0)
        TRY(allocate(sample_count, sizeof *created->labels, "the labels of a data set", &created->labels));
    dataset_identify(created);
    *dataset = created;
    created = NULL;
cleanup:
    epocl_dataset_release(created);
    return status;
}

/* `failure` if an input is NaN or infinite. */
static epocl_status check_finite(const epocl_dataset *dataset, epocl_status failure) {
    if (dataset->type != INPUT_FLOATS) return EPOCL_OK;
    const float *value = dataset->inputs;
    for (size_t sample = 0; sample < dataset->sample_count; sample++) {
        for (size_t input = 0; input < dataset->input_count; input++, value++) {
            if (!isfinite(*value))
                return fail(failure, "input %zu of sample %zu (both counted from 0) is %s; inputs must be finite",
                            input, sample, isnan(*value) ? "NaN" : "infinite");
        }
    }
    return EPOCL_OK;
}

epocl_status epocl_dataset_load(const char *inputs_path, const char *targets_path, epocl_dataset **dataset) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *loaded = NULL;
    if (!dataset) return fail(EPOCL_ERROR_ARGUMENT, "epocl_dataset_load: dataset is NULL");
    *dataset = NULL;
    if (!inputs_path) return fail(EPOCL_ERROR_ARGUMENT, "epocl_dataset_load: inputs_path is NULL");
    if (targets_path && strcmp(inputs_path, "-") == 0 && strcmp(targets_path, "-") == 0)
        return fail(EPOCL_ERROR_ARGUMENT, "inputs and targets cannot both be standard input");
    TRY(allocate(1, sizeof *loaded, "a data set", &loaded));
    TRY(idx_read_inputs(inputs_path, loaded));
    status = check_finite(loaded, EPOCL_ERROR_DATA);
    if (status != EPOCL_OK) TRY(fail_prefix(status, "%s: ", input_file_name(inputs_path)));
    if (targets_path) TRY(idx_read_targets(targets_path, loaded));
    dataset_identify(loaded);
    *dataset = loaded;
    loaded = NULL;
cleanup:
    epocl_dataset_release(loaded);
    return status;
}

static epocl_status check_count(const char *what, size_t count, size_t maximum) {
    if (count >= 1 && count <= maximum) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT, "%s must be from 1 to %zu, not %zu", what, maximum, count);
}

static epocl_status check_labels(const uint32_t *labels, size_t sample_count, size_t class_count) {
    for (size_t sample = 0; sample < sample_count; sample++) {
        if (labels[sample] >= class_count)
            return fail(EPOCL_ERROR_ARGUMENT, "label %lu of sample %zu (counted from 0) is not below class_count %zu",
                        (unsigned long)labels[sample], sample, class_count);
    }
    return EPOCL_OK;
}

/* Without labels, class_count is taken as 0. */
static epocl_status dataset_from_array(input_type type, const void *inputs, const uint32_t *labels, size_t sample_count,
                                       size_t input_count, size_t class_count, epocl_dataset **dataset) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *created = NULL;
    if (!dataset) return fail(EPOCL_ERROR_ARGUMENT, "dataset is NULL");
    *dataset = NULL;
    if (!inputs) return fail(EPOCL_ERROR_ARGUMENT, "inputs is NULL");
    TRY(check_count("sample_count", sample_count, DATASET_MAX_SAMPLES));
    TRY(check_count("input_count", input_count, DATASET_MAX_INPUTS));
    if (labels) {
        TRY(check_count("class_count", class_count, DATASET_MAX_CLASSES));
        TRY(check_labels(labels, sample_count, class_count));
    }
    TRY(dataset_allocate(type, sample_count, input_count, labels ? class_count : 0, &created));
    memcpy(created->inputs, inputs, sample_count * input_count * dataset_value_bytes(created));
    if (labels) memcpy(created->labels, labels, sample_count * sizeof *labels);
    TRY(check_finite(created, EPOCL_ERROR_ARGUMENT));
    *dataset = created;
    created = NULL;
cleanup:
    epocl_dataset_release(created);
    return status;
}

epocl_status epocl_dataset_from_floats(const float *inputs, const uint32_t *labels, size_t sample_count,
                                       size_t input_count, size_t class_count, epocl_dataset **dataset) {
    return dataset_from_array(INPUT_FLOATS, inputs, labels, sample_count, input_count, class_count, dataset);
}

epocl_status epocl_dataset_from_bytes(const uint8_t *inputs, const uint32_t *labels, size_t sample_count,
                                      size_t input_count, size_t class_count, epocl_dataset **dataset) {
    return dataset_from_array(INPUT_BYTES, inputs, labels, sample_count, input_count, class_count, dataset);
}

/* ---- Targets and weights ------------------------------------------------------------------------ */

static epocl_status allocate_values(epocl_dataset *dataset, size_t value_count) {
    size_t total = 0;
    if (!checked_multiply(dataset->sample_count, value_count, &total))
        return fail(EPOCL_ERROR_ARGUMENT, "%zu x %zu target values are more than this machine can address",
                    dataset->sample_count, value_count);
    dataset->value_count = value_count;
    return allocate(total, sizeof *dataset->values, "the target values of a data set", &dataset->values);
}

epocl_status epocl_dataset_set_values(epocl_dataset *dataset, const float *values, size_t output_count) {
    epocl_status status = EPOCL_OK;
    if (!dataset || !values) return fail(EPOCL_ERROR_ARGUMENT, "epocl_dataset_set_values: NULL argument");
    if (dataset->encoder)
        return fail(EPOCL_ERROR_ARGUMENT, "a table's data set has the targets of its columns: name others as target");
    TRY(check_count("output_count", output_count, DATASET_MAX_CLASSES));
    for (size_t i = 0; i < dataset->sample_count * output_count; i++)
        if (!isfinite(values[i]))
            return fail(EPOCL_ERROR_ARGUMENT, "target value %zu of sample %zu (both counted from 0) is not finite",
                        i % output_count, i / output_count);
    free(dataset->values);
    free(dataset->labels);
    dataset->values = NULL;
    dataset->labels = NULL;
    dataset->class_count = dataset->value_count = 0;
    dataset_identify(dataset);
    TRY(allocate_values(dataset, output_count));
    memcpy(dataset->values, values, dataset->sample_count * output_count * sizeof *values);
cleanup:
    return status;
}

epocl_status epocl_dataset_set_weights(epocl_dataset *dataset, const float *weights) {
    double sum = 0.0;
    if (!dataset || !weights) return fail(EPOCL_ERROR_ARGUMENT, "epocl_dataset_set_weights: NULL argument");
    for (size_t i = 0; i < dataset->sample_count; i++) {
        if (!isfinite(weights[i]) || weights[i] < 0.0f)
            return fail(EPOCL_ERROR_ARGUMENT,
                        "the weight of sample %zu (counted from 0) must be a finite number, 0 or above, not %g", i,
                        (double)weights[i]);
        sum += (double)weights[i];
    }
    if (!(sum > 0.0)) return fail(EPOCL_ERROR_ARGUMENT, "the weights of all samples are 0");
    if (!dataset->weights) {
        const epocl_status status =
            allocate(dataset->sample_count, sizeof *weights, "the weights of a data set", &dataset->weights);
        if (status != EPOCL_OK) return status;
    }
    memcpy(dataset->weights, weights, dataset->sample_count * sizeof *weights);
    dataset_identify(dataset);
    return EPOCL_OK;
}

epocl_status epocl_dataset_load_weights(epocl_dataset *dataset, const char *path) {
    epocl_status status = EPOCL_OK;
    float *weights = NULL;
    if (!dataset || !path) return fail(EPOCL_ERROR_ARGUMENT, "epocl_dataset_load_weights: NULL argument");
    TRY(idx_read_weights(path, dataset->sample_count, &weights));
    status = epocl_dataset_set_weights(dataset, weights);
    if (status == EPOCL_ERROR_ARGUMENT)
        status = fail(EPOCL_ERROR_DATA, "%s: %s", input_file_name(path), epocl_last_error());
cleanup:
    free(weights);
    return status;
}

bool dataset_is_of_answers(const epocl_dataset *dataset) {
    bool is_of_answers = dataset->values != NULL;
    for (size_t i = 0; is_of_answers && i < dataset->sample_count * dataset->value_count; i++)
        is_of_answers = dataset->values[i] == 0.0f || dataset->values[i] == 1.0f;
    return is_of_answers;
}

double dataset_mean_weight(const epocl_dataset *dataset) {
    double sum = 0.0;
    for (size_t i = 0; dataset->weights && i < dataset->sample_count; i++) sum += (double)dataset->weights[i];
    return dataset->weights ? sum / (double)dataset->sample_count : 1.0;
}

size_t epocl_dataset_value_count(const epocl_dataset *dataset) {
    return dataset ? dataset->value_count : 0;
}

/* ---- Parts -------------------------------------------------------------------------------------- */

/* A data set of as many samples, with targets and weights where `dataset` has them. */
static epocl_status dataset_allocate_like(const epocl_dataset *dataset, size_t sample_count, epocl_dataset **part) {
    epocl_status status = EPOCL_OK;
    TRY(dataset_allocate(dataset->type, sample_count, dataset->input_count, dataset->class_count, part));
    (*part)->encoder = encoder_hold(dataset->encoder);
    if (dataset->values) TRY(allocate_values(*part, dataset->value_count));
    if (dataset->weights)
        TRY(allocate(sample_count, sizeof *(*part)->weights, "the weights of a data set", &(*part)->weights));
cleanup:
    return status;
}

static void copy_sample(epocl_dataset *to, size_t to_sample, const epocl_dataset *from, size_t from_sample) {
    const size_t bytes = from->input_count * dataset_value_bytes(from);
    memcpy((char *)to->inputs + to_sample * bytes, (const char *)from->inputs + from_sample * bytes, bytes);
    if (from->labels) to->labels[to_sample] = from->labels[from_sample];
    if (from->weights) to->weights[to_sample] = from->weights[from_sample];
    for (size_t i = 0; i < from->value_count; i++)
        to->values[to_sample * from->value_count + i] = from->values[from_sample * from->value_count + i];
}

/* A sample goes to the second part if the permutation places it before second_count; within each part the
 * samples keep their order. */
epocl_status epocl_dataset_split(const epocl_dataset *dataset, double fraction, uint64_t seed, epocl_dataset **first,
                                 epocl_dataset **second) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *parts[2] = {NULL, NULL};
    size_t filled[2] = {0, 0};
    if (first) *first = NULL;
    if (second) *second = NULL;
    if (!dataset || !first || !second)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_dataset_split: dataset, first or second is NULL");
    if (!(fraction > 0.0 && fraction < 1.0))
        return fail(EPOCL_ERROR_ARGUMENT, "the fraction to split off must be between 0 and 1, not %g", fraction);
    const size_t sample_count = dataset->sample_count;
    if (sample_count < 2) return fail(EPOCL_ERROR_ARGUMENT, "a data set of 1 sample cannot be split");

    const size_t wanted_count = (size_t)((double)sample_count * fraction + 0.5);
    const size_t second_count = smaller(wanted_count > 0 ? wanted_count : 1, sample_count - 1);
    TRY(dataset_allocate_like(dataset, sample_count - second_count, &parts[0]));
    TRY(dataset_allocate_like(dataset, second_count, &parts[1]));
    for (size_t sample = 0; sample < sample_count; sample++) {
        const uint32_t place = random_permute((uint32_t)seed, (uint32_t)(seed >> 32), RANDOM_SPLIT, 0, (uint32_t)sample,
                                              (uint32_t)sample_count);
        const size_t part = place < second_count;
        copy_sample(parts[part], filled[part]++, dataset, sample);
    }
    *first = parts[0];
    *second = parts[1];
    parts[0] = parts[1] = NULL;
cleanup:
    epocl_dataset_release(parts[0]);
    epocl_dataset_release(parts[1]);
    return status;
}

epocl_status epocl_dataset_count_classes(const epocl_dataset *dataset, size_t *counts) {
    if (!dataset || !counts)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_dataset_count_classes: %s is NULL", dataset ? "counts" : "dataset");
    for (size_t class = 0; class < dataset->class_count; class ++) counts[class] = 0;
    for (size_t i = 0; dataset->labels && i < dataset->sample_count; i++) counts[dataset->labels[i]]++;
    return EPOCL_OK;
}

/* ---- Identity ----------------------------------------------------------------------------------- */

void dataset_fingerprint(const epocl_dataset *dataset, char *text, size_t capacity) {
    const size_t value_count = dataset->sample_count * dataset->input_count;
    uint32_t checksum = checksum_add(0, dataset->inputs, value_count * dataset_value_bytes(dataset));
    if (dataset->labels)
        checksum = checksum_add(checksum, dataset->labels, dataset->sample_count * sizeof *dataset->labels);
    if (dataset->values)
        checksum = checksum_add(checksum, dataset->values,
                                dataset->sample_count * dataset->value_count * sizeof *dataset->values);
    if (dataset->weights)
        checksum = checksum_add(checksum, dataset->weights, dataset->sample_count * sizeof *dataset->weights);
    snprintf(text, capacity, "%zu x %zu %s, CRC-32 %08" PRIx32, dataset->sample_count, dataset->input_count,
             dataset->type == INPUT_BYTES ? "bytes" : "floats", checksum);
}
