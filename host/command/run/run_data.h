/* The data that a command trains on: options, loading, and whether they fit. */
#ifndef EPOCL_COMMAND_RUN_RUN_DATA_H
#define EPOCL_COMMAND_RUN_RUN_DATA_H

#include "command/options/options.h"
#include "command/show/progress.h"
#include "command/table/table_options.h"

#define OPTION_DATA_FILE(name_, also_, field, help_)                                                                   \
    {                                                                                                                  \
        .name = (name_), .type = OPTION_STRING, .also = (also_), SETTING(field), .is_kept = true, .is_path = true,     \
        .can_change = true, .argument = "FILE", .group = "Data", .help = (help_)                                       \
    }

/* Rows of a command's table. */
#define OPTIONS_OF_DATA                                                                                                \
    OPTION_DATA_FILE("data", NULL, data,                                                                               \
                     "what to train on: a table with --target, or IDX inputs with --labels (required)"),               \
        OPTION_DATA_FILE("labels", "targets", labels, "of IDX inputs: labels, from 0 on, or values, IDX"),             \
        OPTION_DATA_FILE("sample-weights", NULL, sample_weights, "how much each counts, 0 or above, IDX of floats"),   \
        OPTION_DATA_FILE("valid", NULL, valid, "inputs to validate on after each epoch"),                              \
        OPTION_DATA_FILE("valid-labels", "valid-targets", valid_labels, "their labels or values"), {                   \
        .name = "valid-split", .type = OPTION_REAL, SETTING(valid_split), .is_kept = true, .argument = "FRACTION",     \
        .group = "Data", .range = ABOVE_BELOW(0, 1), .help = "part of --data to set aside for validation"              \
    }

/* EPOCL_ERROR_ARGUMENT where the settings of the data contradict each other, or lack something, of the command. */
epocl_status run_data_check_settings(const command *used, const settings *given);

/* Reads --data, and --valid or a part of it; *valid is NULL without. `network`: table_data_load(). */
epocl_status run_data_load(const settings *given, const epocl_network *network, progress *shown, epocl_dataset **data,
                           epocl_dataset **valid);

/* A network for the data; --classes must be enough. */
epocl_status run_data_create_network(const settings *given, const epocl_dataset *data, const epocl_options *options,
                                     epocl_network **network);

/* Names the file at fault, which the library does not know. `can_grow`: data_check_fit(). */
epocl_status run_data_check(const settings *given, const epocl_network *network, const epocl_dataset *data,
                            const epocl_dataset *valid, bool can_grow);

#endif
