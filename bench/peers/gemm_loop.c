#include "gemm_loop.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef USE_DNNL
#include <oneapi/dnnl/dnnl.h>
#else
#include <cblas.h>
#endif

static const float LARGEST_EXPONENT = 80.0f; /* of which expf is finite */

/* Elementwise loops are shared among the cores from this many elements on; below, waking a thread costs more. */
enum { PARALLEL_ELEMENTS = 1 << 16, ALIGNMENT = 64 };

typedef struct layer {
    int input_count, output_count;
    float *weights;    /* [output_count, input_count], the caller's */
    float *biases;     /* [output_count], the caller's              */
    float *activation; /* [batch_size, output_count]                */
    float *delta;      /* [batch_size, output_count]                */
} layer;

struct gemm_loop {
    int layer_count, batch_size;
    float learning_rate;
    const float *inputs, *targets;
    float *input;         /* [batch_size, inputs]   */
    const float **target; /* [batch_size], rows     */
    layer *layers;
};

/* c [m, n] = alpha op(a) op(b) + beta c; op is the transposition where asked for. */
static void multiply(int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a, const float *b,
                     float beta, float *c) {
    const int lda = transpose_a ? m : k, ldb = transpose_b ? k : n;
#ifdef USE_DNNL
    dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N', m, n, k, alpha, a, lda, b, ldb, beta, c, n);
#else
    cblas_sgemm(CblasRowMajor, transpose_a ? CblasTrans : CblasNoTrans, transpose_b ? CblasTrans : CblasNoTrans, m, n,
                k, alpha, a, lda, b, ldb, beta, c, n);
#endif
}

static void gather(gemm_loop *loop, const int64_t *order) {
    const int input_count = loop->layers[0].input_count;
    const int output_count = loop->layers[loop->layer_count - 1].output_count;
    for (int i = 0; i < loop->batch_size; i++) {
        memcpy(loop->input + (size_t)i * input_count, loop->inputs + order[i] * input_count,
               sizeof(float) * (size_t)input_count);
        loop->target[i] = loop->targets + order[i] * output_count;
    }
}

static void add_biases_and_activate(const layer *one, int batch_size) {
    const int count = one->output_count;
    const float *restrict biases = one->biases;
#pragma omp parallel for if (batch_size * count >= PARALLEL_ELEMENTS)
    for (int i = 0; i < batch_size; i++) {
        float *restrict row = one->activation + (size_t)i * count;
        /* -ffast-math makes NaN of 1 / infinity. */
#pragma omp simd
        for (int j = 0; j < count; j++) row[j] = 1.0f / (1.0f + expf(fminf(-(row[j] + biases[j]), LARGEST_EXPONENT)));
    }
}

static void forward(gemm_loop *loop) {
    const float *input = loop->input;
    for (int i = 0; i < loop->layer_count; i++) {
        layer *one = &loop->layers[i];
        multiply(0, 1, loop->batch_size, one->output_count, one->input_count, 1, input, one->weights, 0,
                 one->activation);
        add_biases_and_activate(one, loop->batch_size);
        input = one->activation;
    }
}

/* The cost's slope before the output's sigmoid. */
static void output_delta(gemm_loop *loop) {
    const layer *one = &loop->layers[loop->layer_count - 1];
    for (int i = 0; i < loop->batch_size; i++)
        for (int j = 0; j < one->output_count; j++) {
            const size_t at = (size_t)i * one->output_count + j;
            one->delta[at] = one->activation[at] - loop->target[i][j];
        }
}

static void multiply_by_slope(const layer *one, int batch_size) {
    const int count = batch_size * one->output_count;
    const float *restrict activation = one->activation;
    float *restrict delta = one->delta;
#pragma omp parallel for simd if (count >= PARALLEL_ELEMENTS)
    for (int i = 0; i < count; i++) delta[i] *= activation[i] * (1.0f - activation[i]);
}

static void update_biases(const layer *one, int batch_size, float rate) {
    const int count = one->output_count;
    float *restrict biases = one->biases;
    for (int i = 0; i < batch_size; i++) {
        const float *restrict row = one->delta + (size_t)i * count;
#pragma omp simd
        for (int j = 0; j < count; j++) biases[j] -= rate * row[j];
    }
}

/* From the output layer down: the delta below reads a layer's weights before they are updated. */
static void backward(gemm_loop *loop) {
    const float rate = loop->learning_rate / (float)loop->batch_size;
    for (int i = loop->layer_count - 1; i >= 0; i--) {
        const layer *one = &loop->layers[i];
        if (i > 0) {
            const layer *below = &loop->layers[i - 1];
            multiply(0, 0, loop->batch_size, one->input_count, one->output_count, 1, one->delta, one->weights, 0,
                     below->delta);
            multiply_by_slope(below, loop->batch_size);
        }
        multiply(1, 0, one->output_count, one->input_count, loop->batch_size, -rate, one->delta,
                 i > 0 ? loop->layers[i - 1].activation : loop->input, 1, one->weights);
        update_biases(one, loop->batch_size, rate);
    }
}

void gemm_loop_run(gemm_loop *loop, const int64_t *order, int64_t count) {
    for (int64_t first = 0; first + loop->batch_size <= count; first += loop->batch_size) {
        gather(loop, order + first);
        forward(loop);
        output_delta(loop);
        backward(loop);
    }
}

static float *allocate_matrix(int rows, int columns) {
    const size_t bytes = sizeof(float) * (size_t)rows * (size_t)columns;
    const size_t whole = (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    float *matrix = aligned_alloc(ALIGNMENT, whole);
    /* Zeros: a BLAS may multiply what it is to overwrite by 0, and NaN stays NaN. */
    return matrix ? memset(matrix, 0, whole) : NULL;
}

gemm_loop *gemm_loop_create(const int *units, int layer_count, int batch_size, float learning_rate, const float *inputs,
                            const float *targets, float *const *weights, float *const *biases) {
    gemm_loop *loop = calloc(1, sizeof *loop);
    if (!loop) return NULL;
    *loop = (gemm_loop){
        .layer_count = layer_count,
        .batch_size = batch_size,
        .learning_rate = learning_rate,
        .inputs = inputs,
        .targets = targets,
        .input = allocate_matrix(batch_size, units[0]),
        .target = calloc((size_t)batch_size, sizeof *loop->target),
        .layers = calloc((size_t)layer_count, sizeof *loop->layers),
    };
    int is_complete = loop->input && loop->target && loop->layers;
    for (int i = 0; is_complete && i < layer_count; i++) {
        loop->layers[i] = (layer){
            .input_count = units[i],
            .output_count = units[i + 1],
            .weights = weights[i],
            .biases = biases[i],
            .activation = allocate_matrix(batch_size, units[i + 1]),
            .delta = allocate_matrix(batch_size, units[i + 1]),
        };
        is_complete = loop->layers[i].activation && loop->layers[i].delta;
    }
    if (is_complete) return loop;
    gemm_loop_release(loop);
    return NULL;
}

void gemm_loop_release(gemm_loop *loop) {
    if (!loop) return;
    for (int i = 0; loop->layers && i < loop->layer_count; i++) {
        free(loop->layers[i].activation);
        free(loop->layers[i].delta);
    }
    free(loop->layers);
    free(loop->target);
    free(loop->input);
    free(loop);
}
