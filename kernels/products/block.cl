#include "vectors.cl"
/* block: what a work-group of matmul local makes together, and how it fetches its operands; shaped for GPUs.
 *
 * A work-group makes a block of BLOCK x BLOCK sums of
 *     c[m][n] = sum over k of a(m, k) b(k, n).
 * BLOCK_DEPTH values of k at a time, it copies its part of both operands into local memory. An item holds TILE_ROWS x
 * TILE_VECTORS float4 of the sums in registers. While it multiplies, its share of the next copy is on the way from
 * global memory. Which sums an item holds, how the copies lie and how they are multiplied is one of two things:
 * block_fma.cl, by each item's own multiply-adds, or block_tensor.cl, where BLOCK_TENSOR is 1.
 *
 * Parts. Where a product has too few blocks to occupy the device, BLOCK_PARTS rows of items in a work-group share the k
 * of one block, each with its own copies, and part 0 adds their sums in the order of the parts. Steps of BLOCK_DEPTH go
 * round the parts.
 *
 * Shapes. A program may have blocks of several: for each the host gives this file and those that include it once more,
 * with these constants defined anew. So what follows has a name for each shape: SHAPED(name), by which the host knows
 * such a file.
 *
 * Padding: matrices have room for whole blocks in rows and columns; where k ends, zeros are copied.
 * Items: (item of a block, part). Groups: (columns of the product, rows of the product) / BLOCK. */
#ifndef BLOCK
#define BLOCK 32 /* a multiple of PANEL_WIDTH */
#endif
#ifndef BLOCK_DEPTH
#define BLOCK_DEPTH 16
#endif
#ifndef BLOCK_GAP
#define BLOCK_GAP 4 /* floats between rows in local memory: keeps float4 aligned, spreads a column over the banks */
#endif
#ifndef BLOCK_PARTS
#define BLOCK_PARTS 1
#endif
#ifndef BLOCK_TENSOR
#define BLOCK_TENSOR 0
#endif
#ifndef TILE_ROWS
#define TILE_ROWS 4
#endif
#ifndef TILE_VECTORS
#define TILE_VECTORS 1
#endif
#if PANEL_WIDTH == 0 || BLOCK % PANEL_WIDTH || PANEL_WIDTH % BLOCK_DEPTH || TILE_ROWS % 4
#error "blocks are whole panels, panels are whole steps, and items hold rows by fours"
#endif

#define BLOCK_STRIDE    (BLOCK + BLOCK_GAP)
#define DEPTH_STRIDE    (BLOCK_DEPTH + BLOCK_GAP)
#define ITEMS_ACROSS    (BLOCK / 4 / TILE_VECTORS)
#define ITEMS_DOWN      (BLOCK / TILE_ROWS)
#define BLOCK_ITEMS     (ITEMS_ACROSS * ITEMS_DOWN)
#define COPY_VECTORS    (BLOCK * BLOCK_DEPTH / 4 / BLOCK_ITEMS) /* float4 of an operand that an item copies  */
#define OPERAND_FLOATS  (BLOCK_TENSOR ? BLOCK * DEPTH_STRIDE : BLOCK_DEPTH * BLOCK_STRIDE)
#define OPERAND_VECTORS (OPERAND_FLOATS / 4) /* of an operand in local memory, gaps included */
#define PART_VECTORS    (2 * OPERAND_VECTORS)
#if (BLOCK_PARTS - 1) * BLOCK * BLOCK > BLOCK_PARTS * 2 * OPERAND_FLOATS
#error "the sums of the parts take the place of their operands"
#endif

/* forward_local_64x8x1x2 and the like. */
#define SHAPED_AS(name, block, rows, vectors, parts) name##_##block##x##rows##x##vectors##x##parts
#define SHAPED_BY(name, block, rows, vectors, parts) SHAPED_AS(name, block, rows, vectors, parts)
#define SHAPED(name)                                 SHAPED_BY(name, BLOCK, TILE_ROWS, TILE_VECTORS, BLOCK_PARTS)
#define item_across                                  SHAPED(item_across)
#define item_down                                    SHAPED(item_down)
#define sum_row                                      SHAPED(sum_row)
#define sum_column                                   SHAPED(sum_column)
#define operand_of                                   SHAPED(operand_of)
#define vectors_from                                 SHAPED(vectors_from)
#define block_fetch                                  SHAPED(block_fetch)
#define below_depth                                  SHAPED(below_depth)
#define vector_place                                 SHAPED(vector_place)
#define block_put                                    SHAPED(block_put)
#define block_add_step                               SHAPED(block_add_step)
#define tile_add                                     SHAPED(tile_add)
#define block_settle                                 SHAPED(block_settle)
#define block_multiply                               SHAPED(block_multiply)
#define update_biases                                SHAPED(update_biases)
#define sum_section                                  SHAPED(sum_section)
#define add_later_sections                           SHAPED(add_later_sections)

/* A kernel or, inlined, a function that the items of a work-group of as many call together. `memory` is the group's;
 * BLOCK_ROW() and BLOCK_COLUMN() are where its block begins. In a piece of a launch, groups count from 0. */
#ifdef INLINED /* only a kernel declares local memory */
#define LOCAL_OPERATION LOCAL_INLINE void
#define BLOCK_ITEM      const uint block_column, const uint block_row, __local float4 *memory,
#define BLOCK_MEMORY
#define BLOCK_ROW()    (block_row * BLOCK)
#define BLOCK_COLUMN() (block_column * BLOCK)
#else
#define LOCAL_OPERATION __kernel __attribute__((reqd_work_group_size(BLOCK_ITEMS, BLOCK_PARTS, 1))) void
#define BLOCK_ITEM
#define BLOCK_MEMORY   __local float4 memory[BLOCK_PARTS * PART_VECTORS];
#define BLOCK_ROW()    (((uint)get_group_id(1) + (uint)get_global_offset(1) / BLOCK_PARTS) * BLOCK)
#define BLOCK_COLUMN() ((uint)get_group_id(0) * BLOCK)
#endif

/* An item's place, across and down, among those of its block. */
LOCAL_INLINE uint item_across(void) {
    return (uint)get_local_id(0) % ITEMS_ACROSS;
}
LOCAL_INLINE uint item_down(void) {
    return (uint)get_local_id(0) / ITEMS_ACROSS;
}

/* Of the block that begins at column or row `first`. */
LOCAL_INLINE operand operand_of(__global const float4 *matrix, const uint rows, const uint first, const bool k_is_row) {
    const uint item = get_local_id(0);
    const uint row = k_is_row ? item / (BLOCK / 4) : first + item / (BLOCK_DEPTH / 4);
    const uint column = k_is_row ? first + item % (BLOCK / 4) * 4 : item % (BLOCK_DEPTH / 4) * 4;
    return (operand){matrix + panel_index(row, column, rows, 0) / 4, rows, k_is_row};
}

/* From one of an item's vectors to the next: as many rows further. */
#define ROWS_BETWEEN(k_is_row) (BLOCK_ITEMS / ((k_is_row) ? BLOCK / 4 : BLOCK_DEPTH / 4))

/* The first of an item's vectors of an operand from `k_first`, a multiple of BLOCK_DEPTH, on. */
LOCAL_INLINE __global const float4 *vectors_from(const operand *a, const uint k_first) {
    return a->from + (a->k_is_row ? (size_t)k_first * PANEL_WIDTH : panel_index(0, k_first, a->rows, 0)) / 4;
}
