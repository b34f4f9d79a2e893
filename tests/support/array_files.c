#include "support/array_files.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

size_t npy_write(unsigned char *file, const char *type, bool is_fortran, const char *shape, const void *values,
                 size_t byte_count) {
    char header[256];
    const int length = snprintf(header, sizeof header, "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }\n", type,
                                is_fortran ? "True" : "False", shape);
    memcpy(file, "\x93NUMPY\1\0", 8);
    file[8] = (unsigned char)(length & 255);
    file[9] = (unsigned char)(length >> 8);
    memcpy(file + 10, header, (size_t)length);
    memcpy(file + 10 + length, values, byte_count);
    return 10 + (size_t)length + byte_count;
}

static void put(unsigned char *bytes, size_t *place, uint64_t value, size_t count) {
    for (size_t i = 0; i < count; i++) bytes[(*place)++] = (unsigned char)(i < sizeof value ? value >> (8 * i) : 0);
}

static size_t deflate_bytes(unsigned char *packed, size_t capacity, const unsigned char *bytes, size_t byte_count) {
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)bytes;
    stream.avail_in = (uInt)byte_count;
    stream.next_out = packed;
    stream.avail_out = (uInt)capacity;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return stream.total_out;
}

void archive_add(archive *made, const char *name, const unsigned char *bytes, size_t byte_count, bool is_deflated,
                 bool is_wide) {
    const size_t offset = made->byte_count, name_bytes = strlen(name);
    const uint32_t checksum = (uint32_t)crc32(crc32(0, NULL, 0), bytes, (uInt)byte_count);
    size_t *end = &made->byte_count, *entry = &made->directory_bytes;
    unsigned char packed[ARRAY_FILE_BYTES];
    memcpy(packed, bytes, byte_count);
    const size_t packed_bytes = is_deflated ? deflate_bytes(packed, sizeof packed, bytes, byte_count) : byte_count;

    put(made->bytes, end, 0x04034b50, 4);
    put(made->bytes, end, 45, 2);
    put(made->bytes, end, 0, 2);
    put(made->bytes, end, is_deflated ? 8 : 0, 2);
    put(made->bytes, end, 0, 4);
    put(made->bytes, end, checksum, 4);
    put(made->bytes, end, is_wide ? UINT32_MAX : packed_bytes, 4);
    put(made->bytes, end, is_wide ? UINT32_MAX : byte_count, 4);
    put(made->bytes, end, name_bytes, 2);
    put(made->bytes, end, is_wide ? 20 : 0, 2);
    memcpy(made->bytes + *end, name, name_bytes);
    *end += name_bytes;
    if (is_wide) {
        put(made->bytes, end, 1, 2);
        put(made->bytes, end, 16, 2);
        put(made->bytes, end, byte_count, 8);
        put(made->bytes, end, packed_bytes, 8);
    }
    memcpy(made->bytes + *end, packed, packed_bytes);
    *end += packed_bytes;

    put(made->directory, entry, 0x02014b50, 4);
    put(made->directory, entry, 45, 2);
    put(made->directory, entry, 45, 2);
    put(made->directory, entry, 0, 2);
    put(made->directory, entry, is_deflated ? 8 : 0, 2);
    put(made->directory, entry, 0, 4);
    put(made->directory, entry, checksum, 4);
    put(made->directory, entry, is_wide ? UINT32_MAX : packed_bytes, 4);
    put(made->directory, entry, is_wide ? UINT32_MAX : byte_count, 4);
    put(made->directory, entry, name_bytes, 2);
    put(made->directory, entry, is_wide ? 28 : 0, 2);
    put(made->directory, entry, 0, 10);
    put(made->directory, entry, is_wide ? UINT32_MAX : offset, 4);
    memcpy(made->directory + *entry, name, name_bytes);
    *entry += name_bytes;
    if (is_wide) {
        put(made->directory, entry, 1, 2);
        put(made->directory, entry, 24, 2);
        put(made->directory, entry, byte_count, 8);
        put(made->directory, entry, packed_bytes, 8);
        put(made->directory, entry, offset, 8);
    }
    made->member_count++;
}

void archive_end(archive *made) {
    const size_t offset = made->byte_count;
    size_t *end = &made->byte_count;
    memcpy(made->bytes + *end, made->directory, made->directory_bytes);
    *end += made->directory_bytes;
    put(made->bytes, end, 0x06054b50, 4);
    put(made->bytes, end, 0, 4);
    put(made->bytes, end, made->member_count, 2);
    put(made->bytes, end, made->member_count, 2);
    put(made->bytes, end, made->directory_bytes, 4);
    put(made->bytes, end, offset, 4);
    put(made->bytes, end, 0, 2);
}
