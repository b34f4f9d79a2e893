#include "command/ensemble/ensemble_run.h"

#include "base/checked.h"
#include "base/clock.h"
#include "base/plural.h"
#include "command/ensemble/preset.h"
#include "command/run/calibrate.h"
#include "command/run/files/config.h"
#include "command/show/byte_text.h"
#include "command/show/describe.h"
#include "command/show/json_line.h"
#include "command/show/print_line.h"
#include "command/system/signals.h"
#include "command/table/table_result.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { HISTORY_LINE = 256 };

/* What a run has come to; released by state_release(). */
typedef struct state {
    const ensemble_run *run;
    epocl_options *options[64];
    size_t option_count;
    epocl_ensemble *ensemble;
    epocl_ensemble_epoch last; /* of epoch 0: none */
    size_t model_epoch;        /* of the ensemble that was written as the model; 0: none was */
    size_t saved_epochs;       /* finished at the last checkpoint                            */
    bool has_new_steps;        /* since then                                                 */
    bool is_stopped;
} state;

static void state_release(state *s) {
    signals_attach_any(NULL, NULL);
    epocl_ensemble_release(s->ensemble);
    for (size_t k = 0; k < s->option_count; k++) epocl_options_release(s->options[k]);
}

epocl_status ensemble_check_settings(const settings *given) {
    const char *what = given->init          ? "init"
                       : given->profile     ? "profile"
                       : given->tensorboard ? "tensorboard"
                       : given->table.folds ? "folds"
                       : given->dry_run     ? "dry-run"
                                            : NULL;
    if (what && preset_is_wanted(given))
        return fail(EPOCL_ERROR_ARGUMENT, "--%s is for one network; leave --ensemble and --preset out", what);
    return EPOCL_OK;
}

/* ---- History ------------------------------------------------------------------------------------- */

static const char header[] =
    "epoch,train_cost,valid_cost,latest_cost,best_member,best_member_cost,networks,trained,seconds\n";

static epocl_status write_history(const state *s) {
    epocl_status status = EPOCL_OK;
    char *text = NULL;
    const size_t count = epocl_ensemble_epoch_count(s->ensemble);
    size_t length = sizeof header - 1;
    TRY(allocate(sizeof header + count * HISTORY_LINE, 1, "the history of a run", &text));
    memcpy(text, header, sizeof header);
    for (size_t i = 0; i < count; i++) {
        epocl_ensemble_epoch e;
        TRY(epocl_ensemble_history(s->ensemble, i, &e));
        length += (size_t)snprintf(text + length, HISTORY_LINE, "%zu,%.9g,%.9g,%.9g,%zu,%.9g,%zu,%zu,%.9g\n", e.epoch,
                                   e.train_cost, e.valid_cost, e.latest_cost, e.best_member, e.best_member_cost,
                                   e.network_count, e.trained_count, e.seconds);
    }
    TRY(run_folder_write_history_text(s->run->folder, text, length));
cleanup:
    free(text);
    return status;
}

/* ---- Telling ------------------------------------------------------------------------------------- */

static epocl_status tell_epoch(const state *s, const epocl_ensemble_epoch *e) {
    report *told = s->run->told;
    if (progress_is_due(&told->shown) || e->epoch == told->epoch_count) {
        progress_line(&told->shown,
                      "epoch %3zu/%zu  ensemble of %zu: valid cost %#.5g  best alone: %#.5g  train cost %#.5g  "
                      "%zu trained, %.2f s",
                      e->epoch, told->epoch_count, e->network_count, e->valid_cost, e->best_member_cost, e->train_cost,
                      e->trained_count, e->seconds);
        progress_bar(&told->shown, e->epoch, told->epoch_count);
    }
    if (!told->is_json) return EPOCL_OK;
    return json_line_print(json_pack("{ss sI so so so sI so sI sI so}",                    //
                                     "event", "ensemble",                                  //
                                     "epoch", (json_int_t)e->epoch,                        //
                                     "train_cost", json_number(e->train_cost),             //
                                     "valid_cost", json_number(e->valid_cost),             //
                                     "latest_cost", json_number(e->latest_cost),           //
                                     "best_member", (json_int_t)e->best_member,            //
                                     "best_member_cost", json_number(e->best_member_cost), //
                                     "networks", (json_int_t)e->network_count,             //
                                     "trained", (json_int_t)e->trained_count,              //
                                     "seconds", json_number(e->seconds)));
}

/* What the ensemble says of the validation data, in the unit of the target, and that of its best member. */
static epocl_status tell_result(const state *s, const epocl_network *network) {
    epocl_evaluation evaluation;
    const epocl_status status = epocl_evaluate(s->run->device, network, s->run->valid, &evaluation);
    if (status != EPOCL_OK) return status;
    const epocl_epoch_result result = {.valid_cost = evaluation.cost, .valid_accuracy = evaluation.accuracy};
    table_tell_result(network, &result, &s->run->told->shown);
    return EPOCL_OK;
}

static epocl_status tell_end(const state *s) {
    report *told = s->run->told;
    const double seconds = seconds_now() - told->start;
    const epocl_ensemble_epoch *last = &s->last;
    char duration[32];
    duration_text(seconds, duration, sizeof duration);
    progress_clear(&told->shown);
    progress_line(&told->shown, "%s after %zu epoch%s, %s: %s (%zu network%s, found after epoch %zu)",
                  s->is_stopped ? "stopped" : "done", last->epoch, plural_s(last->epoch), duration,
                  run_folder_model_path(s->run->folder), last->network_count, plural_s(last->network_count),
                  last->best_epoch);
    if (!told->is_json) return EPOCL_OK;
    return json_line_print(json_pack("{ss sI so sI sI so sb so}",                                    //
                                     "event", "done",                                                //
                                     "epochs", (json_int_t)last->epoch,                              //
                                     "model", byte_text_json(run_folder_model_path(s->run->folder)), //
                                     "model_epoch", (json_int_t)last->best_epoch,                    //
                                     "networks", (json_int_t)last->network_count,                    //
                                     "seconds", json_number(seconds),                                //
                                     "stopped", (int)s->is_stopped,                                  //
                                     "valid_cost", json_number(last->epoch ? last->valid_cost : NAN)));
}

