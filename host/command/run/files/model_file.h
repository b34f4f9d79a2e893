/* The model that the command line names. */
#ifndef EPOCL_COMMAND_RUN_FILES_MODEL_FILE_H
#define EPOCL_COMMAND_RUN_FILES_MODEL_FILE_H

#include "base/status.h"

/* The path of a file or, for the folder of a run, of the model in it: `path` itself or in `inner`. */
enum { MODEL_PATH_CAPACITY = 4096 };
const char *model_file_path(const char *path, char inner[MODEL_PATH_CAPACITY]);

/* epocl_network_load() of that. */
epocl_status model_file_load(const char *path, epocl_network **network);

/* EPOCL_ERROR_ARGUMENT where `output` is that file, which what is made of it must never replace. */
epocl_status model_file_spare(const char *path, const char *output);

#endif
