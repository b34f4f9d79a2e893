/* Rows of separated values; the first byte is the separator, and whether the text goes on. */
#include "fuzz/support/target.h"
#include "support/short_cells.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    static const char separators[] = ",;\t| -5:";
    size_t short_count = 0;
    if (byte_count < 1) return -1;
    const char separator = separators[(bytes[0] & 127) % (sizeof separators - 1)];
    EXPECT(!short_cells_difference((const char *)bytes + 1, byte_count - 1, separator, bytes[0] & 128, &short_count));
    return 0;
}
