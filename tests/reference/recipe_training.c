#include "reference/recipe_training.h"

#include "base/random.h"
#include "plan/recipe.h"
#include "reference/recipe_steps.h"
#include "reference/reference.h"
#include "reference/rounding.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- a mini-batch ---- */

/* A layer: its parameters are [outputs][inputs + 1], a bias last. */
typedef struct reference_layer {
    size_t in, out;
    function activation;
    bool is_frozen;
    double dropout, kept; /* the latter is what makes up for the former */
    reference_parameter *parameters;
    double *a, *slope, *delta; /* of one sample: inputs of the layer; slopes and deltas of its outputs */
} reference_layer;

typedef struct run {
    const training_options *options;
    reference_hyper hyper;
    double learning_rate, input_noise, input_kept, max_norm, average_share;
    double smoothing_hot, smoothing_cold; /* what targets of 1 and 0 stand for */
    const epocl_network *network;
    const epocl_dataset *data;
    const double *weights;
    size_t layer_count;
    reference_layer layers[NETWORK_MAX_LAYERS];
    double *outputs; /* z of one sample */
    double cost;     /* summed over the samples of the epoch */
    uint32_t epoch;
} run;

static reference_place place_of(const run *r, size_t place) {
    return (reference_place){r->options->seed, r->epoch, (uint32_t)place};
}

static void take_inputs(run *r, size_t sample, size_t place) {
    const reference_place at = place_of(r, place);
    reference_layer *first = &r->layers[0];
    for (size_t i = 0; i < first->in; i++) {
        const size_t here = sample * first->in + i;
        const double value = r->data->type == INPUT_BYTES ? (double)((const uint8_t *)r->data->inputs)[here]
                                                          : (double)((const float *)r->data->inputs)[here];
        double x = rounded(rounded(value * (double)r->network->input_scale[i]) + (double)r->network->input_shift[i]);
        if (r->input_noise > 0) x = rounded(x + rounded(r->input_noise * reference_noise(&at, i)));
        const bool is_out = reference_is_left_out(&at, RANDOM_LEFT_OUT, i, r->options->input_dropout);
        first->a[i] = is_out ? 0.0 : r->options->input_dropout > 0 ? rounded(x * r->input_kept) : x;
    }
}

static double weighted_input(const reference_layer *at, size_t output) {
    const reference_parameter *p = at->parameters + output * (at->in + 1);
    double z = p[at->in].w;
    for (size_t i = 0; i < at->in; i++) z = rounded(z + rounded(p[i].w * at->a[i]));
    return z;
}

static void forward(run *r, size_t place) {
    const reference_place at_place = place_of(r, place);
    for (size_t l = 0; l + 1 < r->layer_count; l++) {
        reference_layer *at = &r->layers[l];
        const uint32_t purpose = RANDOM_DROPOUT + 16 * (uint32_t)l;
        for (size_t o = 0; o < at->out; o++) {
            const double z = weighted_input(at, o), a = reference_activation(at->activation, z);
            const double slope = reference_slope(at->activation, z, a);
            const bool is_out = reference_is_left_out(&at_place, purpose, o, at->dropout);
            at[1].a[o] = is_out ? 0.0 : at->dropout > 0 ? rounded(a * at->kept) : a;
            at->slope[o] = is_out ? 0.0 : at->dropout > 0 ? rounded(slope * at->kept) : slope;
        }
    }
    for (size_t o = 0; o < r->layers[r->layer_count - 1].out; o++)
        r->outputs[o] = weighted_input(&r->layers[r->layer_count - 1], o);
}

/* A part of the target is spread over the outputs of a softmax, or over yes and no. */
static double target_of(const run *r, size_t sample, size_t output, size_t count) {
    const double y =
        r->data->values ? (double)r->data->values[sample * count + output] : r->data->labels[sample] == output;
    return rounded(r->smoothing_cold + rounded((r->smoothing_hot - r->smoothing_cold) * y));
}

/* log(sum of exp(z)), by way of the largest z. */
static double log_sum_of(const double *z, size_t count) {
    double largest = z[0], sum = 0.0;
    for (size_t o = 1; o < count; o++) largest = fmax(largest, z[o]);
    for (size_t o = 0; o < count; o++) sum = rounded(sum + rounded_by(EXP_UNITS, exp(rounded(z[o] - largest))));
    return rounded(largest + rounded_by(LOG_UNITS, log(sum)));
}

