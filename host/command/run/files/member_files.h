/* Checkpoints of a sweep's members, "member-0007.safetensors", in the open folder of that descriptor; `path` is for
 * error texts. */
#ifndef EPOCL_COMMAND_RUN_FILES_MEMBER_FILES_H
#define EPOCL_COMMAND_RUN_FILES_MEMBER_FILES_H

#include "base/files/file_place.h"

/* Written whole or not at all. */
epocl_status member_file_save(int folder, const char *path, size_t number, const memory_block *checkpoint);

/* Whole, for free(); of no bytes where there is none of that number. EPOCL_ERROR_DATA for one that is damaged. */
epocl_status member_file_load(int folder, const char *path, size_t number, memory_block *checkpoint);

/* Removes all of them. */
epocl_status member_files_remove(int folder, const char *path);

#endif
