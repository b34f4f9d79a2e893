#include "base/checked.h"
#include "command/commands.h"
#include "command/ensemble/ensemble_run.h"
#include "command/ensemble/preset.h"
#include "command/folds/cross_validation.h"
#include "command/options/recipe_defaults.h"
#include "command/run/calibrate.h"
#include "command/run/files/config.h"
#include "command/run/files/settings_file.h"
#include "command/run/initial.h"
#include "command/run/resume.h"
#include "command/run/run_data.h"
#include "command/show/print_line.h"
#include "command/show/report.h"
#include "command/show/run_plan.h"
#include "command/system/device_list.h"
#include "command/system/signals.h"
#include "command/system/streams.h"
#include "command/table/table_data.h"
#include "command/train/training.h"

#include <stdio.h>
#include <unistd.h>

static const option_row options[] = {
    OPTIONS_OF_DATA,
    {.name = "folds",
     .type = OPTION_WHOLE,
     SETTING(table.folds),
     .argument = "K",
     .group = "Data",
     .minimum = 2,
     .maximum = 1000,
     .help = "of a table: cross-validate by K parts, and keep no model"},
    {.name = "init",
     .type = OPTION_STRING,
     SETTING(init),
     .is_kept = true,
     .is_path = true,
     .argument = "FILE",
     .group = "Network",
     .help = "begin as a model is: of a run's folder, ONNX, PyTorch's safetensors"},
    OPTIONS_OF_ENSEMBLES,
    OPTION_CALIBRATE,
    OPTIONS_OF_COLUMNS,
    OPTIONS_OF_READING,
    {.name = "epochs",
     .letter = 'e',
     .type = OPTION_WHOLE,
     SETTING(epochs),
     .is_kept = true,
     .can_change = true,
     .argument = "N",
     .group = "Training",
     .default_value = "10",
     .minimum = 1,
     .maximum = 100000000,
     .help = "times to train on every sample"},

    OPTION_DEVICE("auto"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,

    OPTIONS_OF_RUN_FOLDER("folder for the run (required without --dry-run or --resume)",
                          "go on with the run in DIR; its settings are those of DIR/config.json"),
    {.name = "config",
     .type = OPTION_STRING,
     SETTING(config),
     .argument = "FILE",
     .group = "Output",
     .help = "settings that are not given: a run's config.json, or JSON as of --print-config"},
    {.name = "print-config",
     .type = OPTION_FLAG,
     SETTING(print_config),
     .can_change = true,
     .group = "Output",
     .help = "only print the settings in effect, as --config takes them"},
    OPTION_CHECKPOINT_EVERY("epochs, or 30s, 10m, 2h; a stop writes one, too"),
    {.name = "dry-run",
     .type = OPTION_FLAG,
     SETTING(dry_run),
     .group = "Output",
     .help = "only print what would be allocated and launched"},
    {.name = "profile",
     .type = OPTION_STRING,
     SETTING(profile),
     .can_change = true,
     .argument = "FILE",
     .group = "Output",
     .help = "time each launch of the last epoch; trace to FILE"},
    {.name = "tensorboard",
     .type = OPTION_STRING,
     SETTING(tensorboard),
     .can_change = true,
     .argument = "DIR",
     .group = "Output",
     .help = "also write the figures of each epoch for TensorBoard"},
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_HELP,
};

static const foreign_option foreign[] = {
    {"layers", "--hidden LIST gives the units of the hidden layers"},
    {"model", "--resume DIR goes on with a run"},
    {"input", "--data FILE names the inputs"},
    {"verbose", "progress is told unless --quiet is given"},
    {"threads", "the device decides; PoCL takes as many as POCL_MAX_PTHREAD_COUNT says"},
    {NULL, NULL},
};

static void training_release(training *run) {
    signals_attach(NULL);
    signals_set_last_act(NULL, NULL);
    epocl_trainer_release(run->trainer);
    epocl_device_release(run->device);
    epocl_network_release(run->network);
    epocl_network_release(run->base);
    epocl_dataset_release(run->valid);
    epocl_dataset_release(run->data);
    epocl_checkpoint_release(run->checkpoint);
    epocl_ensemble_checkpoint_release(run->ensemble);
    event_file_release(run->events);
    run_folder_release(run->folder);
}

static epocl_status check_settings(const settings *given) {
    const epocl_status status = run_data_check_settings(&command_train, given);
    if (status != EPOCL_OK) return status;
    const epocl_status is_single = ensemble_check_settings(given);
    if (is_single != EPOCL_OK) return is_single;
    if (given->table.folds) {
        const epocl_status can_fold = table_check_folds(given);
        if (can_fold != EPOCL_OK) return can_fold;
    }
    if (!given->output && !given->dry_run && !given->resume && !given->table.folds)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl train needs --output DIR, or --dry-run; see epocl train --help");
    if (given->profile && given->dry_run)
        return fail(EPOCL_ERROR_ARGUMENT, "--profile and --dry-run exclude each other: a dry run launches nothing");
    return EPOCL_OK;
}

static epocl_status begin_network(training *run) {
    if (run->given->init) return initial_network(&command_train, run->given, run->data, run->base, &run->network);
    return run_data_create_network(run->given, run->data, &run->options, &run->network);
}

static void set_options(training *run) {
    run->options = run->given->library;
    epocl_options_set_profile(&run->options, run->given->profile != NULL);
    epocl_options_set_message(&run->options, report_message, &run->told);
    if (run->told.shown.is_terminal && !run->given->quiet)
        epocl_options_set_progress(&run->options, report_samples, &run->told);
}

/* Of many networks that make one model. */
static epocl_status train_ensemble(training *run) {
    epocl_status status = EPOCL_OK;
    if (!run->given->resume) TRY(run_folder_open(run->given->output, run->given->force, &run->folder));
    signals_set_last_act(training_withdraw, run->folder);
    TRY(run_folder_prepare(run->folder));
    report_start(&run->told, &run->device_info, run->network, epocl_dataset_sample_count(run->data),
                 run->valid ? epocl_dataset_sample_count(run->valid) : 0);
    TRY(ensemble_run_train(&(ensemble_run){.used = &command_train,
                                           .given = run->given,
                                           .told = &run->told,
                                           .folder = run->folder,
                                           .device = run->device,
                                           .device_info = &run->device_info,
                                           .data = run->data,
                                           .valid = run->valid,
                                           .network = run->network,
                                           .options = &run->options,
                                           .resumed = run->ensemble}));
cleanup:
    return status;
}

/* ---- resuming ---- */

/* Texts in `resumed` are memory of *config. */
static epocl_status read_settings(const training *run, const settings *given, json_t **config, settings *resumed) {
    return resume_settings(&command_train, given, run_folder_descriptor(run->folder),
                           run_folder_config_path(run->folder), config, resumed);
}

/* The checkpoint to go on from, and its network; neither for a run that had not come to its first. */
static epocl_status find_checkpoint(training *run) {
    epocl_status status = EPOCL_OK;
    char *problem = NULL;
    TRY(run->given->ensemble > 1 ? run_folder_find_ensemble(run->folder, &run->ensemble, &problem)
                                 : run_folder_find_checkpoint(run->folder, &run->checkpoint, &run->network, &problem));
    if (problem)
        print_line(stderr, "epocl: %s; going on from %s", problem, run_folder_checkpoint_path(run->folder));
    else if (!run->checkpoint && !run->ensemble)
        progress_line(&run->told.shown, "no checkpoint was written yet: the run begins again");
cleanup:
    free(problem);
    return status;
}

static epocl_status check_resumed(const training *run, const json_t *config) {
    epocl_network *wanted = NULL;
    epocl_options quiet = run->options; /* what "auto" stands for was said when the run began */
    epocl_options_set_message(&quiet, NULL, NULL);
    epocl_status status = run_data_create_network(run->given, run->data, &quiet, &wanted);
    if (status == EPOCL_ERROR_ARGUMENT)
        return fail_prefix(EPOCL_ERROR_DATA, "%s: ", run_folder_config_path(run->folder));
    if (status == EPOCL_OK)
        status = resume_check(run_folder_config_path(run->folder), config, run->given, wanted, run->network,
                              run->checkpoint);
    epocl_network_release(wanted);
    return status;
}

/* What was not given and depends on the data. */
static epocl_status settle_by_data(training *run) {
    epocl_status status = EPOCL_OK;
    settings *effective = run->given;
    const size_t sample_count = epocl_dataset_sample_count(run->data);
    preset_apply(&command_train, sample_count, effective);
    if (effective->ensemble <= 1) TRY(recipe_for_samples(&command_train, sample_count, effective));
    if (!run->valid) recipe_without_validation(&command_train, effective);
    settings_settle(effective);
    run->told.epoch_count = (size_t)effective->epochs;
cleanup:
    return status;
}

/* ---- the command ---- */

/* What is in effect: this command line over a file of settings or a run's config.json, and what the recipe sets. */
static epocl_status find_settings(training *run, const settings *given, json_t **config) {
    epocl_status status = EPOCL_OK;
    settings *effective = run->given;
    if (given->resume) {
        TRY(run_folder_open_again(given->resume, &run->folder));
        TRY(read_settings(run, given, config, effective));
    } else {
        if (given->config) TRY(settings_from_file(&command_train, given, config, effective));
        TRY(recipe_defaults(&command_train, table_is_given(effective) ? RECIPE_TABLE : RECIPE_STANDARD, effective));
    }
    settings_settle(effective);
cleanup:
    return status;
}

/* Data and the network for them, which of a run that goes on is its checkpoint's. */
static epocl_status find_data_and_network(training *run, const json_t *config) {
    epocl_status status = EPOCL_OK;
    const bool goes_on = run->given->resume != NULL;
    TRY(goes_on ? find_checkpoint(run) : initial_base(run->given, &run->base));
    TRY(run_data_load(run->given, goes_on ? run->network : run->base, &run->told.shown, &run->data, &run->valid));
    if (!goes_on) TRY(settle_by_data(run));
    set_options(run);
    if (!run->network) TRY(begin_network(run));
    TRY(run_data_check(run->given, run->network, run->data, run->valid, !run->checkpoint && !run->ensemble));
    TRY(calibrate_check(run->given, run->network, run->valid));
    if (goes_on) TRY(check_resumed(run, config));
cleanup:
    return status;
}

/* Trains one network, or the many of an ensemble; or tells how. */
static epocl_status train(training *run) {
    epocl_status status = EPOCL_OK;
    TRY(device_open(run->given, run->given->device, &run->device));
    epocl_device_describe(run->device, &run->device_info);
    if (run->given->ensemble > 1) {
        TRY(train_ensemble(run));
    } else if (run->given->dry_run) {
        TRY(run_plan_print(run->device, run->network, run->data, run->valid, &run->options,
                           (size_t)run->options.training.batch_size, run->given->json));
    } else {
        TRY(training_prepare(run));
        TRY(training_run(run));
    }
cleanup:
    return status;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    settings effective = *given;
    json_t *config = NULL;
    training work = {.given = &effective, .told = report_begin(given)};
    TRY(find_settings(&work, given, &config));
    if (given->print_config) {
        TRY(settings_print(&command_train, &effective));
        goto cleanup;
    }
    work.told = report_begin(&effective);
    TRY(check_settings(&effective));
    if (!effective.dry_run) streams_need_no_reader();
    TRY(signals_begin((double)effective.checkpoint_every.seconds));
    if (effective.table.folds) {
        TRY(cross_validate(&command_train, &effective, &work.told));
        goto cleanup;
    }
    TRY(find_data_and_network(&work, config));
    TRY(train(&work));
cleanup:
    progress_clear(&work.told.shown);
    training_release(&work);
    json_decref(config);
    return status;
}

const command command_train = {
    .name = "train",
    .summary = "trains a network on a table or labelled data",
    .examples = {"train houses.csv --target price --output run1",
                 "train --data images.idx.gz --labels labels.idx.gz --hidden 128 --output run1"},
    .notes =
        "IDX is the format of MNIST: two zero bytes, a type (8: bytes, 13: 32-bit floats), the number of dimensions,\n"
        "each dimension in 32 bits, then the values, all big-endian and the samples first. Labels are integers in\n"
        "one dimension; they count from 0, and the largest makes the number of classes. 32-bit floats in one "
        "dimension\n"
        "or two are values to predict, for --cost squared and others; a matrix of bytes, 0 or 1, is of units that say\n"
        "no or yes each by itself. --cost auto goes by that. What --sample-weights says of --data goes with the part\n"
        "that --valid-split sets aside, too; --valid counts each sample once.\n\n"
        "DIR receives config.json, history.csv, model.safetensors, checkpoint.safetensors and the one before it, and,\n"
        "with validation data, best.safetensors: the parameters with the lowest validation cost. SIGINT, SIGTERM or\n"
        "SIGHUP (a closed terminal) ends the training after the mini-batch in progress, with all of it saved and exit\n"
        "status 75; a second SIGINT or SIGTERM ends it at once. SIGUSR1 writes a checkpoint and goes on. A pipe that\n"
        "closes ends nothing. --resume goes on to the same bytes as without a stop.\n\n"
        "--profile tells on standard error where the time went and writes FILE for ui.perfetto.dev or\n"
        "chrome://tracing. It times the plan that trains: with --plan auto, the one chosen. In a resident plan\n"
        "a launch is a slice of many steps; --plan layered times each operation.",
    .operand = "data",
    .foreign = foreign,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .takes_library = true,
    .run = run,
};