static void output_delta(run *r, size_t sample) {
    reference_layer *last = &r->layers[r->layer_count - 1];
    const double weight = r->weights ? r->weights[sample] : 1.0, log_sum = log_sum_of(r->outputs, last->out);
    for (size_t o = 0; o < last->out; o++) {
        const double z = r->outputs[o], y = target_of(r, sample, o, last->out);
        last->delta[o] = rounded(weight * reference_head_delta(r->network->head, last->activation, z, y, log_sum));
        r->cost += weight * head_cost(r->network->head, last->activation, z, y, log_sum);
    }
}

/* Adds the sample's gradients. */
static void backward(run *r, size_t sample) {
    output_delta(r, sample);
    for (size_t l = r->layer_count; l-- > 0;) {
        reference_layer *at = &r->layers[l];
        for (size_t i = 0; l > 0 && i < at->in; i++) {
            double sum = 0.0;
            for (size_t o = 0; o < at->out; o++)
                sum = rounded(sum + rounded(at->parameters[o * (at->in + 1) + i].w * at->delta[o]));
            at[-1].delta[i] = rounded(sum * at[-1].slope[i]);
        }
        for (size_t o = 0; o < at->out && !at->is_frozen; o++)
            for (size_t i = 0; i <= at->in; i++) {
                double *gradient = &at->parameters[o * (at->in + 1) + i].gradient;
                *gradient = rounded(*gradient + (i < at->in ? rounded(at->delta[o] * at->a[i]) : at->delta[o]));
            }
    }
}

/* ---- a step ---- */

static double clip_of(const run *r, double weight) {
    double squares = 0.0;
    if (!(r->options->clip_norm > 0)) return 1.0;
    for (size_t l = 0; l < r->layer_count; l++)
        for (size_t i = 0; i < (r->layers[l].in + 1) * r->layers[l].out; i++)
            squares = rounded(squares + rounded(pow(r->layers[l].parameters[i].gradient, 2)));
    const double norm = rounded_by(DIVISION_UNITS, rounded_by(ROOT_UNITS, sqrt(squares)) / weight);
    return fmin(1.0, rounded_by(DIVISION_UNITS, r->options->clip_norm / rounded(norm + 1e-6)));
}

static void limit_norms(reference_layer *at, double most) {
    for (size_t o = 0; o < at->out; o++) {
        reference_parameter *p = at->parameters + o * (at->in + 1);
        double squares = 0.0;
        for (size_t i = 0; i < at->in; i++) squares = rounded(squares + rounded(p[i].w * p[i].w));
        if (!(squares > most * most)) continue;
        const double factor = rounded_by(DIVISION_UNITS, most / rounded_by(ROOT_UNITS, sqrt(squares)));
        for (size_t i = 0; i < at->in; i++) p[i].w = rounded(p[i].w * factor);
    }
}

/* The step `number`, from 0, of `per_epoch` an epoch, with gradients that weigh `weight` in all. */
static void take_step(run *r, size_t number, size_t per_epoch, double weight) {
    const training_options *o = r->options;
    const double warm = (double)(o->warmup * per_epoch), all = (double)(o->schedule_epochs * per_epoch);
    const double n = (double)number, t = n + 1, clip = clip_of(r, weight);
    const double x = fmin((n - warm) / (all - warm), 1.0);
    const double factor = n < warm ? rounded_by(DIVISION_UNITS, (n + 1) / warm)
                                   : reference_schedule_factor(o->schedule, x, o->final_rate);
    const reference_rates rates = reference_rates_of(&r->hyper, rounded(r->learning_rate * factor), t);
    const double mean = rounded_by(DIVISION_UNITS, 1 / weight);
    const double share = fmax(r->average_share, rounded_by(DIVISION_UNITS, 9 / (10 + t)));
    for (size_t l = 0; l < r->layer_count; l++) {
        reference_layer *at = &r->layers[l];
        if (at->is_frozen) continue;
        const size_t count = (at->in + 1) * at->out;
        for (size_t i = 0; i < count; i++) {
            reference_parameter *p = &at->parameters[i];
            const double g = rounded(clip * rounded(p->gradient * mean));
            reference_optimizer_step(p, &r->hyper, &rates, g, i % (at->in + 1) != at->in);
            p->gradient = 0.0;
        }
        if (o->max_norm > 0) limit_norms(at, r->max_norm);
        for (size_t i = 0; i < count; i++) {
            reference_parameter *p = &at->parameters[i];
            p->average = rounded(p->average + rounded(share * rounded(p->w - p->average)));
        }
    }
}

