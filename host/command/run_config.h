/* What config.json says about a run. */
#ifndef EPOCL_COMMAND_RUN_CONFIG_H
#define EPOCL_COMMAND_RUN_CONFIG_H

#include "base/status.h"
#include "command/options.h"

#include <jansson.h>

/* All settings, the network and device in use, and versions, but nothing that differs between two equal runs.
 * The caller drops the reference; NULL when there is not enough memory. */
json_t *run_config(const settings *given, const epocl_network *network, const epocl_device_info *device,
                   const char *plan);

/* Sets what a config.json, open for reading, of `path` for messages, says of a command's settings, over the defaults in
 * `given`. Texts in `given` are memory of *config, which the caller drops after use, also on failure. EPOCL_ERROR_DATA
 * for a file that run_config() did not make. */
epocl_status run_config_read(int file, const char *path, const command *used, json_t **config, settings *given);

#endif
