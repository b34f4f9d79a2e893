/* A predictor: a network that stays on a device, and any number of data sets that stream through it. */
#include "prediction/predictor.h"
#include "choice/self_test.h"
#include "data/dataset.h"
#include "data/encoder/encoder.h"
#include "device/wait.h"
#include "execution/batch.h"
#include "execution/parameters.h"
#include "model/ensemble.h"
#include "prediction/ensemble_predictor.h"
#include "steps/matmul_rule.h"
#include "steps/pass_plan.h"

#include <math.h>
#include <string.h>

/* Mini-batches that are enqueued before the host waits for them: at most so many, and of so many bytes in all. On a CPU
 * it is one, since its cores copy and compute by turns in any case; from so many bytes on, its kernels read the inputs
 * of the only one where they are. */
enum { MOST_WINDOW = 8, WINDOW_BYTES = 1 << 26, WORTH_NO_COPY = 1 << 14 };

/* The part of the state that says which samples a mini-batch has: those that were copied for it, all of them. */
typedef struct batch_position {
    uint32_t first, batch_count, sample_count;
} batch_position;
enum { POSITION_OFFSET = offsetof(epoch_state, first) };
_Static_assert(offsetof(epoch_state, batch_count) == POSITION_OFFSET + offsetof(batch_position, batch_count) &&
                   offsetof(epoch_state, sample_count) == POSITION_OFFSET + offsetof(batch_position, sample_count),
               "as in the state");

/* What is done with a mini-batch, in this order; the last two as they are asked for. */
typedef enum inference_part { GATHER_BYTES, GATHER_FLOATS, HIDDEN_LAYERS, OUTPUTS, CLASSES, PART_COUNT } inference_part;

struct epocl_predictor {
    epocl_device *device;   /* held until the release                                */
    epocl_network *network; /* its shape and functions alone                         */
    bool has_values;        /* what it evaluates has target values, not labels        */
    plan plan;
    parameter_tensors parameters;
    pass_plan pass;    /* tensors and layers; its sequences are not used        */
    tensor_id outputs; /* [batch x outputs], row-major                          */
    sequence parts[PART_COUNT];
    bound_sequence bound[PART_COUNT];
    executable executable;
    size_t window;                /* mini-batches enqueued between two waits                            */
    size_t slot_bytes;            /* of one of them in host memory                                      */
    cl_mem rows_in_place;         /* while a mini-batch's inputs are read where they are: those, else NULL  */
    bound_sequence *reader;       /* by these launches                                                  */
    char *staging;                /* the state of a beginning, then the slots; NULL after a failed wait         */
    float *rows;                  /* [batch x outputs] of weighted inputs, row-major; NULL until wanted */
    epocl_predictor *other;       /* for targets of the other kind; NULL until there are any       */
    ensemble_predictor *ensemble; /* of an ensemble, which has all that it needs: nothing above but the device */
};

/* ---- host memory ---- */

/* Where a mini-batch is while its copies, for which nobody waits, are on their way: not the caller's memory, which may
 * be gone before a device that does not answer in time. */
typedef struct slot {
    batch_position *position;
    uint32_t *labels, *classes;
    float *costs, *outputs, *weighted_inputs, *values;
    char *inputs;
} slot;

static size_t output_count_of(const epocl_predictor *p) {
    return p->pass.layers[p->pass.layer_count - 1].output_count;
}

/* z of the output layer, in panels. */
static const tensor *weighted_inputs_of(const epocl_predictor *p) {
    return &p->plan.tensors[p->pass.layers[p->pass.layer_count - 1].output];
}

static slot slot_at(const epocl_predictor *p, size_t index) {
    const size_t batch_size = p->pass.batch.batch_size;
    char *at = p->staging + sizeof(epoch_state) + index * p->slot_bytes;
    slot s = {.position = (batch_position *)(void *)at};
    s.labels = (uint32_t *)(void *)(s.position + 1);
    s.classes = s.labels + batch_size;
    s.costs = (float *)(void *)(s.classes + batch_size);
    s.outputs = s.costs + batch_size;
    s.weighted_inputs = s.outputs + batch_size * output_count_of(p);
    s.values = s.weighted_inputs + weighted_inputs_of(p)->bytes / sizeof(float);
    s.inputs = (char *)(s.values + (p->has_values ? batch_size * output_count_of(p) : 0));
    return s;
}

