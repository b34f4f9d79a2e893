#include "training/pass.h"
#include "data/dataset.h"
#include "data/encoder.h"
#include "device/wait.h"
#include "model/functions.h"
#include "model/network.h"

#include <stdarg.h>
#include <stdio.h>

/* Launches of a step, or slices, that go to the device together, and how many such flights may be on the way: a driver
 * keeps something of every launch. */
enum { FLUSH_STEPS = 100, FLIGHTS = 10 };

static const target_levels plain_targets = {1.0f, 0.0f};

__attribute__((format(printf, 3, 4))) static const char *name_tensor(char *text, size_t capacity, const char *format,
                                                                     ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, capacity, format, arguments);
    va_end(arguments);
    return text;
}
#define NAME(...) name_tensor((char[48]){0}, 48, __VA_ARGS__)

pass_data pass_data_of(const epocl_dataset *dataset, const char *name, size_t batch_size) {
    return (pass_data){.name = name,
                       .sample_count = dataset->sample_count,
                       .batch_size = smaller(batch_size, dataset->sample_count),
                       .bytes = dataset->type == INPUT_BYTES,
                       .has_values = dataset->values != NULL,
                       .has_weights = dataset->weights != NULL};
}

/* ---- planning ---- */

static epocl_status plan_parameters(layer_parameters **layers, plan *p, const epocl_network *network,
                                    const char *suffix) {
    const epocl_status status = allocate(network->layer_count, sizeof **layers, "the parameters of a plan", layers);
    if (status != EPOCL_OK) return status;
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *shape = &network->layers[l];
        (*layers)[l].weights = plan_add_matrix(p, PURPOSE_PARAMETERS, shape->input_count, shape->output_count,
                                               NAME("layers.%zu.weight%s", l, suffix));
        (*layers)[l].biases = plan_add_array(p, PURPOSE_PARAMETERS, shape->output_count, sizeof(float),
                                             NAME("layers.%zu.bias%s", l, suffix));
    }
    return EPOCL_OK;
}

/* A library's product ends in memory. */
static bool gradients_go_to_memory(const plan *p, const recipe *r) {
    return p->matmul.provider == MATMUL_CLBLAST || recipe_needs_gradients(r);
}

epocl_status parameters_plan(parameter_tensors *parameters, plan *p, const epocl_network *network, const recipe *r) {
    static const char *const suffixes[SLOT_COUNT] = {".m", ".v", ".gradient", ".average"};
    epocl_status status = EPOCL_OK;
    *parameters = (parameter_tensors){.layer_count = network->layer_count};
    TRY(plan_parameters(&parameters->layers, p, network, ""));
    for (size_t i = 0; r && i < SLOT_COUNT; i++)
        if (recipe_keeps(r, (parameter_slot)i) || (i == SLOT_GRADIENT && gradients_go_to_memory(p, r)))
            TRY(plan_parameters(&parameters->slots[i], p, network, suffixes[i]));
cleanup:
    return status;
}

epocl_status parameters_plan_best(parameter_tensors *parameters, plan *p, const epocl_network *network) {
    return plan_parameters(&parameters->best, p, network, ".best");
}

void parameters_release(parameter_tensors *parameters) {
    free(parameters->layers);
    free(parameters->best);
    for (size_t i = 0; i < SLOT_COUNT; i++) free(parameters->slots[i]);
    *parameters = (parameter_tensors){0};
}

/* Samples that there is room for: whole tiles of them are read and written. */
static size_t batch_rows(const plan *p, const pass_data *data) {
    return round_up(data->batch_size, p->matmul.sample_rows);
}

