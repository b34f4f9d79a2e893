/* The trainer's inside, for those who build one for a given matmul choice. */
#ifndef EPOCL_TRAINING_TRAINER_H
#define EPOCL_TRAINING_TRAINER_H

#include "choice/plan_choice.h"
#include "execution/profile.h"
#include "options/values.h"
#include "training/checkpoint_file.h"
#include "training/monitor.h"
#include "training/valid_figure.h"

#include <pthread.h>

struct epocl_trainer {
    epocl_device *device; /* held until the release; with a profile or as one of many, a lane of its own */
    run_plan planned;
    training_run run;
    plan_choice choice;
    size_t epoch; /* finished */
    run_facts facts;
    double train_weight, valid_weight; /* of a sample on average: 1, if they have none */
    epocl_options options;             /* of the run: its facts are a checkpoint's */
    epoch_state position;              /* where the run stands, as last read from the device            */
    epoch_state validated;             /* where the validation of a trained epoch stands, likewise       */
    double seconds;                    /* of the epoch in progress, after a stop                         */
    epocl_epoch_result *history;       /* of the finished epochs                                         */
    size_t history_capacity;
    monitor monitor;                  /* what they say                                                   */
    valid_figure figure;              /* of the validation data, where the monitor is a metric           */
    bool has_best;                    /* whether parameters.best are those after monitor.best_epoch      */
    epocl_status failure;             /* of an epoch: parameters and position may not fit each other     */
    size_t resume_epoch, rest_epochs; /* when a resident pass that rests goes on; the length of its next rest */
    pthread_mutex_t stop_lock;        /* of a stop and its answer */
    atomic_bool stop_requested;
    progress_watch progress; /* of the pass that runs */
    char plan_name[RUN_PLAN_NAME_CAPACITY];
    epoch_profile *profile;                /* NULL unless the options ask for one                             */
    double choice_seconds, upload_seconds; /* as epocl_trainer_info has them */
};

/* epocl_trainer_create with the matmul given, by itself (`loan` is NULL) or as one of many, on a lane. */
epocl_status trainer_create_with(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                                 const epocl_dataset *valid, const training_options *options,
                                 const matmul_choice *matmul, const data_loan *loan, epocl_trainer **trainer);

/* epocl_trainer_create and epocl_trainer_resume, likewise. */
epocl_status trainer_create(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                            const epocl_dataset *valid, const training_options *options, const data_loan *loan,
                            epocl_trainer **trainer);
epocl_status trainer_resume(epocl_device *device, const epocl_checkpoint *checkpoint, const epocl_dataset *train,
                            const epocl_dataset *valid, const training_options *options, const data_loan *loan,
                            epocl_trainer **trainer);

/* Takes what an idle trainer has of its own on the device to host memory: parameters, history and checkpoints are to be
 * had as before, epochs are not. And brings it back to a device of which others have `taken_bytes`.
 * EPOCL_ERROR_MEMORY, and it is where it was, where there is no room for it; after another failure it is of no use. */
epocl_status trainer_park(epocl_trainer *t);
epocl_status trainer_unpark(epocl_trainer *t, uint64_t taken_bytes);

/* epocl_trainer_save_at, wherever the file is. */
epocl_status trainer_save(epocl_trainer *trainer, const epocl_network *best, file_place place);

/* Brings the learning rate on the device to what schedule plateau has made of it. */
epocl_status trainer_write_rate(const epocl_trainer *t);

/* Sets what follows from the costs and accuracies: the errors of values, and the figure of a monitor that is no metric.
 */
void trainer_add_errors(const epocl_trainer *t, epocl_epoch_result *result);

/* Whether the network has the trainer's shape. */
bool trainer_fits(const epocl_trainer *trainer, const epocl_network *network);

/* What of a run's facts is known before it has a plan; those of matmul and device are left empty. What is on loan (may
 * be NULL) has been described. */
void facts_describe(run_facts facts, const epocl_dataset *train, const epocl_dataset *valid, const data_loan *loan);

/* The options, with the device's message where they have none. */
training_options training_heard_by(const epocl_device *device, const training_options *options);

/* The options as they are in effect for that data: a batch is no larger. Those of a network are none. */
epocl_options options_of_run(const training_options *options, const epocl_dataset *train);

/* What must fit: EPOCL_ERROR_ARGUMENT or EPOCL_ERROR_DATA. */
epocl_status training_check(const epocl_network *network, const epocl_dataset *train, const epocl_dataset *valid);

#endif
