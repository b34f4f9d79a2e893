/* A tensor: an array in device memory, as a row of the plan's table. */
#ifndef EPOCL_PLAN_TENSOR_H
#define EPOCL_PLAN_TENSOR_H

#include <stddef.h>

typedef enum tensor_purpose { PURPOSE_PARAMETERS, PURPOSE_ACTIVATIONS, PURPOSE_DATA_SET, PURPOSE_STATE } tensor_purpose;

const char *tensor_purpose_name(tensor_purpose purpose);

enum { TENSOR_NAME_CAPACITY = 48 };

/* A matrix in panels, as kernels/shared/common.cl draws them; or a plain array, which is one row. */
typedef struct tensor {
    char name[TENSOR_NAME_CAPACITY];
    tensor_purpose purpose;
    size_t rows, columns; /* of the matrix                                    */
    size_t row_capacity;  /* rows there is room for, in every panel           */
    size_t width;         /* columns of a panel                               */
    size_t value_bytes;   /* of one element                                   */
    size_t bytes;         /* of the whole, padding included                   */
} tensor;

/* A tensor's place in the plan's table. TENSOR_NONE is the place of no tensor. */
typedef size_t tensor_id;
enum { TENSOR_NONE = 0, TENSOR_FIRST = 1 };

/* Where element (row, column) of a matrix lies. */
static inline size_t tensor_index(const tensor *t, size_t row, size_t column) {
    return (column / t->width * t->row_capacity + row) * t->width + column % t->width;
}

#endif