static void plan_batch(batch_tensors *b, plan *p, const pass_data *data, const epocl_network *network) {
    const char *n = data->name;
    const size_t input_count = network->layers[0].input_count, source_count = network_source_count(network);
    const size_t output_count = network->layers[network->layer_count - 1].output_count;
    const size_t rows = batch_rows(p, data);
    *b = (batch_tensors){.sample_count = data->sample_count,
                         .batch_size = data->batch_size,
                         .input_count = input_count,
                         .output_count = output_count,
                         .source_count = network->encoder ? source_count : 0,
                         .bytes = data->bytes};
    b->inputs = plan_add_array(p, PURPOSE_DATA_SET, data->sample_count * source_count,
                               data->bytes ? sizeof(uint8_t) : sizeof(float), NAME("%s.inputs", n));
    if (data->has_values)
        b->values =
            plan_add_array(p, PURPOSE_DATA_SET, data->sample_count * output_count, sizeof(float), NAME("%s.values", n));
    else
        b->labels = plan_add_array(p, PURPOSE_DATA_SET, data->sample_count, sizeof(uint32_t), NAME("%s.labels", n));
    if (data->has_weights)
        b->weights = plan_add_array(p, PURPOSE_DATA_SET, data->sample_count, sizeof(float), NAME("%s.weights", n));
    b->order = plan_add_array(p, PURPOSE_DATA_SET, data->sample_count, sizeof(uint32_t), NAME("%s.order", n));
    b->scale = plan_add_array(p, PURPOSE_DATA_SET, input_count, sizeof(float), NAME("%s.scale", n));
    b->shift = plan_add_array(p, PURPOSE_DATA_SET, input_count, sizeof(float), NAME("%s.shift", n));
    if (network->encoder)
        b->source = plan_add_array(p, PURPOSE_DATA_SET, input_count, sizeof(uint32_t), NAME("%s.source", n));
    if (data->has_values)
        b->value = plan_add_matrix(p, PURPOSE_ACTIVATIONS, rows, output_count, NAME("%s.batch_values", n));
    else
        b->label = plan_add_array(p, PURPOSE_ACTIVATIONS, rows, sizeof(uint32_t), NAME("%s.batch_labels", n));
    if (data->has_weights)
        b->weight = plan_add_array(p, PURPOSE_ACTIVATIONS, rows, sizeof(float), NAME("%s.batch_weights", n));
    b->costs = plan_add_array(p, PURPOSE_ACTIVATIONS, rows, sizeof(float), NAME("%s.costs", n));
    b->classes = plan_add_array(p, PURPOSE_ACTIVATIONS, rows, sizeof(uint32_t), NAME("%s.classes", n));
    b->state = plan_add_array(p, PURPOSE_STATE, sizeof(epoch_state), 1, NAME("%s.state", n));
    b->stop = plan_add_array(p, PURPOSE_STATE, 1, sizeof(uint32_t), NAME("%s.stop", n));
    b->unused = plan_add_array(p, PURPOSE_STATE, 1, sizeof(uint32_t), NAME("%s.unused", n));
}

/* What the kernels must know of the network's functions when they are compiled. */
static void define_functions(plan *p, const epocl_network *network, const pass_data *data) {
    const function output = network->layers[network->layer_count - 1].activation;
    uint32_t used = 1u << ACTIVATION_identity;
    for (size_t l = 0; l < network->layer_count; l++) used |= 1u << network->layers[l].activation.code;
    constants_set(&p->constants, "ACTIVATION_SET", used);
    constants_set(&p->constants, "HEAD", (size_t)network->head.code);
    constants_set_float(&p->constants, "HEAD_PARAMETER", network->head.parameter);
    constants_set(&p->constants, "OUTPUT", (size_t)output.code);
    constants_set_float(&p->constants, "OUTPUT_PARAMETER", output.parameter);
    constants_set(&p->constants, "TARGET_VALUES", data->has_values);
    constants_set(&p->constants, "WEIGHTED", data->has_weights);
}

/* A part of each target is spread: over all outputs that share a softmax, or over yes and no. */
static target_levels smoothed_targets(float smoothing, const epocl_network *network) {
    const size_t outputs = network->layers[network->layer_count - 1].output_count;
    const float share = smoothing / (network->head.code == HEAD_softmax_cross_entropy ? (float)outputs : 2.0f);
    return (target_levels){1.0f - smoothing + share, share};
}

/* The lowest layer that is trained: no delta is wanted below it. */
static size_t lowest_trained(const pass_data *data) {
    size_t lowest = 0;
    while (layer_set_has(data->frozen, lowest)) lowest++;
    return lowest;
}

/* The layers with their activations; with `deltas`, the deltas of all layers from the lowest that is trained on, else
 * of the output layer only, which the cost writes. */
