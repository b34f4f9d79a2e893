/* Safetensors files, whatever they hold. */
#include "model/safetensors.h"

#include "fuzz/support/scratch_file.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <stdlib.h>
#include <string.h>

/* Parsed JSON takes up to 80 times its text, and the table of tensors a row for each. */
enum { READER_BYTES = 8 << 10, HEADER_RATIO = 112 };

/* The tensors cover the data, each byte once, in the order of the file. */
static void expect_covered(const safetensors *file, const uint8_t *bytes, size_t byte_count) {
    uint64_t header_bytes = 0, covered = 0;
    for (int i = 7; i >= 0; i--) header_bytes = header_bytes << 8 | bytes[i];
    const uint8_t *data = bytes + 8 + header_bytes;
    for (size_t i = 0; i < safetensors_tensor_count(file); i++) {
        const safetensors_tensor *tensor = safetensors_tensor_at(file, i);
        EXPECT(tensor->offset == covered);
        for (size_t j = 0; j < tensor->dimension_count; j++) EXPECT(tensor->shape[j] <= INT64_MAX);
        EXPECT(tensor->byte_count <= byte_count - 8 - header_bytes - covered);
        EXPECT(safetensors_find(file, tensor->name) == tensor);
        uint8_t *values = malloc(tensor->byte_count + 1);
        EXPECT(values && safetensors_read(file, tensor, values) == EPOCL_OK);
        EXPECT(memcmp(values, data + covered, tensor->byte_count) == 0);
        free(values);
        covered += tensor->byte_count;
    }
    EXPECT(8 + header_bytes + covered == byte_count);
    EXPECT(!safetensors_tensor_at(file, safetensors_tensor_count(file)));
}

/* Written again and read again, it holds the same. */
static void expect_kept(const safetensors *file, const uint8_t *bytes) {
    const char *path = scratch_file_path();
    const size_t count = safetensors_tensor_count(file);
    safetensors_tensor *tensors = calloc(count + 1, sizeof *tensors);
    const void **values = calloc(count + 1, sizeof *values);
    EXPECT(tensors && values);
    uint64_t header_bytes = 0;
    for (int i = 7; i >= 0; i--) header_bytes = header_bytes << 8 | bytes[i];
    for (size_t i = 0; i < count; i++) {
        tensors[i] = *safetensors_tensor_at(file, i);
        values[i] = bytes + 8 + header_bytes + tensors[i].offset;
    }
    EXPECT(safetensors_write(file_at(NO_FOLDER, path), NULL, 0, tensors, values, count) == EPOCL_OK);

    safetensors *again = NULL;
    EXPECT(safetensors_open(file_at(NO_FOLDER, path), &again) == EPOCL_OK);
    EXPECT(safetensors_tensor_count(again) == count);
    for (size_t i = 0; i < count; i++) {
        const safetensors_tensor *kept = safetensors_find(again, tensors[i].name);
        EXPECT(kept && strcmp(kept->type, tensors[i].type) == 0 && kept->offset == tensors[i].offset);
        EXPECT(kept->byte_count == tensors[i].byte_count && kept->dimension_count == tensors[i].dimension_count);
        EXPECT(memcmp(kept->shape, tensors[i].shape, kept->dimension_count * sizeof *kept->shape) == 0);
    }
    safetensors_release(again);
    free(values);
    free(tensors);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    safetensors *file = NULL;
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = safetensors_open(file_at(NO_FOLDER, path), &file);
    trial_end(READER_BYTES + HEADER_RATIO * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    EXPECT((status == EPOCL_OK) == (file != NULL));
    if (!file) {
        expect_printable_error("");
        return 0;
    }
    expect_covered(file, bytes, byte_count);
    expect_kept(file, bytes);
    safetensors_release(file);
    return 0;
}
