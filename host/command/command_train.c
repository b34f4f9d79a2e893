#include "base/checked.h"
#include "command/commands.h"
#include "command/device_list.h"
#include "command/profile_rows.h"
#include "command/profile_trace.h"
#include "command/report.h"
#include "command/run_config.h"
#include "command/run_folder.h"
#include "command/run_plan.h"
#include "command/signals.h"

static const char *const normalize_choices[] = {"auto", "none", "scale255", "zscore", "minmax", NULL};

static const command_option options[] = {
    {.name = "data",
     .type = OPTION_TEXT,
     SETTING(data),
     .argument = "FILE",
     .group = "Data",
     .required = true,
     .help = "inputs to train on, IDX, plain or gzip"},
    {.name = "labels",
     .type = OPTION_TEXT,
     SETTING(labels),
     .argument = "FILE",
     .group = "Data",
     .required = true,
     .help = "their labels, IDX, plain or gzip"},
    {.name = "valid",
     .type = OPTION_TEXT,
     SETTING(valid),
     .argument = "FILE",
     .group = "Data",
     .help = "inputs to validate on after each epoch"},
    {.name = "valid-labels",
     .type = OPTION_TEXT,
     SETTING(valid_labels),
     .argument = "FILE",
     .group = "Data",
     .help = "their labels"},
    {.name = "valid-split",
     .type = OPTION_REAL,
     SETTING(valid_split),
     .argument = "FRACTION",
     .group = "Data",
     .above = 0,
     .below = 1,
     .help = "part of --data to set aside for validation"},
    {.name = "normalize",
     .type = OPTION_CHOICE,
     SETTING(normalize),
     .argument = "KIND",
     .group = "Data",
     .default_value = "auto",
     .choices = normalize_choices,
     .help = "auto, none, scale255, zscore or minmax"},

    {.name = "hidden",
     .type = OPTION_UNITS,
     SETTING(hidden),
     .argument = "LIST",
     .group = "Network",
     .default_value = "none",
     .separators = ",",
     .maximum = 1 << 24,
     .help = "units of the hidden layers, as 128,64"},
    {.name = "activation",
     .type = OPTION_TEXT,
     SETTING(activation),
     .argument = "NAME",
     .group = "Network",
     .default_value = "sigmoid",
     .help = "of hidden and output units"},
    {.name = "cost",
     .type = OPTION_TEXT,
     SETTING(cost),
     .argument = "NAME",
     .group = "Network",
     .default_value = "cross-entropy",
     .help = "what training makes small"},
    {.name = "loss", .type = OPTION_TEXT, SETTING(cost), .argument = "NAME", .group = "Network"},

    {.name = "epochs",
     .letter = 'e',
     .type = OPTION_WHOLE,
     SETTING(epochs),
     .argument = "N",
     .group = "Training",
     .default_value = "10",
     .minimum = 1,
     .maximum = 100000000,
     .help = "times to train on every sample"},
    {.name = "batch-size",
     .letter = 'b',
     .type = OPTION_WHOLE,
     SETTING(batch_size),
     .argument = "N",
     .group = "Training",
     .default_value = "32",
     .minimum = 1,
     .maximum = 1u << 31,
     .help = "samples a step"},
    {.name = "learning-rate",
     .type = OPTION_REAL,
     SETTING(learning_rate),
     .argument = "RATE",
     .group = "Training",
     .default_value = "0.3",
     .above = 0,
     .below = 1e30,
     .help = "length of a step"},
    {.name = "seed",
     .letter = 's',
     .type = OPTION_WHOLE,
     SETTING(seed),
     .argument = "N",
     .group = "Training",
     .default_value = "1",
     .maximum = UINT64_MAX,
     .help = "of initial weights, order of samples, split"},

    OPTION_DEVICE("auto"),
    OPTION_MATMUL,
    OPTION_PLAN,
    OPTION_TUNE,
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,

    {.name = "output",
     .letter = 'o',
     .type = OPTION_TEXT,
     SETTING(output),
     .argument = "DIR",
     .group = "Output",
     .help = "folder for the run (required without --dry-run)"},
    {.name = "force", .type = OPTION_FLAG, SETTING(force), .group = "Output", .help = "overwrite a run in DIR"},
    {.name = "dry-run",
     .type = OPTION_FLAG,
     SETTING(dry_run),
     .group = "Output",
     .help = "only print what would be allocated and launched"},
    {.name = "profile",
     .type = OPTION_TEXT,
     SETTING(profile),
     .argument = "FILE",
     .group = "Output",
     .help = "time each launch of the last epoch; trace to FILE"},
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_HELP,
};

