/* Blocks: the shapes in which matmul `local` multiplies (kernels/products/local.cl), and what they ask of a device. */
#ifndef EPOCL_PLAN_BLOCK_H
#define EPOCL_PLAN_BLOCK_H

#include "epocl.h"
#include "plan/matmul.h"

/* Floats: columns of a panel, one memory transaction of common GPUs; of a vector; values of k in local memory at a
 * time; and what lies between two of them. */
enum { BLOCK_PANEL = 32, BLOCK_VECTOR = 4, BLOCK_DEPTH = 16, BLOCK_GAP = 4 };

/* Work-items that hold one block; those of the largest work-group; and the local memory of that. */
size_t block_items(const matmul_choice *choice);
size_t block_group_items(const matmul_choice *choice);
size_t block_local_bytes(const matmul_choice *choice);

/* Whether there is such a shape, with so many parts or more. */
bool block_is_shape(const matmul_choice *choice);

/* Whether the device's limits allow them. */
bool block_fits(const matmul_choice *choice, const epocl_device_info *device);

/* The shapes that fit a device, largest blocks first; at least one, which on a device too small for any does not fit.
 */
enum { BLOCK_SHAPES = 5 };
size_t block_candidates(const epocl_device_info *device, matmul_choice candidates[BLOCK_SHAPES]);

/* Which of them: the largest that is no wider than the widest layer and gives every compute unit a block of a matrix of
 * `weight_count` weights, or else the smallest block. Chosen by reasoning, not by timing. */
size_t block_choose(const matmul_choice *candidates, size_t count, size_t compute_units, size_t weight_count,
                    size_t widest_layer);

/* Whether another shape may be the better one: a block as large, or half as wide. Which product decides depends on the
 * mini-batch, too. */
bool block_is_near(const matmul_choice *chosen, const matmul_choice *other);

matmul_choice block_for(const epocl_device_info *device, size_t weight_count, size_t widest_layer);

#endif
