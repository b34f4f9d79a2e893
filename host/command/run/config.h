/* What config.json says about a run. */
#ifndef EPOCL_COMMAND_RUN_CONFIG_H
#define EPOCL_COMMAND_RUN_CONFIG_H

#include "base/status.h"
#include "command/options/options.h"

#include <jansson.h>

/* The settings that the command's table keeps, the folder that relative paths among them start from, the network and
 * device in use, and versions, but nothing that differs between two equal runs from one folder. The caller drops the
 * reference; NULL when there is not enough memory. */
json_t *run_config(const command *used, const settings *given, const epocl_network *network,
                   const epocl_device_info *device, const char *plan);

/* Sets what a config.json says of a command's settings, over the defaults in `given`: `name` in the folder of that
 * descriptor (NO_FOLDER: a path); `path` is for error texts. Paths that lead nowhere from here become those from
 * where the run was begun. Texts in `given` are memory of *config, which the caller drops after use, also on
 * failure. EPOCL_ERROR_DATA for a file that run_config() did not make: of another kind or size, or with a setting that
 * is not kept, or missing, or not of the type that is written. */
epocl_status run_config_read(int folder, const char *name, const char *path, const command *used, json_t **config,
                             settings *given);

#endif
