/* How the matrix products are made, and how that is written: "plain", "clblast", "tile:8x2x16" (rows of a tile, its
 * vectors, floats of a vector), "local:64x8x1x2" (block; rows and float4 of an item; parts). */
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

typedef struct matmul_choice {
    matmul_provider provider;
    size_t vector_width; /* tile: floats of a vector; local: 4  */
    size_t tile_vectors; /* vectors of a tile row               */
    size_t tile_rows;    /* rows of a tile                      */
    size_t sample_rows;  /* tile: the same where rows are samples */
    size_t block;        /* local: rows and columns of a block  */
    size_t parts;        /* local: that may share a block       */
    bool is_whole;       /* as if large: they never do; groups of a resident plan share all */
    bool is_long;        /* mini-batches of several sections    */
    size_t sum_samples;  /* as plan's; 0: SUM_SAMPLES           */
} matmul_choice;

enum { BLAS_PANEL_STEP = 16 }; /* a single panel is as wide as its matrix, rounded up to this */

/* Columns of the panels of all matrices; 0 where each matrix is one panel, as a BLAS wants it. */
size_t matmul_panel_width(const matmul_choice *choice);

enum { MATMUL_TEXT_CAPACITY = 32 };
void matmul_choice_text(const matmul_choice *choice, char text[MATMUL_TEXT_CAPACITY]);

/* Reads such a text into a choice that has the fields it does not name; false for any other text. */
bool matmul_choice_parse(const char *text, matmul_choice *choice);

const char *matmul_provider_name(matmul_provider provider);

#endif
