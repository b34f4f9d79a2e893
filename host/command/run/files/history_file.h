/* history.csv: a line for each finished epoch. It grows by whole lines; only a power cut, or a kill within a write, can
 * leave a part of one, and a run that goes on begins by writing it anew. */
#ifndef EPOCL_COMMAND_RUN_FILES_HISTORY_FILE_H
#define EPOCL_COMMAND_RUN_FILES_HISTORY_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <sys/types.h>

/* What this process has left in the file; but for has_figures all zero before it has written. */
typedef struct history_file {
    bool has_figures; /* the figure that the epochs are compared by is the last column; set by its owner */
    size_t epoch_count;
    dev_t device; /* with `inode`, which file it is */
    ino_t inode;
    off_t byte_count;
} history_file;

/* Brings the file `name` of an open folder to the epochs so far: adds those that it lacks, or, the first time and when
 * somebody has changed it meanwhile, takes its place with a new one, whole or not at all. `is_synced`: it is on the
 * disk then. On failure it has the epochs that it had. */
epocl_status history_file_write(history_file *history, int folder, const char *name, const epocl_epoch_result *epochs,
                                size_t epoch_count, bool is_synced);

#endif
