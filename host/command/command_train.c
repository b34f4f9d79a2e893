#include "base/checked.h"
#include "command/commands.h"
#include "command/ensemble/ensemble_run.h"
#include "command/ensemble/preset.h"
#include "command/options/recipe_defaults.h"
#include "command/run/calibrate.h"
#include "command/run/checkpointing.h"
#include "command/run/config.h"
#include "command/folds/cross_validation.h"
#include "command/run/event_file.h"
#include "command/run/initial.h"
#include "command/run/resume.h"
#include "command/run/run_data.h"
#include "command/run/settings_file.h"
#include "command/show/print_line.h"
#include "command/show/profile_rows.h"
#include "command/show/profile_trace.h"
#include "command/show/report.h"
#include "command/show/run_plan.h"
#include "command/system/device_list.h"
#include "command/system/signals.h"
#include "command/system/streams.h"
#include "command/table/table_data.h"
#include "command/table/table_result.h"
#include "options/monitors.h"

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

/* All that a run holds; released by training_release(). */
typedef struct training {
    settings *given; /* in effect: of a run that goes on, also what it was begun with */
    report told;
    run_folder *folder;
    event_file *events;                  /* NULL without --tensorboard */
    epocl_checkpoint *checkpoint;        /* to go on from, or NULL */
    epocl_ensemble_checkpoint *ensemble; /* the same of an ensemble */
    epocl_dataset *data, *valid;         /* `valid` may be NULL */
    epocl_network *base;                 /* the model to begin from, or NULL */
    epocl_network *network;
    epocl_device *device;
    epocl_device_info device_info;
    epocl_options options; /* of network and trainer */
    epocl_trainer *trainer;
    epocl_progress so_far;
    checkpointing saved;
} training;

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

/* ---- training ---- */

/* Says so when a plateau has lowered the learning rate. */
static epocl_status tell_rate(training *run) {
    epocl_progress now;
    const epocl_status status = epocl_trainer_progress(run->trainer, (size_t)run->given->epochs, &now);
    if (status != EPOCL_OK || !(now.rate_factor < run->so_far.rate_factor)) return status;
    return report_rate(&run->told, now.epoch_count + 1, now.rate_factor * run->given->library.training.learning_rate);
}

/* EPOCL_STOPPED after a signal. */
static epocl_status run_epochs(training *run) {
    epocl_status status = EPOCL_OK;
    for (;;) {
        TRY(epocl_trainer_progress(run->trainer, (size_t)run->given->epochs, &run->so_far));
        if (run->so_far.end != EPOCL_END_NONE) return EPOCL_OK;
        if (signals_stopped()) return EPOCL_STOPPED;
        epocl_epoch_result epoch;
        status = epocl_trainer_run_epoch(run->trainer, &epoch);
        if (status == EPOCL_STOPPED) {
            checkpointing_step(&run->saved);
        } else {
            TRY(status);
            TRY(checkpointing_epoch(&run->saved));
            TRY(report_epoch(&run->told, &epoch));
            if (run->events) TRY(event_file_add(run->events, &epoch));
            TRY(tell_rate(run));
        }
        if (checkpointing_due(&run->saved) && !signals_stopped()) TRY(checkpointing_save(&run->saved));
    }
cleanup:
    return status;
}

/* The table, and the trace; the model is on the disk by now. */
static epocl_status save_profile(training *run) {
    epocl_status status = EPOCL_OK;
    launch_profile profile = {0};
    epocl_device_speed measured;
    const epocl_device_speed *speed = NULL;
    profile_rows summed = {0};
    if (!run->given->profile) return EPOCL_OK;
    TRY(launch_profile_read(run->trainer, &profile));
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
    launch_profile_release(&profile);
    return status;
}

/* After a failure: what finished epochs have left is written, the last checkpoint stays as it is. */
static epocl_status end_failed(training *run, epocl_status ended) {
    char text[2048];
    const char *kept = run_folder_checkpoint_path(run->folder);
    snprintf(text, sizeof text, "%s", epocl_last_error());
    if (epocl_trainer_epoch_count(run->trainer) > 0) checkpointing_save_results(&run->saved);
    if (ended != EPOCL_ERROR_DIVERGED) return fail(ended, "%s", text);
    if (!kept)
        return fail(ended, "%s (it was %g); no model was written", text, run->given->library.training.learning_rate);
    return fail(ended,
                "%s (it was %g); the last checkpoint is kept (%s), from which epocl train --resume %s --learning-rate "
                "RATE goes on",
                text, run->given->library.training.learning_rate, kept, run_folder_path(run->folder));
}

