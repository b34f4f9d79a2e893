#include "command/run/calibrate.h"

#include "command/show/json_line.h"

#include <string.h>

const char *const calibrate_words[] = {"auto", "on", "off", NULL};

static bool says_probabilities(const epocl_network *network) {
    const char *cost = epocl_network_cost(network);
    return strcmp(cost, "softmax-cross-entropy") == 0 || strcmp(cost, "cross-entropy") == 0;
}

epocl_status calibrate_check(const settings *given, const epocl_network *network, const epocl_dataset *valid) {
    if (given->calibrate != CALIBRATE_ON) return EPOCL_OK;
    if (!valid)
        return fail(EPOCL_ERROR_ARGUMENT,
                    "--calibrate on goes by validation data: give --valid and --valid-labels, or --valid-split");
    if (says_probabilities(network)) return EPOCL_OK;
    return fail(EPOCL_ERROR_ARGUMENT,
                "--calibrate on: only probabilities are calibrated, and with --cost %s there are none",
                epocl_network_cost(network));
}

bool calibrate_is_wanted(const settings *given, const epocl_network *network, const epocl_dataset *valid) {
    if (given->calibrate == CALIBRATE_OFF || !valid || !says_probabilities(network)) return false;
    return given->calibrate == CALIBRATE_ON || given->ensemble > 1;
}

epocl_status calibrate_model(epocl_device *device, epocl_network *network, const epocl_dataset *valid, report *told,
                             bool is_told) {
    epocl_calibration made;
    const epocl_status status = epocl_network_calibrate(device, network, valid, &made);
    if (status != EPOCL_OK || !is_told) return status;
    progress_line(&told->shown,
                  "calibrated by the temperature %.4g: log loss of the validation data %#.5g before, %#.5g after",
                  made.temperature, made.cost_before, made.cost_after);
    if (!told->is_json) return EPOCL_OK;
    return json_line_print(json_pack("{ss so so so}", "event", "calibration",          //
                                     "temperature", json_number(made.temperature),     //
                                     "log_loss_before", json_number(made.cost_before), //
                                     "log_loss_after", json_number(made.cost_after)));
}
