#include "command/bench/baseline/cpu_baseline.h"

#include "base/checked.h"
#include "base/random.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* All matrices have rows and columns rounded up to TILE_COLUMNS, so that the plain matmul has no edges. The padding of
 * weights and inputs is zero; what lies in the columns after a shorter batch is never read into a gradient. Units of a
 * layer are rows of `activation` and `delta`, samples of the batch their columns. */
enum { TILE_ROWS = 4, TILE_COLUMNS = 16, ALIGNMENT = 64 };

typedef float vector __attribute__((vector_size(TILE_COLUMNS * sizeof(float))));

typedef struct baseline_layer {
    size_t input_count, output_count;
    size_t row_length; /* of `weights`: input_count, padded */
    float *weights;    /* [output_count, input_count]       */
    float *biases;     /* [output_count]                    */
    float *gradient;   /* of the weights, in their layout; as the rest of adam's, for it only */
    float *weights_m, *weights_v, *biases_m, *biases_v;
    float *activation; /* [output_count, batch]             */
    float *delta;      /* [output_count, batch]             */
    float *transposed; /* its inputs: [batch, input_count]; above the first layer for plain C only */
} baseline_layer;

/* Element (i, j) lies at values[i * row_step + j * column_step]; one of the steps is 1. */
typedef struct matrix_view {
    const float *values;
    size_t row_step, column_step;
} matrix_view;

struct cpu_baseline {
    cpu_baseline_data data;
    size_t batch_size, padded_batch;
    float learning_rate;
    const blas *library; /* NULL: plain C */
    uint32_t epoch;
    size_t step_count; /* steps taken */
    size_t layer_count;
    baseline_layer *layers;
    float *input;      /* [inputs, batch], for plain C only */
    uint32_t *samples; /* [batch], those of the step  */
};

static size_t padded(size_t count) {
    return round_up(count, TILE_COLUMNS);
}

static epocl_status allocate_matrix(size_t rows, size_t columns, float **matrix) {
    size_t bytes = 0;
    if (!checked_multiply(padded(rows), padded(columns) * sizeof **matrix, &bytes) ||
        !(*matrix = aligned_alloc(ALIGNMENT, bytes)))
        return fail(EPOCL_ERROR_MEMORY, "not enough memory for the baseline (%zu x %zu floats)", rows, columns);
    memset(*matrix, 0, bytes);
    return EPOCL_OK;
}

/* c = keep * c + alpha * a b with a [m, k], b [k, n] by rows, and c [m, n]; `ldb` and `ldc` are multiples of
 * TILE_COLUMNS, and rows and columns of the padding are computed as well. */
static void multiply_plain(size_t m, size_t n, size_t k, float alpha, matrix_view a, const float *b, size_t ldb,
                           float keep, float *c, size_t ldc) {
    for (size_t j = 0; j < n; j += TILE_COLUMNS) {
        for (size_t i = 0; i < m; i += TILE_ROWS) {
            vector sum[TILE_ROWS] = {{0}};
            for (size_t p = 0; p < k; p++) {
                const vector row = *(const vector *)(const void *)(b + p * ldb + j);
                const float *column = a.values + i * a.row_step + p * a.column_step;
                for (size_t r = 0; r < TILE_ROWS; r++) sum[r] += column[r * a.row_step] * row;
            }
            for (size_t r = 0; r < TILE_ROWS; r++) {
                vector *out = (vector *)(void *)(c + (i + r) * ldc + j);
                *out = keep == 0 ? alpha * sum[r] : keep * *out + alpha * sum[r];
            }
        }
    }
}

static int blas_order(matrix_view one) {
    return one.column_step == 1 ? BLAS_AS_IT_IS : BLAS_TRANSPOSED;
}

static int blas_step(matrix_view one) {
    return (int)(one.column_step == 1 ? one.row_step : one.column_step);
}

/* The same, with any b, by whoever makes the products. */
static void multiply(const cpu_baseline *baseline, size_t m, size_t n, size_t k, float alpha, matrix_view a,
                     matrix_view b, float keep, float *c, size_t ldc) {
    if (!baseline->library)
        multiply_plain(m, n, k, alpha, a, b.values, b.row_step, keep, c, ldc);
    else
        baseline->library->sgemm(BLAS_ROW_MAJOR, blas_order(a), blas_order(b), (int)m, (int)n, (int)k, alpha, a.values,
                                 blas_step(a), b.values, blas_step(b), keep, c, (int)ldc);
}

static void transpose(const float *from, size_t rows, size_t columns, size_t ld_from, float *to, size_t ld_to) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++) to[j * ld_to + i] = from[i * ld_from + j];
}

/* The inputs of a layer, [input_count, batch] and [batch, input_count]. Plain C wants a copy each way round; a BLAS
 * takes what there is either way. */
