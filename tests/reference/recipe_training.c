#include "device/recipe_reference.h"

#include "base/random.h"
#include "plan/recipe.h"
#include "reference/reference.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- schedules, optimisers ---- */

double reference_schedule_factor(int schedule, double x, double f) {
    const double pi = acos(-1.0);
    switch (schedule) {
    case SCHEDULE_linear: return 1 + (f - 1) * x;
    case SCHEDULE_cosine: return f + (1 - f) * (1 + cos(pi * x)) / 2;
    case SCHEDULE_exponential: return pow(f, x);
    case SCHEDULE_step: return pow(10.0, -fmin(floor(3 * x), 2));
    case SCHEDULE_one_cycle:
        if (x < 0.3) return 1 - 0.96 * (1 + cos(pi * x / 0.3)) / 2;
        return f + (1 - f) * (1 + cos(pi * (x - 0.3) / 0.7)) / 2;
    case SCHEDULE_coslog: return (1 - cos(2 * pi * log2(1 + 15 * x))) / 2;
    default: return 1;
    }
}

static double nadam_momentum(const training_options *o, double t) {
    return o->beta1 * (1 - pow(0.96, 0.004 * t) / 2);
}

void reference_optimizer_step(reference_parameter *p, const training_options *o, double rate, double g, double t,
                              bool decays) {
    const double mu = o->momentum, eps = o->epsilon, decay = decays ? o->weight_decay : 0.0;
    const bool is_apart = o->optimizer == OPTIMIZER_adamw || o->optimizer == OPTIMIZER_lion;
    if (!is_apart) g += decay * p->w;
    if (o->clip_value > 0) g = fmax(fmin(g, o->clip_value), -o->clip_value);
    if (is_apart) p->w -= rate * decay * p->w;
    switch (o->optimizer) {
    case OPTIMIZER_sgd: p->w -= rate * g; return;
    case OPTIMIZER_momentum:
    case OPTIMIZER_nesterov:
        p->m = mu * p->m + g;
        p->w -= rate * (o->optimizer == OPTIMIZER_momentum ? p->m : g + mu * p->m);
        return;
    case OPTIMIZER_adagrad:
        p->m += g * g;
        p->w -= rate * g / (sqrt(p->m) + eps);
        return;
    case OPTIMIZER_rmsprop:
        p->m = o->beta2 * p->m + (1 - o->beta2) * g * g;
        p->w -= rate * g / (sqrt(p->m) + eps);
        return;
    case OPTIMIZER_lion: {
        const double direction = o->beta1 * p->m + (1 - o->beta1) * g;
        p->w -= rate * ((direction > 0) - (direction < 0));
        p->m = o->beta2 * p->m + (1 - o->beta2) * g;
        return;
    }
    }
    p->m = o->beta1 * p->m + (1 - o->beta1) * g;
    p->v = o->beta2 * p->v + (1 - o->beta2) * g * g;
    double ahead = p->m / (1 - pow(o->beta1, t));
    if (o->optimizer == OPTIMIZER_nadam) {
        double product = 1.0;
        for (double i = 1; i <= t; i++) product *= nadam_momentum(o, i);
        const double next = nadam_momentum(o, t + 1);
        ahead = (1 - nadam_momentum(o, t)) / (1 - product) * g + next / (1 - product * next) * p->m;
    }
    p->w -= rate * ahead / (sqrt(p->v / (1 - pow(o->beta2, t))) + eps);
}

/* ---- a mini-batch ---- */

/* A layer: its parameters are [outputs][inputs + 1], a bias last. */
typedef struct reference_layer {
    size_t in, out;
    function activation;
    bool is_frozen;
    double dropout;
    reference_parameter *parameters;
    double *a, *slope, *delta; /* of one sample: inputs of the layer; slopes and deltas of its outputs */
} reference_layer;

typedef struct run {
    const training_options *options;
    const epocl_network *network;
    const epocl_dataset *data;
    const double *weights;
    size_t layer_count;
    reference_layer layers[NETWORK_MAX_LAYERS];
    double *outputs; /* z of one sample */
    uint32_t epoch;
} run;

static double unit_of(const run *r, uint32_t purpose, size_t place, size_t unit, size_t word) {
    uint32_t counter[4] = {(uint32_t)(unit / 64 * 16 + unit % 16), r->epoch, purpose, (uint32_t)place};
    random_philox(counter, (uint32_t)r->options->seed, (uint32_t)(r->options->seed >> 32));
    return (double)random_unit(counter[word]);
}