static epocl_status allocate_staging(epocl_predictor *p) {
    const batch_tensors *b = &p->pass.batch;
    const size_t target_values = p->has_values ? output_count_of(p) : 0;
    const size_t source_count = network_source_count(p->network);
    const size_t sample_values = 3 + output_count_of(p) + target_values + source_count; /* of 4 bytes each */
    p->slot_bytes =
        sizeof(batch_position) + b->batch_size * sample_values * sizeof(float) + weighted_inputs_of(p)->bytes;
    p->window = smaller(MOST_WINDOW, WINDOW_BYTES / p->slot_bytes);
    if (p->window == 0 || p->device->info.type == EPOCL_DEVICE_CPU) p->window = 1;
    return allocate(1, sizeof(epoch_state) + p->window * p->slot_bytes, "mini-batches on their way", &p->staging);
}

/* ---- creating ---- */

static epocl_status plan_parts(epocl_predictor *p) {
    epocl_status status = EPOCL_OK;
    const pass_plan *pass_ = &p->pass;
    const batch_tensors *b = &pass_->batch;
    const size_t last = pass_->layer_count - 1;
    const layer_tensors *output_layer = &pass_->layers[last];
    for (size_t i = 0; i < PART_COUNT; i++) TRY(sequence_create(&p->parts[i]));
    batch_tensors of_type = *b;
    for (int bytes = 0; bytes < 2; bytes++) {
        of_type.bytes = bytes;
        add_gather(&p->plan, &p->parts[bytes ? GATHER_BYTES : GATHER_FLOATS], &of_type, &pass_->layers[0]);
    }
    for (size_t i = 0; i < last; i++) add_forward(&p->plan, &p->parts[HIDDEN_LAYERS], b, &pass_->layers[i]);
    add_forward(&p->plan, &p->parts[OUTPUTS], b, output_layer);
    add_output(&p->plan, &p->parts[OUTPUTS], b, output_layer, p->outputs);
    /* The evaluation's own launches: the labels, which may be missing, have a part in the costs alone. */
    add_cost(&p->plan, &p->parts[CLASSES], b, output_layer, &(target_levels){1.0f, 0.0f});
    add_metrics_step(&p->plan, &p->parts[CLASSES], b);
    TRY(plan_check(&p->plan));
    for (size_t i = 0; i < PART_COUNT; i++) TRY(sequence_check(&p->parts[i]));
cleanup:
    return status;
}

static epocl_status plan_predictor(epocl_predictor *p, const epocl_network *network, const matmul_choice *matmul,
                                   size_t batch_size) {
    epocl_status status = EPOCL_OK;
    const pass_data data = {
        .name = "data", .sample_count = batch_size, .batch_size = batch_size, .has_values = p->has_values};
    const recipe plain = recipe_plain(0.0f);
    TRY(plan_create(&p->plan, matmul, &p->device->info));
    recipe_define(&p->plan.constants, &plain); /* around an epoch, as most trainings */
    TRY(parameters_plan(&p->parameters, &p->plan, network, NULL));
    TRY(pass_plan_begin(&p->pass, &p->plan, &p->parameters, network, &data, NULL));
    p->outputs =
        plan_add_array(&p->plan, PURPOSE_ACTIVATIONS, batch_size * output_count_of(p), sizeof(float), "data.outputs");
    TRY(plan_parts(p));
cleanup:
    return status;
}

/* The samples of a mini-batch are taken in the order in which they lie. */
static epocl_status write_order(const epocl_predictor *p) {
    epocl_status status = EPOCL_OK;
    const batch_tensors *b = &p->pass.batch;
    uint32_t *order = NULL;
    TRY(allocate(b->batch_size, sizeof *order, "the order of samples", &order));
    for (size_t i = 0; i < b->batch_size; i++) order[i] = (uint32_t)i;
    TRY(executable_write(&p->executable, b->order, order, b->batch_size * sizeof *order));
cleanup:
    free(order);
    return status;
}

