#include "support/idx_file.h"

#include "support/gzip_member.h"
#include "support/scratch.h"

#include <stdlib.h>
#include <string.h>

size_t idx_file_bytes(const idx_file *file, unsigned char *bytes) {
    unsigned char *place = bytes;
    *place++ = 0;
    *place++ = 0;
    *place++ = file->type;
    *place++ = file->dimension_count;
    for (size_t i = 0; i < file->dimension_count; i++)
        for (int shift = 24; shift >= 0; shift -= 8) *place++ = (unsigned char)(file->dimensions[i] >> shift);
    memcpy(place, file->payload, file->payload_bytes);
    return (size_t)(place - bytes) + file->payload_bytes;
}

const char *idx_file_write(const idx_file *file, const char *name, bool gzip) {
    unsigned char bytes[IDX_FILE_BYTES];
    const size_t byte_count = idx_file_bytes(file, bytes);
    if (!gzip) return scratch_write(name, bytes, byte_count);
    size_t gzip_count = 0;
    unsigned char *packed = gzip_member(bytes, byte_count, &gzip_count);
    const char *path = scratch_write(name, packed, gzip_count);
    free(packed);
    return path;
}