static double noise_of(const run *r, size_t place, size_t unit) {
    const size_t part = unit / 16 % 4, word = part / 2 * 2;
    const double radius = unit_of(r, RANDOM_NOISE, place, unit, word) + ldexp(1.0, -24);
    const double angle = 2.0 * acos(-1.0) * unit_of(r, RANDOM_NOISE, place, unit, word + 1);
    return sqrt(-2.0 * log(radius)) * (part % 2 ? sin(angle) : cos(angle));
}

/* 0 for what is left out, else what makes up for that. */
static double kept(const run *r, double rate, uint32_t purpose, size_t place, size_t unit) {
    if (!(rate > 0)) return 1.0;
    return unit_of(r, purpose, place, unit, unit / 16 % 4) >= (double)(float)rate ? 1.0 / (1.0 - rate) : 0.0;
}

static void take_inputs(run *r, size_t sample, size_t place) {
    reference_layer *first = &r->layers[0];
    for (size_t i = 0; i < first->in; i++) {
        const size_t at = sample * first->in + i;
        const double value = r->data->type == INPUT_BYTES ? (double)((const uint8_t *)r->data->inputs)[at]
                                                          : (double)((const float *)r->data->inputs)[at];
        double x = value * (double)r->network->input_scale[i] + (double)r->network->input_shift[i];
        if (r->options->input_noise > 0) x += r->options->input_noise * noise_of(r, place, i);
        first->a[i] = x * kept(r, r->options->input_dropout, RANDOM_LEFT_OUT, place, i);
    }
}

static void forward(run *r, size_t place) {
    for (size_t l = 0; l < r->layer_count; l++) {
        reference_layer *at = &r->layers[l];
        const bool is_last = l + 1 == r->layer_count;
        for (size_t o = 0; o < at->out; o++) {
            const reference_parameter *p = at->parameters + o * (at->in + 1);
            double z = p[at->in].w;
            for (size_t i = 0; i < at->in; i++) z += p[i].w * at->a[i];
            if (is_last) {
                r->outputs[o] = z;
                continue;
            }
            const double factor = kept(r, at->dropout, RANDOM_DROPOUT + 16 * (uint32_t)l, place, o);
            at[1].a[o] = factor * activation_value(at->activation, z);
            at->slope[o] = factor * activation_slope(at->activation, z);
        }
    }
}

/* A part of the target is spread over the outputs of a softmax, or over yes and no. */
static double target_of(const run *r, size_t sample, size_t output, size_t count) {
    const double q = r->options->label_smoothing;
    const double spread = r->network->head.code == HEAD_softmax_cross_entropy ? (double)count : 2.0;
    const double y =
        r->data->values ? (double)r->data->values[sample * count + output] : r->data->labels[sample] == output;
    return (1 - q) * y + q / spread;
}

/* Adds the sample's gradients. */
static void backward(run *r, size_t sample) {
    reference_layer *last = &r->layers[r->layer_count - 1];
    const double weight = r->weights ? r->weights[sample] : 1.0;
    double log_sum = 0.0;
    for (size_t o = 0; o < last->out; o++) log_sum += exp(r->outputs[o]);
    for (size_t o = 0; o < last->out; o++)
        last->delta[o] = weight * head_delta(r->network->head, last->activation, r->outputs[o],
                                             target_of(r, sample, o, last->out), log(log_sum));
    for (size_t l = r->layer_count; l-- > 0;) {
        reference_layer *at = &r->layers[l];
        for (size_t i = 0; l > 0 && i < at->in; i++) {
            double sum = 0.0;
            for (size_t o = 0; o < at->out; o++) sum += at->parameters[o * (at->in + 1) + i].w * at->delta[o];
            at[-1].delta[i] = sum * at[-1].slope[i];
        }
        for (size_t o = 0; o < at->out && !at->is_frozen; o++)
            for (size_t i = 0; i <= at->in; i++)
                at->parameters[o * (at->in + 1) + i].gradient += at->delta[o] * (i < at->in ? at->a[i] : 1.0);
    }
}

/* ---- a step ---- */

static double clip_of(const run *r, double weight) {
    double squares = 0.0;
    for (size_t l = 0; l < r->layer_count; l++)
        for (size_t i = 0; i < (r->layers[l].in + 1) * r->layers[l].out; i++)
            squares += pow(r->layers[l].parameters[i].gradient / weight, 2);
    return r->options->clip_norm > 0 ? fmin(1.0, r->options->clip_norm / (sqrt(squares) + 1e-6)) : 1.0;
}

