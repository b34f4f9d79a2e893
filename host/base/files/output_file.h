/* Output files that are written whole or not at all, and the folder they go to. */
#ifndef EPOCL_BASE_FILES_OUTPUT_FILE_H
#define EPOCL_BASE_FILES_OUTPUT_FILE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* A file in the making: a temporary file beside its target, which stays as it is until the commit. */
typedef struct output_file output_file;

/* Creates the temporary file; the target's mode will be 0644 less the umask. A target that is a symbolic link
 * is followed, unless it leads nowhere. EPOCL_ERROR_CREATE when the folder is missing or not writable, or the target is
 * no regular file. */
epocl_status output_file_open(const char *path, output_file **file);

/* The same in an open folder (base/files/folder.h): a symbolic link under that name is replaced. Messages begin with
 * the name. With NO_FOLDER, `name` is a path. */
epocl_status output_file_open_at(int folder, const char *name, output_file **file);

/* Appends. EPOCL_ERROR_WRITE, with the system's reason, when not all bytes could be written. */
epocl_status output_file_write(output_file *file, const void *bytes, size_t byte_count);

/* Puts everything written on the disk and in the target's place, in one step; the last call before the release.
 * On failure the old target, if there was one, is intact. */
epocl_status output_file_commit(output_file *file);

/* Frees the handle (NULL is accepted); a file that was not committed leaves nothing behind. */
void output_file_release(output_file *file);

/* Open, write, commit and release in one call. */
epocl_status output_file_save(const char *path, const void *bytes, size_t byte_count);
epocl_status output_file_save_at(int folder, const char *name, const void *bytes, size_t byte_count);

/* Makes a folder, and the folders above it that are missing, and proves that a file can be created in it.
 * A folder that exists is fine. `*created` (may be NULL) tells whether this call made it; a folder that this call
 * made is removed again on failure. EPOCL_ERROR_CREATE with the system's reason. */
epocl_status output_folder_create(const char *path, bool *created);

#endif
