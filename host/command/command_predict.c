#include "base/checked.h"
#include "command/commands.h"
#include "command/ensemble/member_outputs.h"
#include "command/run/data_check.h"
#include "command/run/files/model_file.h"
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
    {.name = "spread",
     .type = OPTION_FLAG,
     SETTING(spread),
     .group = "Output",
     .help = "of an ensemble: also the standard deviation over its members"},
    {.name = "members",
     .type = OPTION_FLAG,
     SETTING(members),
     .group = "Output",
     .help = "of an ensemble: also what each member says"},
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
    bool has_spread, has_members;
    member_outputs of_members; /* where one of these is printed */
} predictions;

/* After the first, columns begin with a comma. */
static const char *comma(size_t *column) {
    return (*column)++ ? "," : "";
}

static void print_header(const predictions *p, const char *output_name) {
    size_t column = 0;
    if (p->classes) printf("%sclass", comma(&column));
    for (size_t i = 0; p->has_answers && i < p->output_count; i++) printf("%slabel%zu", comma(&column), i);
    for (size_t i = 0; p->has_values && i < p->output_count; i++) printf("%s%s%zu", comma(&column), output_name, i);
    if (p->has_spread && p->classes) printf("%sspread", comma(&column));
    for (size_t i = 0; i < p->output_count && p->has_spread && !p->classes; i++)
        printf("%sspread%zu", comma(&column), i);
    for (size_t k = 0; p->has_members && k < epocl_network_member_count(p->of_members.network); k++) {
        if (p->classes) printf("%smember%zu", comma(&column), k);
        for (size_t i = 0; i < p->output_count && !p->classes; i++)
            printf("%smember%zu_%s%zu", comma(&column), k, output_name, i);
    }
    printf("\n");
}

/* Of classes the spread is that of the probability of the one that is said. */
static void print_members(const predictions *p, size_t sample, size_t *column) {
    const member_outputs *m = &p->of_members;
    if (p->has_spread && p->classes) printf("%s%.9g", comma(column), member_spread(m, sample, p->classes[sample]));
    for (size_t i = 0; i < p->output_count && p->has_spread && !p->classes; i++)
        printf("%s%.9g", comma(column), member_spread(m, sample, i));
    for (size_t k = 0; p->has_members && k < epocl_network_member_count(m->network); k++) {
        if (p->classes) printf("%s%" PRIu32, comma(column), member_class(m, k, sample));
        for (size_t i = 0; i < p->output_count && !p->classes; i++)
            printf("%s%.9g", comma(column), (double)member_output(m, k, sample, i));
    }
}

/* A line a sample. */
static void print_csv(const predictions *p, const char *output_name) {
    print_header(p, output_name);
    for (size_t sample = 0; sample < p->sample_count; sample++) {
        const float *outputs = p->outputs ? p->outputs + sample * p->output_count : NULL;
        size_t column = 0;
        if (p->classes) printf("%s%" PRIu32, comma(&column), p->classes[sample]);
        for (size_t i = 0; outputs && p->has_answers && i < p->output_count; i++)
            printf("%s%d", comma(&column), outputs[i] > 0.5f);
        for (size_t i = 0; outputs && p->has_values && i < p->output_count; i++)
            printf("%s%.9g", comma(&column), (double)outputs[i]);
        print_members(p, sample, &column);
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
    made.has_spread = given->spread;
    made.has_members = given->members;
    if (given->spread || given->members) {
        TRY(member_outputs_create(network, made.sample_count, &made.of_members));
        TRY(member_outputs_run(&made.of_members, predictor, dataset));
    }
    print_csv(&made, of_values ? "value" : epocl_network_output(network));
cleanup:
    member_outputs_release(&made.of_members);
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
    .examples = {"predict --model run1 --data new-houses.csv > prices.csv",
                 "predict --model run1/model.safetensors --data - --proba < new.idx"},
    .notes =
        "A model of a table takes columns by name, in any order, and ignores further ones; rows are read as they "
        "come.\n"
        "Of each it prints the id, if there is one, and the prediction; --proba adds the probability of each class.\n\n"
        "Of IDX inputs:\n"
        "The first column is the class (counted from 0, as evaluate takes it). With --proba, the outputs follow,\n"
        "named by their activation: softmax0, softmax1, ... sum to 1; sigmoid0, ... are each from 0 to 1 and by\n"
        "itself, and do not. Of a network that was trained on values, the columns are value0, value1, ...; of one\n"
        "whose units say no or yes each by itself, they are 0 or 1: label0, label1, ...\n\n"
        "Of an ensemble --spread adds how far its members are apart: the standard deviation of the value or, of\n"
        "classes, of the probability of the one that is said; --members adds what each says.",
    .operand = "data",
    .foreign = foreign,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
