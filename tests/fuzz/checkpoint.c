/* Checkpoints: model files with a place in a run in them, and a checksum over all. */
#include "training/checkpoint_file.h"

#include "fuzz/support/checked_mutation.h"
#include "fuzz/support/scratch_file.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"
#include "model/safetensors.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As for model files; the history is read as it is stored and then unpacked. The checksum takes a piece of 64 KiB. */
enum { READER_BYTES = (64 + 16) << 10, HEADER_RATIO = 112 };

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed) {
    return mutate_checked(bytes, byte_count, capacity, seed);
}

static uint8_t *write_again(const epocl_checkpoint *checkpoint, size_t *byte_count) {
    EXPECT(checkpoint_write(file_at(NO_FOLDER, scratch_file_path()), checkpoint) == EPOCL_OK);
    return scratch_file_read(byte_count);
}

/* Written, read and written again, a checkpoint gives the same file. */
static void expect_kept(const epocl_checkpoint *checkpoint) {
    size_t first_count = 0, second_count = 0;
    epocl_checkpoint *again = NULL;
    uint8_t *first = write_again(checkpoint, &first_count);
    EXPECT(epocl_checkpoint_load(scratch_file_path(), &again) == EPOCL_OK);
    uint8_t *second = write_again(again, &second_count);
    EXPECT(first_count == second_count && memcmp(first, second, first_count) == 0);
    epocl_checkpoint_release(again);
    free(second);
    free(first);
}

static void expect_sound(const epocl_checkpoint *checkpoint, size_t byte_count) {
    const epoch_state *position = &checkpoint->position;
    EXPECT(checkpoint->network && epocl_network_parameter_count(checkpoint->network) <= byte_count / sizeof(float));
    EXPECT(position->first <= position->sample_count && position->correct <= position->first);
    EXPECT(isfinite(position->cost) && isfinite(checkpoint->seconds) && checkpoint->seconds >= 0);
    EXPECT(checkpoint->epoch_count <= byte_count);
    for (size_t i = 0; i < checkpoint->epoch_count; i++) EXPECT(checkpoint->history[i].epoch == i + 1);
    for (size_t i = 0; i < FACT_COUNT; i++) EXPECT(memchr(checkpoint->facts[i], '\0', PRINTABLE_CAPACITY));
}

/* The file's tensor of that name is of the given size; returns its values, to be freed. */
static void *read_tensor(const safetensors *file, const char *name, const char *type, size_t byte_count) {
    const safetensors_tensor *tensor = safetensors_find(file, name);
    EXPECT(tensor && strcmp(tensor->type, type) == 0 && tensor->byte_count == byte_count);
    void *values = malloc(byte_count + 1);
    EXPECT(values && safetensors_read(file, tensor, values) == EPOCL_OK);
    return values;
}

static void expect_value(const safetensors *file, const char *name, const char *type, const void *value,
                         size_t byte_count) {
    void *stored = read_tensor(file, name, type, byte_count);
    EXPECT(memcmp(stored, value, byte_count) == 0);
    free(stored);
}

/* What was read is what the file's tensors hold; `path` as before. */
static void expect_read(const epocl_checkpoint *checkpoint, const char *path) {
    enum { COLUMNS = 7 };
    safetensors *file = NULL;
    EXPECT(safetensors_open(file_at(NO_FOLDER, path), &file) == EPOCL_OK);
    expect_value(file, "epocl.seconds", "F64", &checkpoint->seconds, sizeof checkpoint->seconds);
    expect_value(file, "epocl.learning_rate", "F32", &checkpoint->learning_rate, sizeof checkpoint->learning_rate);
    expect_value(file, "epocl.state", "U32", &checkpoint->position, sizeof checkpoint->position);
    double *rows = read_tensor(file, "epocl.history", "F64", checkpoint->epoch_count * COLUMNS * sizeof *rows);
    for (size_t i = 0; i < checkpoint->epoch_count; i++) {
        const epocl_epoch_result *epoch = &checkpoint->history[i];
        const double values[] = {epoch->train_cost, epoch->train_accuracy, epoch->valid_cost, epoch->valid_accuracy,
                                 epoch->seconds};
        EXPECT(memcmp(rows + i * COLUMNS + 2, values, sizeof values) == 0);
    }
    free(rows);
    safetensors_release(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    epocl_checkpoint *checkpoint = NULL;
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = epocl_checkpoint_load(path, &checkpoint);
    trial_end(READER_BYTES + HEADER_RATIO * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    EXPECT((status == EPOCL_OK) == (checkpoint != NULL));
    if (!checkpoint) {
        expect_printable_error(path);
        return 0;
    }
    expect_sound(checkpoint, byte_count);
    expect_read(checkpoint, path);
    expect_kept(checkpoint);
    epocl_checkpoint_release(checkpoint);
    return 0;
}
