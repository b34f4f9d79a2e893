/* What the launches of several operations have in common. */
#include "operations/operations.h"

#include <stdio.h>

/* As many items as have a run of products each, or several. */
static size_t parts_of_sum(const plan *p, size_t depth) {
    size_t parts = 1;
    while (2 * parts <= p->most_parts && 2 * parts <= divide_up(depth, PART_RUN)) parts *= 2;
    return parts;
}

launch *add_sums(const plan *p, sequence *s, const char *kernel, size_t rows, size_t columns, size_t depth,
                 const layer_tensors *l) {
    const size_t parts = parts_of_sum(p, depth);
    launch *k = sequence_add_shared(s, kernel, kernel, columns, rows, parts > 1 ? PART_COLUMNS : p->group_items, parts);
    const tensor *input = &p->tensors[l->input], *weights = &p->tensors[l->weights];
    launch_uint(k, l->input_count);
    launch_uint(k, l->output_count);
    launch_uint(k, input->row_capacity);
    launch_uint(k, input->width);
    launch_uint(k, weights->row_capacity);
    launch_uint(k, weights->width);
    launch_uint(k, parts);
    return k;
}

uint32_t sum_samples(const plan *p, const batch_tensors *b) {
    return b->batch_size > p->sum_samples ? (uint32_t)p->sum_samples : UINT32_MAX;
}

/* What a core's second-level cache holds of the broadcast operand beside a panel of the other. */
enum { BLOCK_BYTES = 512 * 1024, LINE_FLOATS = 16 };

launch *add_tiles(sequence *s, const char *kernel, size_t rows, size_t tile_rows, size_t panels, size_t depth) {
    const size_t tiles = divide_up(rows, tile_rows);
    const size_t fitting = BLOCK_BYTES / (tile_rows * depth * sizeof(float));
    const size_t block_tiles = smaller(tiles, fitting ? fitting : 1);
    launch *k = sequence_add(s, kernel, kernel, block_tiles, panels * divide_up(tiles, block_tiles), 1, 1);
    launch_uint(k, block_tiles);
    launch_uint(k, panels);
    return k;
}

uint32_t lines_ahead(size_t floats, size_t operand_floats) {
    return operand_floats * sizeof(float) > BLOCK_BYTES ? (uint32_t)(floats / LINE_FLOATS) : 0;
}

void launch_fetches(const plan *p, launch *k, size_t rows, size_t tile_rows, size_t panels, size_t panel_width,
                    size_t depth) {
    /* Of the panels, a core reads its share: a half, for more cores do not keep to theirs in every plan. */
    const size_t share = panels * panel_width * depth / smaller(p->compute_units, 2);
    launch_uint(k, lines_ahead(tile_rows * panel_width, rows * depth));
    launch_uint(k, lines_ahead(panel_width * panel_width / k->items[0], share));
}

bool is_narrow(const plan *p, size_t columns) {
    return p->most_parts > 1 && columns <= PART_COLUMNS;
}

launch *add_blocks(const plan *p, sequence *s, const char *source, const block_product *product) {
    const block_shape shape = block_for(&p->matmul, product, p->compute_units);
    const size_t items = block_items(&shape);
    launch *k = sequence_add(s, source, source, divide_up(product->columns, shape.block) * items,
                             divide_up(product->rows, shape.block) * shape.parts, items, shape.parts);
    char text[BLOCK_TEXT_CAPACITY];
    block_shape_text(&shape, text);
    k->shape = shape;
    snprintf(k->kernel, sizeof k->kernel, "%.20s_%.26s", source, text);
    return k;
}