static epocl_status upload(const epocl_predictor *p, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    TRY(parameters_write(p->parameters.layers, &p->executable, network));
    TRY(batch_upload_inputs(&p->pass.batch, &p->executable, network));
    TRY(write_order(p));
cleanup:
    return status;
}

epocl_status predictor_create(epocl_device *device, const epocl_network *network, size_t batch_size, bool has_values,
                              epocl_predictor **predictor) {
    epocl_status status = EPOCL_OK;
    epocl_predictor *p = NULL;
    *predictor = NULL;
    TRY(device_enter(device));
    if (!network->has_parameters) return fail(EPOCL_ERROR_ARGUMENT, "the network has not been trained");
    TRY(allocate(1, sizeof *p, "a predictor", &p));
    p->device = device_hold(device);
    if (network_is_ensemble(network)) {
        TRY(ensemble_predictor_create(device, network, batch_size, &p->ensemble));
        *predictor = p;
        return status;
    }
    p->has_values = has_values;
    TRY(network_clone_shape(network, &p->network));
    matmul_choice matmul = matmul_default(&device->info, network);
    TRY(self_test_or_plain(device, &matmul, network, has_values, NULL));
    device_say(device, "compiling the kernels to predict with");
    TRY(plan_predictor(p, network, &matmul, batch_size));
    TRY(allocate_staging(p));
    const sequence *sequences[PART_COUNT];
    for (size_t i = 0; i < PART_COUNT; i++) sequences[i] = &p->parts[i];
    TRY(executable_create(&p->executable, device, &p->plan, sequences, PART_COUNT, NULL));
    for (size_t i = 0; i < PART_COUNT; i++) TRY(bound_sequence_create(&p->bound[i], &p->executable, &p->parts[i]));
    TRY(upload(p, network));
    *predictor = p;
    p = NULL;
cleanup:
    epocl_predictor_release(p);
    return status;
}

epocl_status epocl_predictor_create(epocl_device *device, const epocl_network *network, epocl_predictor **predictor) {
    if (predictor) *predictor = NULL;
    if (!device || !network || !predictor) return fail(EPOCL_ERROR_ARGUMENT, "epocl_predictor_create: NULL argument");
    return predictor_create(device, network, EVALUATION_BATCH, false, predictor);
}

static void release_one(epocl_predictor *predictor) {
    if (!predictor) return;
    device_notice_fork(predictor->device);
    for (size_t i = 0; i < PART_COUNT; i++) {
        bound_sequence_release(&predictor->bound[i]);
        sequence_release(&predictor->parts[i]);
    }
    pass_plan_release(&predictor->pass);
    executable_release(&predictor->executable);
    parameters_release(&predictor->parameters);
    plan_release(&predictor->plan);
    ensemble_predictor_release(predictor->ensemble);
    epocl_network_release(predictor->network);
    free(predictor->staging);
    free(predictor->rows);
    epocl_device_release(predictor->device);
    free(predictor);
}

void epocl_predictor_release(epocl_predictor *predictor) {
    if (predictor) release_one(predictor->other);
    release_one(predictor);
}

/* ---- running ---- */

/* Whether costs are computed, and with them what is right. */
static bool wants_costs(const prediction *w) {
    return w->classes || w->metrics || w->take;
}

/* Before the first mini-batch of a data set. */
static epocl_status enqueue_begin(const epocl_predictor *p, const epocl_dataset *dataset, const prediction *w) {
    const batch_tensors *b = &p->pass.batch;
    if (!p->staging) return fail(EPOCL_ERROR_OPENCL, "the predictor's device has failed before; create a new one");
    const bool has_targets = p->has_values ? dataset->values : (const void *)dataset->labels;
    if (has_targets || !wants_costs(w)) return EPOCL_OK;
    return executable_clear(&p->executable, p->has_values ? b->values : b->labels);
}

