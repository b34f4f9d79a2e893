/* What config.json says about a run, and files of settings of the same form. */
#ifndef EPOCL_COMMAND_RUN_FILES_CONFIG_H
#define EPOCL_COMMAND_RUN_FILES_CONFIG_H

#include "base/status.h"
#include "command/options/options.h"

#include <jansson.h>

/* The settings that the command's table keeps, the folder that relative paths among them start from, the network and
 * device in use, and versions, but nothing that differs between two equal runs from one folder. The caller drops the
 * reference; NULL when there is not enough memory. */
json_t *run_config(const command *used, const settings *given, const epocl_network *network,
                   const epocl_device_info *device, const char *plan);

/* Its text, of as few digits as give the same numbers again, for free(); NULL when there is not enough memory. */
char *run_config_text(const json_t *config);

/* Sets what a config.json says of a command's settings, over the defaults in `given`: `name` in the folder of that
 * descriptor (NO_FOLDER: a path); `path` is for error texts. Paths that lead nowhere from here become those from
 * where the run was begun. Texts in `given` are memory of *config, which the caller drops after use, also on
 * failure. EPOCL_ERROR_DATA for a file that run_config() did not make: of another kind or size, or with a setting that
 * is not kept, or missing, or not of the type that is written. */
epocl_status run_config_read(int folder, const char *name, const char *path, const command *used, json_t **config,
                             settings *given);

/* The part of run_config() that a run can be begun with: settings, and the folder that relative paths start from. */
json_t *settings_config(const command *used, const settings *given);

/* As run_config_read(), of a file that people may have written: a run's config.json, what settings_config() makes, or
 * its settings by themselves. Values may be texts as the command line takes them; what stands there counts as given. */
epocl_status settings_config_read(const char *path, const command *used, json_t **config, settings *given);

#endif
