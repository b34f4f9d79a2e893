/* IDX files of inputs, not compressed. */
#include "fuzz/support/idx_oracle.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

enum { READER_BYTES = 68 << 10 }; /* the reader's buffer of 64 KiB and what describes the data */

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    epocl_dataset *dataset = NULL;
    if (byte_count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) return -1; /* for the target idx_gzip */
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = epocl_dataset_load(path, NULL, &dataset);
    trial_end(READER_BYTES + byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    EXPECT((status == EPOCL_OK) == (dataset != NULL));
    if (!dataset) expect_printable_error(path);
    expect_inputs(bytes, byte_count, dataset);
    epocl_dataset_release(dataset);
    return 0;
}
