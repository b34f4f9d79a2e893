#include "command/bench/reference.h"

#include "base/checked.h"
#include "base/random.h"
#include "command/bench/check.h"

#include <math.h>

/* Three steps, the last of a shorter batch; the cost of the later ones shows the updates before. */
enum { CHECK_SAMPLES = 8, CHECK_BATCH = 3 };
static const float check_learning_rate = 0.5f;
static const double check_tolerance = 1e-4; /* fp32 against double; a missing update changes the cost a hundredfold */

typedef struct reference_layer {
    size_t input_count, output_count;
    double *weights;    /* [output_count, input_count]       */
    double *biases;     /* [output_count]                    */
    double *activation; /* [batch, output_count]             */
    double *delta;      /* [batch, output_count]             */
} reference_layer;

typedef struct reference {
    cpu_baseline_data data;
    size_t layer_count;
    reference_layer *layers;
    double *input; /* [batch, inputs] */
} reference;

static void reference_release(reference *r) {
    for (size_t l = 0; r->layers && l < r->layer_count; l++) {
        free(r->layers[l].weights);
        free(r->layers[l].biases);
        free(r->layers[l].activation);
        free(r->layers[l].delta);
    }
    free(r->layers);
    free(r->input);
    *r = (reference){0};
}

static epocl_status reference_create(const epocl_network *network, const cpu_baseline_data *data, size_t batch_size,
                                     reference *r) {
    epocl_status status = EPOCL_OK;
    size_t input_count = epocl_network_input_count(network);
    *r = (reference){.data = *data, .layer_count = epocl_network_layer_count(network)};
    TRY(allocate(r->layer_count, sizeof *r->layers, "the reference", &r->layers));
    TRY(allocate(batch_size * input_count, sizeof *r->input, "the reference", &r->input));
    for (size_t l = 0; l < r->layer_count; l++) {
        reference_layer *one = &r->layers[l];
        const float *biases = epocl_network_biases(network, l);
        *one = (reference_layer){.input_count = input_count, .output_count = epocl_network_output_count(network, l)};
        TRY(allocate(one->output_count, input_count * sizeof *one->weights, "the reference", &one->weights));
        TRY(allocate(one->output_count, sizeof *one->biases, "the reference", &one->biases));
        TRY(allocate(one->output_count, batch_size * sizeof *one->activation, "the reference", &one->activation));
        TRY(allocate(one->output_count, batch_size * sizeof *one->delta, "the reference", &one->delta));
        for (size_t i = 0; i < one->output_count * input_count; i++)
            one->weights[i] = (double)cpu_baseline_weight(network, l, i);
        for (size_t i = 0; i < one->output_count; i++) one->biases[i] = biases ? (double)biases[i] : 0;
        input_count = one->output_count;
    }
cleanup:
    if (status != EPOCL_OK) reference_release(r);
    return status;
}

/* What a layer gets from sample `place` of the batch. */
static const double *layer_input(const reference *r, size_t l, size_t place) {
    const double *values = l == 0 ? r->input : r->layers[l - 1].activation;
    return values + place * r->layers[l].input_count;
}

static double sigmoid(double z) {
    return 1 / (1 + exp(-z));
}

/* The output layer is left as it is before the sigmoid. */
static void forward(reference *r, size_t place) {
    for (size_t l = 0; l < r->layer_count; l++) {
        reference_layer *one = &r->layers[l];
        const double *input = layer_input(r, l, place);
        for (size_t i = 0; i < one->output_count; i++) {
            double z = one->biases[i];
            for (size_t j = 0; j < one->input_count; j++) z += one->weights[i * one->input_count + j] * input[j];
            one->activation[place * one->output_count + i] = l + 1 < r->layer_count ? sigmoid(z) : z;
        }
    }
}

/* The deltas of all layers; returns the sample's cost, softplus(z) - y z. */
static double backward(reference *r, size_t place, uint32_t label) {
    const reference_layer *last = &r->layers[r->layer_count - 1];
    double cost = 0;
    for (size_t i = 0; i < last->output_count; i++) {
        const double z = last->activation[place * last->output_count + i], y = i == label ? 1 : 0;
        last->delta[place * last->output_count + i] = sigmoid(z) - y;
        cost += fmax(z, 0) + log1p(exp(-fabs(z))) - y * z;
    }
    for (size_t l = r->layer_count - 1; l > 0; l--) {
        const reference_layer *one = &r->layers[l];
        double *below = r->layers[l - 1].delta + place * one->input_count;
        const double *input = layer_input(r, l, place);
        for (size_t j = 0; j < one->input_count; j++) below[j] = 0;
        for (size_t i = 0; i < one->output_count; i++)
            for (size_t j = 0; j < one->input_count; j++)
                below[j] += one->weights[i * one->input_count + j] * one->delta[place * one->output_count + i];
        for (size_t j = 0; j < one->input_count; j++) below[j] *= input[j] * (1 - input[j]);
    }
    return cost;
}

static void update(reference *r, size_t count, double learning_rate) {
    const double rate = learning_rate / (double)count;
    for (size_t l = 0; l < r->layer_count; l++) {
        reference_layer *one = &r->layers[l];
        for (size_t place = 0; place < count; place++) {
            const double *input = layer_input(r, l, place), *delta = one->delta + place * one->output_count;
            for (size_t i = 0; i < one->output_count; i++) {
                double *weights = one->weights + i * one->input_count;
                for (size_t j = 0; j < one->input_count; j++) weights[j] -= rate * delta[i] * input[j];
                one->biases[i] -= rate * delta[i];
            }
        }
    }
}

epocl_status bench_reference_epoch(const epocl_network *network, const cpu_baseline_data *data, size_t batch_size,
                                   double learning_rate, double *cost) {
    epocl_status status = EPOCL_OK;
    reference r = {0};
    const size_t input_count = epocl_network_input_count(network);
    *cost = 0;
    TRY(reference_create(network, data, batch_size, &r));
    for (size_t first = 0; first < data->sample_count; first += batch_size) {
        const size_t count = smaller(batch_size, data->sample_count - first);
        for (size_t place = 0; place < count; place++) {
            const uint32_t sample = cpu_baseline_sample(1, first + place, data->sample_count);
            const uint8_t *bytes = data->inputs + sample * input_count;
            for (size_t i = 0; i < input_count; i++) r.input[place * input_count + i] = bytes[i] / 255.0;
            forward(&r, place);
            *cost += backward(&r, place, data->labels[sample]);
        }
        update(&r, count, learning_rate);
    }
    *cost /= (double)data->sample_count;
cleanup:
    reference_release(&r);
    return status;
}

epocl_status bench_reference_check(const char *name, const epocl_network *network, const cpu_baseline_data *data,
                                   const blas *library) {
    epocl_status status = EPOCL_OK;
    cpu_baseline *baseline = NULL;
    cpu_baseline_data few = *data;
    double expected = 0;
    few.sample_count = smaller(few.sample_count, CHECK_SAMPLES);
    TRY(bench_reference_epoch(network, &few, CHECK_BATCH, (double)check_learning_rate, &expected));
    TRY(cpu_baseline_create(network, &few, CHECK_BATCH, check_learning_rate, library, &baseline));
    TRY(bench_check_near(name, "the cost of a few steps", cpu_baseline_run_epoch(baseline), expected, check_tolerance));
cleanup:
    cpu_baseline_release(baseline);
    return status;
}
