#include "fuzz/support/gzip_members.h"

#include "fuzz/support/target.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum {
    GZIP_WINDOW = MAX_WBITS + 16,
    TRAILER_BYTES = 8, /* checksum and size, little-endian */
    PLAIN_CAPACITY = 1 << 20
};

/* Memory for what a file unpacks to, kept from input to input. */
static uint8_t *plain_memory(void) {
    static uint8_t *memory;
    if (!memory) memory = malloc(PLAIN_CAPACITY);
    EXPECT(memory);
    return memory;
}

/* Whether a file ends here, up to zeros that fill it. */
static bool is_padding(const uint8_t *bytes, size_t byte_count) {
    for (size_t i = 0; i < byte_count; i++)
        if (bytes[i] != 0) return false;
    return true;
}

/* Unpacks members to the end or the first that is damaged, whose result it returns; checks are heeded, or else
 * corrected in the file. */
static int unpack(uint8_t *bytes, size_t byte_count, bool correct, size_t *plain_count) {
    static z_stream stream;
    static bool is_ready;
    if (is_ready) EXPECT(inflateReset(&stream) == Z_OK);
    if (!is_ready) EXPECT(inflateInit2(&stream, GZIP_WINDOW) == Z_OK);
    is_ready = true;
    stream.next_in = bytes;
    stream.avail_in = (uInt)byte_count;
    stream.next_out = plain_memory();
    stream.avail_out = PLAIN_CAPACITY;
    int result = Z_BUF_ERROR;
    while (stream.avail_in > 0) {
        const uint8_t *plain = stream.next_out;
        EXPECT(inflateReset(&stream) == Z_OK && inflateValidate(&stream, !correct) == Z_OK);
        result = inflate(&stream, Z_FINISH);
        EXPECT(stream.avail_out > 0); /* the targets' inputs are too short to unpack to more */
        if (result != Z_STREAM_END) break;
        const bool is_last = is_padding(stream.next_in, stream.avail_in);
        if (!correct && is_last) break;
        if (!correct) continue;
        const size_t count = (size_t)(stream.next_out - plain);
        const uint64_t trailer = crc32(0, plain, (uInt)count) | (uint64_t)count << 32;
        uint8_t *end = bytes + byte_count - stream.avail_in;
        for (int i = 0; i < TRAILER_BYTES; i++) end[i - TRAILER_BYTES] = (uint8_t)(trailer >> 8 * i);
        if (is_last) break;
    }
    *plain_count = PLAIN_CAPACITY - stream.avail_out;
    return result;
}

bool gzip_unpack(const uint8_t *bytes, size_t byte_count, const uint8_t **plain, size_t *plain_count) {
    static uint8_t copy[PLAIN_CAPACITY / GZIP_RATIO];
    EXPECT(byte_count <= sizeof copy);
    memcpy(copy, bytes, byte_count);
    *plain = plain_memory();
    return unpack(copy, byte_count, false, plain_count) == Z_STREAM_END;
}

/* Packs as one member, or two; 0 when they would not fit. */
static size_t pack(const uint8_t *plain, size_t plain_count, uint8_t *bytes, size_t capacity, unsigned int seed) {
    size_t total = 0;
    size_t cut = seed % 4 == 0 ? seed / 64 % (plain_count + 1) : plain_count;
    for (size_t from = 0; from == 0 || from < plain_count; from = cut, cut = plain_count) {
        z_stream stream = {0};
        EXPECT(deflateInit2(&stream, (int)(seed / 4 % 10), Z_DEFLATED, GZIP_WINDOW, 8, (int)(seed / 8 % 5)) == Z_OK);
        stream.next_in = (z_const Bytef *)plain + from;
        stream.avail_in = (uInt)(cut - from);
        stream.next_out = bytes + total;
        stream.avail_out = (uInt)(capacity - total);
        const int result = deflate(&stream, Z_FINISH);
        total += stream.total_out;
        deflateEnd(&stream);
        if (result != Z_STREAM_END) return 0;
        if (cut == plain_count) break;
    }
    return total;
}

size_t gzip_mutate(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed) {
    enum { CHANGED_PLAIN_BYTES = 4096 };
    size_t plain_count = 0;
    if (seed % 2 == 0) {
        unpack(bytes, byte_count, true, &plain_count);
        uint8_t *plain = plain_memory();
        const size_t most = CHANGED_PLAIN_BYTES;
        const size_t changed = LLVMFuzzerMutate(plain, plain_count < most ? plain_count : most, most);
        const size_t packed = pack(plain, changed, bytes, capacity, seed / 2);
        if (packed > 0) return packed;
    }
    byte_count = LLVMFuzzerMutate(bytes, byte_count, capacity);
    if (seed % 16 != 1) unpack(bytes, byte_count, true, &plain_count);
    return byte_count;
}