/* All that a run holds; released by training_release(). */
typedef struct training {
    const settings *given;
    report told;
    epocl_dataset *data, *valid; /* `valid` may be NULL */
    epocl_network *network;
    epocl_device *device;
    epocl_device_info device_info;
    epocl_training_options options;
    run_folder *folder;
    epocl_trainer *trainer;
    epocl_epoch_result *epochs; /* those completed */
    size_t epoch_count, epoch_capacity;
} training;

static void training_release(training *run) {
    signals_attach(NULL);
    epocl_trainer_release(run->trainer);
    run_folder_release(run->folder);
    epocl_device_release(run->device);
    epocl_network_release(run->network);
    epocl_dataset_release(run->valid);
    epocl_dataset_release(run->data);
    free(run->epochs);
}

static epocl_status check_settings(const settings *given) {
    if (!given->valid != !given->valid_labels)
        return fail(EPOCL_ERROR_ARGUMENT, "--valid and --valid-labels go together: %s is missing",
                    given->valid ? "--valid-labels" : "--valid");
    if (given->valid && given->valid_split > 0)
        return fail(EPOCL_ERROR_ARGUMENT, "--valid and --valid-split exclude each other");
    if (!given->output && !given->dry_run)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl train needs --output DIR, or --dry-run; see epocl train --help");
    if (given->profile && given->dry_run)
        return fail(EPOCL_ERROR_ARGUMENT, "--profile and --dry-run exclude each other: a dry run launches nothing");
    return EPOCL_OK;
}

static epocl_status load_data(training *run) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *whole = NULL;
    TRY(epocl_dataset_load(run->given->data, run->given->labels, &run->data));
    if (run->given->valid) TRY(epocl_dataset_load(run->given->valid, run->given->valid_labels, &run->valid));
    if (run->given->valid_split > 0) {
        whole = run->data;
        run->data = NULL;
        TRY(epocl_dataset_split(whole, run->given->valid_split, run->given->seed, &run->data, &run->valid));
    }
cleanup:
    epocl_dataset_release(whole);
    return status;
}

static epocl_status create_network(training *run) {
    epocl_network_options shape;
    epocl_network_options_defaults(&shape);
    shape.hidden_counts = run->given->hidden.values;
    shape.hidden_layer_count = run->given->hidden.count;
    shape.activation = run->given->activation;
    shape.cost = run->given->cost;
    shape.normalize = run->given->normalize;
    return epocl_network_create(run->data, &shape, &run->network);
}

static void set_training_options(training *run) {
    epocl_training_options_defaults(&run->options);
    run->options.batch_size = (size_t)run->given->batch_size;
    run->options.learning_rate = (float)run->given->learning_rate;
    run->options.seed = run->given->seed;
    run->options.matmul = run->given->matmul;
    run->options.plan = run->given->plan;
    run->options.tune = run->given->tune;
    run->options.profile = run->given->profile != NULL;
    run->options.message = report_message;
    run->options.user = &run->told;
}

static epocl_status remember_epoch(training *run, const epocl_epoch_result *epoch) {
    if (run->epoch_count == run->epoch_capacity) {
        const size_t capacity = run->epoch_capacity ? 2 * run->epoch_capacity : 64;
        epocl_epoch_result *grown = realloc(run->epochs, capacity * sizeof *grown);
        if (!grown) return fail(EPOCL_ERROR_MEMORY, "not enough memory for the history of %zu epochs", capacity);
        run->epochs = grown;
        run->epoch_capacity = capacity;
    }
    run->epochs[run->epoch_count++] = *epoch;
    return EPOCL_OK;
}

/* EPOCL_STOPPED after a signal. */
static epocl_status run_epochs(training *run) {
    epocl_status status = EPOCL_OK;
    while (run->epoch_count < run->given->epochs) {
        if (signals_stopped()) return EPOCL_STOPPED;
        epocl_epoch_result epoch;
        TRY(epocl_trainer_run_epoch(run->trainer, &epoch));
        TRY(remember_epoch(run, &epoch));
        TRY(report_epoch(&run->told, &epoch));
        TRY(run_folder_write_history(run->folder, run->epochs, run->epoch_count));
    }
cleanup:
    if (status == EPOCL_ERROR_DIVERGED)
        return fail(status, "%s (it was %g); no model was written", epocl_last_error(), run->given->learning_rate);
    return status;
}

