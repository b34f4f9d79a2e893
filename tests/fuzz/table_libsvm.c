/* LIBSVM texts with indices of at most three digits: the dense table has a column for each up to the largest. */
#include "fuzz/support/table_oracle.h"
#include "fuzz/support/target.h"

enum { READER_BYTES = 1 << 20, MOST_COLUMNS = 1001, COLUMN_BYTES = 512, DIGITS = 3 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    size_t digit_count = 0, row_count = 1;
    if (byte_count > 1 && bytes[0] == 0x1f && bytes[1] == 0x8b) return -1; /* no gzip */
    for (size_t i = 0; i < byte_count; i++) {
        if (bytes[i] == ':' && digit_count > DIGITS) return -1;
        digit_count = bytes[i] >= '0' && bytes[i] <= '9' ? digit_count + 1 : 0;
        row_count += bytes[i] == '\n' || bytes[i] == '\r';
    }
    const table_options options = {.format = TABLE_LIBSVM, .libsvm_is_one_based = (table_choice)(byte_count % 3)};
    expect_table(bytes, byte_count, &options, READER_BYTES + MOST_COLUMNS * (COLUMN_BYTES + 16 * row_count));
    return 0;
}
