#include "command/commands.h"
#include "command/run/data_check.h"
#include "command/run/model_file.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/system/device_list.h"
#include "command/table/table_options.h"
#include "command/table/table_predict.h"

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
    {.name = "labels",
     .type = OPTION_STRING,
     .also = "targets",
     SETTING(labels),
     .argument = "FILE",
     .group = "Data",
     .help = "of IDX inputs: labels, from 0 on, or values"},
    {.name = "sample-weights",
     .type = OPTION_STRING,
     SETTING(sample_weights),
     .argument = "FILE",
     .group = "Data",
     .help = "how much each counts, 0 or above, IDX of floats"},
    OPTIONS_OF_READING,
    OPTION_DEVICE("auto"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_HELP,
};

static epocl_status print_json(const epocl_evaluation *evaluation, const char *device_name) {
    return json_line_print(json_pack("{ss so so sI so}",                              //
                                     "event", "evaluate",                             //
                                     "cost", json_number(evaluation->cost),           //
                                     "accuracy", json_number(evaluation->accuracy),   //
                                     "samples", (json_int_t)evaluation->sample_count, //
                                     "device", json_text(device_name)));
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    epocl_dataset *dataset = NULL;
    epocl_device *device = NULL;
    epocl_device_info info;
    epocl_evaluation evaluation = {0};
    char device_name[300];
    const char *const paths[] = {given->data, given->labels, given->sample_weights};
    TRY(data_check_streams(paths, sizeof paths / sizeof *paths));
    TRY(model_file_load(given->model, &network));
    if (table_network(network)) {
        TRY(table_evaluate(given, network));
        goto cleanup;
    }
    if (!given->labels)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "epocl evaluate needs --labels FILE; see epocl evaluate --help"));
    TRY(epocl_dataset_load(given->data, given->labels, &dataset));
    if (given->sample_weights) TRY(epocl_dataset_load_weights(dataset, given->sample_weights));
    TRY(data_check_fit(network, dataset, given->data, given->labels, false));
    TRY(device_open(given, given->device, &device));
    TRY(epocl_evaluate(device, network, dataset, &evaluation));
    epocl_device_describe(device, &info);
    device_text(&info, device_name, sizeof device_name);
    if (given->json)
        TRY(print_json(&evaluation, device_name));
    else
        print_line(stdout, "cost %.6g  accuracy %.6g  samples %zu  device %s", evaluation.cost, evaluation.accuracy,
                   evaluation.sample_count, device_name);
cleanup:
    epocl_device_release(device);
    epocl_dataset_release(dataset);
    epocl_network_release(network);
    return status;
}

const command command_evaluate = {
    .name = "evaluate",
    .summary = "measures a model's cost and accuracy on labelled data",
    .examples = {"evaluate --model run1/model.safetensors --data test.idx.gz --labels test-labels.idx.gz",
                 "evaluate --model run1 --data more-houses.csv"},
    .operand = "data",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
