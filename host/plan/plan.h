/* A plan: what a run keeps in device memory and launches, as plain data. Building one touches no
 * device; device/executable.h makes it real, training/describe.c prints it.
 *
 *     plan ── tensors    every array in device memory, one table row each
 *          └─ sequences  lists of launches, kept by whoever builds them; a launch names its tensors
 */
#ifndef EPOCL_PLAN_PLAN_H
#define EPOCL_PLAN_PLAN_H

#include "base/checked.h"

#include <stdbool.h>

/* ---- tensors ---- */

typedef enum tensor_purpose { PURPOSE_PARAMETERS, PURPOSE_ACTIVATIONS, PURPOSE_DATA_SET, PURPOSE_STATE } tensor_purpose;

const char *tensor_purpose_name(tensor_purpose purpose);

/* A matrix in panels, as kernels/common.cl draws them; or a plain array, which is one row. */
typedef struct tensor {
    char name[48];
    tensor_purpose purpose;
    size_t rows, columns; /* of the matrix                                    */
    size_t row_capacity;  /* rows there is room for, in every panel           */
    size_t width;         /* columns of a panel                               */
    size_t value_bytes;   /* of one element                                   */
    size_t bytes;         /* of the whole, padding included                   */
} tensor;

typedef size_t tensor_id; /* place in the plan's table */

/* Where element (row, column) of a matrix lies. */
static inline size_t tensor_index(const tensor *t, size_t row, size_t column) {
    return (column / t->width * t->row_capacity + row) * t->width + column % t->width;
}

/* ---- launches ---- */

/* Inputs that one item of gather converts: few enough to share a sample, enough to be worth an item. */
enum { GATHER_INPUTS = 112 };

/* Samples of a section, whose sums need no compensation: more than mini-batches usually have (kernels/common.cl). */
enum { SUM_SAMPLES = 1024 };

typedef enum argument_kind { ARGUMENT_TENSOR, ARGUMENT_UINT, ARGUMENT_FLOAT } argument_kind;

typedef struct argument {
    argument_kind kind;
    bool is_input, is_output; /* a tensor that the kernel reads, writes                        */
    bool by_sample;           /* only the mini-batch's part of a tensor with a row for each sample */
    union {
        tensor_id tensor;
        uint32_t uint_value;
        float float_value;
    } value;
} argument;

/* A matrix product by a BLAS library on single-panel matrices: c = alpha * op(a) op(b) + beta * c,
 * row-major, op(a) m x k, op(b) k x n. One of m and k is the mini-batch: the number of its samples at
 * enqueueing takes that place, and for k also divides alpha. */
typedef struct blas_product {
    bool transpose_a, transpose_b, batch_is_k;
    size_t m, n, k;
    float alpha, beta;
    tensor_id a, b, c;
} blas_product;

enum { LAUNCH_MAX_ARGUMENTS = 128 }; /* what every device takes: 1,024 bytes */

typedef struct launch {
    const char *source; /* kernel file without .cl; "blas" for a library product */
    const char *kernel; /* function within it                                    */
    char detail[64];    /* layer and shape, for people                           */
    size_t items[2];    /* places that have work                                  */
    size_t global[2];   /* those, rounded up to a multiple of local               */
    size_t local[2];
    argument arguments[LAUNCH_MAX_ARGUMENTS];
    size_t argument_count;
    blas_product product; /* of a "blas" launch                                    */
    bool reduces;         /* one work-group does it all; in a resident kernel, each group for itself */
    double flop;          /* of useful work at a full mini-batch                   */
} launch;

/* Launches in order. Room is made once, at creation: adding cannot fail. */
typedef struct sequence {
    launch *launches;
    size_t count;
    size_t capacity;
    /* Of a resident sequence (plan/resident.h): the operations within its kernel, the kernel's text, owned, and the
     * work-groups that it is written for. */
    const struct sequence *inlined;
    char *text;
    size_t group_count;
} sequence;

epocl_status sequence_create(sequence *s, size_t capacity);
void sequence_release(sequence *s);

/* Appends a launch over `columns` x `rows` work-items in groups of `local_columns` x `local_rows`; the
 * global sizes are rounded up, so the kernel guards. Arguments follow in the kernel's order. */
