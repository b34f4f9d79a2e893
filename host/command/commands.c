#include "command/commands.h"

const command *const commands[] = {&command_devices,    &command_train,   &command_sweep,   &command_evaluate,
                                   &command_importance, &command_predict, &command_inspect, &command_compare,
                                   &command_report,     &command_export,  &command_import,  &command_bench,
                                   &command_tune,       &command_doctor};
const size_t command_count = sizeof commands / sizeof *commands;
