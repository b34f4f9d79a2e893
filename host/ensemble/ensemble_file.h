/* A checkpoint of an ensemble: all that its training goes on from. The file is a safetensors file that holds others,
 * described in docs/ensembles.md. No OpenCL here. */
#ifndef EPOCL_ENSEMBLE_ENSEMBLE_FILE_H
#define EPOCL_ENSEMBLE_ENSEMBLE_FILE_H

#include "base/files/file_place.h"
#include "base/printable.h"
#include "ensemble/selection.h"
#include "model/ensemble.h"

/* A member: a checkpoint of its trainer, which keeps the best network, or, of one at its end, that network alone. */
typedef struct kept_member {
    bool is_trained;
    uint32_t waited, best_epoch; /* 0: it has no best network */
    double improved;             /* validation cost of the last improvement */
    memory_block file;           /* owned; of no bytes for a member at its end without a best network */
} kept_member;

struct epocl_ensemble_checkpoint {
    epocl_ensemble_epoch *history; /* of the finished epochs, owned */
    size_t epoch_count;
    double seconds; /* of the epoch in progress so far */
    kept_member members[ENSEMBLE_MOST_MEMBERS];
    size_t member_count;
    uint32_t kept[SELECTION_MOST_PICKS][2]; /* member and epoch of each network of the best ensemble so far */
    size_t kept_count;
    memory_block kept_file;              /* that ensemble as a model, owned; of no bytes without one */
    char valid_data[PRINTABLE_CAPACITY]; /* dataset_fingerprint() */
    char plan[PRINTABLE_CAPACITY];       /* epocl_ensemble_plan_name() */
};

/* Writes the file, whole or not at all. */
epocl_status ensemble_checkpoint_write(file_place place, const epocl_ensemble_checkpoint *checkpoint);

/* EPOCL_ERROR_DATA for a file that is damaged or another's; of the files in it only the checksum is looked at. */
epocl_status ensemble_checkpoint_read(file_place place, epocl_ensemble_checkpoint **checkpoint);

#endif
