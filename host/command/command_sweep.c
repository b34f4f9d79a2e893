#include "command/commands.h"
#include "command/run/files/config.h"
#include "command/run/run_data.h"
#include "command/sweep/sweep.h"
#include "command/sweep/sweep_spread.h"

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

/* One process. */
static epocl_status agree_alone(epocl_status status, const char *facts) {
    (void)facts;
    return status;
}

static epocl_status lead_alone(sweep_here *here, sweep_workers **all) {
    *all = &here->workers;
    return EPOCL_OK;
}

static void end_alone(epocl_status status) {
    (void)status;
}

static epocl_status run(const settings *given) {
    static const sweep_spread alone = {
        .count = 1, .host_count = 1, .agree = agree_alone, .lead = lead_alone, .end = end_alone};
    return sweep_run(given, &alone);
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
        "it with all networks saved and exit status 75; --resume goes on to the same bytes.\n\n"
        "mpirun epocl-mpi sweep, with these options, spreads the networks over the ranks of MPI: docs/sweeps.md.",
    .operand = "data",
    .foreign = foreign,
    .options = options,
    .option_count = sizeof options / sizeof *options,
    .takes_library = true,
    .searches = true,
    .run = run,
};
