#include "base/checked.h"
#include "base/files/folder.h"
#include "base/files/output_file.h"
#include "command/commands.h"
#include "command/page/html.h"
#include "command/page/sections.h"
#include "command/run/data_check.h"
#include "command/run/files/config.h"
#include "command/run/files/model_file.h"
#include "command/run/reproduce.h"
#include "command/run/run_data.h"
#include "command/show/print_line.h"
#include "command/system/device_list.h"
#include "command/table/table_importance.h"
#include "command/table/table_options.h"
#include "command/table/table_predict.h"
#include "model/network.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const option_row options[] = {
    {.name = "run",
     .type = OPTION_STRING,
     SETTING(run),
     .argument = "DIR",
     .group = "Model",
     .required = true,
     .help = "folder of the run"},
    {.name = "data",
     .type = OPTION_STRING,
     SETTING(data),
     .argument = "FILE",
     .group = "Data",
     .help = "what to evaluate its model on (default: its validation data)"},
    OPTIONS_OF_TARGETS,
    OPTIONS_OF_READING,
    OPTION_DEVICE("auto"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,
    {.name = "output",
     .letter = 'o',
     .type = OPTION_STRING,
     SETTING(output),
     .argument = "FILE",
     .group = "Output",
     .help = "the page (default: DIR/report.html)"},
    {.name = "importance",
     .type = OPTION_FLAG,
     SETTING(importance),
     .group = "Output",
     .help = "of a table, also how much the model goes by each column"},
    OPTION_HELP,
};

enum { PATH_CAPACITY = 4096, COMMAND_CAPACITY = 1 << 15, PROBLEM_CAPACITY = 2048 };
enum { PERMUTATIONS = 5 }; /* of each column, as `epocl importance` has it */

/* All that the page is made of; released by work_release(). */
typedef struct work {
    const settings *given;
    run_record record;
    json_t *config; /* memory of `begun` */
    const command *begun_by;
    settings begun;
    bool is_known; /* whether `begun` is what the run was begun with */
    epocl_network *network;
    epocl_dataset *train, *data; /* `data` is evaluated on, may be NULL */
    evaluation made;
    importance of_columns;                                /* no columns where it is not asked for */
    char model[PATH_CAPACITY], problem[PROBLEM_CAPACITY]; /* why nothing is evaluated, "" where it is */
} work;

static void work_release(work *w) {
    importance_release(&w->of_columns);
    evaluation_release(&w->made);
    epocl_dataset_release(w->train);
    epocl_dataset_release(w->data);
    epocl_network_release(w->network);
    run_record_release(&w->record);
    json_decref(w->config);
}

/* Settings that this epocl does not know leave the page without what needs them. */
static epocl_status read_settings(work *w) {
    epocl_status status = EPOCL_OK;
    char name[] = "epocl", *words[] = {name, NULL}, path[PATH_CAPACITY];
    const int folder = folder_open(w->given->run);
    snprintf(path, sizeof path, "%s/config.json", w->given->run);
    w->begun_by = w->record.is_sweep ? &command_sweep : &command_train;
    TRY(options_parse(w->begun_by, 1, words, &w->begun));
    status = run_config_read(folder, "config.json", path, w->begun_by, &w->config, &w->begun);
    w->is_known = status == EPOCL_OK;
    if (!w->is_known) snprintf(w->problem, sizeof w->problem, "%s", epocl_last_error());
    if (status == EPOCL_ERROR_DATA) status = EPOCL_OK;
cleanup:
    if (folder >= 0) close(folder);
    return status;
}

static epocl_status load_model(work *w) {
    const char *name = w->record.has_model ? "model" : w->record.has_best ? "best" : NULL;
    if (!name) {
        snprintf(w->problem, sizeof w->problem, "there is no model yet");
        return EPOCL_OK;
    }
    if (snprintf(w->model, sizeof w->model, "%s/%s.safetensors", w->given->run, name) >= (int)sizeof w->model)
        return fail(EPOCL_ERROR_ARGUMENT, "%s: the path is too long", w->given->run);
    return epocl_network_load(w->model, &w->network);
}

/* What the command line names. */
static epocl_status load_given(work *w) {
    epocl_status status = EPOCL_OK;
    const settings *given = w->given;
    if (table_network(w->network)) return table_evaluation_load(given, w->network, &w->data);
    if (!given->labels) return fail(EPOCL_ERROR_ARGUMENT, "epocl report needs --labels FILE beside --data");
    TRY(epocl_dataset_load(given->data, given->labels, &w->data));
    if (given->sample_weights) TRY(epocl_dataset_load_weights(w->data, given->sample_weights));
    TRY(data_check_fit(w->network, w->data, given->data, given->labels, false));
cleanup:
    return status;
}

