/* A dry run: what training would allocate and launch, on standard output. */
#ifndef EPOCL_COMMAND_SHOW_RUN_PLAN_H
#define EPOCL_COMMAND_SHOW_RUN_PLAN_H

#include "base/status.h"

#include <stdbool.h>

/* As text, or as one JSON object. `valid` may be NULL. */
epocl_status run_plan_print(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                            const epocl_dataset *valid, const epocl_options *options, size_t batch_size, bool is_json);

#endif
