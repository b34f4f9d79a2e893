/* The command line that makes a run again. */
#ifndef EPOCL_COMMAND_RUN_REPRODUCE_H
#define EPOCL_COMMAND_RUN_REPRODUCE_H

#include "command/options/options.h"

/* For a shell: "epocl train data.csv --target price ... --output NEW", with those of the run's settings that are not
 * the defaults of its recipe; "" where it does not fit. */
void run_command_text(const command *used, const settings *begun, char *text, size_t capacity);

#endif
