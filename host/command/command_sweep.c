#include "base/checked.h"
#include "command/commands.h"
#include "command/options/recipe_defaults.h"
#include "command/run/config.h"
#include "command/run/resume.h"
#include "command/run/run_data.h"
#include "command/run/settings_file.h"
#include "command/show/report.h"
#include "command/sweep/sweep.h"
#include "command/system/signals.h"
#include "command/system/streams.h"
#include "command/table/table_data.h"

#include <string.h>

static const option_row options[] = {
    OPTIONS_OF_DATA,
    OPTIONS_OF_COLUMNS,
    OPTIONS_OF_READING,
    {.name = "epochs",
     .letter = 'e',
     .type = OPTION_WHOLE,
     SETTING(epochs),
     .is_kept = true,
     .argument = "N",
     .group = "Training",
     .default_value = "10",
     .minimum = 1,
     .maximum = 100000000,
     .help = "times to train the best on every sample"},
    {.name = "count",
     .type = OPTION_WHOLE,
     SETTING(count),
     .is_kept = true,
     .argument = "N",
     .group = "Sweep",
     .default_value = "16",
     .minimum = 1,
     .maximum = SWEEP_MOST_MEMBERS,
     .help = "settings to draw from the ranges and lists"},
    {.name = "grid",
     .type = OPTION_FLAG,
     SETTING(grid),
     .is_kept = true,
     .group = "Sweep",
     .help = "all combinations of lists instead"},
    {.name = "seeds",
     .type = OPTION_WHOLE,
     SETTING(seeds),
     .is_kept = true,
     .argument = "N",
     .group = "Sweep",
     .default_value = "1",
     .minimum = 1,
     .maximum = SWEEP_MOST_SEEDS,
     .help = "networks of each setting, from --seed on; the mean counts"},
    {.name = "halving",
     .type = OPTION_CHOICE,
     SETTING(halving),
     .is_kept = true,
     .argument = "N",
     .group = "Sweep",
     .default_value = "3",
     .choices = halving_words,
     .help = "one of N goes on, after a 1/N of the epochs twice; or off"},
    {.name = "workers",
     .type = OPTION_WHOLE,
     SETTING(workers),
     .can_change = true,
     .argument = "N",
     .group = "Sweep",
     .minimum = 1,
     .maximum = 256,
     .help = "members that train at a time on a device (default: as suits it)"},
    {.name = "search",
     .type = OPTION_TEXT,
     TEXT_VALUE(settings, search),
     .is_kept = true,
     .argument = "TEXT",
     .group = "Sweep",
     .help = "ranges and lists in one: learning-rate=1e-4..1e-2;hidden=64|128"},

    OPTION_DEVICES("auto", "as with train; several, with commas, or all share the members"),
    OPTION_NO_SELF_TEST,
    OPTION_TIMEOUT,

    OPTIONS_OF_RUN_FOLDER("folder for the sweep (required without --resume)",
                          "go on with the sweep in DIR; its settings are those of DIR/config.json"),
    {.name = "config",
     .type = OPTION_STRING,
     SETTING(config),
     .argument = "FILE",
     .group = "Output",
     .help = "settings that are not given: a sweep's config.json, or JSON"},
    OPTION_CHECKPOINT_EVERY("epochs, or 30s, 10m, 2h; a stop saves all members, too"),
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_HELP,
};

static const foreign_option foreign[] = {
    {"trials", "--count N draws as many settings"},
    {"n-trials", "--count N draws as many settings"},
    {"jobs", "--workers N trains as many members at a time"},
    {"threads", "--workers N trains as many members at a time"},
    {NULL, NULL},
};

/* What is set aside for validation where nothing says it: settings are compared by it. */
static const double usual_split = 0.2;

/* All that a sweep holds. */
typedef struct work {
    settings given; /* in effect */
    search searched;
    report told;
    run_folder *folder;
    epocl_dataset *data, *valid;
    epocl_network *network; /* of the first member: its shape */
    sweep_devices devices;
    epocl_device_info device_info; /* of the first */
    sweep sweep;
} work;

static void work_release(work *w) {
    signals_attach_any(NULL, NULL);
    signals_set_last_act(NULL, NULL);
    sweep_release(&w->sweep);
    sweep_devices_release(&w->devices);
    epocl_network_release(w->network);
    epocl_dataset_release(w->valid);
    epocl_dataset_release(w->data);
    run_folder_release(w->folder);
}

static epocl_status check_settings(const settings *given) {
    if (!given->output && !given->resume)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl sweep needs --output DIR; see epocl sweep --help");
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

/* What the command line gives one value is not searched, whatever a file says. */
static void forget_searches(const settings *given, settings *effective) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(&command_sweep, list);
    for (size_t i = 0; i < count && given->config; i++)
        if (given->given[i] && list[i].base) search_remove(effective->search, list[i].row);
}

