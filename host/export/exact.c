#include "export/exact.h"

#include "base/checked.h"
#include "data/encoder/encoder.h"
#include "data/scores/level_scores.h"
#include "data/sorted.h"
#include "model/ensemble.h"

#include <math.h>
#include <string.h>

/* Half a unit in the last place of 1; what an activation's formula errs by, in these: its steps and its functions of
 * mathematics. */
#define ROUNDING   (1.0 / 16777216.0)
#define ACTIVATING (64.0 * ROUNDING)

/* Values and bounds of a layer's inputs and outputs. */
typedef struct exact_layer {
    double *values, *bounds;
} exact_layer;

static void normalize(const epocl_network *network, const float *inputs, exact_layer to) {
    for (size_t i = 0; i < network->layers[0].input_count; i++) {
        const double scaled = (double)inputs[i] * (double)network->input_scale[i];
        to.values[i] = scaled + (double)network->input_shift[i];
        to.bounds[i] = 2.0 * ROUNDING * (fabs(scaled) + fabs((double)network->input_shift[i]));
    }
}

/* ---- The encoder of a table ---------------------------------------------------------------------- */

/* A number's place on the normal scale, and what floats are off it. */
static double find_height(const encoder_column *column, float number, double *bound) {
    const size_t below = smaller(floats_find(column->knots, column->knot_count, number), column->knot_count - 2);
    const double from = (double)column->heights[below], to = (double)column->heights[below + 1];
    *bound = ROUNDING * (6.0 * (to - from) + 2.0 * (fabs(from) + fabs(to)));
    return (double)encoder_height(column, number);
}

static float find_place(const encoder_column *column, float code) {
    if (isnan(code)) return encoder_place(column, NULL);
    return code >= 0.0f && code < (float)column->level_count ? floorf(code) : encoder_rest(column);
}

static double shape_input(const encoded_input *input, double value) {
    const double offset = (double)input->offset, factor = (double)input->factor, line = (value - offset) * factor;
    if (input->shape == INPUT_EQUAL) return value == offset ? factor : 0.0; /* NOLINT: exactly */
    if (value == (double)ENCODER_MISSING) return 0.0;                       /* NOLINT */
    return input->shape == INPUT_RAMP ? fmax(fmin(line, 1.0), 0.0) : line;
}

/* Returns where the next column's inputs go. */
static size_t encode_number(const encoder_column *column, const encoded_input *inputs, float given, exact_layer to,
                            size_t next) {
    double bound = 0.0, value = (double)ENCODER_MISSING;
    if (!isnan(given)) value = find_height(column, given, &bound);
    for (size_t i = 0; i < encoder_column_inputs(column); i++, next++) {
        const bool is_ramp = inputs[i].shape == INPUT_RAMP;
        to.values[next] = shape_input(&inputs[i], is_ramp && !isnan(given) ? (double)given : value);
        to.bounds[next] = is_ramp ? 4.0 * ROUNDING : inputs[i].shape == INPUT_LINEAR ? bound : 0.0;
    }
    return next;
}

static size_t encode_category(const encoder_column *column, const encoded_input *inputs, float given, exact_layer to,
                              size_t next) {
    float sources[1 + SCORES_MOST];
    encoder_category_sources(column, find_place(column, given), sources);
    for (size_t i = 0; i < encoder_column_inputs(column); i++, next++) {
        to.values[next] = shape_input(&inputs[i], (double)sources[inputs[i].source - inputs[0].source]);
        to.bounds[next] = 0.0;
    }
    return next;
}

static void encode(const encoder *e, const float *columns, exact_layer to) {
    size_t next = 0;
    for (size_t c = 0; c < e->column_count; c++) {
        const encoder_column *column = &e->columns[c];
        next = (column->kind == COLUMN_CATEGORY ? encode_category : encode_number)(column, &e->inputs[next], columns[c],
                                                                                   to, next);
    }
}

static void decode(const encoder *e, exact_layer at) {
    for (size_t i = 0; i < e->target_count; i++) {
        const encoder_target *target = &e->targets[i];
        const double scale = (double)target->scale, size = fabs(at.values[i]) * scale + fabs((double)target->mean);
        at.bounds[i] = at.bounds[i] * scale + 3.0 * ROUNDING * size;
        at.values[i] = encoder_output_value(target, at.values[i]);
    }
}

/* ---- The network --------------------------------------------------------------------------------- */