/* Says which mini-batch comes; with the first one, the sums of costs begin. */
static epocl_status enqueue_position(const epocl_predictor *p, const slot *s, size_t first, size_t count) {
    const tensor_id state = p->pass.batch.state;
    const batch_position position = {.batch_count = (uint32_t)count, .sample_count = (uint32_t)count};
    if (first == 0) {
        memcpy(p->staging + POSITION_OFFSET, &position, sizeof position);
        return executable_write_later(&p->executable, state, 0, p->staging, sizeof(epoch_state));
    }
    *s->position = position;
    return executable_write_later(&p->executable, state, POSITION_OFFSET, s->position, sizeof position);
}

static bound_sequence *gather_of(epocl_predictor *p, input_type type) {
    return &p->bound[type == INPUT_BYTES ? GATHER_BYTES : GATHER_FLOATS];
}

/* A CPU device reads the inputs of a mini-batch where they are, for as long as nobody may leave before it has. */
static bool can_read_in_place(const epocl_predictor *p, size_t bytes) {
    return p->window == 1 && bytes >= WORTH_NO_COPY && p->device->info.type == EPOCL_DEVICE_CPU &&
           device_timeout(p->device) <= 0;
}

/* After the device is done with them. What cannot be put back leaves a predictor of no use. */
static epocl_status end_reading_in_place(epocl_predictor *p) {
    epocl_status status = EPOCL_OK;
    if (!p->rows_in_place) return status;
    status = bound_sequence_replace(p->reader, p->pass.batch.inputs, NULL);
    clReleaseMemObject(p->rows_in_place);
    p->rows_in_place = NULL;
    if (status == EPOCL_OK) return status;
    free(p->staging);
    p->staging = NULL;
    return status;
}

static epocl_status read_in_place(epocl_predictor *p, input_type type, char *inputs, size_t bytes) {
    cl_int code;
    p->reader = gather_of(p, type);
    p->rows_in_place = clCreateBuffer(p->device->context, CL_MEM_READ_ONLY | CL_MEM_USE_HOST_PTR, bytes, inputs, &code);
    if (!p->rows_in_place) return fail_opencl(code, "clCreateBuffer", "inputs");
    return bound_sequence_replace(p->reader, p->pass.batch.inputs, p->rows_in_place);
}

/* Copies the mini-batch that begins at sample `first` to the device and says where it stands. */
static epocl_status enqueue_samples(epocl_predictor *p, const slot *s, const epocl_dataset *dataset, size_t first,
                                    size_t count) {
    epocl_status status = EPOCL_OK;
    const batch_tensors *b = &p->pass.batch;
    const size_t sample_bytes = dataset->input_count * dataset_value_bytes(dataset);
    char *inputs = (char *)dataset->inputs + first * sample_bytes;
    const size_t input_bytes = count * sample_bytes;
    if (can_read_in_place(p, input_bytes)) {
        TRY(read_in_place(p, dataset->type, inputs, input_bytes));
    } else {
        memcpy(s->inputs, inputs, input_bytes);
        TRY(executable_write_later(&p->executable, b->inputs, 0, s->inputs, input_bytes));
    }
    if (p->has_values && dataset->values) {
        const size_t values = output_count_of(p);
        memcpy(s->values, dataset->values + first * values, count * values * sizeof *s->values);
        TRY(executable_write_later(&p->executable, b->values, 0, s->values, count * values * sizeof *s->values));
    } else if (!p->has_values && dataset->labels) {
        memcpy(s->labels, dataset->labels + first, count * sizeof *s->labels);
        TRY(executable_write_later(&p->executable, b->labels, 0, s->labels, count * sizeof *s->labels));
    }
    TRY(enqueue_position(p, s, first, count));
cleanup:
    return status;
}

