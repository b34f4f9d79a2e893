#include "base/checked.h"
#include "command/commands.h"
#include "command/run/data_check.h"
#include "command/run/model_file.h"
#include "command/system/device_list.h"
#include "command/table/table_options.h"
#include "command/table/table_predict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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
     .help = "also the outputs, a column each; those of sigmoid units do not sum to 1"},
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

/* What is predicted, each NULL where it is not printed. */
typedef struct predictions {
    size_t sample_count, output_count;
    uint32_t *classes; /* [samples] */
    float *outputs;    /* [samples, outputs] */
    bool has_answers;  /* of outputs: whether each says yes */
    bool has_values;   /* of outputs: what each says        */
} predictions;

/* After the first, columns begin with a comma. */
static const char *comma(size_t *column) {
    return (*column)++ ? "," : "";
}

static void print_header(const predictions *p, const char *output_name) {
    size_t column = 0;
    if (p->classes) printf("%sclass", comma(&column));
    for (size_t i = 0; i < p->output_count && p->has_answers; i++) printf("%slabel%zu", comma(&column), i);
    for (size_t i = 0; i < p->output_count && p->has_values; i++) printf("%s%s%zu", comma(&column), output_name, i);
    printf("\n");
}

/* A line a sample. */
static void print_csv(const predictions *p, const char *output_name) {
    print_header(p, output_name);
    for (size_t sample = 0; sample < p->sample_count; sample++) {
        const float *outputs = p->outputs ? p->outputs + sample * p->output_count : NULL;
        size_t column = 0;
        if (p->classes) printf("%s%" PRIu32, comma(&column), p->classes[sample]);
        for (size_t i = 0; i < p->output_count && p->has_answers; i++)
            printf("%s%d", comma(&column), outputs[i] > 0.5f);
        for (size_t i = 0; i < p->output_count && p->has_values; i++)
            printf("%s%.9g", comma(&column), (double)outputs[i]);
        printf("\n");
    }
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    epocl_dataset *dataset = NULL;
    epocl_device *device = NULL;
    epocl_predictor *predictor = NULL;
    predictions made = {0};
    TRY(model_file_load(given->model, &network));
    if (table_network(network)) {
        TRY(table_predict(given, network));
        goto cleanup;
    }
    TRY(epocl_dataset_load(given->data, NULL, &dataset));
    TRY(data_check_fit(network, dataset, given->data, NULL, false));
    TRY(device_open(given, given->device, &device));
    const bool of_values = strcmp(epocl_network_targets(network), "values") == 0;
    made.sample_count = epocl_dataset_sample_count(dataset);
    made.output_count = epocl_network_output_count(network, epocl_network_layer_count(network) - 1);
    made.has_answers = strcmp(epocl_network_targets(network), "multi-label") == 0;
    made.has_values = of_values || given->proba;
    if (!of_values && !made.has_answers)
        TRY(allocate(made.sample_count, sizeof *made.classes, "the classes", &made.classes));
    if (made.has_answers || made.has_values)
        TRY(allocate(made.sample_count, made.output_count * sizeof *made.outputs, "the outputs", &made.outputs));
    TRY(epocl_predictor_create(device, network, &predictor));
    TRY(epocl_predictor_run(predictor, dataset, made.outputs, made.classes));
    print_csv(&made, of_values ? "value" : epocl_network_output(network));
cleanup:
    free(made.outputs);
    free(made.classes);
    epocl_predictor_release(predictor);
    epocl_device_release(device);
    epocl_dataset_release(dataset);
    epocl_network_release(network);
    return status;
}

const command command_predict = {
    .name = "predict",
    .summary = "prints the class or the values of each sample as CSV, in the order of the input",
    .examples = {"predict --model run1/model.safetensors --data new.idx.gz > classes.csv",
                 "predict --model run1/model.safetensors --data - --proba < new.idx"},
    .notes =
        "The first column is the class (counted from 0, as evaluate takes it). With --proba, the outputs follow,\n"
        "named by their activation: softmax0, softmax1, ... sum to 1; sigmoid0, ... are each from 0 to 1 and by\n"
        "itself, and do not. Of a network that was trained on values, the columns are value0, value1, ...; of one\n"
        "whose units say no or yes each by itself, they are 0 or 1: label0, label1, ...",
    .foreign = foreign,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
