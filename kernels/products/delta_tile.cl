#include "functions.cl"
#include "state.cl"
#include "tile.cl"
/* delta, tile: delta of the layer below = (W^T delta) * f'(z) (24). Contract as delta_plain, but delta comes
 * transposed: panels, row = output, column = sample, so that the samples are the vector and W streams as it lies.
 * The result is written as it is for the update and, with `transposed` = 1, transposed for the next delta below.
 * Item: TILE_ROWS inputs and a panel of samples.
 *
 * The sums are [input][sample] and the result lies [sample][input]: columns are collected from private memory into
 * vectors, a fraction of the product. (Vector shuffles are no faster, and Oclgrind takes them for uninitialised.) */
#define COLUMN_4(p, stride)  (p)[0], (p)[(stride)], (p)[2 * (stride)], (p)[3 * (stride)]
#define COLUMN_8(p, stride)  COLUMN_4(p, stride), COLUMN_4((p) + 4 * (stride), stride)
#define COLUMN_16(p, stride) COLUMN_8(p, stride), COLUMN_8((p) + 8 * (stride), stride)

/* A vector down a tile's rows: TILE_ROWS inputs of one sample. */
#define rows_t         JOIN(float, TILE_ROWS)
#define COLUMN_ROWS    JOIN(COLUMN_, TILE_ROWS)
#define COLUMN_SAMPLES JOIN(COLUMN_, VECTOR_WIDTH)
#define store_column   JOIN(vstore, VECTOR_WIDTH) /* Oclgrind takes a column that is stored otherwise for undefined */

DEFINE_SLOPES(rows_t, _rows)

TILE_OPERATION delta_tile(ITEM const uint block_tiles, const uint panel_count, const uint a_lines, const uint b_lines,
                          const uint input_count, const uint output_count, const uint batch_rows,
                          const uint weights_rows, const uint delta_rows, const uint delta_below_rows,
                          const uint transposed, const uint activation, const float parameter,
                          __global const epoch_state *restrict state, __global const float *restrict weights,
                          __global const float *restrict delta_transposed, __global const float *restrict stored,
                          __global float *restrict delta_below, __global float *restrict delta_below_transposed) {
    TILE_PLACE(row, panel, TILE_ROWS);
    if (row >= input_count || panel * PANEL_WIDTH >= state->batch_count) return;
    floatv c[TILE_ROWS][TILE_VECTORS];
    FOR_EACH_SUM(i, j, TILE_ROWS) c[i][j] = 0.0f;
    __global const float *a = weights + (size_t)row * PANEL_WIDTH;
    __global const float *b = delta_transposed + (size_t)panel * delta_rows * PANEL_WIDTH;
    __global const float *next = TILE_NEXT_PANEL(delta_transposed, delta_rows, output_count);
    TILE_MULTIPLY(c, TILE_ROWS, a, weights_rows, b, output_count, next)

    float sums[TILE_ROWS * PANEL_WIDTH], deltas[PANEL_WIDTH * TILE_ROWS];
    FOR_EACH_SUM(i, j, TILE_ROWS) store_private(c[i][j], i * TILE_VECTORS + j, sums);
    const size_t corner = panel_index(panel * PANEL_WIDTH, row, batch_rows, PANEL_WIDTH);
    for (uint sample = 0; sample < PANEL_WIDTH; sample++) {
        const size_t here = corner + sample * PANEL_WIDTH;
        const rows_t sum = (rows_t)(COLUMN_ROWS(sums + sample, PANEL_WIDTH));
        const rows_t delta = sum * slope_from_rows(VECTOR_AT(rows_t, stored + here, 0), activation, parameter);
        VECTOR_AT(rows_t, delta_below + here, 0) = delta;
        JOIN(vstore, TILE_ROWS)(delta, sample, deltas);
    }
    if (!transposed) return;
    __global float *to = delta_below_transposed + ((size_t)panel * delta_below_rows + row) * PANEL_WIDTH;
    for (uint i = 0; i < TILE_ROWS; i++)
        for (uint j = 0; j < TILE_VECTORS; j++)
            store_column((floatv)(COLUMN_SAMPLES(deltas + j * VECTOR_WIDTH * TILE_ROWS + i, TILE_ROWS)),
                         i * TILE_VECTORS + j, to);
}