static void set_aside(settings *given) {
    if (!given->valid && !(given->valid_split > 0)) given->valid_split = usual_split;
}

/* Texts of the settings are memory of *config. */
static epocl_status find_settings(work *w, const settings *given, json_t **config) {
    epocl_status status = EPOCL_OK;
    w->given = *given;
    if (given->resume) {
        TRY(check_resumed(given));
        TRY(run_folder_open_again(given->resume, &w->folder));
        TRY(resume_settings(&command_sweep, given, run_folder_descriptor(w->folder), run_folder_config_path(w->folder),
                            config, &w->given));
    } else {
        if (given->config) TRY(settings_from_file(&command_sweep, given, config, &w->given));
        forget_searches(given, &w->given);
        const bool is_table = table_is_given(&w->given); /* whose recipe has a split of its own */
        if (!is_table) set_aside(&w->given);
        TRY(recipe_defaults(&command_sweep, is_table ? RECIPE_TABLE : RECIPE_STANDARD, &w->given));
        set_aside(&w->given);
    }
    TRY(check_settings(&w->given));
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
                        epocl_trainer_plan_name(epocl_population_member(w->devices.populations[0], 0)));
    if (!config) TRY(fail(EPOCL_ERROR_MEMORY, "not enough memory for config.json"));
    run_folder_set_config(w->folder, config);
    TRY(sweep_tell_begin(&w->sweep));
cleanup:
    json_decref(config);
    return status;
}

static epocl_status run(const settings *given) {
    epocl_status status = EPOCL_OK;
    json_t *config = NULL;
    work w = {.folder = NULL};
    TRY(find_settings(&w, given, &config));
    w.told = report_begin(&w.given);
    if (given->resume && run_folder_has_model(w.folder)) {
        progress_line(&w.told.shown, "the sweep in %s is finished", given->resume);
        TRY(run_folder_remove_members(w.folder)); /* of one that was killed in its last moment */
        goto cleanup;
    }
    streams_need_no_reader();
    TRY(signals_begin((double)w.given.checkpoint_every.seconds));
    TRY(run_data_load(&w.given, NULL, &w.told.shown, &w.data, &w.valid));
    w.sweep =
        (sweep){.given = &w.given, .searched = &w.searched, .data = w.data, .valid = w.valid, .shown = &w.told.shown};
    TRY(sweep_create(&w.sweep));
    epocl_options first = w.sweep.members[0].options;
    epocl_options_set_message(&first, report_message, &w.told);
    TRY(run_data_create_network(&w.given, w.data, &first, &w.network));
    TRY(run_data_check(&w.given, w.network, w.data, w.valid, true));
    TRY(sweep_devices_open(&w.given, &w.devices));
    epocl_device_describe(w.devices.devices[0], &w.device_info);
    w.sweep.devices = &w.devices;
    TRY(prepare(&w));
    TRY(sweep_train(&w.sweep));
    TRY(sweep_save(&w.sweep));
    TRY(sweep_tell_end(&w.sweep));
cleanup:
    sweep_clear(&w.sweep);
    progress_clear(&w.told.shown);
    work_release(&w);
    json_decref(config);
    return status;
}

const command command_sweep = {
    .name = "sweep",
    .summary = "trains many networks at once and keeps the best",
    .examples = {"sweep houses.csv --target price --learning-rate 1e-4..1e-2 --hidden '64|128|256x2' --output sweep1",
                 "sweep houses.csv --target price --seeds 10 --output seeds1"},
    .notes =
        "Any option of networks and training takes a range, 1e-4..1e-2, or a list, 'relu|tanh'; of what has one value\n"
        "the list may have commas, 64,128. The commas of --hidden and --dropout are between layers. Ranges of rates,\n"
        "decays, sizes and bounds are drawn evenly by their logarithm, others evenly; drawn numbers have four "
        "digits.\n\n"
        "Settings are compared by the best validation cost of their epochs, or as --monitor says. At a rung the best\n"
        "one of --halving settings goes on. The same seed has the same result on any number of cores, and each "
        "network\n"
        "is what epocl train makes of its settings.\n\n"
        "DIR receives config.json, sweep.csv with a line for each network, best first, and model.safetensors, the "
        "best\n"
        "network after its best epoch; while it goes on, a checkpoint of each network. SIGINT, SIGTERM and SIGHUP end\n"
        "it with all networks saved and exit status 75; --resume goes on to the same bytes.",
    .operand = "data",
    .foreign = foreign,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .takes_library = true,
    .searches = true,
    .run = run,
};
