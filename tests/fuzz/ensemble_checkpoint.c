/* Checkpoints of ensembles: files within a file, and a checksum over all. */
#include "ensemble/ensemble_file.h"

#include "fuzz/support/checked_mutation.h"
#include "fuzz/support/scratch_file.h"
#include "fuzz/support/target.h"
#include "fuzz/support/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* As for checkpoints; files within are copied. */
enum { READER_BYTES = (64 + 24) << 10, HEADER_RATIO = 112 };

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned int seed) {
    return mutate_checked(bytes, byte_count, capacity, seed);
}

static uint8_t *write_again(const epocl_ensemble_checkpoint *checkpoint, size_t *byte_count) {
    EXPECT(ensemble_checkpoint_write(file_at(NO_FOLDER, scratch_file_path()), checkpoint) == EPOCL_OK);
    return scratch_file_read(byte_count);
}

/* Written, read and written again, a checkpoint gives the same file. */
static void expect_kept(const epocl_ensemble_checkpoint *checkpoint) {
    size_t first_count = 0, second_count = 0;
    epocl_ensemble_checkpoint *again = NULL;
    uint8_t *first = write_again(checkpoint, &first_count);
    EXPECT(epocl_ensemble_checkpoint_load(scratch_file_path(), &again) == EPOCL_OK);
    uint8_t *second = write_again(again, &second_count);
    EXPECT(first_count == second_count && memcmp(first, second, first_count) == 0);
    epocl_ensemble_checkpoint_release(again);
    free(second);
    free(first);
}

static void expect_sound(const epocl_ensemble_checkpoint *c, size_t byte_count) {
    size_t within = c->kept_file.byte_count;
    EXPECT(c->member_count >= 1 && c->member_count <= ENSEMBLE_MOST_MEMBERS && c->kept_count <= SELECTION_MOST_PICKS);
    EXPECT(c->epoch_count <= byte_count && isfinite(c->seconds) && c->seconds >= 0);
    EXPECT((c->kept_count > 0) == (c->kept_file.byte_count > 0));
    for (size_t i = 0; i < c->epoch_count; i++)
        EXPECT(c->history[i].epoch == i + 1 && c->history[i].best_epoch <= i + 1);
    for (size_t k = 0; k < c->member_count; k++) {
        const kept_member *m = &c->members[k];
        EXPECT(m->best_epoch <= c->epoch_count);
        EXPECT((m->file.byte_count > 0) == (m->is_trained || m->best_epoch > 0));
        within += m->file.byte_count;
    }
    for (size_t i = 0; i < c->kept_count; i++)
        EXPECT(c->kept[i][0] < c->member_count && c->kept[i][1] >= 1 && c->kept[i][1] <= c->epoch_count);
    EXPECT(within <= byte_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count) {
    epocl_ensemble_checkpoint *checkpoint = NULL;
    const char *path = trial_begin(bytes, byte_count);
    const epocl_status status = epocl_ensemble_checkpoint_load(path, &checkpoint);
    trial_end(READER_BYTES + HEADER_RATIO * byte_count);
    EXPECT(status == EPOCL_OK || status == EPOCL_ERROR_DATA);
    EXPECT((status == EPOCL_OK) == (checkpoint != NULL));
    if (!checkpoint) {
        expect_printable_error(path);
        return 0;
    }
    expect_sound(checkpoint, byte_count);
    expect_kept(checkpoint);
    epocl_ensemble_checkpoint_release(checkpoint);
    return 0;
}
