#include "command/run/model_file.h"

#include <stdio.h>
#include <sys/stat.h>

const char *model_file_path(const char *path, char inner[MODEL_PATH_CAPACITY]) {
    struct stat state;
    const int length = snprintf(inner, MODEL_PATH_CAPACITY, "%s/model.safetensors", path);
    const int is_folder = length < MODEL_PATH_CAPACITY && stat(path, &state) == 0 && S_ISDIR(state.st_mode);
    return is_folder ? inner : path;
}

epocl_status model_file_load(const char *path, epocl_network **network) {
    char inner[MODEL_PATH_CAPACITY];
    return epocl_network_load(model_file_path(path, inner), network);
}
