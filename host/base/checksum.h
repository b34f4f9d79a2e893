/* CRC-32 of bytes that come in pieces: for damage, not against malice. */
#ifndef EPOCL_BASE_CHECKSUM_H
#define EPOCL_BASE_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

/* The checksum of what `checksum` is of (0 at the beginning) followed by these bytes. */
static inline uint32_t checksum_add(uint32_t checksum, const void *bytes, size_t byte_count) {
    return (uint32_t)crc32_z(checksum, bytes, byte_count);
}

#endif
