#include "command/run/model_file.h"

#include <stdio.h>
#include <sys/stat.h>

epocl_status model_file_load(const char *path, epocl_network **network) {
    enum { PATH_CAPACITY = 4096 };
    char inner[PATH_CAPACITY];
    struct stat state;
    const int length = snprintf(inner, sizeof inner, "%s/model.safetensors", path);
    const int is_folder = length < PATH_CAPACITY && stat(path, &state) == 0 && S_ISDIR(state.st_mode);
    return epocl_network_load(is_folder ? inner : path, network);
}
