/* A checkpoint: all that training goes on from. As a file it is a network's safetensors file with more in it, described
 * in docs/checkpoints.md. No OpenCL here. */
#ifndef EPOCL_TRAINING_CHECKPOINT_FILE_H
#define EPOCL_TRAINING_CHECKPOINT_FILE_H

#include "base/files/file_place.h"
#include "base/printable.h"
#include "options/registry.h"
#include "plan/recipe.h"
#include "plan/state.h"

#include <stdbool.h>

/* What decides about a run's bytes beside options, as texts for comparison and for people. */
typedef enum run_fact {
    FACT_TRAIN_DATA, /* dataset_fingerprint() */
    FACT_VALID_DATA, /* likewise, or "none"   */
    FACT_MATMUL,     /* matmul_choice_text()  */
    FACT_DEVICE,
    FACT_DRIVER,
    FACT_EPOCL, /* its version */
    FACT_COUNT
} run_fact;

typedef char run_facts[FACT_COUNT][PRINTABLE_CAPACITY];

/* Networks that are kept beside the one that trains. */
enum { KEPT_BEST, KEPT_SLOTS, KEPT_COUNT = KEPT_SLOTS + SLOT_COUNT };

struct epocl_checkpoint {
    epocl_network *network;
    epocl_network *kept[KEPT_COUNT]; /* of the same shape, each or NULL: the best one, and what training keeps of each
                                        parameter in its place */
    epoch_state position;
    double seconds; /* of the epoch in progress so far */
    float learning_rate;
    epocl_epoch_result *history; /* of the finished epochs, history[0].epoch is 1 */
    size_t epoch_count;
    run_facts facts;
    epocl_options options; /* those that the registry calls facts; the others mean nothing */
};

/* Writes the file, whole or not at all.
 * EPOCL_ERROR_DIVERGED when a parameter is not finite. */
epocl_status checkpoint_write(file_place place, const epocl_checkpoint *checkpoint);

/* Whether a pass over the data is in progress: some of its samples are not done. */
static inline bool position_is_within(const epoch_state *position) {
    return position->first < position->sample_count;
}

/* Whether an epoch is in progress: position.epoch has begun, and epoch_count are finished. When all its samples are
 * done, what is left of it is its validation. */
static inline bool position_is_of_epoch(const epoch_state *position, size_t epoch_count) {
    return position->epoch > epoch_count;
}

#endif
