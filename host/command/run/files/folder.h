/* A run's folder: config.json, history.csv, model.safetensors, best.safetensors and two checkpoints, each but the
 * history written whole or not at all. The folder is opened once and locked, and all is read and written in that one,
 * wherever its path leads by then; no link within it is followed. While it is open, no other process can open it:
 * EPOCL_ERROR_CREATE. */
#ifndef EPOCL_COMMAND_RUN_FILES_FOLDER_H
#define EPOCL_COMMAND_RUN_FILES_FOLDER_H

#include "base/files/file_place.h"

#include <jansson.h>
#include <stdbool.h>

typedef struct run_folder run_folder;

/* Names the folder of a new run, and changes nothing yet. */
epocl_status run_folder_open(const char *path, bool force, run_folder **folder);

/* Opens the folder of a run that is to go on; EPOCL_ERROR_NO_INPUT when it holds none. Changes nothing there. */
epocl_status run_folder_open_again(const char *path, run_folder **folder);

/* Makes a new run's folder, proves that it can be written to, and removes what a killed run left unfinished. Unless
 * forced, a folder that holds one of the files is EPOCL_ERROR_CREATE. */
epocl_status run_folder_prepare(run_folder *folder);

/* Removes the folders that the run has made, as far as they are empty. From any thread. */
void run_folder_withdraw(const run_folder *folder);

/* Of the open folder; it is the run's. */
int run_folder_descriptor(const run_folder *folder);

/* The newest whole checkpoint and its network. When the newest there should be is damaged or missing, *problem says so,
 * to be freed by the caller, and it is the one before. All are NULL for a run that ended before its first checkpoint.
 * EPOCL_ERROR_DATA when there are checkpoints and none is whole. */
epocl_status run_folder_find_checkpoint(run_folder *folder, epocl_checkpoint **checkpoint, epocl_network **network,
                                        char **problem);

/* The same of a run of an ensemble. */
epocl_status run_folder_find_ensemble(run_folder *folder, epocl_ensemble_checkpoint **checkpoint, char **problem);

/* What config.json will hold (a reference of its own is taken). It goes to the disk before the first other file;
 * until then an older run in the folder is intact, and from then on nothing of it is left, unless it is resumed. */
void run_folder_set_config(run_folder *folder, json_t *config);

/* history.csv has a column of the figure that the epochs are compared by; before its first epoch. */
void run_folder_keep_figures(run_folder *folder);

/* Brings history.csv to the epochs so far, a line each, and `is_synced` to the disk. */
epocl_status run_folder_write_history(run_folder *folder, const epocl_epoch_result *epochs, size_t epoch_count,
                                      bool is_synced);

/* The same of a run whose history has other columns: the whole text. */
epocl_status run_folder_write_history_text(run_folder *folder, const char *text, size_t length);

/* Of a sweep: the table of its members, and their checkpoints as files. What is loaded is whole, for free(), and of no
 * bytes where there is none of that number; EPOCL_ERROR_DATA for one that is damaged. The last one removes them. */
epocl_status run_folder_write_sweep(run_folder *folder, const char *text, size_t length);
epocl_status run_folder_save_member(run_folder *folder, const memory_block *checkpoint, size_t number);
epocl_status run_folder_load_member(const run_folder *folder, size_t number, memory_block *checkpoint);
epocl_status run_folder_remove_members(run_folder *folder);

/* Whether the model is there. */
bool run_folder_has_model(const run_folder *folder);

epocl_status run_folder_save_model(run_folder *folder, const epocl_network *network);
epocl_status run_folder_save_best(run_folder *folder, const epocl_network *network);
epocl_status run_folder_load_best(const run_folder *folder, epocl_network **network);
epocl_status run_folder_remove_best(run_folder *folder);

/* The newest checkpoint becomes the one before it; at every moment one of them is whole. It keeps `best` (may be NULL)
 * for checkpointing_begin(). The second: of a run of an ensemble. */
epocl_status run_folder_save_checkpoint(run_folder *folder, epocl_trainer *trainer, const epocl_network *best);
epocl_status run_folder_save_ensemble(run_folder *folder, epocl_ensemble *ensemble);

/* Whether the folder's path leads elsewhere by now, or nowhere. */
bool run_folder_is_moved(const run_folder *folder);

/* Paths; they hold until the release. The last two are NULL while there is no such file. */
const char *run_folder_path(const run_folder *folder);
const char *run_folder_config_path(const run_folder *folder);
const char *run_folder_model_path(const run_folder *folder);
const char *run_folder_best_path(const run_folder *folder);
const char *run_folder_checkpoint_path(const run_folder *folder);

/* Accepts NULL. If no file but config.json was written, what run_folder_open() made is removed. */
void run_folder_release(run_folder *folder);

#endif
