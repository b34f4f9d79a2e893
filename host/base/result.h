/* Results that may grow at their end: a caller says how large the structure is that it was compiled with. */
#ifndef EPOCL_BASE_RESULT_H
#define EPOCL_BASE_RESULT_H

#include <stddef.h>
#include <string.h>

/* Writes what the caller has room for; what the caller knows and this library does not is 0. */
static inline void result_write(void *result, size_t result_bytes, const void *made, size_t made_bytes) {
    const size_t shared = result_bytes < made_bytes ? result_bytes : made_bytes;
    memcpy(result, made, shared);
    memset((char *)result + shared, 0, result_bytes - shared);
}

/* The same for place I of an array. */
static inline void result_write_at(void *results, size_t i, size_t result_bytes, const void *made, size_t made_bytes) {
    result_write((char *)results + i * result_bytes, result_bytes, made, made_bytes);
}

#endif
