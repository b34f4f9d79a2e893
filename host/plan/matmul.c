#include "plan/matmul.h"

#include "plan/block.h"

#include <stdio.h>
#include <string.h>

static const char *const provider_names[] = {
    [MATMUL_PLAIN] = "plain",
    [MATMUL_TILE] = "tile",
    [MATMUL_LOCAL] = "local",
    [MATMUL_CLBLAST] = "clblast",
};

const char *matmul_provider_name(matmul_provider provider) {
    return provider_names[provider];
}

size_t matmul_panel_width(const matmul_choice *choice) {
    if (choice->provider == MATMUL_LOCAL) return BLOCK_PANEL;
    return choice->provider == MATMUL_CLBLAST ? 0 : choice->vector_width * choice->tile_vectors;
}

void matmul_choice_text(const matmul_choice *choice, char text[MATMUL_TEXT_CAPACITY]) {
    const char *name = matmul_provider_name(choice->provider);
    if (choice->provider == MATMUL_TILE)
        snprintf(text, MATMUL_TEXT_CAPACITY, "%s:%zux%zux%zu", name, choice->tile_rows, choice->tile_vectors,
                 choice->vector_width);
    else
        snprintf(text, MATMUL_TEXT_CAPACITY, "%s", name);
    for (size_t i = 0; choice->provider == MATMUL_LOCAL && i < choice->shape_count; i++) {
        char shape[BLOCK_TEXT_CAPACITY];
        block_shape_text(&choice->shapes[i], shape);
        const size_t used = strlen(text);
        snprintf(text + used, MATMUL_TEXT_CAPACITY - used, "%c%s", i > 0 ? '+' : ':', shape);
    }
}

static bool is_one_of(size_t value, const size_t *values, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (values[i] == value) return true;
    return false;
}

/* A tile that kernels/products/tile.cl can be compiled for. */
static bool is_tile(const matmul_choice *choice) {
    static const size_t rows[] = {4, 8, 16}, vectors[] = {1, 2, 4, 8}, widths[] = {4, 8, 16};
    const size_t panel = choice->tile_vectors * choice->vector_width;
    return is_one_of(choice->tile_rows, rows, 3) && is_one_of(choice->tile_vectors, vectors, 4) &&
           is_one_of(choice->vector_width, widths, 3) && panel >= BLAS_PANEL_STEP;
}

/* Shapes of blocks, "64x8x1x2+32x4x1x4". */
static bool parse_shapes(const char *text, matmul_choice *choice) {
    choice->provider = MATMUL_LOCAL;
    choice->shape_count = 0;
    for (const char *next = text; next; next = strchr(next, '+')) {
        block_shape shape;
        if (next > text) next++;
        if (choice->shape_count == BLOCK_SHAPES ||
            sscanf(next, "%3zux%2zux%2zux%2zu", &shape.block, &shape.tile_rows, &shape.tile_vectors, &shape.parts) != 4)
            return false;
        if (!block_is_shape(&shape) || block_place(choice, &shape) < choice->shape_count) return false;
        choice->shapes[choice->shape_count++] = shape;
    }
    return true;
}

bool matmul_choice_parse(const char *text, matmul_choice *choice) {
    matmul_choice parsed = *choice;
    char whole[MATMUL_TEXT_CAPACITY];
    for (int i = 0; i < MATMUL_PROVIDER_COUNT; i++) {
        parsed.provider = (matmul_provider)i;
        if (strcmp(text, provider_names[i]) == 0) {
            *choice = parsed;
            return true;
        }
    }
    if (sscanf(text, "tile:%2zux%2zux%2zu", &parsed.tile_rows, &parsed.tile_vectors, &parsed.vector_width) == 3) {
        parsed.provider = MATMUL_TILE;
        if (!is_tile(&parsed)) return false;
    } else if (strncmp(text, "local:", strlen("local:")) == 0) {
        if (!parse_shapes(text + strlen("local:"), &parsed)) return false;
    } else {
        return false;
    }
    matmul_choice_text(&parsed, whole);
    if (strcmp(text, whole) != 0) return false;
    parsed.sample_rows = parsed.tile_rows;
    *choice = parsed;
    return true;
}
