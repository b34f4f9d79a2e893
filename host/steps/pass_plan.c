#include "steps/pass_plan.h"
#include "model/functions.h"

#include <stdarg.h>
#include <stdio.h>

static const target_levels plain_targets = {1.0f, 0.0f};

__attribute__((format(printf, 3, 4))) static const char *name_tensor(char *text, size_t capacity, const char *format,
                                                                     ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, capacity, format, arguments);
    va_end(arguments);
    return text;
}
#define NAME(...) name_tensor((char[TENSOR_NAME_CAPACITY]){0}, TENSOR_NAME_CAPACITY, __VA_ARGS__)

pass_data pass_data_of(const epocl_dataset *dataset, const char *name, size_t batch_size) {
    return (pass_data){.name = name,
                       .sample_count = dataset->sample_count,
                       .batch_size = smaller(batch_size, dataset->sample_count),
                       .bytes = dataset->type == INPUT_BYTES,
                       .has_values = dataset->values != NULL,
                       .has_weights = dataset->weights != NULL};
}

double step_flop(const epocl_network *network, size_t batch_size) {
    double weights = 0;
    for (size_t l = 0; l < network->layer_count; l++)
        weights += (double)network->layers[l].input_count * (double)network->layers[l].output_count;
    return 6.0 * weights * (double)batch_size;
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

/* The layers with their activations; in training, by a recipe, the deltas of all layers from the lowest that is trained
 * on, else of the output layer only, which the cost writes. */
static epocl_status plan_layers(pass_plan *planned, plan *p, const parameter_tensors *parameters,
                                const epocl_network *network, const pass_data *data, const recipe *r) {
    const epocl_status status =
        allocate(network->layer_count, sizeof *planned->layers, "the layers of a plan", &planned->layers);
    if (status != EPOCL_OK) return status;
    planned->layer_count = network->layer_count;
    const size_t rows = batch_rows(p, data), lowest = lowest_trained(data);
    tensor_id input =
        plan_add_matrix(p, PURPOSE_ACTIVATIONS, rows, network->layers[0].input_count, NAME("%s.input", data->name));
    for (size_t i = 0; i < network->layer_count; i++) {
        layer_tensors *l = &planned->layers[i];
        *l = (layer_tensors){.number = i,
                             .input_count = network->layers[i].input_count,
                             .output_count = network->layers[i].output_count,
                             .activation = network->layers[i].activation,
                             .dropout = r && i + 1 < network->layer_count ? recipe_dropout(r, i) : 0.0f,
                             .is_output = i == network->layer_count - 1,
                             .is_frozen = layer_set_has(data->frozen, i),
                             .weights = parameters->layers[i].weights,
                             .biases = parameters->layers[i].biases,
                             .input = input};
        l->output =
            plan_add_matrix(p, PURPOSE_ACTIVATIONS, rows, l->output_count, NAME("%s.layers.%zu.output", data->name, i));
        input = l->output;
        if (!(r && i >= lowest) && !l->is_output) continue;
        for (size_t slot = 0; r && slot < SLOT_COUNT; slot++) {
            if (!parameters->slots[slot]) continue;
            l->weights_slots[slot] = parameters->slots[slot][i].weights;
            l->biases_slots[slot] = parameters->slots[slot][i].biases;
        }
        if (!l->is_output && (l->dropout > 0.0f || !activation_has_slope_of_a(l->activation)))
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

epocl_status pass_plan_begin(pass_plan *planned, plan *p, const parameter_tensors *parameters,
                             const epocl_network *network, const pass_data *data, const recipe *r) {
    epocl_status status = EPOCL_OK;
    *planned = (pass_plan){0};
    define_functions(p, network, data);
    plan_batch(&planned->batch, p, data, network);
    TRY(plan_layers(planned, p, parameters, network, data, r));
    TRY(sequence_create(&planned->begin));
    TRY(sequence_create(&planned->step));
    if (r) {
        planned->batch.hyper = plan_add_array(p, PURPOSE_STATE, sizeof(hyper_values), 1, NAME("%s.hyper", data->name));
        TRY(sequence_create(&planned->rates));
        add_rates(&planned->rates, &planned->batch);
    }
    add_metrics_begin(&planned->begin, &planned->batch);
    add_shuffle(p, &planned->begin, &planned->batch, r != NULL);
    if (r && data->has_weights) add_rates(&planned->begin, &planned->batch);
cleanup:
    if (status != EPOCL_OK) pass_plan_release(planned);
    return status;
}

/* Whether all of a pass has found room. */
static epocl_status plan_end(pass_plan *planned, const plan *p) {
    epocl_status status = EPOCL_OK;
    TRY(plan_check(p));
    TRY(sequence_check(&planned->begin));
    TRY(sequence_check(&planned->step));
cleanup:
    if (status != EPOCL_OK) pass_plan_release(planned);
    return status;
}

/* The mini-batch through the first `count` layers; in training, by a recipe. */
static void add_forward_layers(pass_plan *planned, plan *p, size_t count, const recipe *r) {
    add_gather(p, &planned->step, &planned->batch, &planned->layers[0]);
    if (r && (r->input_dropout > 0.0f || r->input_noise > 0.0f))
        add_perturb(p, &planned->step, &planned->batch, &planned->layers[0], r);
    for (size_t i = 0; i < count; i++) add_forward(p, &planned->step, &planned->batch, &planned->layers[i]);
}

/* One step of training, top to bottom. */
epocl_status pass_plan_training(pass_plan *planned, plan *p, const parameter_tensors *parameters,
                                const epocl_network *network, const pass_data *data, const recipe *r) {
    const epocl_status status = pass_plan_begin(planned, p, parameters, network, data, r);
    if (status != EPOCL_OK) return status;
    sequence *step = &planned->step;
    const batch_tensors *b = &planned->batch;
    layer_tensors *layers = planned->layers;
    const size_t last = planned->layer_count - 1;

    const target_levels levels = smoothed_targets(r->label_smoothing, network);
    recipe_define(&p->constants, r);
    constants_set(&p->constants, "GRADIENT_TO_MEMORY", gradients_go_to_memory(p, r));
    for (size_t l = 0; l <= last; l++) layers[l].accumulates = r->accumulate > 1;
    add_forward_layers(planned, p, last, r);
    add_cost(p, step, b, &layers[last], &levels);
    for (size_t i = last + 1; i-- > lowest_trained(data);) {
        if (i > lowest_trained(data))
            add_delta(p, step, b, &layers[i], &layers[i - 1]);        /* reads the weights before ... */
        if (!layers[i].is_frozen) add_update(p, step, b, &layers[i]); /* ... this writes them         */
    }
    if (r->clip_norm > 0.0f) add_clip(p, step, &planned->batch, layers, planned->layer_count);
    for (size_t i = 0; i <= last; i++) {
        if (layers[i].is_frozen) continue;
        if (gradients_go_to_memory(p, r)) add_step(p, step, b, &layers[i]);
        if (r->max_norm > 0.0f) add_max_norm(p, step, b, &layers[i], r->max_norm);
        if (r->average > 0.0) add_average(p, step, b, &layers[i]);
    }
    add_metrics_step(p, step, b);
    sequence_split(step, p->launch_flop, p->launch_rows);
    planned->resident_tensors = resident_add_tensors(p, step, data->name);
    planned->kept_state = merged_add_tensor(p, data->name);
    return plan_end(planned, p);
}

epocl_status pass_plan_evaluation(pass_plan *planned, plan *p, const parameter_tensors *parameters,
                                  const epocl_network *network, const pass_data *data) {
    const epocl_status status = pass_plan_begin(planned, p, parameters, network, data, NULL);
    if (status != EPOCL_OK) return status;
    const size_t last = planned->layer_count - 1;
    add_forward_layers(planned, p, last, NULL);
    add_cost(p, &planned->step, &planned->batch, &planned->layers[last], &plain_targets);
    if (data->keeps_outputs) {
        const size_t count = data->sample_count * planned->batch.output_count;
        planned->kept = plan_add_array(p, PURPOSE_ACTIVATIONS, count, sizeof(float), NAME("%s.outputs", data->name));
        add_output_keep(p, &planned->step, &planned->batch, &planned->layers[last], planned->kept);
    }
    add_metrics_step(p, &planned->step, &planned->batch);
    sequence_split(&planned->step, p->launch_flop, p->launch_rows);
    return plan_end(planned, p);
}

epocl_status pass_plan_check(const pass_plan *planned, const plan *p, plan_shape shape) {
    return shape.is_merged ? merged_check(p) : resident_check(p, &planned->step, shape);
}

epocl_status pass_plan_write(const pass_plan *planned, const plan *p, plan_shape shape, size_t step_limit,
                             sequence *written) {
    const batch_tensors *b = &planned->batch;
    return shape.is_merged ? merged_create(written, p, &planned->step, b->state, planned->kept_state)
                           : resident_create(written, p, &planned->step, &planned->resident_tensors, b->state, b->stop,
                                             shape, step_limit);
}

void pass_plan_release(pass_plan *planned) {
    sequence_release(&planned->begin);
    sequence_release(&planned->rates);
    sequence_release(&planned->step);
    free(planned->layers);
    *planned = (pass_plan){0};
}