/* n products and n additions round at most n + 1 times each summand. */
static void weigh(const layer *one, exact_layer from, exact_layer to) {
    const double roundings = 1.01 * ROUNDING * (double)(one->input_count + 2);
    for (size_t o = 0; o < one->output_count; o++) {
        const float *weights = one->weights + o * one->input_count;
        double sum = (double)one->biases[o], error = 0.0, size = fabs(sum);
        for (size_t i = 0; i < one->input_count; i++) {
            const double weight = (double)weights[i];
            sum += weight * from.values[i];
            error += fabs(weight) * from.bounds[i];
            size += fabs(weight) * (fabs(from.values[i]) + from.bounds[i]);
        }
        to.values[o] = sum;
        to.bounds[o] = error + roundings * size;
    }
}

/* The slope carries an error of z on; it changes little over that error, and is that of the ends where it does. */
static void activate(function f, size_t count, exact_layer at) {
    const double p = fmax(1.0, (double)f.parameter);
    for (size_t i = 0; i < count; i++) {
        const double z = at.values[i], error = at.bounds[i], a = activation_value(f, z);
        double slope = fabs(activation_slope(f, z));
        slope = fmax(slope, fabs(activation_slope(f, z - error)));
        slope = fmax(slope, fabs(activation_slope(f, z + error)));
        at.values[i] = a;
        at.bounds[i] = error * (slope + error * p * p) + ACTIVATING * fmax(fabs(a), p * fmax(1.0, fabs(z)));
    }
}

static void apply_softmax(size_t count, exact_layer at) {
    double largest = -INFINITY, sum = 0.0, error = 0.0;
    for (size_t i = 0; i < count; i++) largest = fmax(largest, at.values[i]);
    for (size_t i = 0; i < count; i++) {
        error = fmax(error, at.bounds[i] + ROUNDING * fabs(at.values[i] - largest));
        sum += exp(at.values[i] - largest);
    }
    for (size_t i = 0; i < count; i++) {
        at.values[i] = exp(at.values[i] - largest) / sum;
        at.bounds[i] = at.values[i] * (expm1(2.0 * error) + ACTIVATING + ROUNDING * (double)count) + 1e-37;
    }
}

/* The outputs of one network, from inputs of which `from` has values and bounds; `from` and `to` are used in turn. */
static exact_layer run_layers(const epocl_network *network, exact_layer from, exact_layer to) {
    for (size_t l = 0; l < network->layer_count; l++) {
        const layer *one = &network->layers[l];
        weigh(one, from, to);
        if (one->activation.code == ACTIVATION_softmax)
            apply_softmax(one->output_count, to);
        else
            activate(one->activation, one->output_count, to);
        const exact_layer done = to;
        to = from;
        from = done;
    }
    return from;
}

static size_t widest_layer(const epocl_network *network) {
    size_t width = network->layers[0].input_count;
    for (size_t k = 0; k < ensemble_member_count(network); k++) {
        const epocl_network *member = ensemble_member(network, k);
        for (size_t l = 0; l < member->layer_count; l++)
            if (member->layers[l].output_count > width) width = member->layers[l].output_count;
    }
    return width;
}

/* Each addition to the mean rounds it, and the share and the product once more; one network is its own mean. */
static void add_share(const exact_layer *mean, const exact_layer *one, size_t count, double share, double roundings) {
    for (size_t i = 0; i < count; i++) {
        mean->values[i] += share * one->values[i];
        mean->bounds[i] += share * (one->bounds[i] + roundings * ROUNDING * (fabs(one->values[i]) + one->bounds[i]));
    }
}

epocl_status exact_outputs(const epocl_network *network, const float *inputs, double *outputs, double *bounds) {
    epocl_status status = EPOCL_OK;
    double *memory = NULL;
    const size_t width = widest_layer(network), count = network_output_count(network);
    const size_t members = ensemble_member_count(network), input_count = network->layers[0].input_count;
    TRY(allocate(width, 6 * sizeof *memory, "a layer's values", &memory));
    const exact_layer start = {memory, memory + width}, from = {memory + 2 * width, memory + 3 * width},
                      to = {memory + 4 * width, memory + 5 * width}, result = {outputs, bounds};
    if (network->encoder)
        encode(network->encoder, inputs, start);
    else
        normalize(network, inputs, start);
    memset(outputs, 0, count * sizeof *outputs);
    memset(bounds, 0, count * sizeof *bounds);
    for (size_t k = 0; k < members; k++) {
        memcpy(from.values, start.values, input_count * sizeof *from.values);
        memcpy(from.bounds, start.bounds, input_count * sizeof *from.bounds);
        const exact_layer one = run_layers(ensemble_member(network, k), from, to);
        add_share(&result, &one, count, epocl_network_member_share(network, k),
                  members > 1 ? (double)(members + 2) : 0.0);
    }
    if (network->encoder && network->encoder->class_count == 0) decode(network->encoder, result);
cleanup:
    free(memory);
    return status;
}
