/* Mini-batch gradient descent in C on a BLAS: fp32, sigmoid units, cross-entropy cost, all cores.
 *
 * Compiled with cblas_sgemm (OpenBLAS) or, with USE_DNNL, with dnnl_sgemm (oneDNN). Matrices are row-major. */
#ifndef GEMM_LOOP_H
#define GEMM_LOOP_H

#include <stdint.h>

typedef struct gemm_loop gemm_loop;

/* units [layer_count + 1]; inputs [samples, units[0]] and targets [samples, units[layer_count]] stay the caller's.
 * weights[i] [units[i + 1], units[i]] and biases[i] [units[i + 1]] are trained in place and stay the caller's.
 * NULL when memory runs out. */
gemm_loop *gemm_loop_create(const int *units, int layer_count, int batch_size, float learning_rate, const float *inputs,
                            const float *targets, float *const *weights, float *const *biases);

/* Trains on order[0] to order[count - 1], a whole number of mini-batches. */
void gemm_loop_run(gemm_loop *loop, const int64_t *order, int64_t count);

void gemm_loop_release(gemm_loop *loop);

#endif