static epocl_status tell_end(training *run, size_t model_epoch, bool is_stopped) {
    epocl_epoch_result last, of_model;
    const size_t count = epocl_trainer_epoch_count(run->trainer);
    if (run_folder_is_moved(run->folder))
        fprintf(stderr, "epocl: %s was moved while it trained: what was written is where it is now\n",
                run_folder_path(run->folder));
    if (count > 0) (void)epocl_trainer_history(run->trainer, count - 1, &last);
    const char *best_path = run_folder_best_path(run->folder);
    const size_t place = model_epoch ? model_epoch : count;
    if (place > 0 && epocl_trainer_history(run->trainer, place - 1, &of_model) == EPOCL_OK)
        table_tell_result(run->network, &of_model, &run->told.shown);
    return report_done(&run->told, &(run_end){.last = count ? &last : NULL,
                                              .folder = run_folder_path(run->folder),
                                              .model_path = run_folder_model_path(run->folder),
                                              .model_epoch = model_epoch,
                                              .so_far = &run->so_far,
                                              .training = &run->given->library.training,
                                              .best_epoch = best_path ? run->saved.best_epoch : 0,
                                              .best_path = best_path,
                                              .device = &run->device_info,
                                              .plan = epocl_trainer_plan_name(run->trainer),
                                              .is_stopped = is_stopped});
}

/* With patience, the model is that of the best epoch, which becomes *epoch; else the last one, and 0. What is
 * calibrated is a copy: the run may go on. */
static epocl_status save_model(training *run, size_t *epoch) {
    epocl_status status = EPOCL_OK;
    epocl_network *model = NULL;
    const epocl_network *best = run->given->library.training.patience > 0 ? run->saved.best : NULL;
    if (!best) TRY(epocl_trainer_read(run->trainer, run->network));
    const epocl_network *const taken[] = {best ? best : run->network};
    if (calibrate_is_wanted(run->given, run->network, run->valid)) {
        TRY(epocl_network_create_ensemble(taken, NULL, 1, &model));
        TRY(calibrate_model(run->device, model, run->valid, &run->told, true));
    }
    TRY(run_folder_save_model(run->folder, model ? model : taken[0]));
    *epoch = best ? run->saved.best_epoch : 0;
cleanup:
    epocl_network_release(model);
    return status;
}

/* Trains, and saves checkpoint and model also when a signal or a disk that was full has ended the training. */
static epocl_status train_and_save(training *run) {
    epocl_status status = EPOCL_OK;
    size_t model_epoch = 0;
    const epocl_status ended = run_epochs(run);
    const bool is_whole = ended == EPOCL_OK || ended == EPOCL_STOPPED;
    if (!is_whole && ended != EPOCL_ERROR_WRITE && ended != EPOCL_ERROR_CREATE) return end_failed(run, ended);
    status = checkpointing_save(&run->saved);
    if (status == EPOCL_ERROR_DIVERGED) return end_failed(run, status);
    TRY(status);
    TRY(save_model(run, &model_epoch));
    if (is_whole) TRY(tell_end(run, model_epoch, ended == EPOCL_STOPPED));
    if (is_whole) TRY(save_profile(run));
    status = ended;
cleanup:
    return status;
}

static void withdraw(const void *folder) {
    run_folder_withdraw(folder);
}

/* Says what will become of a best.safetensors that is not the checkpoint's. */
static void tell_best(const training *run) {
    const char *path = run_folder_best_path(run->folder);
    if (!run->saved.best_is_due || !path) return;
    if (run->saved.best)
        fprintf(stderr, "epocl: %s is not the best model of the epochs gone on from: that of epoch %zu replaces it\n",
                path, run->saved.best_epoch);
    else
        fprintf(stderr, "epocl: %s is of none of the epochs gone on from: it is removed\n", path);
}

