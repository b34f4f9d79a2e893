/* Where a file is: at a path, in an open folder, or in memory. */
#ifndef EPOCL_BASE_FILES_FILE_PLACE_H
#define EPOCL_BASE_FILES_FILE_PLACE_H

#include "base/files/small_file.h"

#include <stddef.h>

/* The content of a file. Written, it is new memory for free(); read, it is the caller's and only looked at. */
typedef struct memory_block {
    void *bytes;
    size_t byte_count;
} memory_block;

typedef struct file_place {
    int folder;           /* NO_FOLDER: `name` is a path                       */
    const char *name;     /* also what error texts call it                     */
    memory_block *memory; /* NULL: a file; otherwise `name` is for texts alone */
} file_place;

static inline file_place file_at(int folder, const char *name) {
    return (file_place){.folder = folder, .name = name};
}

static inline file_place file_in_memory(memory_block *memory) {
    return (file_place){.folder = NO_FOLDER, .name = "memory", .memory = memory};
}

#endif
