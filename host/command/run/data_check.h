/* What does not fit, or looks odd, about data before a device sees it; in the words of the command line. */
#ifndef EPOCL_COMMAND_RUN_DATA_CHECK_H
#define EPOCL_COMMAND_RUN_DATA_CHECK_H

#include "base/status.h"

#include <stdbool.h>

/* EPOCL_ERROR_ARGUMENT where more than one of the paths (NULL is none) is "-": standard input can be read once. */
epocl_status data_check_streams(const char *const *paths, size_t count);

/* EPOCL_ERROR_DATA, with the file to blame, where samples of `data`, with targets of `labels` (NULL without), do not
 * fit the network. `can_grow`: it may still be made with more classes. */
epocl_status data_check_fit(const epocl_network *network, const epocl_dataset *dataset, const char *data,
                            const char *labels, bool can_grow);

/* Says on standard error which classes no sample has, or that there is one class only: most often, labels that do not
 * count from 0. EPOCL_ERROR_MEMORY only. */
epocl_status data_warn_classes(const epocl_dataset *dataset, const char *labels);

#endif
