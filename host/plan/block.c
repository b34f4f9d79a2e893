#include "plan/block.h"

#include "base/checked.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The shapes, with the most parts: a work-group of at most 256, and room for the sums of the parts in place of their
 * operands. `speed`: multiply-adds, in percent of what an item issues: those of the product loop (`make gpu-static`:
 * 93, 89, 93 and 84 on NVIDIA), less some six instructions for each vector that it copies. An H100 was no faster with
 * the second shape of 64 than with the first, and the last has groups of half a wave of others. Tensor cores multiply
 * 32 rows for a warp by some eleven instructions a k; where they are all busy, the H100 needed 1 / 1.45 of the time of
 * the other blocks of 64 (two parts made those slower); with blocks of 32 it is memory that they would wait for. */
static const struct {
    block_shape shape;
    double speed, alone; /* where units are busy; where they wait for an item  */
    bool is_tensor;
} shapes[BLOCK_SHAPES] = {
    {{128, 8, 2, 1}, 91, 91, false}, /* 256 items, 16.5 KiB                               */
    {{64, 4, 2, 1}, 125, 290, true}, /* 128 items, 10 KiB                                 */
    {{64, 8, 1, 2}, 86, 86, false},  /* 128 items, 8.5 KiB a part                         */
    {{64, 8, 2, 2}, 86, 86, false},  /* 64 items, 8.5 KiB a part: more work for each read */
    {{32, 4, 2, 4}, 80, 290, true},  /* 32 items, 5 KiB a part                            */
    {{32, 4, 1, 4}, 78, 78, false},  /* 64 items, 4.5 KiB a part                          */
    {{32, 8, 1, 1}, 70, 70, false},  /* 32 items, for devices with the smallest groups    */
};

size_t block_items(const block_shape *shape) {
    return shape->block / shape->tile_rows * (shape->block / (BLOCK_VECTOR * shape->tile_vectors));
}

size_t block_group_items(const block_shape *shape) {
    return block_items(shape) * shape->parts;
}

size_t block_local_bytes(const block_shape *shape) {
    const size_t operand =
        block_is_tensor(shape) ? shape->block * (BLOCK_DEPTH + BLOCK_GAP) : BLOCK_DEPTH * (shape->block + BLOCK_GAP);
    return shape->parts * 2 * operand * sizeof(float);
}

void block_shape_text(const block_shape *shape, char text[BLOCK_TEXT_CAPACITY]) {
    snprintf(text, BLOCK_TEXT_CAPACITY, "%zux%zux%zux%zu", shape->block, shape->tile_rows, shape->tile_vectors,
             shape->parts);
}

bool block_shapes_are_same(const block_shape *a, const block_shape *b) {
    return memcmp(a, b, sizeof *a) == 0;
}

/* Whatever the parts. */
static bool is_alike(const block_shape *a, const block_shape *b) {
    return a->block == b->block && a->tile_rows == b->tile_rows && a->tile_vectors == b->tile_vectors;
}

/* Its place in the table; BLOCK_SHAPES if it has none. */
static size_t place_of(const block_shape *shape) {
    size_t place = 0;
    while (place < BLOCK_SHAPES && !is_alike(shape, &shapes[place].shape)) place++;
    return place;
}

bool block_is_shape(const block_shape *shape) {
    const size_t place = place_of(shape);
    return place < BLOCK_SHAPES && shape->parts > 0 && shapes[place].shape.parts % shape->parts == 0;
}

bool block_is_tensor(const block_shape *shape) {
    const size_t place = place_of(shape);
    return place < BLOCK_SHAPES && shapes[place].is_tensor;
}

bool block_fits(const block_shape *shape, const epocl_device_info *device) {
    const bool multiplies = !block_is_tensor(shape) || device->tensor_cores || device->type == EPOCL_DEVICE_CPU;
    return multiplies && block_group_items(shape) <= device->max_work_group_size &&
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
        found[count] = fitting(shapes[i].shape, device);
        if ((!shapes[i].is_tensor || device->tensor_cores) && block_fits(&found[count], device)) count++;
    }
    return choice_of(found, count ? count : 1); /* the last one tried */
}

matmul_choice block_alone(const matmul_choice *choice, size_t index) {
    matmul_choice alone = *choice;
    alone.shapes[0] = choice->shapes[index];
    alone.shape_count = 1;
    return alone;
}

size_t block_place(const matmul_choice *choice, const block_shape *shape) {
    size_t place = 0;
    while (place < choice->shape_count && !is_alike(shape, &choice->shapes[place])) place++;
    return place;
}

size_t block_padding(const matmul_choice *choice) {
    size_t padding = BLOCK_PANEL;
    for (size_t i = 0; i < choice->shape_count; i++)
        if (choice->shapes[i].block > padding) padding = choice->shapes[i].block;
    return padding;
}

/* With fewer items, a compute unit of a GPU waits for memory: an H100's products of 256 blocks took 5 to 10 % less time
 * split in two. Sums of an item of an update in sections: it has three sets of them in its registers. */
enum { BUSY_ITEMS = 256, MOST_LONG_SUMS = 32 };
/* What the last round of blocks leaves idle of a round, as units hold several blocks at a time. */
static const double idle_round = 0.25;

static size_t sums_of(const block_shape *shape) {
    return shape->tile_rows * shape->tile_vectors * BLOCK_VECTOR;
}

static size_t blocks_of(const block_shape *shape, const block_product *product) {
    return divide_up(product->rows, shape->block) * divide_up(product->columns, shape->block);
}

/* With all its parts where there are too few blocks to occupy the units, else with one. */
static block_shape with_parts(block_shape shape, const matmul_choice *choice, const block_product *product,
                              size_t units) {
    const bool are_few = blocks_of(&shape, product) * block_items(&shape) < units * BUSY_ITEMS;
    if (choice->is_whole || !product->has_parts || !are_few || product->depth <= BLOCK_DEPTH) shape.parts = 1;
    return shape;
}

/* Time of a product, up to a factor that all shapes have in common: the sums that a unit makes, padding included; or,
 * if its items are too few to occupy it, those that one of them makes, as long as the wait for memory lasts. */
static double time_of(const block_shape *shape, const block_product *product, size_t units) {
    const double rounds = (double)blocks_of(shape, product) / (double)units;
    const double work = (double)(shape->block * shape->block) * (rounds > 1.0 ? rounds + idle_round : 1.0);
    const double wait = (double)(sums_of(shape) * BUSY_ITEMS) / (double)shape->parts;
    const size_t place = place_of(shape);
    return fmax(work / shapes[place].speed, wait / shapes[place].alone);
}

/* For an update in sections in the place of a shape that has too many sums for it. */
static block_shape long_shape(const block_shape *shape) {
    size_t place = place_of(shape);
    while (shapes[place].is_tensor || sums_of(&shapes[place].shape) > MOST_LONG_SUMS ||
           block_items(&shapes[place].shape) > block_items(shape))
        place++;
    return shapes[place].shape;
}

block_shape block_for(const matmul_choice *choice, const block_product *product, size_t compute_units) {
    block_shape best = {0};
    double least = INFINITY;
    for (size_t i = 0; i < choice->shape_count; i++) {
        if (product->is_long && sums_of(&choice->shapes[i]) > MOST_LONG_SUMS) continue;
        const block_shape shape = with_parts(choice->shapes[i], choice, product, compute_units);
        const double seconds = time_of(&shape, product, compute_units);
        if (seconds >= least) continue;
        least = seconds;
        best = shape;
    }
    if (best.block) return best;
    return with_parts(long_shape(&choice->shapes[0]), choice, product, compute_units);
}
