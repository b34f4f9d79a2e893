#include "command/run/run_data.h"

#include "base/status.h"
#include "command/table/table_data.h"

epocl_status run_data_load(const settings *given, const epocl_network *network, progress *shown, epocl_dataset **data,
                           epocl_dataset **valid) {
    epocl_status status = EPOCL_OK;
    epocl_dataset *whole = NULL;
    if (table_is_given(given)) return table_data_load(given, network, shown, data, valid);
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
