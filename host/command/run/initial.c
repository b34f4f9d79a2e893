#include "command/run/initial.h"

#include "base/checked.h"
#include "command/run/files/model_file.h"
#include "command/run/foreign.h"
#include "command/show/print_line.h"
#include "command/table/table_data.h"

#include <stdio.h>
#include <string.h>

/* Gives an option the file's value; what the command line says of it must be the same. */
static epocl_status settle(const command *used, settings *given, const char *name, const char *text) {
    epocl_status status = EPOCL_OK;
    command_option list[COMMAND_OPTIONS_CAPACITY];
    char asked[OPTION_TEXT_CAPACITY], its[OPTION_TEXT_CAPACITY];
    const size_t count = command_options(used, list);
    size_t place = 0;
    while (place < count && strcmp(list[place].row->name, name) != 0) place++;
    if (place == count) return EPOCL_OK;
    const option_row *row = list[place].row;
    void *values = command_values(&list[place], given);
    option_text(row, values, asked);
    TRY(option_store(row, name, text, values));
    if (given->given[place] && strcmp(asked, "auto") != 0 && strcmp(asked, option_text(row, values, its)) != 0)
        return fail(EPOCL_ERROR_ARGUMENT, "--%s %s: the network of --init %s has %s; leave the option out", name, asked,
                    given->init, its);
cleanup:
    return status;
}

static void list_hidden(const epocl_network *network, char text[OPTION_TEXT_CAPACITY]) {
    const size_t hidden_count = epocl_network_layer_count(network) - 1;
    size_t used = (size_t)snprintf(text, OPTION_TEXT_CAPACITY, "%s", hidden_count ? "" : "none");
    for (size_t l = 0; l < hidden_count && used < OPTION_TEXT_CAPACITY; l++)
        used += (size_t)snprintf(text + used, OPTION_TEXT_CAPACITY - used, l ? ",%zu" : "%zu",
                                 epocl_network_output_count(network, l));
}

/* What the file says of its outputs, where the cost leaves a choice. */
static epocl_status settle_output(const command *used, settings *given, const epocl_dataset *data,
                                  const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    epocl_network *usual = NULL;
    epocl_options options = given->library;
    *options.network.output = '\0';
    options.network.normalize = NORMALIZE_NONE; /* spares a look at the data */
    TRY(epocl_network_create(data, &options, &usual));
    if (*given->library.network.output || strcmp(epocl_network_output(usual), epocl_network_output(network)) != 0)
        TRY(settle(used, given, "output-activation", epocl_network_output(network)));
cleanup:
    epocl_network_release(usual);
    return status;
}

static epocl_status settle_all(const command *used, settings *given, const epocl_dataset *data,
                               const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    char hidden[OPTION_TEXT_CAPACITY];
    list_hidden(network, hidden);
    TRY(settle(used, given, "hidden", hidden));
    if (epocl_network_layer_count(network) > 1)
        TRY(settle(used, given, "activation", epocl_network_activation(network)));
    TRY(settle(used, given, "cost", epocl_network_cost(network)));
    if (!table_is_given(given)) TRY(settle(used, given, "normalize", epocl_network_normalization(network)));
    TRY(settle_output(used, given, data, network));
cleanup:
    return status;
}

/* Says so when the output layer is not the file's. */
static void tell_output(const settings *given, const epocl_network *base, const epocl_network *network) {
    const size_t last = epocl_network_layer_count(base) - 1;
    const size_t its = epocl_network_output_count(base, last), wanted = epocl_network_output_count(network, last);
    if (its != wanted)
        print_line(
            stderr,
            "epocl: %s has %zu outputs, and %zu are wanted: its hidden layers are kept, the output layer is drawn "
            "anew",
            given->init, its, wanted);
}

epocl_status initial_base(const settings *given, epocl_network **base) {
    epocl_status status = EPOCL_OK;
    char inner[MODEL_PATH_CAPACITY];
    bool is_foreign = false;
    *base = NULL;
    if (!given->init) return EPOCL_OK;
    TRY(foreign_is_one(model_file_path(given->init, inner), &is_foreign));
    if (!is_foreign) TRY(model_file_load(given->init, base));
cleanup:
    return status;
}

epocl_status initial_network(const command *used, settings *given, const epocl_dataset *data, const epocl_network *base,
                             epocl_network **network) {
    epocl_status status = EPOCL_OK;
    epocl_network *foreign = NULL;
    if (!base) {
        TRY(foreign_network(used, given, data, &foreign));
        base = foreign;
    }
    status = epocl_network_create_from(base, data, &given->library, network);
    if (status == EPOCL_ERROR_DATA) TRY(fail_prefix(status, "--init %s: ", given->init));
    TRY(status);
    TRY(settle_all(used, given, data, *network));
    tell_output(given, base, *network);
cleanup:
    epocl_network_release(foreign);
    return status;
}
