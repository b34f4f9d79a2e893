/* A run as a plan: its recipe, parameters and passes, and how it begins. Plain data, made before anything is allocated.
 * No OpenCL here; execution/training_run.h puts it to work. */
#ifndef EPOCL_STEPS_RUN_PLAN_H
#define EPOCL_STEPS_RUN_PLAN_H

#include "options/values.h"
#include "steps/pass_plan.h"

typedef struct run_plan {
    plan plan;
    recipe recipe;
    parameter_tensors parameters;
    pass_plan train, valid; /* the latter is empty without validation data                  */
    bool has_valid;
    bool is_one_of_many; /* it keeps to one compute unit, as far as that is possible */
    sequence draw;       /* launches that draw the weights which the network does not bring */
    int initialization;  /* how they are drawn, and orthogonal ones made                    */
    uint64_t seed;
} run_plan;

/* Of a run by itself, or of one of many. */
epocl_status run_plan_create(run_plan *r, const epocl_device_info *device, const epocl_network *network,
                             const epocl_dataset *train, const epocl_dataset *valid, const training_options *options,
                             const matmul_choice *matmul, bool is_one_of_many);

/* Of a run by itself, only the step of training, for any data set: what its launches are like. */
epocl_status run_plan_create_step(run_plan *r, const epocl_device_info *device, const epocl_network *network,
                                  const training_options *options, size_t batch_size, const matmul_choice *matmul);
void run_plan_release(run_plan *r);

/* The plan's name in such a shape; both parts are what the options of their name
 * take: "resident:2, matmul tile:8x2x16". */
enum { RUN_PLAN_NAME_CAPACITY = 144 };
void run_plan_name(const run_plan *r, plan_shape shape, char name[RUN_PLAN_NAME_CAPACITY]);

/* What the initial weights of layer `number` are made of. */
weight_distribution run_plan_weights(const run_plan *r, size_t number);

#endif