static epocl_status plan_layers(pass *pass_, plan *p, const parameter_tensors *parameters, const epocl_network *network,
                                const pass_data *data, bool deltas) {
    const epocl_status status =
        allocate(network->layer_count, sizeof *pass_->layers, "the layers of a plan", &pass_->layers);
    if (status != EPOCL_OK) return status;
    pass_->layer_count = network->layer_count;
    const size_t rows = batch_rows(p, data), lowest = lowest_trained(data);
    tensor_id input =
        plan_add_matrix(p, PURPOSE_ACTIVATIONS, rows, network->layers[0].input_count, NAME("%s.input", data->name));
    for (size_t i = 0; i < network->layer_count; i++) {
        layer_tensors *l = &pass_->layers[i];
        *l = (layer_tensors){.number = i,
                             .input_count = network->layers[i].input_count,
                             .output_count = network->layers[i].output_count,
                             .activation = network->layers[i].activation,
                             .is_output = i == network->layer_count - 1,
                             .is_frozen = layer_set_has(data->frozen, i),
                             .weights = parameters->layers[i].weights,
                             .biases = parameters->layers[i].biases,
                             .input = input};
        l->output =
            plan_add_matrix(p, PURPOSE_ACTIVATIONS, rows, l->output_count, NAME("%s.layers.%zu.output", data->name, i));
        input = l->output;
        if (!(deltas && i >= lowest) && !l->is_output) continue;
        for (size_t slot = 0; deltas && slot < SLOT_COUNT; slot++) {
            if (!parameters->slots[slot]) continue;
            l->weights_slots[slot] = parameters->slots[slot][i].weights;
            l->biases_slots[slot] = parameters->slots[slot][i].biases;
        }
        if (!l->is_output)
            l->slope = plan_add_matrix(p, PURPOSE_ACTIVATIONS, rows, l->output_count,
                                       NAME("%s.layers.%zu.slope", data->name, i));
        l->delta =
            plan_add_matrix(p, PURPOSE_ACTIVATIONS, rows, l->output_count, NAME("%s.layers.%zu.delta", data->name, i));
        if (delta_needs_transposed(p, l))
            l->delta_transposed = plan_add_matrix(p, PURPOSE_ACTIVATIONS, l->output_count, rows,
                                                  NAME("%s.layers.%zu.delta_t", data->name, i));
    }
    return EPOCL_OK;
}

epocl_status pass_plan_begin(pass *pass_, plan *p, const parameter_tensors *parameters, const epocl_network *network,
                             const pass_data *data, bool training) {
    epocl_status status = EPOCL_OK;
    *pass_ = (pass){0};
    define_functions(p, network, data);
    plan_batch(&pass_->batch, p, data, network);
    TRY(plan_layers(pass_, p, parameters, network, data, training));
    TRY(sequence_create(&pass_->begin));
    TRY(sequence_create(&pass_->step));
    if (training) {
        pass_->batch.hyper = plan_add_array(p, PURPOSE_STATE, sizeof(hyper_values), 1, NAME("%s.hyper", data->name));
        TRY(sequence_create(&pass_->rates));
        add_rates(&pass_->rates, &pass_->batch);
    }
    add_metrics_begin(&pass_->begin, &pass_->batch);
    add_shuffle(p, &pass_->begin, &pass_->batch, training);
    if (training && data->has_weights) add_rates(&pass_->begin, &pass_->batch);
cleanup:
    if (status != EPOCL_OK) pass_release(pass_);
    return status;
}

/* Whether all of a pass has found room. */
static epocl_status plan_end(pass *pass_, const plan *p) {
    epocl_status status = EPOCL_OK;
    TRY(plan_check(p));
    TRY(sequence_check(&pass_->begin));
    TRY(sequence_check(&pass_->step));
cleanup:
    if (status != EPOCL_OK) pass_release(pass_);
    return status;
}

/* The mini-batch through the first `count` layers; in training, by a recipe. */
static void add_forward_layers(pass *pass_, plan *p, size_t count, const recipe *r) {
    add_gather(p, &pass_->step, &pass_->batch, &pass_->layers[0]);
    if (r && (r->input_dropout > 0.0f || r->input_noise > 0.0f))
        add_perturb(p, &pass_->step, &pass_->batch, &pass_->layers[0], r);
    for (size_t i = 0; i < count; i++) add_forward(p, &pass_->step, &pass_->batch, &pass_->layers[i]);
}

