/* A sweep from its options to its model. */
#include "base/checked.h"
#include "base/checksum.h"
#include "base/files/folder.h"
#include "base/printable.h"
#include "command/commands.h"
#include "command/options/recipe_defaults.h"
#include "command/run/files/config.h"
#include "command/run/files/settings_file.h"
#include "command/run/resume.h"
#include "command/run/run_data.h"
#include "command/show/report.h"
#include "command/sweep/sweep.h"
#include "command/sweep/sweep_spread.h"
#include "command/system/signals.h"
#include "command/system/streams.h"
#include "command/table/table_data.h"
#include "data/encoder/encoder.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What is set aside for validation where nothing says it: settings are compared by it. */
static const double usual_split = 0.2;

/* All that a sweep holds. */
typedef struct work {
    const sweep_spread *spread;
    settings given;   /* in effect */
    json_t *config;   /* whose texts are in them; NULL without */
    int begun_folder; /* of a sweep that goes on, for who does not lead; -1 without */
    search searched;
    report told;
    run_folder *folder; /* the leader's */
    epocl_dataset *data, *valid;
    epocl_network *network; /* of the first member: its shape */
    sweep_here here;
    epocl_device_info device_info; /* of the first */
    sweep sweep;
    bool is_finished; /* there is nothing to go on with */
} work;

static bool leads(const work *w) {
    return w->spread->rank == 0;
}

static void work_release(work *w) {
    signals_attach_any(NULL, NULL);
    signals_set_last_act(NULL, NULL);
    sweep_release(&w->sweep);
    sweep_here_release(&w->here);
    epocl_network_release(w->network);
    epocl_dataset_release(w->valid);
    epocl_dataset_release(w->data);
    run_folder_release(w->folder);
    if (w->begun_folder >= 0) close(w->begun_folder);
    json_decref(w->config);
}

/* Standard input is that of one process. */
static epocl_status check_streams(const settings *given, const sweep_spread *spread) {
    const char *const paths[] = {given->data, given->labels, given->valid, given->valid_labels, given->sample_weights};
    for (size_t i = 0; i < sizeof paths / sizeof *paths && spread->count > 1; i++)
        if (paths[i] && strcmp(paths[i], "-") == 0)
            return fail(EPOCL_ERROR_ARGUMENT, "standard input (-) is read by one process of several; name a file");
    return EPOCL_OK;
}

static epocl_status check_settings(const settings *given) {
    if (!given->output && !given->resume)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl sweep needs --output DIR; see epocl sweep --help");
    if (given->library.training.max_seconds > 0)
        return fail(EPOCL_ERROR_ARGUMENT, "--max-seconds: what a clock ends is another each time, and so would be the "
                                          "sweep; --epochs limits it");
    if (!*given->search && given->seeds == 1 && !given->resume)
        return fail(EPOCL_ERROR_ARGUMENT,
                    "nothing is searched: give an option a range (--learning-rate 1e-4..1e-2) or a list "
                    "(--hidden '64|128x2'), or --seeds N; epocl train trains one network");
    return run_data_check_settings(&command_sweep, given);
}

/* What decides about members was said when the sweep began. */
static epocl_status check_resumed(const settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(&command_sweep, list);
    for (size_t i = 0; i < count; i++)
        if (given->given[i] && list[i].base && list[i].row->scope != SCOPE_DEVICE)
            return fail(EPOCL_ERROR_ARGUMENT, "--%s and --resume exclude each other", list[i].row->name);
    return EPOCL_OK;
}

static void set_aside(settings *given) {
    if (!given->valid && !(given->valid_split > 0)) given->valid_split = usual_split;
}

/* The settings of a sweep that goes on; its folder is the leader's, who locks it. */
static epocl_status find_begun(work *w, const settings *given) {
    epocl_status status = EPOCL_OK;
    char path[4096];
    TRY(check_resumed(given));
    if (leads(w)) {
        TRY(run_folder_open_again(given->resume, &w->folder));
        return resume_settings(&command_sweep, given, run_folder_descriptor(w->folder),
                               run_folder_config_path(w->folder), &w->config, &w->given);
    }
    w->begun_folder = folder_open(given->resume);
    if (w->begun_folder < 0) return fail(EPOCL_ERROR_NO_INPUT, "%s: %s", given->resume, strerror(errno));
    snprintf(path, sizeof path, "%s/config.json", given->resume);
    TRY(resume_settings(&command_sweep, given, w->begun_folder, path, &w->config, &w->given));
cleanup:
    return status;
}

/* Texts of the settings are memory of w->config. */
static epocl_status find_settings(work *w, const settings *given) {
    epocl_status status = EPOCL_OK;
    w->given = *given;
    if (given->resume) {
        TRY(find_begun(w, given));
    } else {
        if (given->config) TRY(settings_from_file(&command_sweep, given, &w->config, &w->given));
        const bool is_table = table_is_given(&w->given); /* whose recipe has a split of its own */
        if (!is_table) set_aside(&w->given);
        TRY(recipe_defaults(&command_sweep, is_table ? RECIPE_TABLE : RECIPE_STANDARD, &w->given));
        set_aside(&w->given);
    }
    TRY(check_settings(&w->given));
    TRY(check_streams(&w->given, w->spread));
    TRY(search_parse(w->given.search, &w->searched));
cleanup:
    return status;
}

