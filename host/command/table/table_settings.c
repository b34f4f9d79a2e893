/* Whether and how a run is one on a table. */
#include "command/table/table_data.h"

bool table_is_given(const settings *given) {
    return given->table.target != NULL;
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