/* One step of training, top to bottom. */
epocl_status pass_plan_training(pass *pass_, plan *p, const parameter_tensors *parameters, const epocl_network *network,
                                const pass_data *data, const recipe *r) {
    const epocl_status status = pass_plan_begin(pass_, p, parameters, network, data, true);
    if (status != EPOCL_OK) return status;
    sequence *step = &pass_->step;
    const batch_tensors *b = &pass_->batch;
    layer_tensors *layers = pass_->layers;
    const size_t last = pass_->layer_count - 1;

    const target_levels levels = smoothed_targets(r->label_smoothing, network);
    recipe_define(&p->constants, r);
    constants_set(&p->constants, "GRADIENT_TO_MEMORY", gradients_go_to_memory(p, r));
    for (size_t l = 0; l < last; l++) layers[l].dropout = recipe_dropout(r, l);
    for (size_t l = 0; l <= last; l++) layers[l].accumulates = r->accumulate > 1;
    add_forward_layers(pass_, p, last, r);
    add_cost(p, step, b, &layers[last], &levels);
    for (size_t i = last + 1; i-- > lowest_trained(data);) {
        if (i > lowest_trained(data))
            add_delta(p, step, b, &layers[i], &layers[i - 1]);        /* reads the weights before ... */
        if (!layers[i].is_frozen) add_update(p, step, b, &layers[i]); /* ... this writes them         */
    }
    if (r->clip_norm > 0.0f) add_clip(p, step, &pass_->batch, layers, pass_->layer_count);
    for (size_t i = 0; i <= last; i++) {
        if (layers[i].is_frozen) continue;
        if (gradients_go_to_memory(p, r)) add_step(p, step, b, &layers[i]);
        if (r->max_norm > 0.0f) add_max_norm(p, step, b, &layers[i], r->max_norm);
        if (r->average > 0.0) add_average(p, step, b, &layers[i]);
    }
    add_metrics_step(p, step, b);
    sequence_split(step, p->launch_flop);
    pass_->resident_tensors = resident_add_tensors(p, step, data->name);
    return plan_end(pass_, p);
}

epocl_status pass_plan_evaluation(pass *pass_, plan *p, const parameter_tensors *parameters,
                                  const epocl_network *network, const pass_data *data) {
    const epocl_status status = pass_plan_begin(pass_, p, parameters, network, data, false);
    if (status != EPOCL_OK) return status;
    const size_t last = pass_->layer_count - 1;
    add_forward_layers(pass_, p, last, NULL);
    add_cost(p, &pass_->step, &pass_->batch, &pass_->layers[last], &plain_targets);
    if (data->keeps_outputs) {
        const size_t count = data->sample_count * pass_->batch.output_count;
        pass_->kept = plan_add_array(p, PURPOSE_ACTIVATIONS, count, sizeof(float), NAME("%s.outputs", data->name));
        add_output_keep(p, &pass_->step, &pass_->batch, &pass_->layers[last], pass_->kept);
    }
    add_metrics_step(p, &pass_->step, &pass_->batch);
    sequence_split(&pass_->step, p->launch_flop);
    return plan_end(pass_, p);
}

void pass_release(pass *pass_) {
    bound_sequence_release(&pass_->bound_begin);
    bound_sequence_release(&pass_->bound_rates);
    bound_sequence_release(&pass_->bound_step);
    pass_use_layered(pass_);
    sequence_release(&pass_->begin);
    sequence_release(&pass_->rates);
    sequence_release(&pass_->step);
    free(pass_->layers);
    *pass_ = (pass){0};
}

/* ---- running ---- */

epocl_status pass_bind(pass *pass_, executable *e) {
    epocl_status status = EPOCL_OK;
    TRY(bound_sequence_create(&pass_->bound_begin, e, &pass_->begin));
    if (pass_->rates.count) TRY(bound_sequence_create(&pass_->bound_rates, e, &pass_->rates));
cleanup:
    return status;
}

epocl_status pass_bind_step(pass *pass_) {
    if (pass_->bound_step.owner) return EPOCL_OK;
    return bound_sequence_create(&pass_->bound_step, pass_->bound_begin.owner, &pass_->step);
}

epocl_status pass_write_hyper(const pass *pass_, const executable *e, const hyper_values *hyper) {
    return executable_write(e, pass_->batch.hyper, hyper, sizeof *hyper);
}

epocl_status pass_use_resident(pass *pass_, executable *e, resident_shape shape, size_t slice_steps) {
    epocl_status status = EPOCL_OK;
    const batch_tensors *b = &pass_->batch;
    pass_use_layered(pass_);
    pass_->shape = shape;
    pass_->slice_steps = slice_steps;
    TRY(resident_create(&pass_->resident, e->plan, &pass_->step, &pass_->resident_tensors, b->state, b->stop, shape,
                        slice_steps));
    TRY(bound_sequence_create(&pass_->bound_resident, e, &pass_->resident));
cleanup:
    if (status != EPOCL_OK) pass_use_layered(pass_);
    return status;
}

void pass_use_layered(pass *pass_) {
    bound_sequence_release(&pass_->bound_resident);
    sequence_release(&pass_->resident);
    pass_->shape = (resident_shape){0};
    pass_->slice_steps = 0;
    pass_->rests = false;
}

