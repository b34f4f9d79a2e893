/* CRC-32 of bytes that come in pieces: for damage, not against malice. */
#ifndef EPOCL_BASE_CHECKSUM_H
#define EPOCL_BASE_CHECKSUM_H

#include <libdeflate.h>
#include <stddef.h>
#include <stdint.h>

/* The checksum of what `checksum` is of (0 at the beginning) followed by these bytes. */
static inline uint32_t checksum_add(uint32_t checksum, const void *bytes, size_t byte_count) {
    return libdeflate_crc32(checksum, bytes, byte_count);
}

/* CRC-32C, of Castagnoli's polynomial, of a few bytes. */
static inline uint32_t checksum_castagnoli(const void *bytes, size_t byte_count) {
    uint32_t checksum = UINT32_MAX;
    for (size_t i = 0; i < byte_count; i++) {
        checksum ^= ((const unsigned char *)bytes)[i];
        for (int bit = 0; bit < 8; bit++) checksum = checksum >> 1 ^ (checksum & 1 ? UINT32_C(0x82F63B78) : 0);
    }
    return ~checksum;
}

#endif
