#include "support/short_reads.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/types.h>

/* The names that `ld --wrap` gives to the functions and to what takes their place. */
ssize_t __real_read(int descriptor, void *bytes, size_t byte_count);
ssize_t __real_pread(int descriptor, void *bytes, size_t byte_count, off_t position);
ssize_t __wrap_read(int descriptor, void *bytes, size_t byte_count);
ssize_t __wrap_pread(int descriptor, void *bytes, size_t byte_count, off_t position);

static size_t most; /* 0: reads are let be */
static uint32_t state;

void short_reads_begin(size_t most_bytes, uint32_t seed) {
    most = most_bytes;
    state = seed;
}

void short_reads_end(void) {
    most = 0;
}

/* Shortens a read, or says that it is to be interrupted. */
static bool is_interrupted(size_t *byte_count) {
    if (most == 0 || *byte_count == 0) return false;
    state = state * 1664525u + 1013904223u;
    if (state >> 28 == 0) {
        errno = EINTR;
        return true;
    }
    const size_t limit = 1 + (state >> 8) % most;
    if (*byte_count > limit) *byte_count = limit;
    return false;
}

ssize_t __wrap_read(int descriptor, void *bytes, size_t byte_count) {
    return is_interrupted(&byte_count) ? -1 : __real_read(descriptor, bytes, byte_count);
}

ssize_t __wrap_pread(int descriptor, void *bytes, size_t byte_count, off_t position) {
    return is_interrupted(&byte_count) ? -1 : __real_pread(descriptor, bytes, byte_count, position);
}
