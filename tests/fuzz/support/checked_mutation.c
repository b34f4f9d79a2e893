#include "fuzz/support/checked_mutation.h"

#include "base/checksum.h"
#include "fuzz/support/target.h"

#include <string.h>

enum { CHECKSUM_BYTES = 4 };

size_t mutate_checked(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed) {
    byte_count = LLVMFuzzerMutate(bytes, byte_count, capacity);
    if (byte_count < CHECKSUM_BYTES || seed % 16 == 0) return byte_count;
    const size_t end = byte_count - CHECKSUM_BYTES;
    const uint32_t checksum = checksum_add(0, bytes, end);
    memcpy(bytes + end, &checksum, sizeof checksum);
    return byte_count;
}
