/* npy arrays and npz archives. */
#include "fuzz/support/table_oracle.h"
#include "fuzz/support/target.h"

#include <string.h>

enum { READER_BYTES = 1 << 21, BYTES_OF_A_BYTE = 640 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    if (byte_count < 4) return -1;
    const table_options options = {.format = memcmp(bytes, "PK", 2) == 0 ? TABLE_NPZ : TABLE_NPY};
    if (bytes[0] == 0x1f && bytes[1] == 0x8b) return -1; /* no gzip */
    expect_table(bytes, byte_count, &options, READER_BYTES + BYTES_OF_A_BYTE * byte_count);
    return 0;
}
