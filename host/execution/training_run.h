/* A run at work: its plan made real on a device, with the data, and the parameters where they begin. It trains as its
 * passes are told; what decides is elsewhere: which matmul and plan (choice), when to stop and what to keep (training).
 */
#ifndef EPOCL_EXECUTION_TRAINING_RUN_H
#define EPOCL_EXECUTION_TRAINING_RUN_H

#include "execution/device_dataset.h"
#include "execution/pass.h"
#include "steps/run_plan.h"

typedef struct training_run {
    const run_plan *planned;
    executable executable;
    pass train, valid;           /* the latter is empty without validation data                */
    device_dataset *borrowed[2]; /* held, each or NULL                                         */
    epocl_network *network;      /* of the trained shape, for parameters on their way to a file */
} training_run;

/* Allocates, compiles and uploads what the plan, made of the same network and data, says; `loan` (may be NULL) has data
 * that are on the device already. The plan must outlive the run; so must the device. */
epocl_status training_run_create(training_run *run, epocl_device *device, const run_plan *planned,
                                 const epocl_network *network, const epocl_dataset *train, const epocl_dataset *valid,
                                 const data_loan *loan);
void training_run_release(training_run *run);

/* Takes what an idle run has of its own on the device to host memory, where it can be read as before; and brings it
 * back to a device of which others have `taken_bytes`. EPOCL_ERROR_MEMORY, and it is where it was, where there is no
 * room for it; after another failure it is of no use. */
epocl_status training_run_park(training_run *run);
epocl_status training_run_unpark(training_run *run, uint64_t taken_bytes);

/* Sets the run to its beginning, wherever it was: `*position`, before the first epoch, with the network's parameters
 * and, where it has none, those that are drawn by the seed. */
epocl_status training_run_begin(training_run *run, const epocl_network *network, epoch_state *position);

#endif
