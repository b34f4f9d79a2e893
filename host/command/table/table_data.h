/* A table on its way to training: read, its columns settled and shown, split, encoded. */
#ifndef EPOCL_COMMAND_TABLE_TABLE_DATA_H
#define EPOCL_COMMAND_TABLE_TABLE_DATA_H

#include "command/options/options.h"
#include "command/show/progress.h"

/* Whether the settings are of a run on a table. */
bool table_is_given(const settings *given);

/* EPOCL_ERROR_ARGUMENT where the settings of a table exclude each other. */
epocl_status table_check_settings(const settings *given);

/* Says what training needs; of a table, which columns there are. */
epocl_status table_fail_without_target(const char *path);

/* Reads --data, and --valid or a part of it; *valid is NULL without. `network`, of a run that goes on, has the encoder
 * that made its inputs; NULL: one is fitted on what is trained on. */
epocl_status table_data_load(const settings *given, const epocl_network *network, progress *shown,
                             epocl_dataset **train, epocl_dataset **valid);

#endif
