#include "vectors.cl"
/* local: the block product that forward_local, delta_local and update_local share; shaped for GPUs.
 *
 * A work-group makes a block of BLOCK x BLOCK sums of
 *     c[m][n] = sum over k of a(m, k) b(k, n).
 * BLOCK_DEPTH values of k at a time, it copies its part of both operands into local memory, as a[k][m] and b[k][n],
 * whichever of the two lies along a row in global memory: a transposed operand is turned on this way. An item
 * holds TILE_ROWS x TILE_VECTORS float4 of the sums in registers. While it multiplies, its share of the next copy
 * is on the way from global memory.
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
#define ITEMS_ACROSS    (BLOCK / 4 / TILE_VECTORS)
#define ITEMS_DOWN      (BLOCK / TILE_ROWS)
#define BLOCK_ITEMS     (ITEMS_ACROSS * ITEMS_DOWN)
#define COPY_VECTORS    (BLOCK * BLOCK_DEPTH / 4 / BLOCK_ITEMS) /* float4 of an operand that an item copies  */
#define OPERAND_VECTORS (BLOCK_DEPTH * BLOCK_STRIDE / 4)        /* of an operand in local memory, gaps included */
#define PART_VECTORS    (2 * OPERAND_VECTORS)
#if (BLOCK_PARTS - 1) * BLOCK * BLOCK > BLOCK_PARTS * 2 * BLOCK_DEPTH * BLOCK_STRIDE
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
#define block_fetch                                  SHAPED(block_fetch)
#define block_put                                    SHAPED(block_put)
#define block_add_step                               SHAPED(block_add_step)
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

/* An item's place: it holds rows 4 (i * ITEMS_DOWN + item_down) .. + 3 and columns 4 (j * ITEMS_ACROSS + item_across)
 * ..
 * + 3 of its block, so that neighbours read neighbouring vectors. */
LOCAL_INLINE uint item_across(void) {
    return (uint)get_local_id(0) % ITEMS_ACROSS;
}
LOCAL_INLINE uint item_down(void) {
    return (uint)get_local_id(0) / ITEMS_ACROSS;
}
/* The row and the column within its block of sum c[i][j] of an item. */
LOCAL_INLINE uint sum_row(const uint i) {
    return (i / 4 * ITEMS_DOWN + item_down()) * 4 + i % 4;
}
LOCAL_INLINE uint sum_column(const uint j) {
    return (j * ITEMS_ACROSS + item_across()) * 4;
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

/* An item's share of an operand's vectors from `k_first`, a multiple of BLOCK_DEPTH, on. Nothing is made of what comes:
 * that would wait for it, before the products. */
LOCAL_INLINE void block_fetch(float4 *share, const operand *a, const uint k_first, const uint depth) {
    const uint item = get_local_id(0);
    __global const float4 *from =
        a->from + (a->k_is_row ? (size_t)k_first * PANEL_WIDTH : panel_index(0, k_first, a->rows, 0)) / 4;
    _Pragma("unroll") for (uint v = 0; v < COPY_VECTORS; v++) {
        const uint k =
            k_first + (a->k_is_row ? item / (BLOCK / 4) + v * ROWS_BETWEEN(true) : item % (BLOCK_DEPTH / 4) * 4);
        share[v] = 0.0f;
        if (k < depth) share[v] = from[v * ROWS_BETWEEN(a->k_is_row) * (PANEL_WIDTH / 4)];
    }
}

/* Puts what block_fetch() fetched into local memory, as [k][row or column of the block], with zeros from `depth` on. */
LOCAL_INLINE void block_put(__local float4 *to, const float4 *share, const operand *from, const uint k_first,
                            const uint depth) {
    _Pragma("unroll") for (uint v = 0; v < COPY_VECTORS; v++) {
        const uint place = v * BLOCK_ITEMS + (uint)get_local_id(0);
        if (from->k_is_row) {
            to[place / (BLOCK / 4) * (BLOCK_STRIDE / 4) + place % (BLOCK / 4)] = share[v];
        } else {
            const uint k = k_first + place % (BLOCK_DEPTH / 4) * 4;
            const int4 exists = (uint4)(k, k + 1, k + 2, k + 3) < depth;
            const float4 values = select((float4)(0.0f), share[v], exists);
            __local float *column =
                (__local float *)to + place % (BLOCK_DEPTH / 4) * 4 * BLOCK_STRIDE + place / (BLOCK_DEPTH / 4);
            column[0] = values.x;
            column[BLOCK_STRIDE] = values.y;
            column[2 * BLOCK_STRIDE] = values.z;
            column[3 * BLOCK_STRIDE] = values.w;
        }
    }
}

/* c += a(:, k) b(k, :) for the BLOCK_DEPTH values of k in local memory. */
LOCAL_INLINE void block_add_step(float4 (*c)[TILE_VECTORS], __local const float4 *a, __local const float4 *b) {
    _Pragma("unroll 4") for (uint k = 0; k < BLOCK_DEPTH; k++) {
        float4 a_column[TILE_ROWS / 4], b_row[TILE_VECTORS];
        _Pragma("unroll") for (uint i = 0; i < TILE_ROWS / 4; i++) {
            a_column[i] = a[k * (BLOCK_STRIDE / 4) + i * ITEMS_DOWN + item_down()];
        }
        _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) {
            b_row[j] = b[k * (BLOCK_STRIDE / 4) + j * ITEMS_ACROSS + item_across()];
        }
        _Pragma("unroll") for (uint i = 0; i < TILE_ROWS / 4; i++) {
            _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) {
                c[4 * i][j] += a_column[i].x * b_row[j];
                c[4 * i + 1][j] += a_column[i].y * b_row[j];
                c[4 * i + 2][j] += a_column[i].z * b_row[j];
                c[4 * i + 3][j] += a_column[i].w * b_row[j];
            }
        }
    }
}

