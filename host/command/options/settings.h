/* What the command line can set, for all commands together. Each command's option table says which
 * of it the command takes, and its defaults. */
#ifndef EPOCL_COMMAND_OPTIONS_SETTINGS_H
#define EPOCL_COMMAND_OPTIONS_SETTINGS_H

#include "command/sweep/search.h"
#include "command/table/table_settings.h"
#include "options/values.h"

/* A number of epochs, or of seconds; the other is 0. */
typedef struct interval {
    uint64_t epochs, seconds;
} interval;

enum { COMMAND_OPTIONS_CAPACITY = 256 };

typedef struct settings {
    const char *data, *labels;        /* paths, as all text of this structure: argv's or static memory */
    const char *valid, *valid_labels; /* NULL without                                                 */
    const char *sample_weights;       /* likewise                                                     */
    double valid_split;               /* NaN without                                                    */
    const char *model, *output, *resume, *config, *init, *run;
    interval checkpoint_every;
    table_settings table;
    const char *profile, *tensorboard; /* paths; NULL without */
    whole_list shape;                  /* inputs, hidden layers, outputs */
    const char *device;
    uint64_t epochs, samples;
    uint64_t ensemble;                 /* networks that are trained for one model */
    int preset;                        /* a place in preset_words */
    char draw[64];                     /* what is drawn for each of them; "auto", "none" */
    int calibrate;                     /* a place in calibrate_words */
    double timeout;                    /* seconds; NaN without */
    char search[SEARCH_TEXT_CAPACITY]; /* what a sweep searches: command/sweep/search.h */
    uint64_t count, seeds, workers;    /* of a sweep: settings, seeds of each, members at a time */
    int halving;                       /* of halving_words */
    bool grid;
    const char *sweep, *plot, *blas;
    int bench_recipe; /* a place in bench_recipe_words */
    int to;           /* a format of export_words */
    const char *prefix, *activation, *cost, *output_activation;
    uint64_t sweep_from, sweep_to; /* 0: the sweep's own */
    double seconds;
    char *const *words; /* of a command that takes such */
    size_t word_count;
    bool dry_run, print_config, importance, force, no_self_test, json, quiet, proba, spread, members, help;
    epocl_options library; /* what the library's registry can set */
    /* By place among the command's options: it was given, and is no default; and not on the command line. */
    bool given[COMMAND_OPTIONS_CAPACITY], from_environment[COMMAND_OPTIONS_CAPACITY];
} settings;

#endif