/* The mini-batch through the hidden layers, and then what is wanted of it. */
static epocl_status enqueue_launches(epocl_predictor *p, const slot *s, input_type type, const prediction *w,
                                     size_t count) {
    epocl_status status = EPOCL_OK;
    const executable *e = &p->executable;
    TRY(bound_sequence_enqueue(gather_of(p, type), count));
    TRY(bound_sequence_enqueue(&p->bound[HIDDEN_LAYERS], count));
    if (w->outputs || w->weighted_inputs) TRY(bound_sequence_enqueue(&p->bound[OUTPUTS], count));
    if (w->outputs)
        TRY(executable_read_later(e, p->outputs, s->outputs, count * output_count_of(p) * sizeof *s->outputs));
    if (w->weighted_inputs)
        TRY(executable_read_later(e, p->pass.layers[p->pass.layer_count - 1].output, s->weighted_inputs,
                                  weighted_inputs_of(p)->bytes));
    if (wants_costs(w)) TRY(bound_sequence_enqueue(&p->bound[CLASSES], count));
    if (w->classes || w->take) {
        TRY(executable_read_later(e, p->pass.batch.classes, s->classes, count * sizeof *s->classes));
        TRY(executable_read_later(e, p->pass.batch.costs, s->costs, count * sizeof *s->costs));
    }
cleanup:
    return status;
}

epocl_status predictor_check_costs(const float *costs, size_t count, size_t first) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(costs[i]))
            return fail(
                EPOCL_ERROR_DATA,
                "the weighted inputs of the outputs overflow at sample %zu; its inputs are too large for this network",
                first + i);
    return EPOCL_OK;
}

/* Their panels as rows. */
static const float *rows_of(const epocl_predictor *p, const float *panels, size_t count) {
    const tensor *z = weighted_inputs_of(p);
    const size_t output_count = output_count_of(p);
    for (size_t row = 0; row < count; row++)
        for (size_t i = 0; i < output_count; i++) p->rows[row * output_count + i] = panels[tensor_index(z, row, i)];
    return p->rows;
}

/* What has come of the mini-batch that begins at sample `first`. */
static epocl_status take_results(const epocl_predictor *p, const slot *s, const prediction *w, size_t first,
                                 size_t count) {
    const size_t output_count = output_count_of(p);
    if (w->outputs) {
        memcpy(w->outputs + first * output_count, s->outputs, count * output_count * sizeof *s->outputs);
        if (p->network->encoder) encoder_decode(p->network->encoder, w->outputs + first * output_count, count);
    }
    if (w->take)
        w->take(w->user, &(predicted_samples){.first = first,
                                              .count = count,
                                              .costs = s->costs,
                                              .classes = s->classes,
                                              .weighted_inputs =
                                                  w->weighted_inputs ? rows_of(p, s->weighted_inputs, count) : NULL});
    if (!w->classes) return EPOCL_OK;
    memcpy(w->classes + first, s->classes, count * sizeof *s->classes);
    return predictor_check_costs(s->costs, count, first);
}

/* Runs the samples from `first` to before `end`, at most a window, and waits. */
static epocl_status run_window(epocl_predictor *p, const epocl_dataset *dataset, size_t first, size_t end,
                               const prediction *w) {
    epocl_status status = EPOCL_OK;
    const size_t batch_size = p->pass.batch.batch_size;
    for (size_t at = first, i = 0; at < end; at += batch_size, i++) {
        const slot s = slot_at(p, i);
        TRY(enqueue_samples(p, &s, dataset, at, smaller(batch_size, end - at)));
        TRY(enqueue_launches(p, &s, dataset->type, w, smaller(batch_size, end - at)));
    }
    TRY(device_finish(p->device, p->device->queue, "a prediction"));
    TRY(end_reading_in_place(p));
    for (size_t at = first, i = 0; at < end; at += batch_size, i++) {
        const slot s = slot_at(p, i);
        TRY(take_results(p, &s, w, at, smaller(batch_size, end - at)));
    }
cleanup:
    return status;
}

