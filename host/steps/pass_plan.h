/* A pass as a plan: one data set going through a network, mini-batch by mini-batch, to train or to evaluate. Plain
 * data: which tensors, which launches. No OpenCL here; execution/pass.h puts it to work. */
#ifndef EPOCL_STEPS_PASS_PLAN_H
#define EPOCL_STEPS_PASS_PLAN_H

#include "data/dataset.h"
#include "operations/operations.h"
#include "options/requests.h"
#include "plan/merged/merged.h"
#include "plan/resident/resident.h"
#include "steps/parameters.h"

/* Samples of a mini-batch when only evaluating or predicting: enough to fill a device. */
enum { EVALUATION_BATCH = 2048 };

typedef struct pass_plan {
    batch_tensors batch;
    size_t layer_count;
    layer_tensors *layers;
    tensor_id kept;                    /* [samples x outputs]: z of the output layer; TENSOR_NONE: not kept */
    sequence begin;                    /* launches before the first mini-batch                              */
    sequence rates;                    /* in training: what the state says of the next mini-batch, once more */
    sequence step;                     /* launches of a mini-batch                                          */
    resident_tensors resident_tensors; /* in training: what a resident sequence of the step would need      */
    tensor_id kept_state;              /* likewise a merged one                                             */
} pass_plan;

/* What a pass needs to know of its data. */
typedef struct pass_data {
    const char *name; /* prefix of its tensors: "train", "valid" */
    size_t sample_count, batch_size;
    bool bytes;
    bool has_values, has_weights; /* target values in the place of labels; weights of samples */
    layer_set frozen;             /* layers that training leaves as they are                  */
    bool keeps_outputs;           /* z of all samples stays on the device, in an evaluation   */
} pass_data;

pass_data pass_data_of(const epocl_dataset *dataset, const char *name, size_t batch_size);

/* Mini-batches of an epoch. */
static inline size_t steps_of_epoch(const pass_plan *planned) {
    return divide_up(planned->batch.sample_count, planned->batch.batch_size);
}

/* Floating-point operations of a training step, about. */
double step_flop(const epocl_network *network, size_t batch_size);

/* The tensors of a pass and its launches before the first mini-batch; it has no step yet. In training, by a recipe,
 * else NULL. */
epocl_status pass_plan_begin(pass_plan *planned, plan *p, const parameter_tensors *parameters,
                             const epocl_network *network, const pass_data *data, const recipe *r);
epocl_status pass_plan_training(pass_plan *planned, plan *p, const parameter_tensors *parameters,
                                const epocl_network *network, const pass_data *data, const recipe *r);
epocl_status pass_plan_evaluation(pass_plan *planned, plan *p, const parameter_tensors *parameters,
                                  const epocl_network *network, const pass_data *data);
void pass_plan_release(pass_plan *planned);

/* Whether the step of a training pass can be written out in a shape that is not layered; EPOCL_ERROR_ARGUMENT says why
 * not. Then creates that sequence, of at most `step_limit` steps if it is resident; the pass must outlive it. */
epocl_status pass_plan_check(const pass_plan *planned, const plan *p, plan_shape shape);
epocl_status pass_plan_write(const pass_plan *planned, const plan *p, plan_shape shape, size_t step_limit,
                             sequence *written);

#endif
