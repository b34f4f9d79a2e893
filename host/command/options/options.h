/* The options of a command: its own table and rows of the library's registry, from which parsing, help text and error
 * texts are made. */
#ifndef EPOCL_COMMAND_OPTIONS_OPTIONS_H
#define EPOCL_COMMAND_OPTIONS_OPTIONS_H

#include "base/status.h"
#include "command/options/settings.h"
#include "options/registry.h"

/* An option that people know from elsewhere, and what epocl has in its place. */
typedef struct foreign_option {
    const char *name, *hint;
} foreign_option;

typedef struct command {
    const char *name;
    const char *summary;           /* half a line for `epocl --help`     */
    const char *examples[2];       /* what follows `epocl ` in each      */
    const char *operand;           /* name of the text option that a word without one stands for; NULL without */
    const char *words;             /* what each further word names: at least one is needed; NULL: none is taken */
    const foreign_option *foreign; /* ends with a NULL name; NULL without */
    const char *notes;             /* ends the help text; NULL without   */
    const option_row *options;     /* its own, of `settings` */
    size_t option_count;
    /* The library's that it takes: those named, up to a NULL, or, with `takes_library`, all. */
    const char *const *library;
    bool takes_library;
    bool searches; /* of the library's, ranges and lists are taken, too: settings.search */
    /* Prints results on standard output, progress on standard error; returns failures. */
    epocl_status (*run)(const settings *given);
} command;

/* An option of a command: its own, or one of the library's registry. */
typedef struct command_option {
    const option_row *row;
    size_t base; /* of the structure that the row is of, within `settings` */
} command_option;

/* Fills `list` with a command's options, by groups, and returns their number. */
size_t command_options(const command *used, command_option list[COMMAND_OPTIONS_CAPACITY]);

static inline void *command_values(const command_option *option, settings *given) {
    return (char *)given + option->base;
}

static inline const void *command_values_of(const command_option *option, const settings *given) {
    return (const char *)given + option->base;
}

/* Whether it is the text of what a command searches. */
static inline bool command_option_is_search(const command_option *option) {
    return !option->base && option->row->offset == offsetof(settings, search);
}

/* After a range or a list has been added to what is searched: that was given, and no one value of those options. */
void command_options_mark_searched(const command_option *list, size_t count, settings *given);

/* Entries that several commands share, and what every table ends with. */
#define SETTING(field) VALUE(settings, field)
#define OPTION_MODEL                                                                                                   \
    {                                                                                                                  \
        .name = "model", .type = OPTION_STRING, SETTING(model), .argument = "FILE", .group = "Model",                  \
        .required = true, .help = "model.safetensors of a training run, or the run's folder"                           \
    }
/* Of IDX inputs that a model is evaluated on. */
#define OPTIONS_OF_TARGETS                                                                                             \
    {.name = "labels",                                                                                                 \
     .type = OPTION_STRING,                                                                                            \
     .also = "targets",                                                                                                \
     SETTING(labels),                                                                                                  \
     .argument = "FILE",                                                                                               \
     .group = "Data",                                                                                                  \
     .help = "of IDX inputs: labels, from 0 on, or values"},                                                           \
    {                                                                                                                  \
        .name = "sample-weights", .type = OPTION_STRING, SETTING(sample_weights), .argument = "FILE", .group = "Data", \
        .help = "how much each counts, 0 or above, IDX of floats"                                                      \
    }
#define OPTION_DEVICE(device_default)                                                                                  \
    OPTION_DEVICES(device_default, "index, PLATFORM:DEVICE, part of a name, cpu or gpu")
#define OPTION_DEVICES(device_default, help_)                                                                          \
    {                                                                                                                  \
        .name = "device", .letter = 'd', .type = OPTION_STRING, SETTING(device), .argument = "DEVICE",                 \
        .group = "Device", .default_value = (device_default), .environment = "EPOCL_DEVICE", .is_kept = true,          \
        .can_change = true, .help = (help_)                                                                            \
    }
