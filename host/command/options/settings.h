/* What the command line can set, for all commands together. Each command's option table says which
 * of it the command takes, and its defaults. */
#ifndef EPOCL_COMMAND_OPTIONS_SETTINGS_H
#define EPOCL_COMMAND_OPTIONS_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UNITS_CAPACITY = 64 };

typedef struct unit_list {
    size_t values[UNITS_CAPACITY];
    size_t count;
} unit_list;

/* A number of epochs, or of seconds; the other is 0. */
typedef struct interval {
    uint64_t epochs, seconds;
} interval;

typedef struct settings {
    const char *data, *labels;        /* paths, as all text of this structure: argv's or static memory */
    const char *valid, *valid_labels; /* NULL without                                                 */
    double valid_split;               /* 0 without                                                     */
    const char *model, *output, *resume;
    interval checkpoint_every;
    const char *profile; /* path; NULL without */
    unit_list hidden;    /* units of each hidden layer */
    unit_list shape;     /* inputs, hidden layers, outputs */
    const char *activation, *cost, *normalize;
    const char *device, *matmul, *plan, *tune;
    uint64_t epochs, batch_size, samples, seed;
    uint64_t classes; /* 0: as the labels say */
    double learning_rate;
    double timeout; /* seconds; 0 without */
    const char *sweep, *plot, *blas;
    uint64_t sweep_from, sweep_to; /* 0: the sweep's own */
    double seconds;
    bool dry_run, force, no_self_test, json, quiet, proba, help;
    uint64_t given; /* bit I: the option in place I of the command's table was given, not its default */
} settings;

#endif
