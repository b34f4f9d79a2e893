#include "command/commands.h"
#include "command/run/data_check.h"
#include "command/run/files/model_file.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/metrics_table.h"
#include "command/show/print_line.h"
#include "command/system/device_list.h"
#include "command/table/table_options.h"
#include "command/table/table_predict.h"

#include <math.h>
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
    OPTIONS_OF_TARGETS,
    OPTIONS_OF_READING,
    OPTION_DEVICE("auto"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_HELP,
};

/* The metric's number; NaN where there is none for such targets. */
static double number_of(const epocl_metrics *metrics, const char *name) {
    epocl_metric metric;
    return epocl_metrics_find(metrics, name, &metric) == EPOCL_OK ? metric.values[0] : NAN;
}

static epocl_status print_json(const epocl_metrics *metrics, const epocl_network *network, size_t sample_count,
                               const char *device_name) {
    return json_line_print(
        table_names_json(network, metrics_json(json_pack("{ss so so sI so}",                                      //
                                                         "event", "evaluate",                                     //
                                                         "cost", json_number(number_of(metrics, "cost")),         //
                                                         "accuracy", json_number(number_of(metrics, "accuracy")), //
                                                         "samples", (json_int_t)sample_count,                     //
                                                         "device", json_text(device_name)),
                                               metrics)));
}

static void print_text(const epocl_metrics *metrics, const epocl_network *network, size_t sample_count,
                       const char *device_name) {
    const double accuracy = number_of(metrics, "accuracy");
    char of_classes[48] = "";
    if (isfinite(accuracy)) snprintf(of_classes, sizeof of_classes, "  accuracy %.6g", accuracy);
    print_line(stdout, "cost %.6g%s  samples %zu  device %s", number_of(metrics, "cost"), of_classes, sample_count,
               device_name);
    metrics_table_print(metrics, network);
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    epocl_dataset *dataset = NULL;
    epocl_device *device = NULL;
    epocl_metrics *metrics = NULL;
    epocl_device_info info;
    char device_name[300];
    const char *const paths[] = {given->data, given->labels, given->sample_weights};
    TRY(data_check_streams(paths, sizeof paths / sizeof *paths));
    TRY(model_file_load(given->model, &network));
    if (table_network(network)) {
        TRY(table_evaluation_load(given, network, &dataset));
    } else {
        if (!given->labels)
            TRY(fail(EPOCL_ERROR_ARGUMENT, "epocl evaluate needs --labels FILE; see epocl evaluate --help"));
        TRY(epocl_dataset_load(given->data, given->labels, &dataset));
        if (given->sample_weights) TRY(epocl_dataset_load_weights(dataset, given->sample_weights));
        TRY(data_check_fit(network, dataset, given->data, given->labels, false));
    }
    TRY(device_open(given, given->device, &device));
    TRY(epocl_evaluate_metrics(device, network, dataset, &metrics));
    epocl_device_describe(device, &info);
    device_text(&info, device_name, sizeof device_name);
    if (given->json)
        TRY(print_json(metrics, network, epocl_dataset_sample_count(dataset), device_name));
    else
        print_text(metrics, network, epocl_dataset_sample_count(dataset), device_name);
cleanup:
    epocl_metrics_release(metrics);
    epocl_device_release(device);
    epocl_dataset_release(dataset);
    epocl_network_release(network);
    return status;
}

const command command_evaluate = {
    .name = "evaluate",
    .summary = "measures how right a model is on data with targets",
    .examples = {"evaluate --model run1/model.safetensors --data test.idx.gz --labels test-labels.idx.gz",
                 "evaluate --model run1 --data more-houses.csv"},
    .operand = "data",
    .notes =
        "Of class labels it tells precision, recall and F1 of each class (support: samples, or their weights),\n"
        "averages, balanced accuracy, log loss, Brier score, top-5 accuracy where there are more classes, ROC AUC and\n"
        "average precision of two classes, and the confusion matrix; of 0 and 1 for each output the same for each\n"
        "output, of values RMSE, MAE and R2, for a table in the target's unit. '-', and null in JSON, is undefined: "
        "the\n"
        "recall of a class that no sample has. In averages it counts as 0. docs/math.md has the formulas.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
