/* Opening files that come from elsewhere. Nothing here waits, and nothing takes more memory than was said, whatever
 * lies under the name: a pipe, a device, a folder, or a file of any size. */
#ifndef EPOCL_BASE_FILES_SMALL_FILE_H
#define EPOCL_BASE_FILES_SMALL_FILE_H

#include "base/status.h"

/* In place of a folder's descriptor: the name beside it is a path, in which links are followed. */
enum { NO_FOLDER = -1 };

/* A descriptor of a regular file, `name` right in the folder of that descriptor and no link, for reading, and its size;
 * -1 with errno, which is ELOOP for a link, EISDIR for a folder and ESPIPE for what is neither file nor folder. */
int regular_file_open_at(int folder, const char *name, uint64_t *byte_count);

/* The whole of a regular file of at most `most_bytes`, for free(), with a NUL after its *byte_count bytes; NULL with
 * errno, which is EFBIG for a larger one. */
char *small_file_read_at(int folder, const char *name, size_t most_bytes, size_t *byte_count);

/* Puts errno, as these functions left it, in words, after "`path`: " unless that is "". EPOCL_ERROR_NO_INPUT,
 * EPOCL_ERROR_DATA for a file that is too large, or EPOCL_ERROR_MEMORY. */
epocl_status fail_file(const char *path);

#endif
