/* A plan: what a run keeps in device memory and launches, as plain data. Building one touches no
 * device; device/programs/executable.h makes it real, training/describe.c prints it.
 *
 *     plan ── tensors    every array in device memory, one table row each
 *          ├─ constants  what its kernels are compiled with
 *          └─ sequences  lists of launches, kept by whoever builds them; a launch names its tensors
 */
#ifndef EPOCL_PLAN_PLAN_H
#define EPOCL_PLAN_PLAN_H

#include "base/checked.h"
#include "plan/constants.h"
#include "plan/launch.h"
#include "plan/matmul.h"
#include "plan/tensor.h"

/* Inputs that one item of gather converts: few enough to share a sample, enough to be worth an item; on a GPU so few
 * that neighbouring items read neighbouring bytes. */
enum { GATHER_INPUTS = 112, GATHER_INPUTS_GPU = 4 };

/* A work-group with more than one row has at most one for so many items that a device grants a work-group: what it
 * grants along the second dimension is heeded by a smaller number of items. */
enum { GROUP_ITEMS_A_ROW = 8 };

/* Items that share a sum of products (kernels/shared/sums.cl), the columns of such a work-group, and the products that
 * an item adds up before the next one has its turn. */
enum { PLAN_MOST_PARTS = 32, PART_COLUMNS = 16, PART_RUN = 16 };

/* Samples of a section, whose sums need no compensation: more than mini-batches usually have
 * (kernels/shared/common.cl). */
enum { SUM_SAMPLES = 1024 };

typedef struct plan {
    tensor *tensors; /* from TENSOR_FIRST to tensor_count; place TENSOR_NONE is empty */
    size_t tensor_count, tensor_capacity;
    bool is_incomplete; /* memory did not suffice for a tensor's row */
    constants constants;
    matmul_choice matmul;
    bool is_gpu;            /* or anything else that is no CPU                             */
    size_t gather_inputs;   /* of an item of gather                                        */
    size_t group_items;     /* work-items of a work-group: a power of two, at most 64    */
    size_t compute_units;   /* of the device, each of which runs work-groups             */
    size_t most_parts;      /* items that share a sum (kernels/shared/sums.cl): a power of two, 1 on CPUs */
    size_t resident_groups; /* most work-groups of a resident sequence (plan/resident)           */
    unsigned fence_version; /* of OpenCL C, 200 or 300, that several of them on a GPU are compiled as; 0: 1.2, as all */
    size_t reduce_items;    /* likewise of a reduction, at most 32: some kernels get no more */
    double launch_flop;     /* most of a launch: more is done in pieces                        */
    size_t launch_rows;     /* likewise of its work-groups along the second dimension          */
    size_t sum_samples;     /* of a section of a sum over samples: SUM_SAMPLES, but where sections are tested */
} plan;

epocl_status plan_create(plan *p, const matmul_choice *matmul, const epocl_device_info *device);
void plan_release(plan *p);

/* Adding a tensor never fails by itself: this is EPOCL_ERROR_MEMORY when one has found no room. */
epocl_status plan_check(const plan *p);

/* Adds a matrix whose panels have the width that the plan's matmul wants, rows and columns padded so that
 * whole tiles may be read and written. TENSOR_NONE without memory. */
tensor_id plan_add_matrix(plan *p, tensor_purpose purpose, size_t rows, size_t columns, const char *name);

/* Adds `count` values of `value_bytes`, padded as the columns of a matrix are. */
tensor_id plan_add_array(plan *p, tensor_purpose purpose, size_t count, size_t value_bytes, const char *name);

/* Bytes of all tensors. */
uint64_t plan_total_bytes(const plan *p);

/* Bytes that a launch must move: every input read once and every output written once, without padding. `batches` is
 * how many mini-batches it works on, below 1 for a short one, and `data_set_part` the part of the data set in them. */
double plan_launch_bytes(const plan *p, const launch *l, double batches, double data_set_part);

#endif