static void train_epoch(run *r) {
    const size_t count = r->data->sample_count, batch_size = r->options->batch_size;
    const size_t batches = (count + batch_size - 1) / batch_size, group = (size_t)r->options->accumulate;
    const size_t per_epoch = (batches + group - 1) / group;
    double weight = 0.0;
    r->cost = 0.0;
    for (size_t place = 0; place < count; place++) {
        const size_t sample = random_permute((uint32_t)r->options->seed, (uint32_t)(r->options->seed >> 32),
                                             RANDOM_SHUFFLE, r->epoch, (uint32_t)place, (uint32_t)count);
        take_inputs(r, sample, place);
        forward(r, place);
        backward(r, sample);
        weight = rounded(weight + (r->weights ? r->weights[sample] : 1.0));
        const size_t batch = place / batch_size;
        const bool ends_batch = place + 1 == count || (place + 1) % batch_size == 0;
        if (!ends_batch || (place + 1 < count && (batch + 1) % group != 0)) continue;
        take_step(r, (r->epoch - 1) * per_epoch + batch / group, per_epoch, weight);
        weight = 0.0;
    }
}

/* ---- a run ---- */

/* What makes up for what is left out. */
static double kept_at(double rate) {
    return rate > 0 ? rounded_by(DIVISION_UNITS, 1 / rounded(1 - rounded(rate))) : 1.0;
}

static void create_layer(run *r, size_t l) {
    const layer *from = &r->network->layers[l];
    const real_list *dropout = &r->options->dropout;
    reference_layer *at = &r->layers[l];
    *at = (reference_layer){.in = from->input_count,
                            .out = from->output_count,
                            .activation = from->activation,
                            .is_frozen = layer_set_has(r->options->freeze, l)};
    if (l + 1 < r->layer_count && dropout->count > 0) at->dropout = dropout->values[dropout->count == 1 ? 0 : l];
    at->kept = kept_at(at->dropout);
    at->parameters = calloc((at->in + 1) * at->out, sizeof *at->parameters);
    at->a = reference_doubles(at->in);
    at->slope = reference_doubles(at->out);
    at->delta = reference_doubles(at->out);
    if (!at->parameters) abort();
    for (size_t o = 0; o < at->out; o++)
        for (size_t i = 0; i <= at->in; i++) {
            reference_parameter *p = &at->parameters[o * (at->in + 1) + i];
            p->average = p->w = (double)(i < at->in ? from->weights[o * at->in + i] : from->biases[o]);
        }
}

static void create_run(run *r) {
    const training_options *o = r->options;
    const bool is_softmax = r->network->head.code == HEAD_softmax_cross_entropy;
    const double spread = is_softmax ? (double)r->network->layers[r->layer_count - 1].output_count : 2.0;
    const double smoothing = o->label_smoothing > 0 ? rounded(o->label_smoothing) : 0.0;
    r->hyper = reference_hyper_of(o);
    r->learning_rate = rounded(o->learning_rate);
    r->input_noise = rounded(o->input_noise);
    r->input_kept = kept_at(o->input_dropout);
    r->max_norm = rounded(o->max_norm);
    r->average_share = rounded(1 - o->average);
    r->smoothing_cold = smoothing > 0 ? rounded_by(DIVISION_UNITS, smoothing / spread) : 0.0;
    r->smoothing_hot = smoothing > 0 ? rounded(1 - smoothing + r->smoothing_cold) : 1.0;
    for (size_t l = 0; l < r->layer_count; l++) create_layer(r, l);
    r->outputs = reference_doubles(r->layers[r->layer_count - 1].out);
}

static trained_layer end_layer(const run *r, size_t l) {
    const reference_layer *at = &r->layers[l];
    trained_layer result = {.row_length = at->in + 1, .count = (at->in + 1) * at->out};
    result.values = reference_doubles(result.count);
    for (size_t i = 0; i < result.count; i++)
        result.values[i] = r->options->average > 0 ? at->parameters[i].average : at->parameters[i].w;
    free(at->parameters);
    free(at->a);
    free(at->slope);
    free(at->delta);
    return result;
}

trained reference_train_recipe(const epocl_network *network, const epocl_dataset *data, const double *sample_weights,
                               const training_options *options, size_t epoch_count) {
    run r = {.options = options,
             .network = network,
             .data = data,
             .weights = sample_weights,
             .layer_count = network->layer_count};
    trained result = {.layer_count = network->layer_count};
    create_run(&r);
    for (r.epoch = 1; r.epoch <= epoch_count; r.epoch++) train_epoch(&r);
    for (size_t l = 0; l < r.layer_count; l++) result.layers[l] = end_layer(&r, l);
    result.cost = r.cost / (double)data->sample_count;
    free(r.outputs);
    return result;
}

void trained_release(trained *released) {
    for (size_t l = 0; l < released->layer_count; l++) free(released->layers[l].values);
    *released = (trained){0};
}
