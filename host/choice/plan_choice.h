/* Choosing between launching every operation by itself (layered), several together (merged) and many steps in one
 * launch (resident). No result depends on it. */
#ifndef EPOCL_CHOICE_PLAN_CHOICE_H
#define EPOCL_CHOICE_PLAN_CHOICE_H

#include "execution/training_run.h"

/* A way to run the training pass, with the seconds of a step; infinite: it does not work. */
typedef struct plan_way {
    plan_shape shape;
    double seconds; /* when last used                                */
    double least;   /* ever known of it                              */
    bool is_due;    /* for a trial, once there has been time for one */
} plan_way;

enum { PLAN_WAYS = 6 };

/* What plan_reconsider() goes by. Epochs are added up to periods that are long enough to tell a plan's speed. */
typedef struct plan_watch {
    double period_seconds, period_steps; /* of the period that has begun                      */
    double latest;                       /* seconds of a step, in the period before           */
    double told_seconds, next_trials;    /* of all periods so far; when trials are due again  */
    bool is_trial;                       /* whether the way in use is on trial                */
} plan_watch;

typedef struct plan_choice {
    training_run *run;       /* whose training pass it is about, */
    const run_plan *planned; /* and its plan                */
    plan_way ways[PLAN_WAYS];
    size_t way;       /* the one in use                              */
    double step_flop; /* floating-point operations of a step, about  */
    plan_watch watch; /* of its speed                                */
    bool reconsiders; /* whether plan_reconsider() may take another  */
} plan_choice;

/* Before anything is planned: asks the device's compiler what a plan that the options leave possible needs to be known
 * (device/programs/fence.h), and says what it lacks. */
epocl_status plan_ask_device(epocl_device *device, const training_options *options);

/* The shape of the plan that `options->plan` asks for by name, layered if it asks for none.
 * EPOCL_ERROR_ARGUMENT where the run cannot have it. */
epocl_status plan_asked(const run_plan *planned, const epocl_device_info *device, const training_options *options,
                        plan_shape *shape);

/* Makes the run's training pass what `options->plan` says. "auto" takes the plan that `options->tune`
 * finds fastest, timing real steps where none is known: the caller begins the run afterwards. */
epocl_status plan_choose(plan_choice *c, training_run *run, const epocl_network *network,
                         const training_options *options);

/* After an epoch whose steps took `step_seconds`: another plan, if that was faster when last used and this one was slow
 * twice in a row, or, now and then, for a trial. How fast cores exchange what they wrote differs from machine to
 * machine, and by the hour on a shared one. */
epocl_status plan_reconsider(plan_choice *c, double step_seconds);

#endif
