/* Blocks: the shapes in which matmul `local` multiplies (kernels/products/local.cl), and what they ask of a device. */
#ifndef EPOCL_PLAN_BLOCK_H
#define EPOCL_PLAN_BLOCK_H

#include "epocl.h"
#include "plan/matmul.h"

/* Floats: columns of a panel, one memory transaction of common GPUs; of a vector; values of k in local memory at a
 * time; and what lies between two of them. */
enum { BLOCK_PANEL = 32, BLOCK_VECTOR = 4, BLOCK_DEPTH = 16, BLOCK_GAP = 4 };

/* Work-items that hold one block; those of the largest work-group; and the local memory of that. */
size_t block_items(const block_shape *shape);
size_t block_group_items(const block_shape *shape);
size_t block_local_bytes(const block_shape *shape);

/* "64x8x1x2". */
enum { BLOCK_TEXT_CAPACITY = 32 };
void block_shape_text(const block_shape *shape, char text[BLOCK_TEXT_CAPACITY]);
bool block_shapes_are_same(const block_shape *a, const block_shape *b);

/* Whether there is such a shape, with so many parts or more. */
bool block_is_shape(const block_shape *shape);

/* Whether its items multiply together, by tensor cores (kernels/products/block_tensor.cl): for `local` on devices that
 * have them. A CPU's items compute the same by themselves. */
bool block_is_tensor(const block_shape *shape);

/* Whether the device's limits allow it, and it has what multiplies. */
bool block_fits(const block_shape *shape, const epocl_device_info *device);

/* Matmul local with the shapes that fit a device, largest blocks first; at least one, which on a device too small for
 * any does not fit. */
matmul_choice block_candidates(const epocl_device_info *device);

/* That matmul with one of its shapes alone. */
matmul_choice block_alone(const matmul_choice *choice, size_t index);

/* Where a choice has that shape, whatever its parts; its number of shapes if it has not. */
size_t block_place(const matmul_choice *choice, const block_shape *shape);

/* Rows and columns of the largest block of a choice: all matrices are padded to multiples of it. */
size_t block_padding(const matmul_choice *choice);

/* A product of `rows` x `columns` sums of `depth` terms. */
typedef struct block_product {
    size_t rows, columns, depth;
    bool has_parts; /* whether parts may share its blocks                                    */
    bool is_long;   /* an update in sections, each sum of which takes three times the registers */
} block_product;

/* The shape that a product takes of a choice, with as many parts as it needs: that in which it should take least time,
 * by reasoning. Only a choice all of whose shapes have too many sums for an update in sections has another for it, with
 * no more items. Which of the shapes are in the choice that the product does not take makes no difference. */
block_shape block_for(const matmul_choice *choice, const block_product *product, size_t compute_units);

#endif