/* All that can fail before a first epoch fails here, with nothing left behind. */
static epocl_status prepare(training *run) {
    epocl_status status = EPOCL_OK;
    json_t *config = NULL;
    if (!run->given->resume) TRY(run_folder_open(run->given->output, run->given->force, &run->folder));
    signals_set_last_act(withdraw, run->folder);
    TRY(run_folder_prepare(run->folder));
    if (run->given->profile) TRY(profile_trace_probe(run->given->profile));
    report_start(&run->told, &run->device_info, run->network, epocl_dataset_sample_count(run->data),
                 run->valid ? epocl_dataset_sample_count(run->valid) : 0);
    if (run->checkpoint)
        TRY(epocl_trainer_resume(run->device, run->checkpoint, run->data, run->valid, &run->options, &run->trainer));
    else
        TRY(epocl_trainer_create(run->device, run->network, run->data, run->valid, &run->options, &run->trainer));
    config =
        run_config(&command_train, run->given, run->network, &run->device_info, epocl_trainer_plan_name(run->trainer));
    if (!config) TRY(fail(EPOCL_ERROR_MEMORY, "not enough memory for config.json"));
    run_folder_set_config(run->folder, config);
    if (monitor_is_metric(run->options.training.monitor)) run_folder_keep_figures(run->folder);
    run->saved =
        checkpointing_begin(run->folder, run->trainer, run->network, run->checkpoint, run->given->checkpoint_every);
    if (run->given->tensorboard)
        TRY(event_file_create(run->given->tensorboard, epocl_trainer_epoch_count(run->trainer) + 1,
                              run->options.training.monitor, &run->events));
    tell_best(run);
    signals_attach(run->trainer);
    report_plan(&run->told, epocl_trainer_plan_name(run->trainer), epocl_trainer_epoch_count(run->trainer));
cleanup:
    json_decref(config);
    return status;
}

/* The same of many networks that make one model. */
static epocl_status train_ensemble(training *run) {
    epocl_status status = EPOCL_OK;
    if (!run->given->resume) TRY(run_folder_open(run->given->output, run->given->force, &run->folder));
    signals_set_last_act(withdraw, run->folder);
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
static epocl_status settle_by_data(training *run, settings *effective) {
    epocl_status status = EPOCL_OK;
    const size_t sample_count = epocl_dataset_sample_count(run->data);
    preset_apply(&command_train, sample_count, effective);
    if (effective->ensemble <= 1) TRY(recipe_for_samples(&command_train, sample_count, effective));
    if (!run->valid) recipe_without_validation(&command_train, effective);
    settings_settle(effective);
    run->told.epoch_count = (size_t)effective->epochs;
cleanup:
    return status;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    settings effective = *given;
    json_t *config = NULL;
    training work = {.given = &effective, .told = report_begin(given)};
    if (given->resume) {
        TRY(run_folder_open_again(given->resume, &work.folder));
        TRY(read_settings(&work, given, &config, &effective));
    } else {
        if (given->config) TRY(settings_from_file(&command_train, given, &config, &effective));
        TRY(recipe_defaults(&command_train, table_is_given(&effective) ? RECIPE_TABLE : RECIPE_STANDARD, &effective));
    }
    settings_settle(&effective);
    if (given->print_config) {
        TRY(settings_print(&command_train, &effective));
        goto cleanup;
    }
    work.told = report_begin(&effective);
    TRY(check_settings(work.given));
    if (!work.given->dry_run) streams_need_no_reader();
    TRY(signals_begin((double)work.given->checkpoint_every.seconds));
    if (effective.table.folds) {
        TRY(cross_validate(&command_train, &effective, &work.told));
        goto cleanup;
    }
    if (given->resume) TRY(find_checkpoint(&work));
    if (!given->resume) TRY(initial_base(work.given, &work.base));
    TRY(run_data_load(work.given, given->resume ? work.network : work.base, &work.told.shown, &work.data, &work.valid));
    if (!given->resume) TRY(settle_by_data(&work, &effective));
    set_options(&work);
    if (!work.network) TRY(begin_network(&work));
    TRY(run_data_check(work.given, work.network, work.data, work.valid, !work.checkpoint && !work.ensemble));
    TRY(calibrate_check(work.given, work.network, work.valid));
    if (given->resume) TRY(check_resumed(&work, config));
    TRY(device_open(work.given, work.given->device, &work.device));
    epocl_device_describe(work.device, &work.device_info);
    if (work.given->ensemble > 1) {
        TRY(train_ensemble(&work));
    } else if (work.given->dry_run) {
        TRY(run_plan_print(work.device, work.network, work.data, work.valid, &work.options,
                           (size_t)work.options.training.batch_size, given->json));
    } else {
        TRY(prepare(&work));
        TRY(train_and_save(&work));
    }
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
