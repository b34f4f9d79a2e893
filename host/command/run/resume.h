/* The settings of a run that goes on, and whether all that tells of it is of one run. */
#ifndef EPOCL_COMMAND_RUN_RESUME_H
#define EPOCL_COMMAND_RUN_RESUME_H

#include "command/run/files/config.h"

/* The settings in config.json of an open folder (`config_path` in messages), with what was given on this command line
 * in their place. EPOCL_ERROR_ARGUMENT for an option that cannot change within a run, and does. Texts in `resumed` are
 * memory of *config, which the caller drops after use, also on failure. */
epocl_status resume_settings(const command *used, const settings *given, int folder, const char *config_path,
                             json_t **config, settings *resumed);

/* Whether what config.json says, and the network that it makes (`wanted`), is true of the network that trains, and of
 * the checkpoint that it comes from (NULL: the run begins again); EPOCL_ERROR_DATA names what is not. Device, driver,
 * epocl and matmul may differ, after a run on another device that came to no checkpoint: that the checkpoint's hold is
 * said on standard error. */
epocl_status resume_check(const char *config_path, const json_t *config, const settings *resumed,
                          const epocl_network *wanted, const epocl_network *network,
                          const epocl_checkpoint *checkpoint);

#endif
