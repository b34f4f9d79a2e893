/* The trainer's inside, for those who build one for a given matmul choice. */
#ifndef EPOCL_TRAINING_TRAINER_H
#define EPOCL_TRAINING_TRAINER_H

#include "options/values.h"
#include "training/checkpoint_file.h"
#include "training/monitor.h"
#include "training/pass.h"
#include "training/profile.h"
#include "training/valid_figure.h"

#include <pthread.h>

/* A way to run the training pass, with the seconds of a step; infinite: it does not work. */
typedef struct plan_way {
    resident_shape shape; /* of no group: layered                          */
    double seconds;       /* when last used                                */
    double least;         /* ever known of it                              */
    bool is_due;          /* for a trial, once there has been time for one */
} plan_way;

enum { PLAN_WAYS = 5 };

/* What plan_reconsider() goes by. Epochs are added up to periods that are long enough to tell a plan's speed. */
typedef struct plan_watch {
    double period_seconds, period_steps; /* of the period that has begun                      */
    double latest;                       /* seconds of a step, in the period before           */
    double told_seconds, next_trials;    /* of all periods so far; when trials are due again  */
    bool is_trial;                       /* whether the way in use is on trial                */
} plan_watch;

/* What a trainer that is one of many takes from them: each or NULL. */
typedef struct trainer_loan {
    device_dataset *train, *valid;
    uint64_t taken_bytes; /* of the device's memory, by them and the others */
} trainer_loan;

struct epocl_trainer {
    epocl_device *device; /* held until the release; with a profile or as one of many, a lane of its own */
    plan plan;
    parameter_tensors parameters;
    pass train, valid;
    bool has_valid;
    bool is_one_of_many;         /* it keeps to one compute unit, as far as that is possible          */
    device_dataset *borrowed[2]; /* held, each or NULL                                                */
    executable executable;
    size_t epoch; /* finished */
    run_facts facts;
    recipe recipe;
    double train_weight, valid_weight; /* of a sample on average: 1, if they have none */
    epocl_options options;             /* of the run: its facts are a checkpoint's */
    epocl_network *network;            /* of the trained shape, for parameters on their way to a file     */
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
    plan_way ways[PLAN_WAYS];         /* of an automatic choice                                         */
    size_t way;                       /* the one in use                                                 */
    double step_flop;                 /* floating-point operations of a step, about                     */
    plan_watch watch;                 /* of its speed                                                   */
    bool reconsiders;                 /* whether plan_reconsider() may take another                     */
    pthread_mutex_t stop_lock;        /* of a stop and its answer */
    atomic_bool stop_requested;
    progress_watch progress; /* of the pass that runs */
    char plan_name[96];
    epoch_profile *profile;                /* NULL unless the options ask for one                             */
    double choice_seconds, upload_seconds; /* as epocl_trainer_info has them */
};

/* An empty trainer, for epocl_trainer_release(). It holds the device. */
epocl_status trainer_allocate(epocl_device *device, epocl_trainer **trainer);

/* The plan of a run, and no more: nothing is allocated on the device, `executable` stays empty. */
epocl_status trainer_plan(epocl_trainer *t, const epocl_network *network, const epocl_dataset *train,
                          const epocl_dataset *valid, const training_options *options, const matmul_choice *matmul);

/* epocl_trainer_create with the matmul given, by itself (`loan` is NULL) or as one of many, on a lane. */
epocl_status trainer_create_with(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                                 const epocl_dataset *valid, const training_options *options,
                                 const matmul_choice *matmul, const trainer_loan *loan, epocl_trainer **trainer);

/* epocl_trainer_create and epocl_trainer_resume, likewise. */
epocl_status trainer_create(epocl_device *device, const epocl_network *network, const epocl_dataset *train,
                            const epocl_dataset *valid, const training_options *options, const trainer_loan *loan,
                            epocl_trainer **trainer);
epocl_status trainer_resume(epocl_device *device, const epocl_checkpoint *checkpoint, const epocl_dataset *train,
                            const epocl_dataset *valid, const training_options *options, const trainer_loan *loan,
                            epocl_trainer **trainer);

/* epocl_trainer_save_at, wherever the file is. */
epocl_status trainer_save(epocl_trainer *trainer, const epocl_network *best, file_place place);

/* Writes the plan's name, resident in such a shape or, with no group, layered; both parts are what the options of their
 * name take. */
void trainer_name_plan(epocl_trainer *t, resident_shape shape);

/* Brings the learning rate on the device to what schedule plateau has made of it. */
epocl_status trainer_write_rate(const epocl_trainer *t);

/* Sets what follows from the costs and accuracies: the errors of values, and the figure of a monitor that is no metric.
 */
void trainer_add_errors(const epocl_trainer *t, epocl_epoch_result *result);

/* Whether the network has the trainer's shape. */
bool trainer_fits(const epocl_trainer *trainer, const epocl_network *network);

/* What of a run's facts is known before it has a plan; those of matmul and device are left empty. What is on loan (may
 * be NULL) has been described. */
void facts_describe(run_facts facts, const epocl_dataset *train, const epocl_dataset *valid, const trainer_loan *loan);

/* Whether a data set is that which is on the device, and weighed as it is there. */
bool loan_has_weights(const device_dataset *lent, const epocl_dataset *dataset);

/* The options, with the device's message where they have none. */
training_options training_heard_by(const epocl_device *device, const training_options *options);

/* The options as they are in effect for that data: a batch is no larger. Those of a network are none. */
epocl_options options_of_run(const training_options *options, const epocl_dataset *train);

/* What must fit: EPOCL_ERROR_ARGUMENT or EPOCL_ERROR_DATA. */
epocl_status training_check(const epocl_network *network, const epocl_dataset *train, const epocl_dataset *valid);

/* Samples of a mini-batch when only evaluating or predicting: enough to fill a device. */
enum { EVALUATION_BATCH = 1024 };

#endif
