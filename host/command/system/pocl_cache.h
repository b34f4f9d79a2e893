/* Where PoCL keeps the kernels it has compiled. In a folder that it cannot write, it has no device at all. */
#ifndef EPOCL_COMMAND_SYSTEM_POCL_CACHE_H
#define EPOCL_COMMAND_SYSTEM_POCL_CACHE_H

#include <stdbool.h>

/* Where PoCL's own choice (below XDG_CACHE_HOME or HOME) cannot be written, sets POCL_CACHE_DIR to a folder below
 * epocl_cache_folder() or, where that cannot be written either, to one of this user's own below TMPDIR or /tmp. A
 * POCL_CACHE_DIR that is set stays. Call it before any OpenCL call. */
void pocl_cache_begin(void);

/* The folder that PoCL would have chosen, where pocl_cache_begin() could not leave it so; else NULL. */
const char *pocl_cache_unwritable(void);

/* Whether the folder is there and can be written, or can be made below the nearest folder that is there; errno if not.
 */
bool folder_is_possible(const char *path);

#endif