/* ---- Training ------------------------------------------------------------------------------------ */

static void stop_ensemble(void *user) {
    epocl_ensemble_stop(user);
}

/* Anew, or from where the checkpoint stands. */
static epocl_status make_ensemble(state *s) {
    epocl_status status = EPOCL_OK;
    const ensemble_run *run = s->run;
    const epocl_options *const *options = (const epocl_options *const *)s->options;
    if (!run->resumed)
        return epocl_ensemble_create(run->device, run->data, run->valid, options, s->option_count, &s->ensemble);
    TRY(epocl_ensemble_resume(run->device, run->resumed, run->data, run->valid, options, s->option_count,
                              &s->ensemble));
    s->saved_epochs = epocl_ensemble_epoch_count(s->ensemble);
    if (s->saved_epochs > 0) TRY(epocl_ensemble_history(s->ensemble, s->saved_epochs - 1, &s->last));
cleanup:
    return status;
}

static epocl_status prepare(state *s) {
    epocl_status status = EPOCL_OK;
    const ensemble_run *run = s->run;
    const char *names = preset_drawn(run->given);
    json_t *config = NULL;
    if (!run->valid)
        TRY(fail(EPOCL_ERROR_ARGUMENT,
                 "an ensemble is chosen on validation data: give --valid and --valid-labels, or --valid-split"));
    for (size_t k = 0; k < run->given->ensemble; k++) {
        TRY(epocl_options_draw(run->options, names, k, &s->options[k]));
        s->option_count++;
        TRY(epocl_options_set(s->options[k], "cost", epocl_network_cost(run->network))); /* chosen, and told, once */
    }
    TRY(make_ensemble(s));
    config = run_config(run->used, run->given, run->network, run->device_info, epocl_ensemble_plan_name(s->ensemble));
    if (!config) TRY(fail(EPOCL_ERROR_MEMORY, "not enough memory for config.json"));
    run_folder_set_config(run->folder, config);
    progress_line(&run->told->shown, "ensemble of at most %zu networks; drawn for each: %s%sseed", s->option_count,
                  names, *names ? "," : "");
    signals_attach_any(stop_ensemble, s->ensemble);
    report_plan(run->told, epocl_ensemble_plan_name(s->ensemble), s->saved_epochs);
cleanup:
    json_decref(config);
    return status;
}

static bool is_save_due(const state *s) {
    const size_t every = (size_t)s->run->given->checkpoint_every.epochs;
    return signals_want_save() || (every && s->last.epoch >= s->saved_epochs + every);
}

/* The model, where there is a better one than was written; a checkpoint is written before it. */
static epocl_status save_model(state *s, bool is_end) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    if (s->last.epoch == 0 || (s->is_stopped && s->last.network_count == 0)) return EPOCL_OK;
    if (!is_end && s->model_epoch == s->last.best_epoch) return EPOCL_OK;
    TRY(epocl_ensemble_read(s->ensemble, &network));
    if (calibrate_is_wanted(s->run->given, network, s->run->valid))
        TRY(calibrate_model(s->run->device, network, s->run->valid, s->run->told, is_end));
    TRY(run_folder_save_model(s->run->folder, network));
    s->model_epoch = s->last.best_epoch;
    if (is_end) TRY(tell_result(s, network));
cleanup:
    epocl_network_release(network);
    return status;
}

static epocl_status save(state *s, bool is_end) {
    epocl_status status = EPOCL_OK;
    signals_saving();
    if (s->has_new_steps) {
        TRY(write_history(s));
        TRY(run_folder_save_ensemble(s->run->folder, s->ensemble));
    }
    s->has_new_steps = false;
    s->saved_epochs = s->last.epoch;
    TRY(save_model(s, is_end));
cleanup:
    signals_saved();
    return status;
}

static epocl_status run_epochs(state *s) {
    epocl_status status = EPOCL_OK;
    while (epocl_ensemble_end(s->ensemble, (size_t)s->run->given->epochs) == EPOCL_END_NONE) {
        epocl_ensemble_epoch epoch;
        if (signals_stopped()) return EPOCL_STOPPED;
        status = epocl_ensemble_run_epoch(s->ensemble, &epoch);
        if (status != EPOCL_OK && status != EPOCL_STOPPED) return status;
        s->has_new_steps = true;
        if (status == EPOCL_OK && epoch.epoch > s->last.epoch) {
            s->last = epoch;
            TRY(tell_epoch(s, &epoch));
        }
        if (is_save_due(s) && !signals_stopped()) TRY(save(s, false));
    }
    status = EPOCL_OK;
cleanup:
    return status;
}

epocl_status ensemble_run_train(const ensemble_run *run) {
    epocl_status status = EPOCL_OK;
    state s = {.run = run};
    TRY(prepare(&s));
    const epocl_status ended = run_epochs(&s);
    if (ended != EPOCL_OK && ended != EPOCL_STOPPED) {
        status = ended;
        goto cleanup;
    }
    s.is_stopped = ended == EPOCL_STOPPED;
    TRY(save(&s, true));
    TRY(tell_end(&s));
    status = ended;
cleanup:
    state_release(&s);
    return status;
}
