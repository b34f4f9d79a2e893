#include "command/run/files/model_file.h"

#include "command/run/foreign.h"

#include <stdbool.h>
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
    bool is_foreign = false;
    const char *file = model_file_path(path, inner);
    const epocl_status status = foreign_is_one(file, &is_foreign);
    if (status != EPOCL_OK) return status;
    if (is_foreign)
        return fail(EPOCL_ERROR_DATA,
                    "%s: is no model of epocl's own; epocl import makes one of ONNX and of PyTorch's "
                    "safetensors",
                    file);
    return epocl_network_load(file, network);
}

static bool is_same_file(const char *one, const char *other) {
    struct stat a, b;
    return stat(one, &a) == 0 && stat(other, &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

epocl_status model_file_spare(const char *path, const char *output) {
    char inner[MODEL_PATH_CAPACITY];
    if (is_same_file(model_file_path(path, inner), output))
        return fail(EPOCL_ERROR_ARGUMENT, "%s is the model itself; give --output another name", output);
    return EPOCL_OK;
}
