/* A table on its way to training: read, its columns settled and shown, split, encoded. */
#ifndef EPOCL_COMMAND_TABLE_TABLE_DATA_H
#define EPOCL_COMMAND_TABLE_TABLE_DATA_H

#include "command/options/options.h"
#include "command/show/progress.h"

/* Whether the settings are of a run on a table. */
bool table_is_given(const settings *given);

/* EPOCL_ERROR_ARGUMENT where the settings of a table exclude each other. */
epocl_status table_check_settings(const settings *given);

/* The same where folds are asked for. */
epocl_status table_check_folds(const settings *given);

/* Says what training needs; of a table, which columns there are. */
epocl_status table_fail_without_target(const char *path);

/* Reads --data, and --valid or a part of it; *valid is NULL without. `network`, of a run that goes on, has the encoder
 * that made its inputs; NULL: one is fitted on what is trained on. */
epocl_status table_data_load(const settings *given, const epocl_network *network, progress *shown,
                             epocl_dataset **train, epocl_dataset **valid);

/* Folds of --data, each held out in turn; what is kept is trained on and, a part of it, validated on, as by
 * table_data_load(). */
typedef struct table_folds table_folds;

typedef struct fold_data {
    epocl_dataset *train, *valid, *held_out; /* `valid` may be NULL */
} fold_data;

epocl_status table_folds_create(const settings *given, progress *shown, table_folds **folds);

/* Of fold `fold` from 0 on, with an encoder of its own, fitted on its rows to train on; fold_data_release(). Of the
 * first, the columns are shown. */
epocl_status table_folds_data(const table_folds *folds, size_t fold, progress *shown, fold_data *data);
void fold_data_release(fold_data *data);
void table_folds_release(table_folds *folds);

#endif
