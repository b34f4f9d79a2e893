/* Options: one table a command, from which parsing, help text and error texts are made. */
#ifndef EPOCL_COMMAND_OPTIONS_OPTIONS_H
#define EPOCL_COMMAND_OPTIONS_OPTIONS_H

#include "base/status.h"
#include "command/options/settings.h"

typedef enum option_type {
    OPTION_FLAG,   /* bool                                                                        */
    OPTION_TEXT,   /* const char *, not empty                                                     */
    OPTION_CHOICE, /* const char *, one of `choices`; one that ends with a colon goes on freely */
    OPTION_WHOLE,  /* uint64_t from `minimum` to `maximum`                                        */
    OPTION_REAL,   /* double above `above` and below `below`, which a float must hold, too        */
    OPTION_EVERY,  /* interval: epochs, or with a letter s, m or h seconds, minutes or hours; from 1 to `maximum` */
    OPTION_UNITS,  /* unit_list: counts from 1 to `maximum`, at least `minimum` of them, between
                      any of `separators`; where minimum is 0, "none" and "" are the empty list          */
} option_type;

typedef struct command_option {
    const char *name; /* long name, without the dashes                       */
    char letter;      /* short name; 0 without                               */
    option_type type;
    size_t offset;             /* of its value in `settings`                          */
    const char *argument;      /* name of its argument in the help; NULL for a flag   */
    const char *group;         /* heading in the help; options of a group are neighbours */
    const char *default_value; /* parsed as if given; NULL without                    */
    const char *environment;   /* variable that replaces the default; NULL without    */
    const char *help;          /* NULL: another spelling, left out of the help        */
    bool required;
    const char *separators; /* the first is the one that texts name */
    /* Where a run is resumed: what is kept is in its config.json and taken from there; what can change may be given
     * anew. So what is kept and cannot change may be given again with the same value, and what is neither is refused.
     */
    bool is_kept, can_change;
    bool is_path; /* of a file to read */
    uint64_t minimum, maximum;
    double above, below;
    const char *const *choices; /* ends with NULL */
} command_option;

/* An option that people know from elsewhere, and what epocl has in its place. */
typedef struct foreign_option {
    const char *name, *hint;
} foreign_option;

typedef struct command {
    const char *name;
    const char *summary;           /* half a line for `epocl --help`     */
    const char *examples[2];       /* what follows `epocl ` in each      */
    const char *operand;           /* name of the text option that a word without one stands for; NULL without */
    const foreign_option *foreign; /* ends with a NULL name; NULL without */
    const char *notes;             /* ends the help text; NULL without   */
    const command_option *options;
    size_t option_count;
    /* Prints results on standard output, progress on standard error; returns failures. */
    epocl_status (*run)(const settings *given);
} command;

/* Entries that several commands share, and what every table ends with. */
#define SETTING(field) .offset = offsetof(settings, field)
#define OPTION_MODEL                                                                                                   \
    {                                                                                                                  \
        .name = "model", .type = OPTION_TEXT, SETTING(model), .argument = "FILE", .group = "Model", .required = true,  \
        .help = "model.safetensors of a training run, or the run's folder"                                             \
    }
#define OPTION_DEVICE(device_default)                                                                                  \
    {                                                                                                                  \
        .name = "device", .letter = 'd', .type = OPTION_TEXT, SETTING(device), .argument = "DEVICE",                   \
        .group = "Device", .default_value = (device_default), .environment = "EPOCL_DEVICE", .is_kept = true,          \
        .can_change = true, .help = "index, PLATFORM:DEVICE, part of a name, cpu or gpu"                               \
    }
#define OPTION_MATMUL                                                                                                  \
    {                                                                                                                  \
        .name = "matmul", .type = OPTION_CHOICE, SETTING(matmul), .argument = "KIND", .group = "Device",               \
        .default_value = "auto", .choices = matmul_choices, .is_kept = true,                                           \
        .help = "auto, plain, tile, local, clblast, or with a shape: tile:8x2x16"                                      \
    }
#define OPTION_PLAN                                                                                                    \
    {                                                                                                                  \
        .name = "plan", .type = OPTION_CHOICE, SETTING(plan), .argument = "KIND", .group = "Device",                   \
        .default_value = "auto", .choices = plan_choices, .is_kept = true, .can_change = true,                         \
        .help = "auto, layered, resident, or resident:N in N groups"                                                   \
    }
#define OPTION_TUNE                                                                                                    \
    {                                                                                                                  \
        .name = "tune", .type = OPTION_CHOICE, SETTING(tune), .argument = "LEVEL", .group = "Device",                  \
        .default_value = "quick", .choices = tune_choices, .is_kept = true, .can_change = true,                        \
        .help = "how auto chooses: off (by rule), quick or full"                                                       \
    }
#define OPTION_NO_SELF_TEST                                                                                            \
    {                                                                                                                  \
        .name = "no-self-test", .type = OPTION_FLAG, SETTING(no_self_test), .group = "Device", .can_change = true,     \
        .help = "trust a device that was never checked, or failed"                                                     \
    }
#define OPTION_NET                                                                                                     \
    {                                                                                                                  \
        .name = "net", .type = OPTION_UNITS, SETTING(shape), .argument = "SHAPE", .group = "Network",                  \
        .default_value = "784-128-10", .separators = "-,", .minimum = 2, .maximum = 1 << 16,                           \
        .help = "inputs, hidden layers, classes"                                                                       \
    }
#define OPTION_BATCH_SIZE                                                                                              \
    {                                                                                                                  \
        .name = "batch-size", .letter = 'b', .type = OPTION_WHOLE, SETTING(batch_size), .argument = "N",               \
        .group = "Network", .default_value = "32", .minimum = 1, .maximum = 1u << 20, .help = "samples a step"         \
    }
#define OPTION_TIMEOUT                                                                                                 \
    {                                                                                                                  \
        .name = "timeout", .type = OPTION_REAL, SETTING(timeout), .argument = "SECONDS", .group = "Device",            \
        .above = 0, .below = 1e9, .can_change = true,                                                                  \
        .help = "give up a device that takes longer for an epoch (default: never)"                                     \
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

extern const char *const matmul_choices[], *const plan_choices[], *const tune_choices[];

/* Reads argv[1] and on into `given`, over defaults and environment. After --help nothing more is
 * asked for. EPOCL_ERROR_ARGUMENT names the option, its range and, for a word that is not known,
 * the nearest one that is. */
epocl_status options_parse(const command *used, int argc, char **argv, settings *given);

/* Stores the option's value as if `text` had been given for it; `origin` is for the error text. */
epocl_status option_store(const command_option *option, const char *origin, const char *text, settings *given);

/* Where the option's value is. */
const void *option_value(const command_option *option, const settings *given);

/* The value as people would give it; "none" without. */
enum { OPTION_TEXT_CAPACITY = 2048 };
const char *option_text(const command_option *option, const settings *given, char text[OPTION_TEXT_CAPACITY]);

/* Whether both have the same value for it. */
bool option_is_equal(const command_option *option, const settings *one, const settings *other);

/* Whether option I of the table was given, on the command line or by its variable. */
bool options_is_given(const settings *given, size_t i);

/* Puts what was given in `over`, but for defaults, in the place of what is in `under`. */
void options_lay_over(const command *used, const settings *over, settings *under);

/* The help text of a command, on standard output. */
void options_print_help(const command *used);

#endif