epocl_status predictor_run(epocl_predictor *p, const epocl_dataset *dataset, const prediction *w) {
    epocl_status status = EPOCL_OK;
    const size_t batch_size = p->pass.batch.batch_size, window = p->window * batch_size;
    TRY(device_enter(p->device));
    if (p->ensemble) return ensemble_predictor_run(p->ensemble, dataset, w);
    if (w->weighted_inputs && !p->rows)
        TRY(allocate(batch_size * output_count_of(p), sizeof *p->rows, "weighted inputs", &p->rows));
    status = enqueue_begin(p, dataset, w);
    for (size_t first = 0; first < dataset->sample_count && status == EPOCL_OK; first += window)
        status = run_window(p, dataset, first, smaller(first + window, dataset->sample_count), w);
    if (status != EPOCL_OK && !device_drain(p->device)) {
        device_leave(p->staging);
        device_leave(p->rows_in_place);
        p->staging = NULL;
        p->rows_in_place = NULL;
    }
    const epocl_status ended = end_reading_in_place(p);
    if (status == EPOCL_OK) status = ended;
cleanup:
    return status;
}

epocl_status predictor_write(const epocl_predictor *predictor, const epocl_network *network) {
    return parameters_write(predictor->parameters.layers, &predictor->executable, network);
}

epocl_status epocl_predictor_run(epocl_predictor *predictor, const epocl_dataset *dataset, float *outputs,
                                 uint32_t *classes) {
    epocl_status status = EPOCL_OK;
    if (!predictor || !dataset || (!outputs && !classes))
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_predictor_run: NULL argument");
    TRY(network_check_dataset(predictor_network(predictor), dataset, false));
    if (classes && predictor->has_values)
        return fail(EPOCL_ERROR_ARGUMENT, "this predictor evaluates values and knows no classes");
    TRY(predictor_run(predictor, dataset, &(prediction){.outputs = outputs, .classes = classes}));
cleanup:
    return status;
}

epocl_status epocl_predictor_run_member(epocl_predictor *predictor, size_t member, const epocl_dataset *dataset,
                                        float *outputs, uint32_t *classes) {
    epocl_status status = EPOCL_OK;
    if (!predictor || !dataset || (!outputs && !classes))
        return fail(EPOCL_ERROR_ARGUMENT, "epocl_predictor_run_member: NULL argument");
    const epocl_network *network = predictor_network(predictor);
    if (member >= ensemble_member_count(network))
        return fail(EPOCL_ERROR_ARGUMENT, "there is no member %zu; the model has %zu, counted from 0", member,
                    ensemble_member_count(network));
    if (!predictor->ensemble) return epocl_predictor_run(predictor, dataset, outputs, classes);
    TRY(device_enter(predictor->device));
    TRY(network_check_dataset(network, dataset, false));
    TRY(ensemble_predictor_run_member(predictor->ensemble, member, dataset,
                                      &(prediction){.outputs = outputs, .classes = classes}));
cleanup:
    return status;
}

/* ---- for evaluations ---- */

bool predictor_is_of_ensemble(const epocl_predictor *predictor) {
    return predictor->ensemble != NULL;
}

epocl_status predictor_of_kind(epocl_predictor *predictor, bool has_values, epocl_predictor **found) {
    epocl_status status = EPOCL_OK;
    epocl_network *network = NULL;
    *found = predictor->ensemble || predictor->has_values == has_values ? predictor : predictor->other;
    if (*found) return EPOCL_OK;
    TRY(device_enter(predictor->device));
    TRY(network_clone_shape(predictor->network, &network));
    TRY(parameters_read(predictor->parameters.layers, &predictor->executable, network));
    TRY(predictor_create(predictor->device, network, predictor->pass.batch.batch_size, has_values, &predictor->other));
    *found = predictor->other;
cleanup:
    epocl_network_release(network);
    return status;
}

const epocl_network *predictor_network(const epocl_predictor *predictor) {
    return predictor->ensemble ? ensemble_predictor_network(predictor->ensemble) : predictor->network;
}

epocl_status predictor_read_state(const epocl_predictor *predictor, epoch_state *state) {
    return executable_read(&predictor->executable, predictor->pass.batch.state, state, sizeof *state);
}
