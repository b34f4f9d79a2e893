/* Separated values; the first byte is the options. */
#include "fuzz/support/table_oracle.h"
#include "fuzz/support/target.h"

enum { READER_BYTES = 1 << 20, BYTES_OF_A_BYTE = 640 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    static const char *const missing[] = {"?", "-"};
    static const char *const texts[] = {"a", "2"};
    if (byte_count < 1 || (byte_count > 2 && bytes[1] == 0x1f && bytes[2] == 0x8b)) return -1; /* no gzip */
    const uint8_t choice = bytes[0];
    const table_options options = {.format = TABLE_CSV,
                                   .header = choice & 1   ? TABLE_YES
                                             : choice & 2 ? TABLE_NO
                                                          : TABLE_AUTO,
                                   .separator = choice & 4 ? ' ' : '\0',
                                   .skip_ragged = (choice & 8) != 0,
                                   .comment = choice & 16 ? '#' : '\0',
                                   .decimal = choice & 32 ? ',' : '.',
                                   .thousands = choice & 64 ? '\'' : '\0',
                                   .missing = missing,
                                   .missing_count = 2,
                                   .texts = texts,
                                   .text_count = choice & 128 ? 2 : 0};
    expect_table(bytes + 1, byte_count - 1, &options, READER_BYTES + BYTES_OF_A_BYTE * byte_count);
    return 0;
}