/* The table, and the trace; the model is on the disk by now. */
static epocl_status save_profile(training *run) {
    epocl_status status = EPOCL_OK;
    epocl_profile profile;
    epocl_device_speed measured;
    const epocl_device_speed *speed = NULL;
    profile_rows summed = {0};
    if (!run->given->profile) return EPOCL_OK;
    TRY(epocl_trainer_profile(run->trainer, &profile));
    TRY(profile_rows_create(&profile, &summed));
    if (epocl_device_measure(run->device, &measured) == EPOCL_OK)
        speed = &measured;
    else
        progress_line(&run->told.shown, "without fractions of the peak: %s", epocl_last_error());
    if (!run->given->quiet) profile_rows_print(&summed, &profile, speed);
    TRY(profile_trace_write(run->given->profile, &profile, &run->device_info, speed,
                            epocl_trainer_plan_name(run->trainer)));
    progress_line(&run->told.shown, "profile: %s", run->given->profile);
cleanup:
    profile_rows_release(&summed);
    return status;
}

/* Trains, and saves the model also when a signal or a disk that takes no history has ended the training. */
static epocl_status train_and_save(training *run) {
    epocl_status status = EPOCL_OK;
    const epocl_status ended = run_epochs(run);
    const bool is_whole = ended == EPOCL_OK || ended == EPOCL_STOPPED;
    if (!is_whole && ended != EPOCL_ERROR_WRITE && ended != EPOCL_ERROR_CREATE) return ended;
    TRY(epocl_trainer_read(run->trainer, run->network));
    TRY(run_folder_save_model(run->folder, run->network));
    if (is_whole)
        TRY(report_done(&run->told, &(run_end){.last = run->epoch_count ? &run->epochs[run->epoch_count - 1] : NULL,
                                               .model_path = run_folder_model_path(run->folder),
                                               .device = &run->device_info,
                                               .plan = epocl_trainer_plan_name(run->trainer),
                                               .is_stopped = ended == EPOCL_STOPPED}));
    if (is_whole) TRY(save_profile(run));
    status = ended;
cleanup:
    return status;
}

/* All that can fail before a first epoch fails here, with nothing left behind. */
static epocl_status prepare(training *run) {
    epocl_status status = EPOCL_OK;
    json_t *config = NULL;
    TRY(run_folder_open(run->given->output, run->given->force, &run->folder));
    if (run->given->profile) TRY(profile_trace_probe(run->given->profile));
    report_start(&run->told, &run->device_info, run->network, epocl_dataset_sample_count(run->data),
                 run->valid ? epocl_dataset_sample_count(run->valid) : 0);
    TRY(epocl_trainer_create(run->device, run->network, run->data, run->valid, &run->options, &run->trainer));
    config = run_config(run->given, run->network, &run->device_info, epocl_trainer_plan_name(run->trainer));
    if (!config) TRY(fail(EPOCL_ERROR_MEMORY, "not enough memory for config.json"));
    run_folder_set_config(run->folder, config);
    signals_attach(run->trainer);
    report_plan(&run->told, epocl_trainer_plan_name(run->trainer));
cleanup:
    json_decref(config);
    return status;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    training work = {.given = given, .told = report_begin(given)};
    TRY(check_settings(given));
    TRY(signals_begin());
    TRY(load_data(&work));
    TRY(create_network(&work));
    TRY(device_open(given, given->device, &work.device));
    epocl_device_describe(work.device, &work.device_info);
    set_training_options(&work);
    if (given->dry_run) {
        TRY(run_plan_print(work.device, work.network, work.data, work.valid, &work.options, given->json));
    } else {
        TRY(prepare(&work));
        TRY(train_and_save(&work));
    }
cleanup:
    progress_clear(&work.told.shown);
    training_release(&work);
    return status;
}

const command command_train = {
    .name = "train",
    .summary = "trains a network on labelled data",
    .examples = {"train --data images.idx.gz --labels labels.idx.gz --hidden 128 --output run1",
                 "train --data images.idx --labels labels.idx --valid-split 0.1 --hidden 128,64 --dry-run"},
    .notes =
        "DIR receives config.json, history.csv and model.safetensors. SIGINT or SIGTERM ends the training\n"
        "after the mini-batch in progress, with the model saved and exit status 75; a second one ends it at once.\n\n"
        "--profile tells on standard error where the time went and writes FILE for ui.perfetto.dev or\n"
        "chrome://tracing. It times the plan that trains: with --plan auto, the one chosen. In a resident plan\n"
        "a launch is a slice of many steps; --plan layered times each operation.",
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .run = run,
};
