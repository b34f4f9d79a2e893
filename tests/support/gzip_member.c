#include "support/gzip_member.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

unsigned char *gzip_member(const void *bytes, size_t byte_count, size_t *gzip_count) {
    z_stream stream;
    memset(&stream, 0, sizeof stream);
    ck_assert_int_eq(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    const uLong capacity = deflateBound(&stream, (uLong)byte_count);
    unsigned char *gzip = malloc(capacity);
    ck_assert_ptr_nonnull(gzip);
    unsigned char *copy = malloc(byte_count + 1); /* zlib's input is not const */
    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes, byte_count);
    stream.next_in = copy;
    stream.avail_in = (uInt)byte_count;
    stream.next_out = gzip;
    stream.avail_out = (uInt)capacity;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    *gzip_count = stream.total_out;
    deflateEnd(&stream);
    free(copy);
    return gzip;
}