void pass_rest(pass *pass_) {
    pass_->rests = true;
}

epocl_status pass_resume(pass *pass_, const executable *e) {
    const tensor_id meeting = pass_->resident_tensors.meeting;
    pass_->rests = false;
    return executable_clear(e, meeting);
}

/* Each 1 where the data set has none. */
static epocl_status upload_weights(tensor_id weights, const executable *e, const epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    float *ones = NULL;
    const size_t count = dataset->sample_count;
    if (dataset->weights) return executable_write(e, weights, dataset->weights, count * sizeof *ones);
    TRY(allocate(count, sizeof *ones, "the weights of samples", &ones));
    for (size_t i = 0; i < count; i++) ones[i] = 1.0f;
    TRY(executable_write(e, weights, ones, count * sizeof *ones));
cleanup:
    free(ones);
    return status;
}

/* What an encoder makes of its sources (kernels/rows/gather.cl). */
static epocl_status upload_encoded(const batch_tensors *b, const executable *e, const encoder *encoder_) {
    enum { SHAPE_BITS = 2 };
    epocl_status status = EPOCL_OK;
    const size_t count = b->input_count;
    float *factors = NULL, *offsets = NULL;
    uint32_t *sources = NULL;
    TRY(allocate(count, sizeof *factors, "the inputs of a table", &factors));
    TRY(allocate(count, sizeof *offsets, "the inputs of a table", &offsets));
    TRY(allocate(count, sizeof *sources, "the inputs of a table", &sources));
    for (size_t i = 0; i < count; i++) {
        const encoded_input *input = &encoder_->inputs[i];
        factors[i] = input->factor;
        offsets[i] = input->offset;
        sources[i] = (uint32_t)(input->source << SHAPE_BITS) | (uint32_t)input->shape;
    }
    TRY(executable_write(e, b->scale, factors, count * sizeof *factors));
    TRY(executable_write(e, b->shift, offsets, count * sizeof *offsets));
    TRY(executable_write(e, b->source, sources, count * sizeof *sources));
cleanup:
    free(factors);
    free(offsets);
    free(sources);
    return status;
}

epocl_status batch_upload_inputs(const batch_tensors *b, const executable *e, const epocl_network *network) {
    const size_t bytes = b->input_count * sizeof *network->input_scale;
    if (network->encoder) return upload_encoded(b, e, network->encoder);
    const epocl_status status = executable_write(e, b->scale, network->input_scale, bytes);
    return status == EPOCL_OK ? executable_write(e, b->shift, network->input_shift, bytes) : status;
}

void pass_borrow(const pass *pass_, const plan *p, const device_dataset *data, bool has_its_weights,
                 lent_buffers *lent) {
    const batch_tensors *b = &pass_->batch;
    const tensor_id tensors[ARRAY_COUNT] = {b->inputs, b->labels, b->values,
                                            has_its_weights ? b->weights : TENSOR_NONE};
    for (size_t i = 0; i < ARRAY_COUNT && lent->count < LENT_MOST; i++) {
        if (tensors[i] == TENSOR_NONE || data->bytes[i] < p->tensors[tensors[i]].bytes) continue;
        lent->tensors[lent->count] = tensors[i];
        lent->buffers[lent->count++] = data->buffers[i];
    }
}

static epocl_status upload(tensor_id id, const executable *e, const void *values, size_t bytes) {
    return executable_borrows(e, id) ? EPOCL_OK : executable_write(e, id, values, bytes);
}

epocl_status pass_upload(const pass *pass_, const executable *e, const epocl_network *network,
                         const epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    const batch_tensors *b = &pass_->batch;
    const size_t value_count = dataset->sample_count * dataset->input_count;
    TRY(upload(b->inputs, e, dataset->inputs, value_count * dataset_value_bytes(dataset)));
    if (dataset->labels) TRY(upload(b->labels, e, dataset->labels, dataset->sample_count * sizeof *dataset->labels));
    if (dataset->values)
        TRY(upload(b->values, e, dataset->values,
                   dataset->sample_count * dataset->value_count * sizeof *dataset->values));
    if (b->weights != TENSOR_NONE && !executable_borrows(e, b->weights)) TRY(upload_weights(b->weights, e, dataset));
    TRY(batch_upload_inputs(b, e, network));
cleanup:
    return status;
}

epocl_status pass_write_state(const pass *pass_, const executable *e, const epoch_state *state) {
    return executable_write(e, pass_->batch.state, state, sizeof *state);
}

