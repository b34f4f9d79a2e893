/* What config.json says about a run. */
#ifndef EPOCL_COMMAND_RUN_CONFIG_H
#define EPOCL_COMMAND_RUN_CONFIG_H

#include "base/status.h"
#include "command/settings.h"

#include <jansson.h>

/* All settings, the network and device in use, and versions, but nothing that differs between two equal runs.
 * The caller drops the reference; NULL when there is not enough memory. */
json_t *run_config(const settings *given, const epocl_network *network, const epocl_device_info *device,
                   const char *plan);

#endif