static void withdraw(const void *folder) {
    run_folder_withdraw(folder);
}

/* All that can fail before a first epoch fails here, with nothing left behind. */
static epocl_status prepare(work *w) {
    epocl_status status = EPOCL_OK;
    json_t *config = NULL;
    if (!w->given.resume) TRY(run_folder_open(w->given.output, w->given.force, &w->folder));
    signals_set_last_act(withdraw, w->folder);
    TRY(run_folder_prepare(w->folder));
    w->sweep.folder = w->folder;
    progress_line(&w->told.shown, "compiling the kernels and uploading the data");
    TRY(sweep_begin(&w->sweep));
    config = run_config(&command_sweep, &w->given, w->network, &w->device_info,
                        epocl_trainer_plan_name(epocl_population_member(w->here.devices.populations[0], 0)));
    if (!config) TRY(fail(EPOCL_ERROR_MEMORY, "not enough memory for config.json"));
    run_folder_set_config(w->folder, config);
    TRY(sweep_tell_begin(&w->sweep));
cleanup:
    json_decref(config);
    return status;
}

/* Everything up to the first member, alike in all processes. */
static epocl_status make_ready(work *w, const settings *given) {
    epocl_status status = EPOCL_OK;
    const bool takes_lead = leads(w);
    TRY(find_settings(w, given));
    w->given.quiet |= !takes_lead;
    w->given.json &= takes_lead;
    w->told = report_begin(&w->given);
    w->is_finished = w->folder && run_folder_has_model(w->folder);
    if (w->is_finished) return EPOCL_OK;
    streams_need_no_reader();
    TRY(signals_begin(takes_lead ? (double)w->given.checkpoint_every.seconds : 0.0));
    TRY(run_data_load(&w->given, NULL, &w->told.shown, &w->data, &w->valid));
    w->sweep = (sweep){
        .given = &w->given, .searched = &w->searched, .data = w->data, .valid = w->valid, .shown = &w->told.shown};
    TRY(sweep_create(&w->sweep));
    epocl_options first = w->sweep.members[0].options;
    if (takes_lead) epocl_options_set_message(&first, report_message, &w->told);
    TRY(run_data_create_network(&w->given, w->data, &first, &w->network));
    if (takes_lead) TRY(run_data_check(&w->given, w->network, w->data, w->valid, true));
    const device_share share = {w->spread->host_rank, w->spread->host_count};
    TRY(sweep_here_open(&w->sweep, w->spread->rank, w->spread->count, share, &w->here));
    epocl_device_describe(w->here.devices.devices[0], &w->device_info);
cleanup:
    return status;
}

/* Of the settings that decide what members come to: not of where files and devices are. */
static uint32_t settings_checksum(const settings *given) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    char text[OPTION_TEXT_CAPACITY];
    const size_t count = command_options(&command_sweep, list);
    uint32_t checksum = 0;
    for (size_t i = 0; i < count; i++) {
        const option_row *row = list[i].row;
        const bool is_of_members = list[i].base && row->scope != SCOPE_DEVICE;
        if (!row->is_kept || (row->can_change && !is_of_members)) continue;
        option_text(row, command_values_of(&list[i], given), text);
        checksum = checksum_add(checksum, text, strlen(text) + 1);
    }
    return checksum;
}

/* What tells whether all processes have the same before them; "" of one. */
static void facts_of(const work *w, char *facts, size_t capacity) {
    char data[PRINTABLE_CAPACITY], valid[PRINTABLE_CAPACITY];
    *facts = '\0';
    if (w->spread->count == 1 || w->is_finished || !w->data || !w->valid) return;
    dataset_fingerprint(w->data, data, sizeof data);
    dataset_fingerprint(w->valid, valid, sizeof valid);
    snprintf(facts, capacity, "settings %08" PRIx32 ", encoder %08" PRIx32 ", data of %s, and %s",
             settings_checksum(&w->given), w->data->encoder ? w->data->encoder->checksum : 0, data, valid);
}

static epocl_status lead(work *w) {
    epocl_status status = EPOCL_OK;
    if (w->is_finished) {
        progress_line(&w->told.shown, "the sweep in %s is finished", w->given.resume);
        return run_folder_remove_members(w->folder); /* of one that was killed in its last moment */
    }
    TRY(w->spread->lead(&w->here, &w->sweep.workers));
    TRY(prepare(w));
    TRY(sweep_train(&w->sweep));
    TRY(sweep_save(&w->sweep));
    TRY(sweep_tell_end(&w->sweep));
cleanup:
    return status;
}

epocl_status sweep_run(const settings *given, const sweep_spread *spread) {
    char facts[400];
    work w = {.spread = spread, .begun_folder = -1};
    epocl_status status = make_ready(&w, given);
    facts_of(&w, facts, sizeof facts);
    status = spread->agree(status, facts);
    if (status == EPOCL_OK && leads(&w)) {
        status = lead(&w);
        spread->end(status);
    } else if (status == EPOCL_OK) {
        status = spread->serve(&w.here);
    }
    sweep_clear(&w.sweep);
    progress_clear(&w.told.shown);
    work_release(&w);
    return status;
}