static matrix_view layer_input(const cpu_baseline *baseline, size_t l) {
    const size_t ld = baseline->padded_batch;
    if (l > 0) return (matrix_view){baseline->layers[l - 1].activation, ld, 1};
    if (!baseline->library) return (matrix_view){baseline->input, ld, 1};
    return (matrix_view){baseline->layers[0].transposed, 1, baseline->layers[0].row_length};
}

static matrix_view layer_input_transposed(const cpu_baseline *baseline, size_t l) {
    if (l > 0 && baseline->library) return (matrix_view){baseline->layers[l - 1].activation, 1, baseline->padded_batch};
    return (matrix_view){baseline->layers[l].transposed, baseline->layers[l].row_length, 1};
}

uint32_t cpu_baseline_sample(uint32_t epoch, size_t place, size_t sample_count) {
    return random_permute(1, 0, RANDOM_SHUFFLE, epoch, (uint32_t)place, (uint32_t)sample_count);
}

/* Writes the step's samples, scaled; for plain C both ways round. */
static void gather(cpu_baseline *baseline, size_t first, size_t count) {
    baseline_layer *layer = &baseline->layers[0];
    const size_t input_count = layer->input_count;
    for (size_t j = 0; j < count; j++) {
        const uint32_t sample = cpu_baseline_sample(baseline->epoch, first + j, baseline->data.sample_count);
        baseline->samples[j] = sample;
        const uint8_t *bytes = baseline->data.inputs + sample * input_count;
        float *row = layer->transposed + j * layer->row_length;
        for (size_t i = 0; i < input_count; i++) row[i] = (float)bytes[i] * (1.0f / 255.0f);
    }
    if (baseline->library) return;
    transpose(layer->transposed, count, input_count, layer->row_length, baseline->input, baseline->padded_batch);
}

float cpu_baseline_weight(const bench_recipe *recipe, const epocl_network *network, size_t layer, size_t place) {
    const float *weights = epocl_network_weights(network, layer);
    if (weights) return weights[place];
    const size_t outputs = epocl_network_output_count(network, layer);
    const size_t inputs = layer ? epocl_network_output_count(network, layer - 1) : epocl_network_input_count(network);
    const bool is_output = layer + 1 == epocl_network_layer_count(network);
    const float limit = (float)bench_recipe_limit(recipe, is_output, inputs, outputs);
    const uint32_t word = random_word(1, 0, RANDOM_INITIALIZE, (uint32_t)layer, (uint32_t)place, 0);
    return (2.0f * random_unit(word) - 1.0f) * limit;
}

static float sigmoid(float z) {
    return 1.0f / (1.0f + expf(-z));
}

/* What is not finite stays so. */
static float activation_of(bool has_relu, float z) {
    return !has_relu ? sigmoid(z) : z < 0 ? 0 : z;
}

static float slope_of(bool has_relu, float a) {
    return !has_relu ? a * (1 - a) : a > 0 ? 1 : 0;
}

/* The output layer is left as it is before its bias. */
static void forward(cpu_baseline *baseline, size_t count) {
    const bool has_relu = baseline->data.recipe->has_relu;
    const size_t ld = baseline->padded_batch;
    for (size_t l = 0; l < baseline->layer_count; l++) {
        baseline_layer *layer = &baseline->layers[l];
        const matrix_view weights = {layer->weights, layer->row_length, 1}, input = layer_input(baseline, l);
        if (l > 0 && !baseline->library)
            transpose(input.values, layer->input_count, count, ld, layer->transposed, layer->row_length);
        multiply(baseline, layer->output_count, count, layer->input_count, 1, weights, input, 0, layer->activation, ld);
        if (l + 1 == baseline->layer_count) break;
        for (size_t i = 0; i < layer->output_count; i++)
            for (size_t j = 0; j < count; j++) {
                float *a = &layer->activation[i * ld + j];
                *a = activation_of(has_relu, *a + layer->biases[i]);
            }
    }
}

/* The output delta a - y; returns the summed cost of the step, softplus(z) - y z, which no large z can spoil. */
static double sigmoid_delta(cpu_baseline *baseline, size_t count) {
    const baseline_layer *layer = &baseline->layers[baseline->layer_count - 1];
    const size_t ld = baseline->padded_batch;
    double cost = 0;
    for (size_t i = 0; i < layer->output_count; i++) {
        const float *row = layer->activation + i * ld;
        float *delta = layer->delta + i * ld;
        for (size_t j = 0; j < count; j++) {
            const float z = row[j] + layer->biases[i];
            const float y = baseline->data.labels[baseline->samples[j]] == i ? 1 : 0;
            delta[j] = sigmoid(z) - y;
            cost += (double)(fmaxf(z, 0) + log1pf(expf(-fabsf(z))) - y * z);
        }
    }
    return cost;
}

