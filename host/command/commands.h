/* The commands, one command_NAME.c each, and the list of them. */
#ifndef EPOCL_COMMAND_COMMANDS_H
#define EPOCL_COMMAND_COMMANDS_H

#include "command/options/options.h"

extern const command command_devices;
extern const command command_train;
extern const command command_sweep;
extern const command command_evaluate;
extern const command command_importance;
extern const command command_predict;
extern const command command_inspect;
extern const command command_compare;
extern const command command_report;
extern const command command_export;
extern const command command_import;
extern const command command_bench;
extern const command command_tune;
extern const command command_doctor;

/* In the order of `epocl --help`. */
extern const command *const commands[];
extern const size_t command_count;

#endif
