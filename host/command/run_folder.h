/* A run's folder: config.json, history.csv and model.safetensors, each written whole or not at all. */
#ifndef EPOCL_COMMAND_RUN_FOLDER_H
#define EPOCL_COMMAND_RUN_FOLDER_H

#include "base/status.h"

#include <jansson.h>
#include <stdbool.h>

typedef struct run_folder run_folder;

/* Makes the folder and proves that it can be written to. Unless `force`, a folder that holds one of the three
 * files is EPOCL_ERROR_CREATE. */
epocl_status run_folder_open(const char *path, bool force, run_folder **folder);

/* What config.json will hold (a reference of its own is taken). It goes to the disk before the first other file;
 * until then an older run in the folder is intact, and from then on nothing of it is left. */
void run_folder_set_config(run_folder *folder, json_t *config);

/* Writes the epochs so far, a line each. */
epocl_status run_folder_write_history(run_folder *folder, const epocl_epoch_result *epochs, size_t epoch_count);

epocl_status run_folder_save_model(run_folder *folder, const epocl_network *network);

/* Holds until the release. */
const char *run_folder_model_path(const run_folder *folder);

/* Accepts NULL. If neither history nor model was written, what run_folder_open() made is removed. */
void run_folder_release(run_folder *folder);

#endif