/* Likewise: a - y, and log(sum of exp(z)) - z of the label. */
static double softmax_delta(cpu_baseline *baseline, size_t count) {
    const baseline_layer *layer = &baseline->layers[baseline->layer_count - 1];
    const size_t ld = baseline->padded_batch, outputs = layer->output_count;
    double cost = 0;
    for (size_t j = 0; j < count; j++) {
        const uint32_t label = baseline->data.labels[baseline->samples[j]];
        float largest = -INFINITY, sum = 0;
        for (size_t i = 0; i < outputs; i++) {
            float *z = &layer->delta[i * ld + j];
            *z = layer->activation[i * ld + j] + layer->biases[i];
            if (*z > largest) largest = *z;
        }
        for (size_t i = 0; i < outputs; i++) sum += expf(layer->delta[i * ld + j] - largest);
        const float log_sum = largest + logf(sum);
        cost += (double)(log_sum - layer->delta[label * ld + j]);
        for (size_t i = 0; i < outputs; i++) {
            float *delta = &layer->delta[i * ld + j];
            *delta = expf(*delta - log_sum) - (i == label ? 1.0f : 0.0f);
        }
    }
    return cost;
}

/* ---- Steps ------------------------------------------------------------------------------------ */

/* Of adam: its rate with what makes up for m having begun at 0, and the factor that does so for the root of v. */
typedef struct adam_rates {
    float rate, root;
} adam_rates;

static adam_rates adam_rates_of(const cpu_baseline *baseline) {
    const double t = (double)baseline->step_count;
    return (adam_rates){(float)((double)baseline->learning_rate / (1 - pow(BENCH_BETA1, t))),
                        (float)(1 / sqrt(1 - pow(BENCH_BETA2, t)))};
}

/* FLT_MIN, whose root is no matter beside epsilon: of a subnormal v, -ffast-math takes for a root what is not finite.
 */
static void adam_step(adam_rates rates, size_t count, const float *restrict gradient, float *restrict w,
                      float *restrict m, float *restrict v) {
    const float beta1 = (float)BENCH_BETA1, beta2 = (float)BENCH_BETA2;
    for (size_t i = 0; i < count; i++) {
        m[i] = beta1 * m[i] + (float)(1 - BENCH_BETA1) * gradient[i];
        v[i] = beta2 * v[i] + (float)(1 - BENCH_BETA2) * gradient[i] * gradient[i];
        w[i] -= rates.rate * m[i] / (sqrtf(v[i] + FLT_MIN) * rates.root + (float)BENCH_EPSILON);
    }
}

/* The sum of the samples' deltas of a unit. */
static float delta_sum(const float *delta, size_t count) {
    float sum = 0;
    for (size_t j = 0; j < count; j++) sum += delta[j];
    return sum;
}

/* w -= rate (delta input^T), into the weights at once. */
static void descend(cpu_baseline *baseline, size_t l, matrix_view delta, size_t count) {
    const baseline_layer *layer = &baseline->layers[l];
    const float step = -baseline->learning_rate / (float)count;
    multiply(baseline, layer->output_count, layer->input_count, count, step, delta, layer_input_transposed(baseline, l),
             1, layer->weights, layer->row_length);
    for (size_t i = 0; i < layer->output_count; i++)
        layer->biases[i] += step * delta_sum(layer->delta + i * baseline->padded_batch, count);
}

static void take_adam_step(cpu_baseline *baseline, size_t l, matrix_view delta, size_t count) {
    const baseline_layer *layer = &baseline->layers[l];
    const adam_rates rates = adam_rates_of(baseline);
    multiply(baseline, layer->output_count, layer->input_count, count, 1 / (float)count, delta,
             layer_input_transposed(baseline, l), 0, layer->gradient, layer->row_length);
    adam_step(rates, layer->output_count * layer->row_length, layer->gradient, layer->weights, layer->weights_m,
              layer->weights_v);
    for (size_t i = 0; i < layer->output_count; i++) {
        const float gradient = delta_sum(layer->delta + i * baseline->padded_batch, count) / (float)count;
        adam_step(rates, 1, &gradient, layer->biases + i, layer->biases_m + i, layer->biases_v + i);
    }
}

/* From the output layer down: the delta below reads a layer's weights before they are updated. */
static void backward(cpu_baseline *baseline, size_t count) {
    const bench_recipe *recipe = baseline->data.recipe;
    const size_t ld = baseline->padded_batch;
    baseline->step_count++;
    for (size_t l = baseline->layer_count; l-- > 0;) {
        const baseline_layer *layer = &baseline->layers[l];
        const matrix_view delta = {layer->delta, ld, 1}, weights_transposed = {layer->weights, 1, layer->row_length};
        if (l > 0) {
            const baseline_layer *below = &baseline->layers[l - 1];
            multiply(baseline, layer->input_count, count, layer->output_count, 1, weights_transposed, delta, 0,
                     below->delta, ld);
            for (size_t i = 0; i < layer->input_count * ld; i++)
                below->delta[i] *= slope_of(recipe->has_relu, below->activation[i]);
        }
        (recipe->has_adam ? take_adam_step : descend)(baseline, l, delta, count);
    }
}

