/* An open folder, by its descriptor. What is done in it is done in that folder, wherever its path leads by then. A name
 * is that of a file right in it; a symbolic link under that name is never followed. */
#ifndef EPOCL_BASE_FILES_FOLDER_H
#define EPOCL_BASE_FILES_FOLDER_H

#include "base/files/small_file.h"

#include <stdbool.h>
#include <stddef.h>

enum { TEMPORARY_NAME_CAPACITY = 64 };

/* A descriptor for close(), or -1 with errno set. */
int folder_open(const char *path);

/* Whether `path` leads to the folder. */
bool folder_is_at(int folder, const char *path);

/* Locks the folder against other processes until it is closed, also by the process's end; false when another has the
 * lock. A file system that has no locks is used without. */
bool folder_lock(int folder);

bool folder_has(int folder, const char *name);

/* Makes an empty file under a name that is not taken; returns its descriptor, or -1 with errno set. It is locked while
 * it is open, which tells it from what a killed process has left. The name does not depend on the target's, which may
 * already be as long as a name can be. */
int folder_create_temporary(int folder, char name[TEMPORARY_NAME_CAPACITY]);

/* Removes the temporary files that no process is writing any more. */
void folder_clean(int folder);

/* Gives a file another name, in the place of what had it, and puts that on the disk. The sentence of a failure begins
 * with `from`. */
epocl_status folder_move(int folder, const char *from, const char *to);

/* Creates and removes a file, and puts the folder's own name on the disk. 0, or an errno. */
int folder_prove(int folder);

/* fsync of a folder or a file; false with errno set. EINVAL is no failure: it comes from file systems that cannot sync
 * a folder. */
bool descriptor_sync(int descriptor);

/* Writes all of it; false with errno set, a part of it being written. */
bool descriptor_write(int descriptor, const void *bytes, size_t byte_count);

/* Makes a folder, and the folders above it that are missing; one that exists is fine. `*created` tells whether this
 * call made it. EPOCL_ERROR_CREATE with the system's reason. */
epocl_status folder_make(const char *path, bool *created);

#endif
