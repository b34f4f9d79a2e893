/* Folders that the environment names. */
#ifndef EPOCL_BASE_ENVIRONMENT_H
#define EPOCL_BASE_ENVIRONMENT_H

/* The folder that `variable` names; NULL when it is unset or empty, and in a process with more rights than its caller
 * (set-user-ID and the like), in whose name files are neither read nor written where the caller wants. */
const char *environment_folder(const char *variable);

#endif
