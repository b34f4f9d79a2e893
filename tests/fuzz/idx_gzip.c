/* Gzip files that hold an IDX file of inputs. */
#include "fuzz/support/gzip_members.h"
#include "fuzz/support/idx_oracle.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

enum { READER_BYTES = 112 << 10, FIRST_BYTES = 64 << 10 }; /* with zlib's window; the first buffer for unpacked data */

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed) {
    return gzip_mutate(bytes, byte_count, capacity, seed);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    const uint8_t *plain = NULL;
    size_t plain_count = 0;
    epocl_dataset *dataset = NULL;
    if (byte_count < 2 || bytes[0] != 0x1f || bytes[1] != 0x8b) return -1;
    const bool is_whole = gzip_unpack(bytes, byte_count, &plain, &plain_count);
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = epocl_dataset_load(path, NULL, &dataset);
    /* A buffer that grows to twice its size, while the old one is still there. */
    trial_end(READER_BYTES + FIRST_BYTES + 4 * byte_count + 3 * plain_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    EXPECT((status == EPOCL_OK) == (dataset != NULL));
    if (!dataset) expect_printable_error(path);
    if (is_whole)
        expect_inputs(plain, plain_count, dataset);
    else
        EXPECT(!dataset);
    epocl_dataset_release(dataset);
    return 0;
}
