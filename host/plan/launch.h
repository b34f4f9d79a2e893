/* Launches as plain data: a kernel's name, a range and its arguments; and lists of them, in order. */
#ifndef EPOCL_PLAN_LAUNCH_H
#define EPOCL_PLAN_LAUNCH_H

#include "base/status.h"
#include "plan/matmul.h"
#include "plan/tensor.h"

#include <stdbool.h>
#include <stdint.h>

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
 * enqueueing takes that place. */
typedef struct blas_product {
    bool transpose_a, transpose_b, batch_is_k;
    size_t m, n, k;
    float alpha, beta;
    tensor_id a, b, c;
} blas_product;

enum { LAUNCH_MAX_ARGUMENTS = 128 }; /* what every device takes: 1,024 bytes */
enum { KERNEL_NAME_CAPACITY = 48 };

/* A sample of a chain (plan/units.h) of a merged plan has no more work in an operation than a few items do while a
 * launch is on its way. */
#define SAMPLE_FLOP 64e3

/* Which of a launch's items are of one sample, and need of the mini-batch nothing but its rows. */
typedef enum sample_items { SAMPLE_NONE, SAMPLE_ROW, SAMPLE_COLUMN } sample_items;

typedef struct launch {
    const char *source;                /* kernel file without .cl; "blas" for a library product */
    char kernel[KERNEL_NAME_CAPACITY]; /* function within it      */
    char detail[64];                   /* layer and shape, for people                           */
    size_t items[2];                   /* places that have work                                  */
    size_t global[2];                  /* those, rounded up to a multiple of local               */
    size_t local[2];
    bool shares; /* `parts` items, a column of the work-group, share a place */
    size_t parts;
    bool is_square;    /* neighbours along both dimensions read the same, and are in a work-group together */
    block_shape shape; /* unless it is none, a work-group, whose size the kernel declares, makes a block together */
    sample_items sample;
    size_t band_rows, band_samples; /* rows of items come in bands of so many, each of the next so many samples of the
                                     * mini-batch; 0: all rows are of all samples */
    bool is_piece;                  /* of a launch: others have rows before its own or after    */
    size_t first_row;               /* of a piece: where its rows of items begin               */
    argument arguments[LAUNCH_MAX_ARGUMENTS];
    size_t argument_count; /* above LAUNCH_MAX_ARGUMENTS: some had no room          */
    blas_product product;  /* of a "blas" launch                                    */
    bool reduces;          /* one work-group does it all; in a resident kernel, each group for itself */
    bool is_replicated;    /* in a resident kernel, each group does it all, on copies of its own (plan/resident) */
    size_t unit;           /* to which it belongs (plan/units.h)                    */
    size_t group_count;    /* so many work-groups, however many items the device grants each; 0: as global says */
    double flop;           /* of useful work at a full mini-batch                   */
} launch;

/* Launches in order. Adding never fails by itself: sequence_check() tells whether all have found room. */
typedef struct sequence {
    launch *launches;
    size_t count, capacity;
    bool is_incomplete; /* memory did not suffice for a launch */
    /* Of a sequence that is written out, resident (plan/resident) or merged (plan/merged/merged.h): the operations
     * within its kernels, the text of these, owned, the work-groups that a resident one is written for, and whether
     * they are of many items. */
    const struct sequence *inlined;
    char *text;
    size_t group_count;
    bool is_of_items;
} sequence;

epocl_status sequence_create(sequence *s);
void sequence_release(sequence *s);

/* EPOCL_ERROR_MEMORY when a launch is missing, EPOCL_ERROR_ARGUMENT when one has more arguments than a device takes. */
epocl_status sequence_check(const sequence *s);

/* Appends a launch over `columns` x `rows` work-items in groups of `local_columns` x `local_rows`; the
 * global sizes are rounded up, so the kernel guards. Arguments follow in the kernel's order. The result is valid until
 * the next launch is added. */
launch *sequence_add(sequence *s, const char *source, const char *kernel, size_t columns, size_t rows,
                     size_t local_columns, size_t local_rows);

/* Likewise, but `parts` items, the rows of a work-group, share each of the `columns` x `rows` places. */
launch *sequence_add_shared(sequence *s, const char *source, const char *kernel, size_t columns, size_t rows,
                            size_t local_columns, size_t parts);
launch *sequence_add_product(sequence *s, const blas_product *product);

/* Appends a launch as it is. */
launch *sequence_add_copy(sequence *s, const launch *l);

/* Replaces launches of more than `most_flop`, or more than `most_rows` rows of work-groups, by pieces of no more, each
 * with its share of those rows, as far as there are so many. A library's products stay whole. */
void sequence_split(sequence *s, double most_flop, size_t most_rows);

/* The launch in a place that one was added for; another, where memory did not suffice for it. */
launch *sequence_at(sequence *s, size_t place);

/* Whether a launch has a tensor among its arguments; and whether it writes it. */
bool launch_has(const launch *l, tensor_id id);
bool launch_writes(const launch *l, tensor_id id);

/* Rows of its range that a mini-batch of `batch_count` samples needs, which may be a short one. */
size_t launch_rows(const launch *l, size_t batch_count);

/* Samples of the mini-batch, of a launch whose items are of one each. */
size_t launch_sample_count(const launch *l);

/* Whether a launch has to be done before or after another one for what that has as an argument: one of the two writes
 * a tensor that the other has. */
bool launch_conflicts(const launch *l, const argument *of_other);

void launch_bands(launch *l, size_t rows, size_t samples); /* of each band */
void launch_uint(launch *l, size_t value);
void launch_float(launch *l, float value);
void launch_input(launch *l, tensor_id id);
void launch_output(launch *l, tensor_id id);
void launch_in_place(launch *l, tensor_id id);       /* read and written                                   */
void launch_samples(launch *l, tensor_id id);        /* of a data set's tensor, the mini-batch's part is read */
void launch_output_samples(launch *l, tensor_id id); /* likewise written                                   */
void launch_unused(launch *l, tensor_id id);         /* neither read nor written                           */
/* As those; for TENSOR_NONE, `unused` as launch_unused(). */
void launch_optional_input(launch *l, tensor_id id, tensor_id unused);
void launch_optional_output(launch *l, tensor_id id, tensor_id unused);
void launch_optional_samples(launch *l, tensor_id id, tensor_id unused);
void launch_argument(launch *l, argument a);
__attribute__((format(printf, 2, 3))) void launch_detail(launch *l, const char *format, ...);

#endif
