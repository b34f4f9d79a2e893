#include "export/export.h"

#include "base/checked.h"
#include "base/printable.h"
#include "data/encoder/encoder.h"
#include "model/ensemble.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

network_targets export_targets(const epocl_network *network) {
    return network_targets_of(network, network->of_values);
}

size_t export_input_count(const epocl_network *network) {
    return network->encoder ? network->encoder->column_count : network->layers[0].input_count;
}

bool export_has_normalization(const epocl_network *network) {
    const size_t count = network->layers[0].input_count;
    for (size_t i = 0; i < count; i++)
        if (network->input_scale[i] != 1.0f || network->input_shift[i] != 0.0f) return true; /* NOLINT: exactly */
    return false;
}

void export_doc(const epocl_network *network, char doc[EXPORT_DOC_CAPACITY]) {
    char activation[48], kind[96] = "A fully connected network";
    if (network_is_ensemble(network))
        snprintf(kind, sizeof kind, "The mean of %zu fully connected networks, the first", network->member_count);
    size_t used = (size_t)snprintf(doc, EXPORT_DOC_CAPACITY, "%s: %zu inputs", kind, network->layers[0].input_count);
    /* As many layers as there is room for. */
    for (size_t l = 0; l < network->layer_count && used + 128 < EXPORT_DOC_CAPACITY; l++)
        used += (size_t)snprintf(doc + used, EXPORT_DOC_CAPACITY - used, ", %zu", network->layers[l].output_count);
    snprintf(activation, sizeof activation, "%s", network->activation_text);
    snprintf(doc + used, EXPORT_DOC_CAPACITY - used, " units; %s, outputs %s. Written by epocl %s.", activation,
             network->output_text, EPOCL_VERSION);
}

/* ---- The formats -------------------------------------------------------------------------------- */

typedef struct format {
    const char *name;
    const char *ending;
} format;

static const format formats[] = {
    {"onnx", ".onnx"}, {"c", ".c"}, {"c", ".h"}, {"c-int8", ".c"}, {"safetensors", ".safetensors"}};

static bool ends_with(const char *path, const char *ending) {
    const size_t length = strlen(path), count = strlen(ending);
    return length > count && strcmp(path + length - count, ending) == 0;
}

static epocl_status find_format(const char *name, const char *path, const char **found) {
    char shown[PRINTABLE_CAPACITY];
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
        if (name ? strcmp(formats[i].name, name) == 0 : ends_with(path, formats[i].ending)) {
            *found = formats[i].name;
            return EPOCL_OK;
        }
    if (name)
        return fail(EPOCL_ERROR_ARGUMENT, "unknown format '%s'; there are: onnx, c, c-int8, safetensors",
                    printable(name, shown));
    return fail(EPOCL_ERROR_ARGUMENT,
                "%s: the name's ending tells no format; let it be .onnx, .c or .safetensors, or give the format "
                "onnx, c, c-int8 or safetensors",
                path);
}

/* ---- Names in C --------------------------------------------------------------------------------- */

static bool is_identifier(const char *text) {
    const char *c = text;
    for (; *c && (unsigned char)*c < 128 && (isalnum((unsigned char)*c) || *c == '_'); c++)
        if (c == text && isdigit((unsigned char)*c)) return false;
    return c != text && *c == '\0';
}

enum { PREFIX_CAPACITY = 64 };

/* The file's name without its ending, other characters than letters and digits being '_'. */
static const char *make_prefix(const char *path, char prefix[PREFIX_CAPACITY]) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    size_t length = 0;
    if (isdigit((unsigned char)*name)) prefix[length++] = '_';
    for (; *name && *name != '.' && length + 1 < PREFIX_CAPACITY; name++)
        prefix[length++] = (unsigned char)*name < 128 && isalnum((unsigned char)*name) ? *name : '_';
    prefix[length] = '\0';
    return is_identifier(prefix) ? prefix : "model";
}

/* ---- Export ------------------------------------------------------------------------------------- */

static bool is_finite(const float *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i])) return false;
    return true;
}

static epocl_status check_finite(const epocl_network *network) {
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *one = &network->layers[l];
        if (!is_finite(one->weights, one->output_count * one->input_count) ||
            !is_finite(one->biases, one->output_count))
            return fail(EPOCL_ERROR_DIVERGED, "not exported: layer %zu has a parameter that is not finite", l);
    }
    return EPOCL_OK;
}

static epocl_status check_network(const epocl_network *network) {
    static const char *const kinds[] = {"none", "scale255", "zscore", "minmax", NETWORK_ENCODED};
    bool is_known = false;
    if (!network->has_parameters)
        return fail(EPOCL_ERROR_ARGUMENT, "the network has no parameters to export; train it first");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        is_known = is_known || strcmp(kinds[i], network->normalization) == 0;
    if (!is_known)
        return fail(EPOCL_ERROR_ARGUMENT, "the network's inputs are normalised by '%s', which is not known",
                    network->normalization);
    epocl_status status = EPOCL_OK;
    for (size_t k = 0; k < ensemble_member_count(network) && status == EPOCL_OK; k++)
        status = check_finite(ensemble_member(network, k));
    return status;
}

epocl_status epocl_network_export(const epocl_network *network, const char *format_name, const char *prefix,
                                  const char *path) {
    char made[PREFIX_CAPACITY], shown[PRINTABLE_CAPACITY];
    const char *found = NULL;
    if (!network || !path)
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_network_export: %s is NULL", network ? "path" : "network");
    epocl_status status = find_format(format_name, path, &found);
    if (status == EPOCL_OK) status = check_network(network);
    if (status == EPOCL_OK && prefix && (!is_identifier(prefix) || strlen(prefix) >= PREFIX_CAPACITY))
        status = fail(EPOCL_ERROR_ARGUMENT, "the prefix '%s' is not the beginning of a name in C of at most %d letters",
                      printable(prefix, shown), PREFIX_CAPACITY - 1);
    if (status != EPOCL_OK) return status;
    if (strcmp(found, "safetensors") == 0)
        status = ensemble_refuse(network, "a PyTorch Sequential cannot be; export it as onnx or c");
    if (status != EPOCL_OK) return status;
    if (network->encoder && strcmp(found, "safetensors") == 0)
        return fail(EPOCL_ERROR_ARGUMENT, "the network takes the columns of a table, for which safetensors have no "
                                          "place; export it as onnx or c");
    if (*found == 'c')
        return export_c(network, prefix ? prefix : make_prefix(path, made), strcmp(found, "c-int8") == 0, path);
    if (prefix) return fail(EPOCL_ERROR_ARGUMENT, "a prefix is for names in C; format '%s' has none", found);
    return strcmp(found, "onnx") == 0 ? export_onnx(network, path) : export_sequential(network, path);
}
