/* What training on a table does unless told otherwise. */
#include "command/table/table_data.h"

#include "base/printable.h"
#include "data/table.h"

#include <stdio.h>
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

/* "; its columns are 'a', 'b', ..." of a table, "" of another file. */
static void list_columns(const char *path, char *text, size_t capacity) {
    enum { SHOWN = 40 };
    table_reader *reader = NULL;
    char shown[PRINTABLE_CAPACITY];
    size_t used = 0;
    *text = '\0';
    if (strcmp(path, "-") == 0 || table_reader_open(path, &(table_options){0}, &reader) != EPOCL_OK) return;
    const table *file = table_reader_table(reader);
    for (size_t i = 0; i < file->column_count && i < SHOWN && used < capacity; i++)
        used += (size_t)snprintf(text + used, capacity - used, "%s%s", i ? ", " : "; its columns are ",
                                 printable(file->columns[i].name, shown));
    if (file->column_count > SHOWN && used < capacity) snprintf(text + used, capacity - used, ", ...");
    table_reader_close(reader);
}

epocl_status table_fail_without_target(const char *path) {
    char columns[1024];
    list_columns(path, columns, sizeof columns);
    return fail(
        EPOCL_ERROR_ARGUMENT,
        "epocl train needs --target COLUMN of a table, or --labels FILE of IDX inputs%s; see epocl train --help",
        columns);
}

epocl_status table_check_settings(const settings *given) {
    if (!given->data)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl train needs a table, or --data FILE; see epocl train --help");
    if (given->labels || given->valid_labels)
        return fail(EPOCL_ERROR_ARGUMENT, "--target and --%s exclude each other: a table has its targets in a column",
                    given->labels ? "labels" : "valid-labels");
    if (given->sample_weights)
        return fail(EPOCL_ERROR_ARGUMENT,
                    "--target and --sample-weights exclude each other: --weights names a column of the table");
    if (given->library.network.output_count)
        return fail(EPOCL_ERROR_ARGUMENT, "--target and --classes exclude each other: the column has the classes");
    return EPOCL_OK;
}
