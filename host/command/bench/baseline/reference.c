#include "command/bench/baseline/reference.h"

#include "base/checked.h"
#include "command/bench/baseline/check.h"

#include <math.h>

/* Three steps, the last of a shorter batch; the cost of the later ones shows the updates before. */
enum { CHECK_SAMPLES = 8, CHECK_BATCH = 3 };
static const float descent_check_rate = 0.5f, adam_check_rate = 0.01f;
static const double check_tolerance = 1e-4; /* fp32 against double; a missing update changes the cost a hundredfold */

typedef struct reference_layer {
    size_t input_count, output_count;
    double *parameters; /* [output_count, input_count + 1], a bias last */
    double *gradient, *m, *v;
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
        free(r->layers[l].parameters);
        free(r->layers[l].gradient);
        free(r->layers[l].m);
        free(r->layers[l].v);
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
        double **const of_parameters[] = {&one->parameters, &one->gradient, &one->m, &one->v};
        for (size_t i = 0; i < sizeof of_parameters / sizeof *of_parameters; i++)
            TRY(allocate(one->output_count, (input_count + 1) * sizeof(double), "the reference", of_parameters[i]));
        TRY(allocate(one->output_count, batch_size * sizeof *one->activation, "the reference", &one->activation));
        TRY(allocate(one->output_count, batch_size * sizeof *one->delta, "the reference", &one->delta));
        for (size_t i = 0; i < one->output_count; i++) {
            double *row = one->parameters + i * (input_count + 1);
            for (size_t j = 0; j < input_count; j++)
                row[j] = (double)cpu_baseline_weight(data->recipe, network, l, i * input_count + j);
            row[input_count] = biases ? (double)biases[i] : 0;
        }
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

static double activation_of(const bench_recipe *recipe, double z) {
    return recipe->has_relu ? fmax(z, 0) : sigmoid(z);
}

static double slope_of(const bench_recipe *recipe, double a) {
    return recipe->has_relu ? a > 0 : a * (1 - a);
}

/* The output layer is left as it is before its activation. */
static void forward(reference *r, size_t place) {
    for (size_t l = 0; l < r->layer_count; l++) {
        reference_layer *one = &r->layers[l];
        const double *input = layer_input(r, l, place);
        for (size_t i = 0; i < one->output_count; i++) {
            const double *row = one->parameters + i * (one->input_count + 1);
            double z = row[one->input_count];
            for (size_t j = 0; j < one->input_count; j++) z += row[j] * input[j];
            one->activation[place * one->output_count + i] =
                l + 1 < r->layer_count ? activation_of(r->data.recipe, z) : z;
        }
    }
}

/* Of the output layer; returns the sample's cost: of each unit softplus(z) - y z, or log(sum of exp(z)) - z of the
 * label. */
static double output_delta(reference *r, size_t place, uint32_t label) {
    const reference_layer *last = &r->layers[r->layer_count - 1];
    const double *z = last->activation + place * last->output_count;
    double *delta = last->delta + place * last->output_count;
    const bool has_softmax = r->data.recipe->has_softmax;
    double cost = 0, largest = -INFINITY, sum = 0;
    if (last->output_count == 0) return cost;
    for (size_t i = 0; i < last->output_count; i++) largest = fmax(largest, z[i]);
    for (size_t i = 0; i < last->output_count; i++) sum += exp(z[i] - largest);
    const double log_sum = largest + log(sum);
    for (size_t i = 0; i < last->output_count; i++) {
        const double y = i == label ? 1 : 0;
        delta[i] = (has_softmax ? exp(z[i] - log_sum) : sigmoid(z[i])) - y;
        cost += has_softmax ? y * (log_sum - z[i]) : fmax(z[i], 0) + log1p(exp(-fabs(z[i]))) - y * z[i];
    }
    return cost;
}

/* Those below it. */
static void hidden_deltas(reference *r, size_t place) {
    for (size_t l = r->layer_count - 1; l > 0; l--) {
        const reference_layer *one = &r->layers[l];
        double *below = r->layers[l - 1].delta + place * one->input_count;
        const double *input = layer_input(r, l, place);
        for (size_t j = 0; j < one->input_count; j++) below[j] = 0;
        for (size_t i = 0; i < one->output_count; i++)
            for (size_t j = 0; j < one->input_count; j++)
                below[j] += one->parameters[i * (one->input_count + 1) + j] * one->delta[place * one->output_count + i];
        for (size_t j = 0; j < one->input_count; j++) below[j] *= slope_of(r->data.recipe, input[j]);
    }
}

/* The step `t`, from 1, of one parameter with gradient g. */
static void take_step(const reference *r, double learning_rate, double t, double g, double *w, double *m, double *v) {
    if (!r->data.recipe->has_adam) {
        *w -= learning_rate * g;
        return;
    }
    *m = BENCH_BETA1 * *m + (1 - BENCH_BETA1) * g;
    *v = BENCH_BETA2 * *v + (1 - BENCH_BETA2) * g * g;
    *w -= learning_rate * (*m / (1 - pow(BENCH_BETA1, t))) / (sqrt(*v / (1 - pow(BENCH_BETA2, t))) + BENCH_EPSILON);
}

static void update(reference *r, size_t count, double learning_rate, double t) {
    for (size_t l = 0; l < r->layer_count; l++) {
        reference_layer *one = &r->layers[l];
        const size_t row_length = one->input_count + 1;
        for (size_t i = 0; i < one->output_count * row_length; i++) one->gradient[i] = 0;
        for (size_t place = 0; place < count; place++) {
            const double *input = layer_input(r, l, place), *delta = one->delta + place * one->output_count;
            for (size_t i = 0; i < one->output_count; i++)
                for (size_t j = 0; j < row_length; j++)
                    one->gradient[i * row_length + j] += delta[i] * (j + 1 < row_length ? input[j] : 1);
        }
        for (size_t i = 0; i < one->output_count * row_length; i++)
            take_step(r, learning_rate, t, one->gradient[i] / (double)count, one->parameters + i, one->m + i,
                      one->v + i);
    }
}

static void take_inputs(reference *r, size_t sample, size_t place) {
    const size_t input_count = r->layers[0].input_count;
    const uint8_t *bytes = r->data.inputs + sample * input_count;
    for (size_t i = 0; i < input_count; i++) r->input[place * input_count + i] = bytes[i] / 255.0;
}

epocl_status bench_reference_epoch(const epocl_network *network, const cpu_baseline_data *data, size_t batch_size,
                                   double learning_rate, double *cost) {
    epocl_status status = EPOCL_OK;
    reference r = {0};
    double t = 0;
    *cost = 0;
    TRY(reference_create(network, data, batch_size, &r));
    for (size_t first = 0; first < data->sample_count; first += batch_size) {
        const size_t count = smaller(batch_size, data->sample_count - first);
        for (size_t place = 0; place < count; place++) {
            const uint32_t sample = cpu_baseline_sample(1, first + place, data->sample_count);
            take_inputs(&r, sample, place);
            forward(&r, place);
            *cost += output_delta(&r, place, data->labels[sample]);
            hidden_deltas(&r, place);
        }
        update(&r, count, learning_rate, ++t);
    }
    *cost /= (double)data->sample_count;
cleanup:
    reference_release(&r);
    return status;
}

epocl_status bench_reference_cost(const epocl_network *network, const cpu_baseline_data *data, double *cost) {
    epocl_status status = EPOCL_OK;
    reference r = {0};
    *cost = 0;
    TRY(reference_create(network, data, 1, &r));
    for (size_t sample = 0; sample < data->sample_count; sample++) {
        take_inputs(&r, sample, 0);
        forward(&r, 0);
        *cost += output_delta(&r, 0, data->labels[sample]);
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
    const float rate = data->recipe->has_adam ? adam_check_rate : descent_check_rate;
    double expected = 0;
    few.sample_count = smaller(few.sample_count, CHECK_SAMPLES);
    TRY(bench_reference_epoch(network, &few, CHECK_BATCH, (double)rate, &expected));
    TRY(cpu_baseline_create(network, &few, CHECK_BATCH, rate, library, &baseline));
    TRY(bench_check_near(name, "the cost of a few steps", cpu_baseline_run_epoch(baseline), expected, check_tolerance));
cleanup:
    cpu_baseline_release(baseline);
    return status;
}
