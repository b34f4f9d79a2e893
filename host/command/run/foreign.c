#include "command/run/foreign.h"

#include "base/checked.h"
#include "data/dataset.h"
#include "export/import.h"

#include <stdio.h>
#include <string.h>

epocl_status foreign_is_one(const char *path, bool *is_one) {
    import_kind kind = IMPORT_OWN;
    const epocl_status status = import_kind_of(path, &kind);
    *is_one = kind != IMPORT_OWN;
    return status;
}

/* The text of an option that the command line gives, else NULL. */
static const char *wish(const command *used, const settings *given, const char *name, char text[OPTION_TEXT_CAPACITY]) {
    command_option list[COMMAND_OPTIONS_CAPACITY];
    const size_t count = command_options(used, list);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].row->name, name) != 0 || !given->given[i]) continue;
        option_text(list[i].row, command_values_of(&list[i], given), text);
        return *text && strcmp(text, "auto") != 0 ? text : NULL;
    }
    return NULL;
}

/* The cost that `--cost auto` takes for the data's targets. */
static epocl_status usual_cost(const settings *given, const epocl_dataset *data, char text[OPTION_TEXT_CAPACITY]) {
    epocl_network *usual = NULL;
    epocl_options options = given->library;
    *options.network.output = '\0';
    options.network.normalize = NORMALIZE_NONE; /* spares a look at the data */
    const epocl_status status = epocl_network_create(data, &options, &usual);
    if (status == EPOCL_OK) snprintf(text, OPTION_TEXT_CAPACITY, "%s", epocl_network_cost(usual));
    epocl_network_release(usual);
    return status;
}

/* Whether the file leaves the cost to who reads it: PyTorch's without a word of it, or ONNX whose outputs are sums. */
static bool is_open(const char *path, epocl_status status, const epocl_network *imported) {
    import_kind kind = IMPORT_OWN;
    if (status == EPOCL_ERROR_ARGUMENT) return true;
    return status == EPOCL_OK && import_kind_of(path, &kind) == EPOCL_OK && kind == IMPORT_ONNX &&
           strcmp(epocl_network_output(imported), "identity") == 0;
}

static epocl_status import_for(const command *used, const settings *given, const epocl_dataset *data,
                               epocl_network **network) {
    char activations[OPTION_TEXT_CAPACITY], costs[OPTION_TEXT_CAPACITY], outputs[OPTION_TEXT_CAPACITY];
    const char *activation = wish(used, given, "activation", activations), *cost = wish(used, given, "cost", costs);
    const char *output = wish(used, given, "output-activation", outputs);
    epocl_status status = epocl_network_import(given->init, activation, cost, output, network);
    if (cost || !is_open(given->init, status, *network)) return status;
    epocl_network_release(*network);
    *network = NULL;
    status = usual_cost(given, data, costs);
    return status == EPOCL_OK ? epocl_network_import(given->init, activation, costs, output, network) : status;
}

epocl_status foreign_network(const command *used, const settings *given, const epocl_dataset *data,
                             epocl_network **network) {
    epocl_status status = EPOCL_OK;
    const int kind = given->library.network.normalize;
    TRY(import_for(used, given, data, network));
    epocl_network *made = *network;
    const bool is_bare = strcmp(made->normalization, normalization_words[NORMALIZE_NONE]) == 0;
    if (kind != NORMALIZE_AUTO && is_bare && made->layers[0].input_count == data->input_count)
        TRY(dataset_normalization(data, normalization_words[kind], &made->normalization, made->input_scale,
                                  made->input_shift));
cleanup:
    return status;
}