/* The run's validation data, where they can still be read; they are never asked of standard input. */
static void load_validation(work *w) {
    progress quiet = progress_begin(true);
    const char *const paths[] = {w->begun.data, w->begun.labels, w->begun.valid, w->begun.valid_labels};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (paths[i] && strcmp(paths[i], "-") == 0) {
            snprintf(w->problem, sizeof w->problem, "its data came from standard input");
            return;
        }
    const bool is_kept = w->begun.valid || w->begun.valid_split > 0;
    if (is_kept && run_data_load(&w->begun, w->network, &quiet, &w->train, &w->data) != EPOCL_OK)
        snprintf(w->problem, sizeof w->problem, "%s", epocl_last_error());
    else if (!w->data)
        snprintf(w->problem, sizeof w->problem, "the run has no validation data");
}

static epocl_status measure_importance(work *w, epocl_device *device) {
    epocl_status status = EPOCL_OK;
    epocl_predictor *predictor = NULL;
    TRY(epocl_predictor_create(device, w->network, &predictor));
    TRY(importance_measure(predictor, w->data, NULL, PERMUTATIONS, w->begun.library.training.seed, &w->of_columns));
cleanup:
    epocl_predictor_release(predictor);
    return status;
}

static epocl_status evaluate(work *w) {
    epocl_status status = EPOCL_OK;
    epocl_device *device = NULL;
    TRY(load_model(w));
    if (w->given->importance && w->network && !table_network(w->network))
        TRY(fail(EPOCL_ERROR_ARGUMENT, "--importance is of columns, and %s was not trained on a table", w->model));
    if (w->network && w->given->data)
        TRY(load_given(w));
    else if (w->network && w->is_known)
        load_validation(w);
    if (!w->data) goto cleanup;
    TRY(device_open(w->given, w->given->device, &device));
    TRY(evaluation_create(device, w->network, w->data, &w->made));
    if (w->given->importance) TRY(measure_importance(w, device));
cleanup:
    epocl_device_release(device);
    return status;
}

static epocl_status put_page(FILE *out, const work *w) {
    epocl_status status = EPOCL_OK;
    char title[PATH_CAPACITY];
    char *words = NULL;
    TRY(allocate(1, COMMAND_CAPACITY, "a command line", &words));
    if (w->is_known) run_command_text(w->begun_by, &w->begun, words, COMMAND_CAPACITY);
    snprintf(title, sizeof title, "Run %s", w->given->run);
    html_begin(out, title);
    section_figures(out, &w->record);
    TRY(section_curves(out, &w->record));
    if (w->data) {
        snprintf(title, sizeof title, "%s, on %s", w->record.has_model ? "The model" : "The best model so far",
                 w->given->data ? w->given->data : "the validation data of the run");
        section_evaluation(out, &w->made, title);
        section_calibration(out, &w->made);
        TRY(section_residuals(out, &w->made));
        if (w->of_columns.column_count > 0) section_importance(out, &w->of_columns, w->network->encoder);
    } else {
        html_heading(out, "What it gets right");
        html_note(out, "Nothing was evaluated: %s. epocl report --data FILE names data.", w->problem);
    }
    section_run(out, &w->record);
    section_reproduce(out, &w->record, words);
    section_epochs(out, &w->record);
    fputs("<footer>", out);
    html_text(out, "Written by epocl report. One file, without scripts, that needs nothing from elsewhere.");
    fputs("</footer>\n", out);
    html_end(out);
cleanup:
    free(words);
    return status;
}

static epocl_status write_page(const work *w) {
    epocl_status status = EPOCL_OK;
    char path[PATH_CAPACITY], *text = NULL;
    size_t byte_count = 0;
    FILE *out = open_memstream(&text, &byte_count);
    if (!out) return fail(EPOCL_ERROR_MEMORY, "not enough memory for the page");
    status = put_page(out, w);
    const bool is_whole = !ferror(out);
    if ((fclose(out) != 0 || !is_whole) && status == EPOCL_OK)
        status = fail(EPOCL_ERROR_MEMORY, "not enough memory for the page");
    TRY(status);
    if (snprintf(path, sizeof path, "%s/report.html", w->given->run) >= (int)sizeof path && !w->given->output)
        TRY(fail(EPOCL_ERROR_ARGUMENT, "%s: the path is too long", w->given->run));
    TRY(output_file_save(w->given->output ? w->given->output : path, text, byte_count));
    print_line(stdout, "wrote %s", w->given->output ? w->given->output : path);
cleanup:
    free(text);
    return status;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    work w = {.given = given};
    TRY(run_record_read(given->run, &w.record));
    TRY(read_settings(&w));
    TRY(evaluate(&w));
    if (!w.data) print_line(stderr, "epocl: nothing is evaluated: %s", w.problem);
    TRY(write_page(&w));
cleanup:
    work_release(&w);
    return status;
}

const command command_report = {
    .name = "report",
    .summary = "writes a run as one page of HTML: curves, confusions, calibration, settings",
    .examples = {"report run1 --importance",
                 "report run1 --data test.idx.gz --labels test-labels.idx.gz --output run1.html"},
    .operand = "run",
    .notes =
        "The model is evaluated on the validation data that the run was begun with, where they are still there, or\n"
        "on --data; with --importance also with each column of them shuffled, as `epocl importance` does it, by the\n"
        "run's own seed. The page has no script and needs nothing from elsewhere; it is light or dark as the\n"
        "browser is.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
