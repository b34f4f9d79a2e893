#include "base/checked.h"
#include "command/commands.h"
#include "command/data_check.h"
#include "command/device_list.h"
#include "command/model_file.h"

#include <math.h>
#include <stdio.h>

static const command_option options[] = {
    OPTION_MODEL,
    {.name = "data",
     .type = OPTION_TEXT,
     SETTING(data),
     .argument = "FILE",
     .group = "Data",
     .required = true,
     .help = "inputs, IDX, plain or gzip; - is standard input"},
    OPTION_DEVICE("auto"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,
    {.name = "proba",
     .type = OPTION_FLAG,
     SETTING(proba),
     .group = "Output",
     .help = "also the outputs, a column a class; those of sigmoid units do not sum to 1"},
    OPTION_HELP,
};

static const foreign_option foreign[] = {
    {"output", "the classes go to standard output; write > FILE"},
    {"labels", "epocl evaluate compares with labels"},
    {NULL, NULL},
};

static size_t largest(const float *values, size_t count) {
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (values[i] > values[best]) best = i;
    return best;
}

static epocl_status check_finite(const float *outputs, size_t sample_count, size_t output_count) {
    for (size_t i = 0; i < sample_count * output_count; i++)
        if (!isfinite(outputs[i]))
            return fail(EPOCL_ERROR_DATA, "the output of sample %zu is not finite; is its input?", i / output_count);
    return EPOCL_OK;
}

/* A line a sample; `outputs` is [sample_count, output_count], named by what made them; NULL prints none. */
static void print_csv(const float *outputs, size_t sample_count, size_t output_count, const char *name) {
    const bool has_outputs = name != NULL;
    printf("class");
    for (size_t i = 0; i < output_count && has_outputs; i++) printf(",%s%zu", name, i);
    printf("\n");
    for (size_t sample = 0; sample < sample_count; sample++) {
        const float *values = outputs + sample * output_count;
        printf("%zu", largest(values, output_count));
        for (size_t i = 0; i < output_count && has_outputs; i++) printf(",%.9g", (double)values[i]);
        printf("\n");
    }
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    epocl_dataset *dataset = NULL;
    epocl_device *device = NULL;
    float *outputs = NULL;
    TRY(model_file_load(given->model, &network));
    TRY(epocl_dataset_load(given->data, NULL, &dataset));
    TRY(data_check_fit(network, dataset, given->data, NULL, false));
    TRY(device_open(given, given->device, &device));
    const size_t output_count = epocl_network_output_count(network, epocl_network_layer_count(network) - 1);
    const size_t sample_count = epocl_dataset_sample_count(dataset);
    TRY(allocate(sample_count, output_count * sizeof *outputs, "the outputs", &outputs));
    TRY(epocl_predict(device, network, dataset, outputs));
    TRY(check_finite(outputs, sample_count, output_count));
    print_csv(outputs, sample_count, output_count, given->proba ? epocl_network_activation(network) : NULL);
cleanup:
    free(outputs);
    epocl_device_release(device);
    epocl_dataset_release(dataset);
    epocl_network_release(network);
    return status;
}

const command command_predict = {
    .name = "predict",
    .summary = "prints the class of each sample as CSV, in the order of the input",
    .examples = {"predict --model run1/model.safetensors --data new.idx.gz > classes.csv",
                 "predict --model run1/model.safetensors --data - --proba < new.idx"},
    .notes =
        "The first column is the class (counted from 0, the largest output). With --proba, sigmoid0, sigmoid1, ...\n"
        "follow: what the output units say, each from 0 to 1 and by itself. They do not sum to 1.",
    .foreign = foreign,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