launch *sequence_add(sequence *s, const char *source, const char *kernel, size_t columns, size_t rows,
                     size_t local_columns, size_t local_rows);
launch *sequence_add_product(sequence *s, const blas_product *product);

void launch_uint(launch *l, size_t value);
void launch_float(launch *l, float value);
void launch_input(launch *l, tensor_id id);
void launch_output(launch *l, tensor_id id);
void launch_in_place(launch *l, tensor_id id); /* read and written                                   */
void launch_samples(launch *l, tensor_id id);  /* of a data set's tensor, the mini-batch's part is read */
void launch_unused(launch *l, tensor_id id);   /* neither read nor written                           */
void launch_argument(launch *l, argument a);
__attribute__((format(printf, 2, 3))) void launch_detail(launch *l, const char *format, ...);

/* ---- the plan ---- */

/* How the matrix products are made. */
typedef enum matmul_provider {
    MATMUL_PLAIN,
    MATMUL_TILE,
    MATMUL_LOCAL,
    MATMUL_CLBLAST,
    MATMUL_PROVIDER_COUNT
} matmul_provider;

typedef struct matmul_choice {
    matmul_provider provider;
    size_t vector_width; /* tile: floats of a vector; local: 4  */
    size_t tile_vectors; /* vectors of a tile row               */
    size_t tile_rows;    /* rows of a tile                      */
    size_t sample_rows;  /* tile: the same where rows are samples */
    size_t block;        /* local: rows and columns of a block  */
    size_t parts;        /* local: that may share a block       */
    bool is_whole;       /* local: they never do                */
    bool is_long;        /* mini-batches of several sections    */
    size_t sum_samples;  /* as plan's; 0: SUM_SAMPLES           */
} matmul_choice;

typedef struct plan {
    tensor *tensors;
    size_t tensor_count, tensor_capacity;
    matmul_choice matmul;
    size_t group_items;     /* work-items of a work-group: a power of two, at most 64    */
    size_t compute_units;   /* of the device                                             */
    size_t resident_groups; /* most work-groups of a resident sequence (plan/resident.h)         */
    size_t reduce_items;    /* likewise of a reduction, at most 32: some kernels get no more */
    size_t sum_samples;     /* of a section of a sum over samples: SUM_SAMPLES, but where sections are tested */
} plan;

epocl_status plan_create(plan *p, const matmul_choice *matmul, const epocl_device_info *device, size_t tensor_capacity);
void plan_release(plan *p);

/* Adds a matrix whose panels have the width that the plan's matmul wants, rows and columns padded so that
 * whole tiles may be read and written. */
tensor_id plan_add_matrix(plan *p, tensor_purpose purpose, size_t rows, size_t columns, const char *name);

/* Adds `count` values of `value_bytes`, padded as the columns of a matrix are. */
tensor_id plan_add_array(plan *p, tensor_purpose purpose, size_t count, size_t value_bytes, const char *name);

/* Columns of the panels of all matrices; 0 where each matrix is one panel, as a BLAS wants it. */
size_t plan_panel_width(const plan *p);

/* Bytes of all tensors. */
uint64_t plan_total_bytes(const plan *p);

/* Bytes that a launch must move: every input read once and every output written once, without padding. `batches` is
 * how many mini-batches it works on, below 1 for a short one, and `data_set_part` the part of the data set in them. */
double plan_launch_bytes(const plan *p, const launch *l, double batches, double data_set_part);

/* ---- matmul choices by name ---- */

/* "plain", "clblast", "tile:8x2x16" (rows of a tile, its vectors, floats of a vector), "local:64x8x1x2" (block; rows
 * and float4 of an item; parts). */
enum { MATMUL_TEXT_CAPACITY = 32 };
void matmul_choice_text(const matmul_choice *choice, char text[MATMUL_TEXT_CAPACITY]);

/* Reads such a text into a choice that has the fields it does not name; false for any other text. */
bool matmul_choice_parse(const char *text, matmul_choice *choice);

const char *matmul_provider_name(matmul_provider provider);

#endif
