/* A recipe: how parameters follow from gradients, and what a mini-batch is changed by. No OpenCL. */
#ifndef EPOCL_PLAN_RECIPE_H
#define EPOCL_PLAN_RECIPE_H

#include <stdbool.h>
#include <stddef.h>

#include "plan/constants.h"
#include "plan/state.h"

#include "../../kernels/tables/initializations.cl"
#include "../../kernels/tables/optimizers.cl"
#include "../../kernels/tables/schedules.cl"

#define RECIPE_CODE(code, name, ...) OPTIMIZER_##name = code,
enum { OPTIMIZERS(RECIPE_CODE) OPTIMIZER_COUNT };
#undef RECIPE_CODE

#define RECIPE_CODE(code, name, ...) INITIALIZATION_##name = code,
enum { INITIALIZATION_auto, INITIALIZATIONS(RECIPE_CODE) INITIALIZATION_COUNT };
#undef RECIPE_CODE

#define RECIPE_CODE(code, name, ...) SCHEDULE_##name = code,
enum { SCHEDULES(RECIPE_CODE) SCHEDULE_COUNT };
#undef RECIPE_CODE

/* What is kept of each parameter beside itself, in its layout: what the optimiser keeps, in the order of its slots; the
 * gradient, where it goes to memory; and a moving average. */
typedef enum parameter_slot { SLOT_M, SLOT_V, SLOT_GRADIENT, SLOT_AVERAGE, SLOT_COUNT } parameter_slot;
enum { OPTIMIZER_MOST_SLOTS = SLOT_GRADIENT };

enum { RECIPE_LAYERS = 64 };

typedef struct recipe {
    int optimizer, schedule; /* codes                                                              */
    float learning_rate;
    float momentum, epsilon;
    double beta1, beta2;          /* 1 - beta is taken of what a person wrote, not of the nearest float            */
    float weight_decay;           /* of adamw and lion apart from the gradient, of others added to it     */
    float clip_value;             /* 0: none                                                             */
    float clip_norm;              /* of all gradients as one vector; 0: any                              */
    size_t accumulate;            /* mini-batches that a step is taken for, at least 1                   */
    float final_factor;           /* of the learning rate, at the end                                    */
    float label_smoothing;        /* 0 to below 1                                                        */
    float dropout[RECIPE_LAYERS]; /* of hidden units, of all or of one layer after the other             */
    size_t dropout_count;         /* 0 without                                                           */
    float input_dropout, input_noise; /* part of the inputs left out; deviation of what is added to them */
    double average;                   /* memory of a moving average of the parameters; 0: none               */
    float max_norm;                   /* of the weights of a unit; 0: any                                    */
    size_t warmup_epochs, epochs;     /* what the schedule goes by                                     */
} recipe;

/* Plain gradient descent at a constant rate. */
recipe recipe_plain(float learning_rate);

const char *optimizer_name(int code);

/* Values that an optimiser keeps of each parameter; and whether its decay is apart from the gradient. */
size_t optimizer_slots(int code);
bool optimizer_decouples(int code);

/* Whether updates write gradients to memory, and steps are launches of their own; and whether training goes on from
 * what is in a slot. */
bool recipe_needs_gradients(const recipe *r);
bool recipe_keeps(const recipe *r, parameter_slot slot);

/* What weights of a layer are made of; not for INITIALIZATION_auto. `gain` is that of initializations.cl. */
typedef enum weight_kind { WEIGHTS_uniform, WEIGHTS_normal, WEIGHTS_orthogonal } weight_kind;
typedef struct weight_distribution {
    weight_kind kind;
    float scale; /* largest value, deviation, or length of rows or columns */
} weight_distribution;
weight_distribution initialization_distribution(int code, size_t input_count, size_t output_count, double gain);
/* Whether a schedule goes through a number of epochs. */
bool schedule_has_end(int code);

/* Of a hidden layer: 0 without. */
float recipe_dropout(const recipe *r, size_t layer);

/* What the kernels must know of it when they are compiled. */
void recipe_define(constants *c, const recipe *r);

/* The numbers of a run with `steps_per_epoch` mini-batches an epoch. */
hyper_values recipe_hyper(const recipe *r, size_t steps_per_epoch);

#endif