#define OPTION_NO_SELF_TEST                                                                                            \
    {                                                                                                                  \
        .name = "no-self-test", .type = OPTION_FLAG, SETTING(no_self_test), .group = "Device", .can_change = true,     \
        .environment = "EPOCL_NO_SELF_TEST", .help = "trust a device that was never checked, or failed"                \
    }
#define OPTION_NET                                                                                                     \
    {                                                                                                                  \
        .name = "net", .type = OPTION_WHOLES, SETTING(shape), .argument = "SHAPE", .group = "Network",                 \
        .default_value = "784-128-10", .separators = "-,", .items = "layer sizes", .minimum = 2, .maximum = 1 << 16,   \
        .help = "inputs, hidden layers, classes"                                                                       \
    }
#define OPTION_TIMEOUT                                                                                                 \
    {                                                                                                                  \
        .name = "timeout", .type = OPTION_REAL, SETTING(timeout), .argument = "SECONDS", .group = "Device",            \
        .range = ABOVE_BELOW(0, 1e9), .can_change = true, .environment = "EPOCL_TIMEOUT",                              \
        .help = "give up a device that takes longer for an epoch (default: never)"                                     \
    }
/* The folder that a command trains into: resume_settings() wants that of --resume, and with it nothing is overwritten.
 */
#define OPTIONS_OF_RUN_FOLDER(output_help, resume_help)                                                                \
    {.name = "output",                                                                                                 \
     .letter = 'o',                                                                                                    \
     .type = OPTION_STRING,                                                                                            \
     SETTING(output),                                                                                                  \
     .can_change = true,                                                                                               \
     .argument = "DIR",                                                                                                \
     .group = "Output",                                                                                                \
     .help = (output_help)},                                                                                           \
        {.name = "force",                                                                                              \
         .type = OPTION_FLAG,                                                                                          \
         SETTING(force),                                                                                               \
         .can_change = true,                                                                                           \
         .group = "Output",                                                                                            \
         .help = "overwrite a run in DIR"},                                                                            \
    {                                                                                                                  \
        .name = "resume", .type = OPTION_STRING, SETTING(resume), .can_change = true, .argument = "DIR",               \
        .group = "Output", .help = (resume_help)                                                                       \
    }
#define OPTION_CHECKPOINT_EVERY(help_)                                                                                 \
    {                                                                                                                  \
        .name = "checkpoint-every", .type = OPTION_PARSED, .parser = &interval_parser, SETTING(checkpoint_every),      \
        .is_kept = true, .can_change = true, .argument = "N", .group = "Output", .default_value = "60s",               \
        .maximum = 100000000, .help = (help_)                                                                          \
    }
#define OPTION_JSON                                                                                                    \
    {                                                                                                                  \
        .name = "json", .type = OPTION_FLAG, SETTING(json), .group = "Output", .can_change = true,                     \
        .help = "one JSON object a line on standard output"                                                            \
    }
#define OPTION_QUIET                                                                                                   \
    {                                                                                                                  \
        .name = "quiet", .letter = 'q', .type = OPTION_FLAG, SETTING(quiet), .group = "Output", .can_change = true,    \
        .help = "no progress on standard error"                                                                        \
    }
#define OPTION_HELP                                                                                                    \
    { .name = "help", .letter = 'h', .type = OPTION_FLAG, SETTING(help), .group = "Output", .help = "this text" }

/* Epochs, or with a letter s, m or h seconds, minutes or hours, from 1 to 100 million. */
extern const option_parser interval_parser;

/* Reads argv[1] and on into `given`, over defaults and environment. After --help nothing more is
 * asked for. EPOCL_ERROR_ARGUMENT names the option, its range and, for a word that is not known,
 * the nearest one that is. */
epocl_status options_parse(const command *used, int argc, char **argv, settings *given);

/* Puts what was given in `over`, but for defaults, in the place of what is in `under`. What `over` searches is added to
 * what `under` does, each option in its own place; what it gives one value is not searched any more. */
epocl_status options_lay_over(const command *used, const settings *over, settings *under);

/* The help text of a command, on standard output. */
void options_print_help(const command *used);

#endif
