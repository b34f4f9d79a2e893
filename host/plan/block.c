#include "plan/block.h"

#include "base/checked.h"

#include <stdio.h>
#include <string.h>

/* Block, rows and float4 of an item, and the most parts that share a block: a work-group of at most 256, and room for
 * the sums of the parts in place of their operands. */
static const block_shape shapes[BLOCK_SHAPES] = {
    {128, 8, 2, 1}, /* 256 items, 16.5 KiB                               */
    {64, 8, 1, 2},  /* 128 items, 8.5 KiB a part                         */
    {64, 8, 2, 2},  /* 64 items, 8.5 KiB a part: more work for each read */
    {32, 4, 1, 4},  /* 64 items, 4.5 KiB a part                          */
    {32, 8, 1, 1},  /* 32 items, for devices with the smallest groups    */
};

size_t block_items(const block_shape *shape) {
    return shape->block / shape->tile_rows * (shape->block / (BLOCK_VECTOR * shape->tile_vectors));
}

size_t block_group_items(const block_shape *shape) {
    return block_items(shape) * shape->parts;
}

size_t block_local_bytes(const block_shape *shape) {
    return shape->parts * 2 * BLOCK_DEPTH * (shape->block + BLOCK_GAP) * sizeof(float);
}

void block_shape_text(const block_shape *shape, char text[BLOCK_TEXT_CAPACITY]) {
    snprintf(text, BLOCK_TEXT_CAPACITY, "%zux%zux%zux%zu", shape->block, shape->tile_rows, shape->tile_vectors,
             shape->parts);
}

bool block_shapes_are_same(const block_shape *a, const block_shape *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

bool block_is_shape(const block_shape *shape) {
    for (size_t i = 0; i < BLOCK_SHAPES; i++)
        if (shape->block == shapes[i].block && shape->tile_rows == shapes[i].tile_rows &&
            shape->tile_vectors == shapes[i].tile_vectors)
            return shape->parts > 0 && shapes[i].parts % shape->parts == 0;
    return false;
}

bool block_fits(const block_shape *shape, const epocl_device_info *device) {
    return block_group_items(shape) <= device->max_work_group_size &&
           block_local_bytes(shape) <= device->local_memory_bytes;
}

/* With as many parts as fit, at least one. */
static block_shape fitting(block_shape shape, const epocl_device_info *device) {
    while (!block_fits(&shape, device) && shape.parts > 1) shape.parts /= 2;
    return shape;
}

static matmul_choice choice_of(const block_shape *first, size_t count) {
    matmul_choice choice = {
        .provider = MATMUL_LOCAL, .tile_rows = BLOCK_VECTOR, .sample_rows = BLOCK_VECTOR, .shape_count = count};
    memcpy(choice.shapes, first, count * sizeof *first);
    return choice;
}

matmul_choice block_candidates(const epocl_device_info *device) {
    block_shape found[BLOCK_SHAPES];
    size_t count = 0;
    for (size_t i = 0; i < BLOCK_SHAPES; i++) {
        found[count] = fitting(shapes[i], device);
        if (block_fits(&found[count], device)) count++;
    }
    return choice_of(found, count ? count : 1); /* the last one tried */
}

matmul_choice block_alone(const matmul_choice *choice, size_t index) {
    matmul_choice alone = *choice;
    alone.shapes[0] = choice->shapes[index];
    alone.shape_count = 1;
    return alone;
}

size_t block_padding(const matmul_choice *choice) {
    size_t padding = BLOCK_PANEL;
    for (size_t i = 0; i < choice->shape_count; i++)
        if (choice->shapes[i].block > padding) padding = choice->shapes[i].block;
    return padding;
}

/* With fewer items, a compute unit of a GPU waits for memory: an H100's products of 256 blocks took 5 to 10 % less time
 * split in two. */
enum { BUSY_ITEMS = 256 };

static size_t blocks_of(const block_product *product, size_t block) {
    return divide_up(product->rows, block) * divide_up(product->columns, block);
}

block_shape block_for(const matmul_choice *choice, const block_product *product, size_t compute_units) {
    block_shape shape = choice->shapes[0];
    const bool are_few = blocks_of(product, shape.block) * block_items(&shape) < compute_units * BUSY_ITEMS;
    if (choice->is_whole || !product->has_parts || !are_few || product->depth <= BLOCK_DEPTH) shape.parts = 1;
    return shape;
}

size_t block_choose(const matmul_choice *candidates, size_t compute_units, size_t weight_count, size_t widest_layer) {
    const size_t count = candidates->shape_count;
    for (size_t chosen = 0, next;; chosen = next) {
        const size_t block = candidates->shapes[chosen].block;
        for (next = chosen + 1; next < count && candidates->shapes[next].block == block;) next++;
        if (next >= count || (widest_layer >= block && weight_count >= compute_units * block * block)) return chosen;
    }
}

bool block_is_near(const block_shape *chosen, const block_shape *other) {
    return other->block <= chosen->block && 2 * other->block >= chosen->block;
}
