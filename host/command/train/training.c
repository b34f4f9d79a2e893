#include "base/checked.h"
#include "command/commands.h"
#include "command/run/calibrate.h"
#include "command/run/files/config.h"
#include "command/run/files/event_file.h"
#include "command/show/profile/profile_rows.h"
#include "command/show/profile/profile_trace.h"
#include "command/system/signals.h"
#include "command/table/table_result.h"
#include "command/train/training.h"
#include "options/monitors.h"

#include <stdio.h>

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

epocl_status training_run(training *run) {
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

void training_withdraw(const void *folder) {
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

epocl_status training_prepare(training *run) {
    epocl_status status = EPOCL_OK;
    json_t *config = NULL;
    if (!run->given->resume) TRY(run_folder_open(run->given->output, run->given->force, &run->folder));
    signals_set_last_act(training_withdraw, run->folder);
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
