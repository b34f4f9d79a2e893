/* A BLAS that is installed, found at run time: the program is linked with none. */
#ifndef EPOCL_COMMAND_BENCH_BASELINE_BLAS_H
#define EPOCL_COMMAND_BENCH_BASELINE_BLAS_H

#include "base/status.h"

#include <stdbool.h>

/* cblas_sgemm(), with its enumerations as the integers they are. */
typedef void blas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha, const float *a,
                        int lda, const float *b, int ldb, float beta, float *c, int ldc);

enum { BLAS_ROW_MAJOR = 101, BLAS_AS_IT_IS = 111, BLAS_TRANSPOSED = 112 };

typedef struct blas {
    blas_sgemm *sgemm;
    char name[128]; /* "OpenBLAS 0.3.21 SkylakeX, 2 threads", or the library's file name */
} blas;

/* The file names looked for, best first; NULL ends them. */
extern const char *const blas_names[];

/* Loads the first of `names` that there is; it stays loaded until the program ends. EPOCL_ERROR_NO_INPUT when none can
 * be loaded, or the one found has no cblas_sgemm. */
epocl_status blas_load(const char *const *names, blas *library);

#endif