/* c = a b over `depth` values of k, for the items of part 0; those of other parts end with sums of no use. All items of
 * a group must come here. When it returns, nobody reads `memory` any more if there is one part. */
LOCAL_INLINE void block_multiply(float4 (*c)[TILE_VECTORS], __local float4 *memory, const uint depth, const operand *a,
                                 const operand *b) {
    const uint item = get_local_id(0), part = get_local_id(1);
    const uint step = BLOCK_PARTS * BLOCK_DEPTH, own = part * BLOCK_DEPTH; /* of all parts; where this one's begins */
    __local float4 *a_copy = memory + part * PART_VECTORS, *b_copy = a_copy + OPERAND_VECTORS;
    float4 a_share[COPY_VECTORS], b_share[COPY_VECTORS];
    FOR_EACH_SUM(i, j, TILE_ROWS) c[i][j] = 0.0f;
    block_fetch(a_share, a, own, depth);
    block_fetch(b_share, b, own, depth);
    for (uint first = 0; first < depth; first += step) {
        block_put(a_copy, a_share, a, first + own, depth);
        block_put(b_copy, b_share, b, first + own, depth);
        barrier(CLK_LOCAL_MEM_FENCE);
        block_fetch(a_share, a, first + step + own, depth);
        block_fetch(b_share, b, first + step + own, depth);
        block_add_step(c, a_copy, b_copy);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (BLOCK_PARTS == 1) return;
    __local float4 *sums = memory + item;
    if (part > 0)
        FOR_EACH_SUM(i, j, TILE_ROWS) sums[(((part - 1) * TILE_ROWS + i) * TILE_VECTORS + j) * BLOCK_ITEMS] = c[i][j];
    barrier(CLK_LOCAL_MEM_FENCE);
    if (part > 0) return;
    for (uint other = 0; other < BLOCK_PARTS - 1; other++)
        FOR_EACH_SUM(i, j, TILE_ROWS) c[i][j] += sums[((other * TILE_ROWS + i) * TILE_VECTORS + j) * BLOCK_ITEMS];
}

/* ---- update_local and update_local_long ---- */

/* The biases of BLOCK outputs from `column` on: the items of a column of vectors share the samples, the first adds up.
 */
LOCAL_INLINE void update_biases(__local float4 *memory, const uint column, const uint batch_count,
                                const uint batch_rows, const uint sum_samples, __global const hyper_values *hyper,
                                __global const epoch_state *state, __global const float4 *delta,
                                __global float4 *biases, __global float4 *biases_m, __global float4 *biases_v) {
    const uint item = get_local_id(0), vector = item % (BLOCK / 4), lane = item / (BLOCK / 4);
    float4 sum = 0.0f, excess = 0.0f;
    for (uint first = 0, end; first < batch_count; first = end) {
        end = section_end(first, sum_samples, batch_count);
        float4 section = 0.0f;
        for (uint b = first + lane; b < end; b += BLOCK_ITEMS / (BLOCK / 4))
            section += VECTOR(delta, b, column + 4 * vector, batch_rows);
        ADD_SECTION(float4, sum, excess, section);
    }
    memory[item] = sum;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (lane > 0) return;
    for (uint other = item + BLOCK / 4; other < BLOCK_ITEMS; other += BLOCK / 4) sum += memory[other];
    APPLY(float4, _vector, sum, false, biases, biases_m, biases_v, column / 4 + vector);
}

/* c = the sums over the samples from `first` to `end` of the block at (row, column). */
LOCAL_INLINE void sum_section(float4 (*c)[TILE_VECTORS], __local float4 *memory, const uint first, const uint end,
                              const uint row, const uint column, const uint batch_rows, __global const float *input,
                              __global const float *delta) {
    const size_t skipped = (size_t)first * PANEL_WIDTH;
    const operand from_input = operand_of(CONST_VECTORS(input + skipped), batch_rows, row, true);
    const operand from_delta = operand_of(CONST_VECTORS(delta + skipped), batch_rows, column, true);
    block_multiply(c, memory, end - first, &from_input, &from_delta);
}

/* Adds to c, the sums of the first section, those of all others. */
LOCAL_INLINE void add_later_sections(float4 (*c)[TILE_VECTORS], __local float4 *memory, const uint batch_count,
                                     const uint sum_samples, const uint row, const uint column, const uint batch_rows,
                                     __global const float *input, __global const float *delta) {
    float4 section[TILE_ROWS][TILE_VECTORS], excess[TILE_ROWS][TILE_VECTORS];
    FOR_EACH_SUM(i, j, TILE_ROWS) excess[i][j] = 0.0f;
    for (uint first = sum_samples, end; first < batch_count; first = end) {
        end = section_end(first, sum_samples, batch_count);
        sum_section(section, memory, first, end, row, column, batch_rows, input, delta);
        FOR_EACH_SUM(i, j, TILE_ROWS) ADD_SECTION(float4, c[i][j], excess[i][j], section[i][j]);
    }
}

#define DEFINE_UPDATE_LOCAL(name, is_long)                                                                             \
    LOCAL_OPERATION                                                                                                    \
    name(BLOCK_ITEM const uint batch_rows, const uint weights_rows, const uint sum_samples,                            \
         __global const hyper_values *restrict hyper, __global const epoch_state *restrict state,                      \
         __global const float *restrict input, __global const float *restrict delta, __global float *restrict weights, \
         __global float *restrict biases, __global float *restrict weights_m, __global float *restrict weights_v,      \
         __global float *restrict biases_m, __global float *restrict biases_v) {                                       \
        BLOCK_MEMORY                                                                                                   \
        const uint row = BLOCK_ROW(), column = BLOCK_COLUMN();                                                         \
        const uint batch_count = state->batch_count;                                                                   \
        if (batch_count == 0) return;                                                                                  \
        const uint first_end = is_long ? min(sum_samples, batch_count) : batch_count;                                  \
        float4 c[TILE_ROWS][TILE_VECTORS];                                                                             \
        sum_section(c, memory, 0, first_end, row, column, batch_rows, input, delta);                                   \
        if (is_long) add_later_sections(c, memory, batch_count, sum_samples, row, column, batch_rows, input, delta);   \
        FOR_EACH_SUM(i, j, TILE_ROWS)                                                                                  \
        APPLY(float4, _vector, c[i][j], true, VECTORS(weights), VECTORS(weights_m), VECTORS(weights_v),                \
              panel_index(row + sum_row(i), column + sum_column(j), weights_rows, 0) / 4);                             \
        if (row == 0)                                                                                                  \
            update_biases(memory, column, batch_count, batch_rows, sum_samples, hyper, state, CONST_VECTORS(delta),    \
                          VECTORS(biases), VECTORS(biases_m), VECTORS(biases_v));                                      \
    }
