/* The reader below all formats: plain or gzip bytes as one stream. */
#include "data/format/input_file.h"
#include "fuzz/support/gzip_members.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <string.h>

enum { READER_BYTES = 112 << 10, PIECE_BYTES = 4096 };

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed) {
    return gzip_mutate(bytes, byte_count, capacity, seed);
}

/* Reads to the end, in pieces of `most_bytes`. What is read must be the start of `plain`, which is known when the
 * file is whole. */
static epocl_status read_all(input_file *file, size_t most_bytes, const uint8_t *plain, size_t plain_count,
                             size_t *total) {
    static uint8_t piece[PIECE_BYTES];
    size_t count = 0;
    *total = 0;
    for (;;) {
        const epocl_status status = input_file_read(file, piece, most_bytes, &count);
        EXPECT(count <= most_bytes);
        if (plain) EXPECT(*total + count <= plain_count && memcmp(piece, plain + *total, count) == 0);
        *total += count;
        if (status != EPOCL_OK) return status;
        if (count < most_bytes) return input_file_expect_end(file);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    input_file *file = NULL;
    const bool is_gzip = byte_count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
    const uint8_t *plain = bytes;
    size_t plain_count = byte_count, total = 0;
    const bool is_whole = !is_gzip || gzip_unpack(bytes, byte_count, &plain, &plain_count);

    const char *path = trial_begin(bytes, byte_count);
    EXPECT(input_file_open(path, &file) == EPOCL_OK);
    const size_t most_bytes = byte_count % 3 == 0 ? PIECE_BYTES : 1 + byte_count % 61;
    const epocl_status status = read_all(file, most_bytes, is_whole ? plain : NULL, plain_count, &total);
    input_file_close(file);
    trial_end(READER_BYTES);
    EXPECT(status == (is_whole ? EPOCL_OK : EPOCL_ERROR_DATA));
    if (is_whole) EXPECT(total == plain_count);
    if (!is_whole) expect_printable_error(path);
    return 0;
}
