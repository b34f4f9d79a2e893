/* IDX files of targets, not compressed. */
#include "data/idx.h"
#include "fuzz/support/idx_oracle.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <stdlib.h>

enum { READER_BYTES = 68 << 10, LABEL_BYTES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    epocl_dataset dataset = {0};
    if (byte_count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) return -1; /* for the target idx_gzip */
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = idx_read_targets(path, &dataset);
    trial_end(READER_BYTES + byte_count + LABEL_BYTES * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    if (status != EPOCL_OK) {
        expect_printable_error(path);
        free(dataset.labels); /* the caller's, also those of a file that was refused half-way */
        free(dataset.values);
        dataset = (epocl_dataset){0};
    }
    expect_targets(bytes, byte_count, &dataset);
    free(dataset.labels);
    free(dataset.values);
    return 0;
}
