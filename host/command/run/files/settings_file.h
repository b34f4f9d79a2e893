/* A run's settings: from a file of --config, settled, and printed as such a file. */
#ifndef EPOCL_COMMAND_RUN_FILES_SETTINGS_FILE_H
#define EPOCL_COMMAND_RUN_FILES_SETTINGS_FILE_H

#include "command/run/files/config.h"

/* The settings in the file of given->config, over the defaults, and below what was given on the command line and in the
 * environment. What only follows from other settings of the file, as settings_settle() makes it, follows from those in
 * effect. Texts in `effective` are memory of *config, which the caller drops after use, also on failure. */
epocl_status settings_from_file(const command *used, const settings *given, json_t **config, settings *effective);

/* What is not given goes by what is: the optimiser's usual learning rate; a schedule through the epochs that the run
 * was begun with, also where it goes on for more. */
void settings_settle(settings *given);
void options_settle(epocl_options *options, uint64_t epochs);

/* On standard output, as JSON that --config takes. */
epocl_status settings_print(const command *used, const settings *given);

#endif
