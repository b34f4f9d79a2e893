/* Whether the model of a run has its probabilities calibrated, and that it has. */
#ifndef EPOCL_COMMAND_RUN_CALIBRATE_H
#define EPOCL_COMMAND_RUN_CALIBRATE_H

#include "command/options/settings.h"
#include "command/show/report.h"

/* What --calibrate takes. */
extern const char *const calibrate_words[];
enum { CALIBRATE_AUTO, CALIBRATE_ON, CALIBRATE_OFF };

#define OPTION_CALIBRATE                                                                                               \
    {                                                                                                                  \
        .name = "calibrate", .type = OPTION_CHOICE, SETTING(calibrate), .is_kept = true, .can_change = true,           \
        .argument = "WORD", .group = "Training", .default_value = "auto", .choices = calibrate_words,                  \
        .help = "probabilities, by validation data: on, off, auto (of ensembles)"                                      \
    }

/* EPOCL_ERROR_ARGUMENT where it is asked for and cannot be had of such a network. `valid` may be NULL. */
epocl_status calibrate_check(const settings *given, const epocl_network *network, const epocl_dataset *valid);

/* Whether a network that is to be the model is to be calibrated. */
bool calibrate_is_wanted(const settings *given, const epocl_network *network, const epocl_dataset *valid);

/* Calibrates it, and says so where `is_told`. */
epocl_status calibrate_model(epocl_device *device, epocl_network *network, const epocl_dataset *valid, report *told,
                             bool is_told);

#endif
