#include "export/import.h"

#include "base/files/small_file.h"
#include "model/safetensors.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

/* A file of safetensors begins with the length of its header, in 8 bytes, and the header with a brace. */
static epocl_status is_safetensors(const char *path, bool *result) {
    unsigned char bytes[9] = {0};
    uint64_t file_bytes = 0;
    const int descriptor = regular_file_open_at(NO_FOLDER, path, &file_bytes);
    if (descriptor < 0) return fail_file("");
    size_t filled = 0;
    while (filled < sizeof bytes) {
        const ssize_t count = read(descriptor, bytes + filled, sizeof bytes - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) break;
        filled += (size_t)count;
    }
    close(descriptor);
    *result = filled == sizeof bytes && !bytes[5] && !bytes[6] && !bytes[7] && bytes[8] == '{';
    return EPOCL_OK;
}

/* Of a damaged file the metadata is not known: its reader says what is wrong with it. */
static bool is_of_epocl(const char *path) {
    safetensors *file = NULL;
    if (safetensors_open(file_at(NO_FOLDER, path), &file) != EPOCL_OK) return true;
    const char *format = safetensors_metadata(file, "format");
    const bool result = format && strcmp(format, "epocl") == 0;
    safetensors_release(file);
    return result;
}

epocl_status import_kind_of(const char *path, import_kind *kind) {
    static const char ending[] = ".safetensors";
    bool is_tensors = false;
    const epocl_status status = is_safetensors(path, &is_tensors);
    const size_t length = strlen(path), ending_length = sizeof ending - 1;
    const bool is_named_so = length > ending_length && strcmp(path + length - ending_length, ending) == 0;
    if (status != EPOCL_OK) return fail_prefix(status, "%s: ", path);
    if (is_tensors)
        *kind = is_of_epocl(path) ? IMPORT_OWN : IMPORT_SEQUENTIAL;
    else
        *kind = is_named_so ? IMPORT_OWN : IMPORT_ONNX;
    return EPOCL_OK;
}

epocl_status import_set_functions(epocl_network *network, const char *activation, const char *cost,
                                  const char *output) {
    char own[FUNCTION_TEXT_CAPACITY];
    function head;
    const epocl_status status = head_parse(cost, &head);
    if (status != EPOCL_OK) return status;
    activation_text(head_output(head), own);
    if (output && strcmp(output, own) == 0) output = NULL;
    if (output && strcmp(output, "softmax") == 0)
        return fail(EPOCL_ERROR_ARGUMENT, "the outputs are softmax, so the cost is softmax-cross-entropy");
    return network_set_functions(network, activation, cost, output);
}

epocl_status import_check_finite(const char *what, size_t layer_index, const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return fail(EPOCL_ERROR_DATA, "%s of layer %zu contain %s at index %zu", what, layer_index,
                        isnan(values[i]) ? "NaN" : "infinity", i);
    return EPOCL_OK;
}

epocl_status epocl_network_import(const char *path, const char *activation, const char *cost, const char *output,
                                  epocl_network **network) {
    const import_wishes wishes = {activation, cost, output};
    bool is_tensors = false;
    if (network) *network = NULL;
    if (!network || !path)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_import: %s is NULL", path ? "network" : "path");
    epocl_status status = is_safetensors(path, &is_tensors);
    if (status == EPOCL_OK)
        status = is_tensors ? import_sequential(path, &wishes, network) : import_onnx(path, &wishes, network);
    return status == EPOCL_OK ? EPOCL_OK : fail_prefix(status, "%s: ", path);
}
