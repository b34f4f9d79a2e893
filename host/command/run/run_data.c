#include "command/run/run_data.h"

#include "command/run/data_check.h"
#include "command/table/table_data.h"

epocl_status run_data_check_settings(const command *used, const settings *given) {
    const char *const paths[] = {given->data, given->labels, given->valid, given->valid_labels, given->sample_weights};
    const bool is_table = table_is_given(given);
    const epocl_status fits = is_table ? table_check_settings(given) : EPOCL_OK;
    if (fits != EPOCL_OK) return fits;
    if (!is_table && (!given->data || !given->labels))
        return given->data ? table_fail_without_target(given->data)
                           : fail(EPOCL_ERROR_ARGUMENT, "epocl %s needs --data FILE; see epocl %s --help", used->name,
                                  used->name);
    if (!is_table && !given->valid != !given->valid_labels)
        return fail(EPOCL_ERROR_ARGUMENT, "--valid and --valid-labels go together: %s is missing",
                    given->valid ? "--valid-labels" : "--valid");
    if (given->valid && given->valid_split > 0)
        return fail(EPOCL_ERROR_ARGUMENT, "--valid and --valid-split exclude each other");
    const char *needing = options_need_validation(&given->library.training);
    if (needing && !given->valid && !(given->valid_split > 0))
        return fail(EPOCL_ERROR_ARGUMENT,
                    "--%s goes by validation data: give --valid and --valid-labels, or --valid-split", needing);
    return data_check_streams(paths, sizeof paths / sizeof *paths);
}

epocl_status run_data_load(const settings *given, const epocl_network *network, progress *shown, epocl_dataset **data,
                           epocl_dataset **valid) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *whole = NULL;
    if (table_is_given(given)) {
        TRY(table_data_load(given, network, shown, data, valid));
        return status;
    }
    TRY(epocl_dataset_load(given->data, given->labels, data));
    if (given->sample_weights) TRY(epocl_dataset_load_weights(*data, given->sample_weights));
    if (given->valid) TRY(epocl_dataset_load(given->valid, given->valid_labels, valid));
    if (given->valid_split > 0) {
        whole = *data;
        *data = NULL;
        TRY(epocl_dataset_split(whole, given->valid_split, given->library.training.seed, data, valid));
    }
cleanup:
    epocl_dataset_release(whole);
    if (status == EPOCL_ERROR_NO_INPUT && given->resume)
        return fail(status,
                    "%s; where a file has moved, give its place anew: --data, --labels, --valid, --valid-labels",
                    epocl_last_error());
    return status;
}

epocl_status run_data_create_network(const settings *given, const epocl_dataset *data, const epocl_options *options,
                                     epocl_network **network) {
    const size_t classes = (size_t)given->library.network.output_count;
    const size_t class_count = epocl_dataset_class_count(data);
    if (classes > 0 && classes < class_count)
        return fail(EPOCL_ERROR_ARGUMENT, "--classes %zu is too few: %s has label %zu", classes, given->labels,
                    class_count - 1);
    return epocl_network_create(data, options, network);
}

epocl_status run_data_check(const settings *given, const epocl_network *network, const epocl_dataset *data,
                            const epocl_dataset *valid, bool can_grow) {
    epocl_status status = EPOCL_OK;
    if (table_is_given(given)) return EPOCL_OK; /* its encoder made the data */
    TRY(data_check_fit(network, data, given->data, given->labels, can_grow));
    if (given->valid) TRY(data_check_fit(network, valid, given->valid, given->valid_labels, can_grow));
    if (!given->library.network.output_count) TRY(data_warn_classes(data, given->labels));
cleanup:
    return status;
}
