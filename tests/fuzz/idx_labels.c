/* IDX files of labels, not compressed. */
#include "data/idx.h"
#include "fuzz/support/idx_oracle.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <stdlib.h>

enum { READER_BYTES = 68 << 10, LABEL_BYTES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    uint32_t *labels = NULL;
    size_t label_count = 0, class_count = 0;
    if (byte_count >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b) return -1; /* for the target idx_gzip */
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = idx_read_labels(path, 0, &labels, &label_count, &class_count);
    trial_end(READER_BYTES + byte_count + LABEL_BYTES * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    EXPECT((status == EPOCL_OK) == (labels != NULL));
    if (!labels) expect_printable_error(path);
    expect_labels(bytes, byte_count, labels, label_count, class_count);
    free(labels);
    return 0;
}
