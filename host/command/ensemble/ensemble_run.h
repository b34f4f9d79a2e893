/* A training run of an ensemble, in a run's folder: config.json, history.csv, model.safetensors, checkpoints. */
#ifndef EPOCL_COMMAND_ENSEMBLE_ENSEMBLE_RUN_H
#define EPOCL_COMMAND_ENSEMBLE_ENSEMBLE_RUN_H

#include "command/options/options.h"
#include "command/run/files/folder.h"
#include "command/show/report.h"

/* All of it is the caller's. */
typedef struct ensemble_run {
    const command *used;
    const settings *given; /* with given->ensemble members */
    report *told;
    run_folder *folder; /* prepared; its config is set here */
    epocl_device *device;
    const epocl_device_info *device_info;
    const epocl_dataset *data, *valid; /* `valid` may be NULL, which is refused */
    const epocl_network *network;      /* as a single one would be */
    const epocl_options *options;
    const epocl_ensemble_checkpoint *resumed; /* to go on from, or NULL */
} ensemble_run;

/* Trains and saves; EPOCL_STOPPED after a signal, with what there was saved. */
epocl_status ensemble_run_train(const ensemble_run *run);

/* What cannot be had with an ensemble, where the settings ask for one; before data are read. */
epocl_status ensemble_check_settings(const settings *given);

#endif
