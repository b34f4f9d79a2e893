#include "base/files/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Returns -1, with that errno. */
static int close_with(int descriptor, int code) {
    close(descriptor);
    errno = code;
    return -1;
}

int regular_file_open_at(int folder, const char *name, uint64_t *byte_count) {
    /* O_NONBLOCK: a pipe without a writer must not block; regular files do not heed it. */
    const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const int descriptor = folder == NO_FOLDER ? open(name, flags) : openat(folder, name, flags | O_NOFOLLOW);
    struct stat state;
    if (descriptor < 0) return -1;
    if (fstat(descriptor, &state) != 0) return close_with(descriptor, errno);
    if (S_ISDIR(state.st_mode)) return close_with(descriptor, EISDIR);
    if (!S_ISREG(state.st_mode)) return close_with(descriptor, ESPIPE);
    *byte_count = (uint64_t)state.st_size;
    return descriptor;
}

/* Reads up to the end of the file, or until the memory is full; false with errno. */
static bool read_all(int descriptor, char *bytes, size_t capacity, size_t *filled) {
    for (*filled = 0; *filled < capacity;) {
        const ssize_t count = read(descriptor, bytes + *filled, capacity - *filled);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return count == 0;
        *filled += (size_t)count;
    }
    return true;
}

char *small_file_read_at(int folder, const char *name, size_t most_bytes, size_t *byte_count) {
    uint64_t file_bytes = 0; /* what /proc says is 0 */
    const int descriptor = regular_file_open_at(folder, name, &file_bytes);
    if (descriptor < 0) return NULL;
    char *text = file_bytes <= most_bytes ? calloc(most_bytes + 2, 1) : NULL;
    const bool is_read = text && read_all(descriptor, text, most_bytes + 1, byte_count);
    const bool is_large = file_bytes > most_bytes || (is_read && *byte_count > most_bytes);
    close_with(descriptor, is_large ? EFBIG : errno);
    if (is_read && !is_large) return text;
    free(text);
    return NULL;
}

epocl_status fail_file(const char *path) {
    const char *between = *path ? ": " : "";
    switch (errno) {
    case ELOOP: return fail(EPOCL_ERROR_NO_INPUT, "%s%sis a symbolic link that is not followed", path, between);
    case EISDIR: return fail(EPOCL_ERROR_NO_INPUT, "%s%sis a folder, not a file", path, between);
    case ESPIPE:
        return fail(EPOCL_ERROR_NO_INPUT, "%s%sis a pipe or a device; only regular files can be read", path, between);
    case EFBIG: return fail(EPOCL_ERROR_DATA, "%s%sis larger than a file of its kind can be", path, between);
    case ENOMEM: return fail(EPOCL_ERROR_MEMORY, "%s%snot enough memory to read it", path, between);
    default: return fail(EPOCL_ERROR_NO_INPUT, "%s%scannot open: %s", path, between, strerror(errno));
    }
}
