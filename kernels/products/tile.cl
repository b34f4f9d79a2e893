#include "common.cl"
#include "tile_sums.cl"
/* tile: the register tile that forward_tile, delta_tile and update_tile share; shaped for CPUs.
 *
 * One work-item, alone in its work-group, holds rows x PANEL_WIDTH sums of
 *     c[i][:] += a(i, k) * b[k][:]
 * in vector registers: a is broadcast, a row of b is TILE_VECTORS vector loads. Panels make both streams
 * contiguous, so nothing is packed and no cache set is hit twice. No local memory and no barrier: on a CPU
 * both are plain memory and spilled registers.
 *
 * The rows are SAMPLE_ROWS where they are samples, as many as suit the mini-batch, and else TILE_ROWS, which divides
 * PANEL_WIDTH. Sums and TILE_VECTORS loads must fit the registers (32 with AVX-512 and NEON, 16 with AVX2). */
#ifndef VECTOR_WIDTH
#define VECTOR_WIDTH 16 /* floats in a vector register: 4, 8 or 16 */
#endif
#ifndef TILE_VECTORS
#define TILE_VECTORS 2
#endif
#ifndef TILE_ROWS
#define TILE_ROWS 8
#endif
#ifndef SAMPLE_ROWS
#define SAMPLE_ROWS TILE_ROWS
#endif
#if PANEL_WIDTH != VECTOR_WIDTH * TILE_VECTORS
#error "a tile is as wide as a panel"
#endif

#define floatv JOIN(float, VECTOR_WIDTH)
#define uintv  JOIN(uint, VECTOR_WIDTH)
/* In global memory, and in arrays of an item's own. */
#define load(i, from)       VECTOR_AT(floatv, from, i)
#define store(value, i, to) (VECTOR_AT(floatv, to, i) = (value))
#define load_private        JOIN(vload, VECTOR_WIDTH)
#define store_private       JOIN(vstore, VECTOR_WIDTH)

/* A tile's first row and its panel. Tiles come in blocks of `block_tiles`, each of which goes through all panels before
 * the next block begins, so that its part of A stays in a core's cache. Items: (tile of a block, panel of a block). */
#define TILE_PLACE(row, panel, rows)                                                                                   \
    const uint block = item_id(1) / panel_count, panel = item_id(1) - block * panel_count;                             \
    const uint row = (block * block_tiles + item_id(0)) * rows

/* c += a(:, k) b(k, :) for one k, with a(i, k) at a[i * row_stride]. A macro, so that c stays in registers. */
#define TILE_ADD_PRODUCT(c, tile_rows, a, row_stride, b)                                                               \
    do {                                                                                                               \
        floatv b_row[TILE_VECTORS];                                                                                    \
        _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) b_row[j] = load(j, (b));                             \
        _Pragma("unroll") for (uint i = 0; i < tile_rows; i++) {                                                       \
            const floatv a_value = (a)[i * (row_stride)];                                                              \
            _Pragma("unroll") for (uint j = 0; j < TILE_VECTORS; j++) c[i][j] += a_value * b_row[j];                   \
        }                                                                                                              \
    } while (0)

/* Operands larger than a core's cache are fetched ahead, a few lines for each PANEL_WIDTH values of k: of A `a_lines`,
 * all of the tile's next panel, whose address no hardware guesses; of B `b_lines` of the panel that comes after this
 * one, each tile of a block another part of it. Both are 0 for what the cache holds. */
#define LINE_FLOATS 16
#define FETCH_LINES(from, count)                                                                                       \
    for (uint line = 0; line < (count); line++) FETCH_LINE((from) + line * LINE_FLOATS)

/* This tile's part of the panel after `panel`, of those that begin at `panels`, each `panel_rows` rows long. */
#define TILE_NEXT_PANEL(panels, panel_rows, depth)                                                                     \
    ((panels) + (panel + 1 < panel_count ? panel + 1 : 0) * (size_t)(panel_rows)*PANEL_WIDTH +                         \
     item_id(0) * b_lines * LINE_FLOATS * ((depth) / PANEL_WIDTH))

/* c += A b over `depth` values of k. A: panels with `rows` rows, from the tile's first row on; k is its
 * column. b: one panel, k is its row. next: of B, what to fetch. */
#define TILE_MULTIPLY(c, tile_rows, a, rows, b, depth, next)                                                           \
    for (uint k_panel = 0; k_panel < (depth); k_panel += PANEL_WIDTH) {                                                \
        const uint k_count = min((uint)PANEL_WIDTH, (depth)-k_panel);                                                  \
        FETCH_LINES((a) + (size_t)(rows)*PANEL_WIDTH, a_lines);                                                        \
        FETCH_LINES(next, b_lines);                                                                                    \
        (next) += b_lines * LINE_FLOATS;                                                                               \
        UNROLL_FOUR for (uint k = 0; k < k_count; k++, (b) += PANEL_WIDTH)                                             \
            TILE_ADD_PRODUCT(c, tile_rows, (a) + k, PANEL_WIDTH, b);                                                   \
        (a) += (size_t)(rows)*PANEL_WIDTH;                                                                             \
    }
