/* The data of a run. */
#ifndef EPOCL_COMMAND_RUN_RUN_DATA_H
#define EPOCL_COMMAND_RUN_RUN_DATA_H

#include "command/options/settings.h"
#include "command/show/progress.h"

/* Reads --data, and --valid or the part that is set aside; *valid is NULL without. `network`, of a run that was begun,
 * has the encoder of a table; NULL for a new run. */
epocl_status run_data_load(const settings *given, const epocl_network *network, progress *shown, epocl_dataset **data,
                           epocl_dataset **valid);

#endif
