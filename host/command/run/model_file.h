/* The model that the command line names. */
#ifndef EPOCL_COMMAND_RUN_MODEL_FILE_H
#define EPOCL_COMMAND_RUN_MODEL_FILE_H

#include "base/status.h"

/* epocl_network_load() of a file or, for the folder of a run, of the model in it. */
epocl_status model_file_load(const char *path, epocl_network **network);

#endif
