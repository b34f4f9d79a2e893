/* Whether and how a run is one on a table. */
#include "command/table/table_data.h"

#include "base/printable.h"
#include "command/run/calibrate.h"
#include "data/table.h"

#include <stdio.h>
#include <string.h>

bool table_is_given(const settings *given) {
    return given->table.target != NULL;
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
    if (given->library.network.normalize != NORMALIZE_AUTO)
        return fail(EPOCL_ERROR_ARGUMENT,
                    "--target and --normalize exclude each other: each column of a table is scaled by itself");
    if (given->library.network.output_count)
        return fail(EPOCL_ERROR_ARGUMENT, "--target and --classes exclude each other: the column has the classes");
    return EPOCL_OK;
}

epocl_status table_check_folds(const settings *given) {
    const struct {
        const char *name;
        bool is_given;
    } others[] = {{"valid", given->valid},
                  {"init", given->init},
                  {"resume", given->resume},
                  {"profile", given->profile},
                  {"tensorboard", given->tensorboard},
                  {"calibrate on", given->calibrate == CALIBRATE_ON},
                  {"dry-run", given->dry_run}};
    if (!table_is_given(given)) return fail(EPOCL_ERROR_ARGUMENT, "--folds is for tables: give --target COLUMN of one");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i].is_given)
            return fail(EPOCL_ERROR_ARGUMENT, "--folds and --%s exclude each other", others[i].name);
    return EPOCL_OK;
}