static void limit_norms(reference_layer *at, double most) {
    for (size_t o = 0; o < at->out; o++) {
        reference_parameter *p = at->parameters + o * (at->in + 1);
        double squares = 0.0;
        for (size_t i = 0; i < at->in; i++) squares += p[i].w * p[i].w;
        for (size_t i = 0; i < at->in && squares > most * most; i++) p[i].w *= most / sqrt(squares);
    }
}

/* The step `number`, from 0, of `per_epoch` an epoch, with gradients that weigh `weight` in all. */
static void take_step(run *r, size_t number, size_t per_epoch, double weight) {
    const training_options *o = r->options;
    const double warm = (double)(o->warmup * per_epoch), all = (double)(o->schedule_epochs * per_epoch);
    const double n = (double)number, t = n + 1, clip = clip_of(r, weight);
    const double x = fmin((n - warm) / (all - warm), 1.0);
    const double rate =
        o->learning_rate * (n < warm ? (n + 1) / warm : reference_schedule_factor(o->schedule, x, o->final_rate));
    for (size_t l = 0; l < r->layer_count; l++) {
        reference_layer *at = &r->layers[l];
        if (at->is_frozen) continue;
        const size_t count = (at->in + 1) * at->out;
        for (size_t i = 0; i < count; i++) {
            reference_parameter *p = &at->parameters[i];
            reference_optimizer_step(p, o, rate, clip * p->gradient / weight, t, i % (at->in + 1) != at->in);
            p->gradient = 0.0;
        }
        if (o->max_norm > 0) limit_norms(at, o->max_norm);
        const double share = fmax(1 - o->average, 9 / (10 + t));
        for (size_t i = 0; i < count; i++)
            at->parameters[i].average += share * (at->parameters[i].w - at->parameters[i].average);
    }
}

static void train_epoch(run *r) {
    const size_t count = r->data->sample_count, batch_size = r->options->batch_size;
    const size_t batches = (count + batch_size - 1) / batch_size, group = (size_t)r->options->accumulate;
    const size_t per_epoch = (batches + group - 1) / group;
    double weight = 0.0;
    for (size_t place = 0; place < count; place++) {
        const size_t sample = random_permute((uint32_t)r->options->seed, (uint32_t)(r->options->seed >> 32),
                                             RANDOM_SHUFFLE, r->epoch, (uint32_t)place, (uint32_t)count);
        take_inputs(r, sample, place);
        forward(r, place);
        backward(r, sample);
        weight += r->weights ? r->weights[sample] : 1.0;
        const size_t batch = place / batch_size;
        const bool ends_batch = place + 1 == count || (place + 1) % batch_size == 0;
        if (!ends_batch || (place + 1 < count && (batch + 1) % group != 0)) continue;
        take_step(r, (r->epoch - 1) * per_epoch + batch / group, per_epoch, weight);
        weight = 0.0;
    }
}

/* ---- a run ---- */

static void create_layer(run *r, size_t l) {
    const layer *from = &r->network->layers[l];
    const real_list *dropout = &r->options->dropout;
    reference_layer *at = &r->layers[l];
    *at = (reference_layer){.in = from->input_count,
                            .out = from->output_count,
                            .activation = from->activation,
                            .is_frozen = layer_set_has(r->options->freeze, l)};
    at->dropout = l + 1 == r->layer_count ? 0.0 : dropout->values[dropout->count == 1 ? 0 : l];
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

static void release_layer(const run *r, epocl_network *network, size_t l) {
    const reference_layer *at = &r->layers[l];
    for (size_t o = 0; o < at->out; o++)
        for (size_t i = 0; i <= at->in; i++) {
            const reference_parameter *p = &at->parameters[o * (at->in + 1) + i];
            const float value = (float)(r->options->average > 0 ? p->average : p->w);
            *(i < at->in ? &network->layers[l].weights[o * at->in + i] : &network->layers[l].biases[o]) = value;
        }
    free(at->parameters);
    free(at->a);
    free(at->slope);
    free(at->delta);
}

void recipe_reference_train(epocl_network *network, const epocl_dataset *data, const double *sample_weights,
                            const training_options *options, size_t epoch_count) {
    run r = {.options = options,
             .network = network,
             .data = data,
             .weights = sample_weights,
             .layer_count = network->layer_count};
    for (size_t l = 0; l < r.layer_count; l++) create_layer(&r, l);
    r.outputs = reference_doubles(r.layers[r.layer_count - 1].out);
    for (r.epoch = 1; r.epoch <= epoch_count; r.epoch++) train_epoch(&r);
    for (size_t l = 0; l < r.layer_count; l++) release_layer(&r, network, l);
    free(r.outputs);
}
