/* The settings of a run that goes on. */
#ifndef EPOCL_COMMAND_RESUME_H
#define EPOCL_COMMAND_RESUME_H

#include "command/run_config.h"

/* The settings in config.json, open for reading, of `config_path` for messages, with what was given on this command
 * line in their place. EPOCL_ERROR_ARGUMENT for an option that cannot change within a run. Texts in `resumed` are
 * memory of *config, which the caller drops after use, also on failure. */
epocl_status resume_settings(const command *used, const settings *given, int config_file, const char *config_path,
                             json_t **config, settings *resumed);

#endif