epocl_status pass_begin_again(const pass *pass_, const executable *e, const epoch_state *state) {
    epoch_state before = *state;
    before.epoch--; /* beginning an epoch counts it */
    const epocl_status status = pass_write_state(pass_, e, &before);
    return status == EPOCL_OK ? pass_enqueue_begin(pass_) : status;
}

epocl_status pass_go_on(const pass *pass_, const executable *e, const epoch_state *state) {
    epoch_state next = *state;
    next.batch_count = (uint32_t)smaller(pass_->batch.batch_size, pass_->batch.sample_count - state->first);
    next.stopped = 0;
    const epocl_status status = pass_write_state(pass_, e, &next);
    if (status != EPOCL_OK || !pass_->rates.count) return status;
    return bound_sequence_enqueue(&pass_->bound_rates, pass_->batch.batch_size);
}

epocl_status pass_enqueue_begin(const pass *pass_) {
    recorder_samples(pass_->bound_begin.owner->recorder, 0, 0);
    return bound_sequence_enqueue(&pass_->bound_begin, pass_->batch.batch_size);
}

/* Sends a flight off, when the one that left FLIGHTS before it has arrived. */
static epocl_status send_flight(epocl_device *device, cl_event marks[FLIGHTS], size_t number) {
    epocl_status status = EPOCL_OK;
    cl_event *mark = &marks[number % FLIGHTS];
    TRY(device_await(device, mark, "steps of an epoch"));
    TRY(device_mark(device, mark));
    CL_TRY(clFlush(device->queue));
cleanup:
    return status;
}

epocl_status pass_enqueue_steps(pass *pass_, size_t first, const atomic_bool *stop, progress_watch *watch) {
    epocl_status status = EPOCL_OK;
    cl_event marks[FLIGHTS] = {NULL};
    const batch_tensors *b = &pass_->batch;
    const bool resident = pass_->slice_steps > 0 && !pass_->rests;
    const bound_sequence *launches = resident ? &pass_->bound_resident : &pass_->bound_step;
    const size_t stride = resident ? pass_->slice_steps * b->batch_size : b->batch_size;
    epocl_device *device = pass_->bound_begin.owner->device;
    if (!resident) TRY(pass_bind_step(pass_));
    for (size_t count = 1; first < b->sample_count; first += stride, count++) {
        if (stop && atomic_load_explicit(stop, memory_order_relaxed)) break;
        recorder_samples(launches->owner->recorder, first, smaller(stride, b->sample_count - first));
        TRY(bound_sequence_enqueue(launches, smaller(b->batch_size, b->sample_count - first)));
        if (count % FLUSH_STEPS == 0) TRY(send_flight(device, marks, count / FLUSH_STEPS));
        TRY(watch_step(watch, device, smaller(first + stride, b->sample_count)));
    }
    CL_TRY(clFlush(device->queue));
cleanup:
    for (size_t i = 0; i < FLIGHTS; i++) device_drop(device, marks[i]);
    return status;
}

epocl_status pass_read_state(const pass *pass_, const executable *e, epoch_state *state) {
    return executable_read(e, pass_->batch.state, state, sizeof *state);
}

/* ---- parameters ---- */

epocl_status parameters_write(const layer_parameters *layers, const executable *e, const epocl_network *network) {
    epocl_status status = EPOCL_OK;
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *from = &network->layers[l];
        TRY(executable_write_transposed(e, layers[l].weights, from->weights));
        TRY(executable_write(e, layers[l].biases, from->biases, from->output_count * sizeof(float)));
    }
cleanup:
    return status;
}

epocl_status parameters_read(const layer_parameters *layers, const executable *e, epocl_network *network) {
    epocl_status status = EPOCL_OK;
    for (size_t l = 0; l < network->layer_count; l++) {
        layer *to = &network->layers[l];
        TRY(executable_read_transposed(e, layers[l].weights, to->weights));
        TRY(executable_read(e, layers[l].biases, to->biases, to->output_count * sizeof(float)));
    }
    network->has_parameters = true;
cleanup:
    return status;
}

epocl_status parameters_keep_best(const parameter_tensors *parameters, const executable *e) {
    epocl_status status = EPOCL_OK;
    for (size_t l = 0; l < parameters->layer_count; l++) {
        TRY(executable_copy(e, parameters_result(parameters)[l].weights, parameters->best[l].weights));
        TRY(executable_copy(e, parameters_result(parameters)[l].biases, parameters->best[l].biases));
    }
cleanup:
    return status;
}
