#include "command/commands.h"
#include "command/run/files/model_file.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/system/device_list.h"
#include "command/table/table_importance.h"
#include "command/table/table_options.h"
#include "command/table/table_predict.h"
#include "model/network.h"

#include <string.h>

static const option_row own_options[] = {
    OPTION_MODEL,
    {.name = "data",
     .type = OPTION_STRING,
     SETTING(data),
     .argument = "FILE",
     .group = "Data",
     .required = true,
     .help = "a table with targets that was not trained on; - is standard input"},
    OPTIONS_OF_READING,
    {.name = "metric",
     .type = OPTION_STRING,
     SETTING(table.metric),
     .argument = "NAME",
     .group = "Table",
     .help = "such as r2 (default: log_loss, rmse, of several r2)"},
    {.name = "repeats",
     .type = OPTION_WHOLE,
     SETTING(table.repeats),
     .argument = "N",
     .group = "Table",
     .default_value = "5",
     .minimum = 1,
     .maximum = 10000,
     .help = "how often each column is shuffled"},
    OPTION_DEVICE("auto"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,
    OPTION_JSON,
    OPTION_HELP,
};
static const char *const library_options[] = {"seed", NULL};

static epocl_status print_json(const importance *found, const encoder *e, size_t sample_count,
                               const char *device_name) {
    json_t *columns = json_array();
    for (size_t i = 0; i < found->column_count; i++) {
        const size_t column = found->order[i];
        json_t *falls = json_array();
        for (size_t repeat = 0; repeat < found->repeat_count; repeat++)
            falls = json_appended(falls, json_number(found->falls[column * found->repeat_count + repeat]));
        columns = json_appended(columns, json_pack("{so so so so}", "name", json_text(e->columns[column].name), //
                                                   "mean", json_number(found->mean[column]),                    //
                                                   "deviation", json_number(found->deviation[column]),          //
                                                   "values", falls));
    }
    return json_line_print(json_pack("{ss ss so sI so so}", "event", "importance", //
                                     "metric", found->metric,                      //
                                     "baseline", json_number(found->baseline),     //
                                     "samples", (json_int_t)sample_count,          //
                                     "device", json_text(device_name),             //
                                     "columns", columns));
}

static void print_text(const importance *found, const encoder *e, size_t sample_count, const char *device_name) {
    size_t width = 6;
    print_line(stdout, "%s %.6g  samples %zu  device %s", found->label, found->baseline, sample_count, device_name);
    for (size_t i = 0; i < found->column_count; i++) {
        const size_t length = strlen(e->columns[i].name);
        if (length > width) width = length < 32 ? length : 32;
    }
    print_line(stdout, "%-*s  %s, shuffled %zu times", (int)width, "column", found->rises ? "falls by" : "rises by",
               found->repeat_count);
    for (size_t i = 0; i < found->column_count; i++) {
        const size_t column = found->order[i];
        print_line(stdout, "%-*s  %12.6g  +- %.3g", (int)width, e->columns[column].name, found->mean[column],
                   found->deviation[column]);
    }
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    epocl_dataset *data = NULL;
    epocl_device *device = NULL;
    epocl_predictor *predictor = NULL;
    epocl_device_info info;
    importance found = {0};
    char device_name[300];
    TRY(model_file_load(given->model, &network));
    if (!table_network(network))
        TRY(fail(EPOCL_ERROR_ARGUMENT, "%s was not trained on a table: its inputs are no columns", given->model));
    TRY(table_evaluation_load(given, network, &data));
    TRY(device_open(given, given->device, &device));
    TRY(epocl_predictor_create(device, network, &predictor));
    TRY(importance_measure(predictor, data, given->table.metric, (size_t)given->table.repeats,
                           given->library.training.seed, &found));
    epocl_device_describe(device, &info);
    device_text(&info, device_name, sizeof device_name);
    if (given->json)
        TRY(print_json(&found, network->encoder, epocl_dataset_sample_count(data), device_name));
    else
        print_text(&found, network->encoder, epocl_dataset_sample_count(data), device_name);
cleanup:
    importance_release(&found);
    epocl_predictor_release(predictor);
    epocl_device_release(device);
    epocl_dataset_release(data);
    epocl_network_release(network);
    return status;
}

const command command_importance = {
    .name = "importance",
    .summary = "tells how much a model of a table goes by each column",
    .examples = {"importance --model run1 --data more-houses.csv",
                 "importance --model run1 --data more-houses.csv --metric r2 --json"},
    .operand = "data",
    .notes =
        "The values of a column are shuffled among the rows, so that they go with the target no more, and the model\n"
        "is evaluated again: told is how much worse the metric becomes, the mean of --repeats permutations of --seed\n"
        "and their deviation. About 0, or below: the model does not go by the column. Of columns that say the same,\n"
        "each may seem to matter little, since the other is left. Rows that were trained on flatter what the model\n"
        "has only learned by heart.",
    .options = own_options,
    .option_count = sizeof own_options / sizeof *own_options,
    .library = library_options,
    .run = run,
};
