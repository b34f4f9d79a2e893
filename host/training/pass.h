/* A pass: one data set going through a network on the device, mini-batch by mini-batch, to train or to
 * evaluate. Planned first, as data; then bound to an executable; then run as often as one
 * likes. */
#ifndef EPOCL_TRAINING_PASS_H
#define EPOCL_TRAINING_PASS_H

#include "device/executable.h"
#include "operations/operations.h"
#include "options/requests.h"
#include "plan/recipe.h"
#include "plan/resident.h"
#include "plan/state.h"
#include "training/device_dataset.h"
#include "training/watch.h"

#include <stdatomic.h>

/* The layers' weights and biases, shared by all passes of a plan; or what a slot keeps of them, in the same places. */
typedef struct layer_parameters {
    tensor_id weights, biases;
} layer_parameters;

typedef struct parameter_tensors {
    size_t layer_count;
    layer_parameters *layers;
    layer_parameters *slots[SLOT_COUNT]; /* each or NULL */
    layer_parameters *best;              /* a copy of them after an epoch; NULL: none is kept */
} parameter_tensors;

/* Those that are evaluated and read: the ones that train, or their average. */
static inline layer_parameters *parameters_result(const parameter_tensors *parameters) {
    return parameters->slots[SLOT_AVERAGE] ? parameters->slots[SLOT_AVERAGE] : parameters->layers;
}

typedef struct pass {
    batch_tensors batch;
    size_t layer_count;
    layer_tensors *layers;
    tensor_id kept;       /* [samples x outputs]: z of the output layer; TENSOR_NONE: not kept */
    sequence begin;       /* launches before the first mini-batch         */
    sequence rates;       /* in training: what the state says of the next mini-batch, once more */
    sequence step;        /* launches of a mini-batch                     */
    sequence resident;    /* launches of a slice of mini-batches; empty unless pass_use_resident() made it */
    resident_shape shape; /* of the resident sequence                  */
    size_t slice_steps;   /* 0 without a resident sequence             */
    bool rests;           /* the resident sequence is not used for now */
    resident_tensors resident_tensors;
    bound_sequence bound_begin, bound_rates, bound_step, bound_resident;
} pass;

/* What a pass needs to know of its data. */
typedef struct pass_data {
    const char *name; /* prefix of its tensors: "train", "valid" */
    size_t sample_count, batch_size;
    bool bytes;
    bool has_values, has_weights; /* target values in the place of labels; weights of samples */
    layer_set frozen;             /* layers that training leaves as they are                  */
    bool keeps_outputs;           /* z of all samples stays on the device, in an evaluation   */
} pass_data;

/* Mini-batches of an epoch. */
static inline size_t steps_of_epoch(const pass *p) {
    return divide_up(p->batch.sample_count, p->batch.batch_size);
}

pass_data pass_data_of(const epocl_dataset *dataset, const char *name, size_t batch_size);

/* With what the recipe keeps of them; NULL outside training. */
epocl_status parameters_plan(parameter_tensors *parameters, plan *p, const epocl_network *network, const recipe *r);
epocl_status parameters_plan_best(parameter_tensors *parameters, plan *p, const epocl_network *network);
void parameters_release(parameter_tensors *parameters);

/* The tensors of a pass and its launches before the first mini-batch; it has no step yet. */
epocl_status pass_plan_begin(pass *pass_, plan *p, const parameter_tensors *parameters, const epocl_network *network,
                             const pass_data *data, bool training);
epocl_status pass_plan_training(pass *pass_, plan *p, const parameter_tensors *parameters, const epocl_network *network,
                                const pass_data *data, const recipe *r);
epocl_status pass_plan_evaluation(pass *pass_, plan *p, const parameter_tensors *parameters,
                                  const epocl_network *network, const pass_data *data);

/* Makes the kernels of what is launched around mini-batches, and those of a step: of a pass that is resident the latter
 * only when one is first launched. */
epocl_status pass_bind(pass *pass_, executable *e);
epocl_status pass_bind_step(pass *pass_);

/* Adds the tensors of a pass that a data set on the device has; its weights only if `has_its_weights`. */
void pass_borrow(const pass *pass_, const plan *p, const device_dataset *data, bool has_its_weights,
                 lent_buffers *lent);

/* Copies the data set, but what is borrowed of it, and the network's normalisation to the device. */
epocl_status pass_upload(const pass *pass_, const executable *e, const epocl_network *network,
                         const epocl_dataset *dataset);

/* Of those, how inputs are made of what a data set holds. */
epocl_status batch_upload_inputs(const batch_tensors *b, const executable *e, const epocl_network *network);

/* Sets where the epoch stands; a seed and zeros are before the first. */
epocl_status pass_write_state(const pass *pass_, const executable *e, const epoch_state *state);

/* Computes the order of the epoch that `state` stands in once more, as far as pass_go_on() needs it. */
epocl_status pass_begin_again(const pass *pass_, const executable *e, const epoch_state *state);

/* Makes the epoch that `state`, which was read after a stop, stands in ready for pass_enqueue_steps() from
 * state->first on. */
epocl_status pass_go_on(const pass *pass_, const executable *e, const epoch_state *state);

/* Makes a bound training pass resident: from now on, one launch runs `slice_steps` mini-batches in a shape of at most
 * the plan's resident_groups. */
epocl_status pass_use_resident(pass *pass_, executable *e, resident_shape shape, size_t slice_steps);

/* Makes it launch every operation by itself again. */
void pass_use_layered(pass *pass_);

/* Lets a resident pass that gave up rest, launching every operation by itself, and go on again. */
void pass_rest(pass *pass_);
epocl_status pass_resume(pass *pass_, const executable *e);

/* Enqueues the beginning of an epoch; then all its mini-batches from sample `first` on, which is where the
 * device's state stands. Neither waits. Between launches of mini-batches the latter looks at `stop` (may be NULL) and
 * enqueues no more once that is true; `watch` (may be NULL) marks places there. */
epocl_status pass_enqueue_begin(const pass *pass_);
epocl_status pass_enqueue_steps(pass *pass_, size_t first, const atomic_bool *stop, progress_watch *watch);

/* Waits for what is enqueued and reads where the epoch stands: the one read of an epoch. */
epocl_status pass_read_state(const pass *pass_, const executable *e, epoch_state *state);

void pass_release(pass *pass_);

/* Copies a network's parameters to the device, and back: those of `layers`, which are the parameters' own or a slot's.
 */
epocl_status parameters_write(const layer_parameters *layers, const executable *e, const epocl_network *network);
epocl_status parameters_read(const layer_parameters *layers, const executable *e, epocl_network *network);

/* Copies the parameters as they are after what is enqueued to `best`, without a wait. */
epocl_status parameters_keep_best(const parameter_tensors *parameters, const executable *e);

/* Sets the numbers that the steps of a training pass go by. */
epocl_status pass_write_hyper(const pass *pass_, const executable *e, const hyper_values *hyper);

#endif
