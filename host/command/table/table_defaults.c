/* What training on a table does unless told otherwise. */
#include "command/table/table_data.h"

#include <string.h>

/* The recipe, whatever the table. */
static const struct {
    const char *name, *text;
} defaults[] = {
    {"hidden", "256,256"}, {"activation", "relu"},        {"cost", "auto"},        {"optimizer", "adamw"},
    {"epochs", "100"},     {"weight-decay", "0.01"},      {"dropout", "0.1"},      {"batch-size", "256"},
    {"patience", "16"},    {"initialization", "uniform"}, {"valid-split", "0.15"},
};

/* The rate of optimisers that divide a step by the gradient's size. */
static const char adaptive_rate[] = "0.001";

bool table_is_given(const settings *given) {
    return given->table.target != NULL;
}

static const command_option *find(const command_option *list, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].row->name, name) == 0) return &list[i];
    return NULL;
}

/* Does nothing for an option that was given, or that the command does not take. */
static epocl_status set_default(const command_option *list, size_t count, const char *name, const char *text,
                                settings *given) {
    const command_option *option = find(list, count, name);
    if (!option || given->given[option - list]) return EPOCL_OK;
    return option_store(option->row, name, text, command_values(option, given));
}

static bool is_given(const command_option *list, size_t count, const char *name, const settings *given) {
    const command_option *option = find(list, count, name);
    return option && given->given[option - list];
}

epocl_status table_defaults(const command *used, settings *given) {
    epocl_status status = EPOCL_OK;
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    const bool has_own_optimizer = is_given(list, count, "optimizer", given);
    for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
        if (strcmp(defaults[i].name, "valid-split") == 0 && given->valid) continue;
        TRY(set_default(list, count, defaults[i].name, defaults[i].text, given));
    }
    if (!has_own_optimizer) TRY(set_default(list, count, "learning-rate", adaptive_rate, given));
cleanup:
    return status;
}

epocl_status table_check_settings(const settings *given) {
    if (!given->data)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl train needs a table, or --data FILE; see epocl train --help");
    if (given->labels || given->valid_labels)
        return fail(EPOCL_ERROR_ARGUMENT, "--target and --%s exclude each other: a table has its targets in a column",
                    given->labels ? "labels" : "valid-labels");
    if (given->library.network.output_count)
        return fail(EPOCL_ERROR_ARGUMENT, "--target and --classes exclude each other: the column has the classes");
    return EPOCL_OK;
}