double cpu_baseline_run_epoch(cpu_baseline *baseline) {
    const size_t sample_count = baseline->data.sample_count;
    double cost = 0;
    baseline->epoch++;
    for (size_t first = 0; first < sample_count; first += baseline->batch_size) {
        const size_t count = smaller(baseline->batch_size, sample_count - first);
        gather(baseline, first, count);
        forward(baseline, count);
        cost += (baseline->data.recipe->has_softmax ? softmax_delta : sigmoid_delta)(baseline, count);
        backward(baseline, count);
    }
    return cost / (double)sample_count;
}

static epocl_status create_slots(baseline_layer *layer) {
    epocl_status status = EPOCL_OK;
    float **const of_weights[] = {&layer->gradient, &layer->weights_m, &layer->weights_v};
    for (size_t i = 0; i < sizeof of_weights / sizeof *of_weights; i++)
        TRY(allocate_matrix(layer->output_count, layer->input_count, of_weights[i]));
    TRY(allocate_matrix(1, layer->output_count, &layer->biases_m));
    TRY(allocate_matrix(1, layer->output_count, &layer->biases_v));
cleanup:
    return status;
}

static epocl_status create_layer(const epocl_network *network, const bench_recipe *recipe, size_t place,
                                 size_t input_count, size_t batch_size, baseline_layer *layer) {
    epocl_status status = EPOCL_OK;
    const size_t output_count = epocl_network_output_count(network, place);
    const float *biases = epocl_network_biases(network, place);
    *layer = (baseline_layer){.input_count = input_count, .output_count = output_count};
    layer->row_length = padded(input_count);
    TRY(allocate_matrix(output_count, input_count, &layer->weights));
    TRY(allocate_matrix(1, output_count, &layer->biases));
    TRY(allocate_matrix(output_count, batch_size, &layer->activation));
    TRY(allocate_matrix(output_count, batch_size, &layer->delta));
    TRY(allocate_matrix(batch_size, input_count, &layer->transposed));
    if (recipe->has_adam) TRY(create_slots(layer));
    for (size_t i = 0; i < output_count; i++)
        for (size_t j = 0; j < input_count; j++)
            layer->weights[i * layer->row_length + j] =
                cpu_baseline_weight(recipe, network, place, i * input_count + j);
    if (biases) memcpy(layer->biases, biases, output_count * sizeof *biases);
cleanup:
    return status;
}

epocl_status cpu_baseline_create(const epocl_network *network, const cpu_baseline_data *data, size_t batch_size,
                                 float learning_rate, const blas *library, cpu_baseline **baseline) {
    epocl_status status = EPOCL_OK;
    cpu_baseline *made = NULL;
    *baseline = NULL;
    TRY(allocate(1, sizeof *made, "the baseline", &made));
    made->data = *data;
    made->batch_size = smaller(batch_size, data->sample_count);
    made->padded_batch = padded(made->batch_size);
    made->learning_rate = learning_rate;
    made->library = library;
    size_t input_count = epocl_network_input_count(network);
    TRY(allocate_matrix(input_count, made->batch_size, &made->input));
    TRY(allocate(made->batch_size, sizeof *made->samples, "a step's samples", &made->samples));
    const size_t layer_count = epocl_network_layer_count(network);
    TRY(allocate(layer_count, sizeof *made->layers, "the baseline's layers", &made->layers));
    made->layer_count = layer_count;
    for (size_t l = 0; l < layer_count; l++) {
        TRY(create_layer(network, data->recipe, l, input_count, made->batch_size, &made->layers[l]));
        input_count = epocl_network_output_count(network, l);
    }
    *baseline = made;
    made = NULL;
cleanup:
    cpu_baseline_release(made);
    return status;
}

void cpu_baseline_release(cpu_baseline *baseline) {
    if (!baseline) return;
    for (size_t l = 0; l < baseline->layer_count; l++) {
        baseline_layer *layer = &baseline->layers[l];
        free(layer->weights);
        free(layer->biases);
        free(layer->gradient);
        free(layer->weights_m);
        free(layer->weights_v);
        free(layer->biases_m);
        free(layer->biases_v);
        free(layer->activation);
        free(layer->delta);
        free(layer->transposed);
    }
    free(baseline->layers);
    free(baseline->samples);
    free(baseline->input);
    free(baseline);
}
