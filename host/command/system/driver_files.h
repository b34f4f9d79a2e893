/* The ICD files, by which the OpenCL loader finds drivers. */
#ifndef EPOCL_COMMAND_SYSTEM_DRIVER_FILES_H
#define EPOCL_COMMAND_SYSTEM_DRIVER_FILES_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>

/* Where the loader looks if no variable says otherwise. */
#define DRIVER_FOLDER "/etc/OpenCL/vendors"

/* The text of a variable that is set and not empty, or NULL. */
const char *variable_text(const char *name);

/* The ICD files of a folder in the order of their names, as scandir() gives them. */
int driver_files_list(const char *folder, struct dirent ***entries);

/* Whether the loader would open a pipe or a terminal, and wait without end: then `path` is the first. Ask before the
 * first OpenCL call. */
bool driver_files_wait(char *path, size_t capacity);

#endif
