/* Events of a run for TensorBoard: figures of each epoch, added as they come. */
#ifndef EPOCL_COMMAND_RUN_FILES_EVENT_FILE_H
#define EPOCL_COMMAND_RUN_FILES_EVENT_FILE_H

#include "base/status.h"

typedef struct event_file event_file;

/* `monitor` is a code of options/monitors.h: a metric has a curve of its own. Makes the folder, if it is missing, and a
 * file of its own in it. What other files there say of the epochs from `first_epoch` on, which a run that goes on
 * trains again, does not count any more. EPOCL_ERROR_CREATE. */
epocl_status event_file_create(const char *folder, size_t first_epoch, int monitor, event_file **file);

/* Adds what is known of an epoch, at this time of the clock. EPOCL_ERROR_WRITE. */
epocl_status event_file_add(event_file *file, const epocl_epoch_result *epoch);

/* Accepts NULL. */
void event_file_release(event_file *file);

#endif
