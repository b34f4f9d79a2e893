/* How the matrix products are made, and how that is written: "plain", "clblast", "tile:8x2x16" (rows of a tile, its
 * vectors, floats of a vector), "local:64x8x1x2" (block; rows and float4 of an item; parts), of which there may be
 * several, "local:64x8x1x2+32x4x1x4": then each product takes one of them (plan/block.h). */
#ifndef EPOCL_PLAN_MATMUL_H
#define EPOCL_PLAN_MATMUL_H

#include <stdbool.h>
#include <stddef.h>

typedef enum matmul_provider {
    MATMUL_PLAIN,
    MATMUL_TILE,
    MATMUL_LOCAL,
    MATMUL_CLBLAST,
    MATMUL_PROVIDER_COUNT
} matmul_provider;

/* A block of matmul local; zeros: none. */
typedef struct block_shape {
    size_t block;        /* its rows and columns                */
    size_t tile_rows;    /* of the sums of an item              */
    size_t tile_vectors; /* float4 of a row of them             */
    size_t parts;        /* items that share each of these sums */
} block_shape;
enum { BLOCK_SHAPES = 7 };

typedef struct matmul_choice {
    matmul_provider provider;
    size_t vector_width;              /* tile: floats of a vector            */
    size_t tile_vectors;              /* vectors of a tile row               */
    size_t tile_rows;                 /* rows of a tile                      */
    size_t sample_rows;               /* tile: the same where rows are samples */
    block_shape shapes[BLOCK_SHAPES]; /* local: what products may take, with the most parts */
    size_t shape_count;
    bool is_whole;      /* as if large: parts never share a block; groups of a resident plan share all */
    bool is_long;       /* mini-batches of several sections    */
    size_t sum_samples; /* as plan's; 0: SUM_SAMPLES           */
} matmul_choice;

enum { BLAS_PANEL_STEP = 16 }; /* a single panel is as wide as its matrix, rounded up to this */

/* Columns of the panels of all matrices; 0 where each matrix is one panel, as a BLAS wants it. */
size_t matmul_panel_width(const matmul_choice *choice);

enum { MATMUL_TEXT_CAPACITY = 96 };
void matmul_choice_text(const matmul_choice *choice, char text[MATMUL_TEXT_CAPACITY]);

/* Reads such a text into a choice that has the fields it does not name; false for any other text. */
bool matmul_choice_parse(const char *text, matmul_choice *choice);

const char *matmul_provider_name(matmul_provider provider);

#endif
