#include "base/checked.h"
#include "command/commands.h"
#include "command/run/data_check.h"
#include "command/run/model_file.h"
#include "command/system/device_list.h"
#include "command/table/table_options.h"
#include "command/table/table_predict.h"

#include <inttypes.h>
#include <stdio.h>

static const option_row options[] = {
    OPTION_MODEL,
    {.name = "data",
     .type = OPTION_STRING,
     SETTING(data),
     .argument = "FILE",
     .group = "Data",
     .required = true,
     .help = "a table, for a model of one, else IDX inputs; - is standard input"},
    OPTION_COLUMNS("id", id, "COLUMN", "names the rows (default: that of the training)"),
    OPTIONS_OF_READING,
    OPTION_DEVICE("auto"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,
    {.name = "proba",
     .type = OPTION_FLAG,
     SETTING(proba),
     .group = "Output",
     .help = "also the outputs, a column a class; those of sigmoid units do not sum to 1"},
    {.name = "append",
     .type = OPTION_FLAG,
     SETTING(table.append),
     .group = "Output",
     .help = "of a table: after each row as it stands in the file"},
    OPTION_HELP,
};

static const foreign_option foreign[] = {
    {"output", "the classes go to standard output; write > FILE"},
    {"labels", "epocl evaluate compares with labels"},
    {NULL, NULL},
};

/* A line a sample; `outputs` is [sample_count, output_count], named by what made them; NULL prints none. */
static void print_csv(const uint32_t *classes, const float *outputs, size_t sample_count, size_t output_count,
                      const char *name) {
    printf("class");
    for (size_t i = 0; i < output_count && outputs; i++) printf(",%s%zu", name, i);
    printf("\n");
    for (size_t sample = 0; sample < sample_count; sample++) {
        printf("%" PRIu32, classes[sample]);
        for (size_t i = 0; i < output_count && outputs; i++)
            printf(",%.9g", (double)outputs[sample * output_count + i]);
        printf("\n");
    }
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    epocl_dataset *dataset = NULL;
    epocl_device *device = NULL;
    epocl_predictor *predictor = NULL;
    uint32_t *classes = NULL;
    float *outputs = NULL;
    TRY(model_file_load(given->model, &network));
    if (table_network(network)) {
        TRY(table_predict(given, network));
        goto cleanup;
    }
    TRY(epocl_dataset_load(given->data, NULL, &dataset));
    TRY(data_check_fit(network, dataset, given->data, NULL, false));
    TRY(device_open(given, given->device, &device));
    const size_t output_count = epocl_network_output_count(network, epocl_network_layer_count(network) - 1);
    const size_t sample_count = epocl_dataset_sample_count(dataset);
    TRY(allocate(sample_count, sizeof *classes, "the classes", &classes));
    if (given->proba) TRY(allocate(sample_count, output_count * sizeof *outputs, "the outputs", &outputs));
    TRY(epocl_predictor_create(device, network, &predictor));
    TRY(epocl_predictor_run(predictor, dataset, outputs, classes));
    print_csv(classes, outputs, sample_count, output_count, epocl_network_output(network));
cleanup:
    free(outputs);
    free(classes);
    epocl_predictor_release(predictor);
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
    .notes = "The first column is the class (counted from 0, as evaluate takes it). With --proba, the outputs follow,\n"
             "named by their activation: softmax0, softmax1, ... sum to 1; sigmoid0, ... are each from 0 to 1 and by\n"
             "itself, and do not.",
    .foreign = foreign,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
