#include "plan/block.h"

/* Block, rows and float4 of an item, and the most parts that share a block: a work-group of at most 256, and room for
 * the sums of the parts in place of their operands. */
static const struct {
    size_t block, tile_rows, tile_vectors, parts;
} shapes[BLOCK_SHAPES] = {
    {128, 8, 2, 1}, /* 256 items, 16.5 KiB                               */
    {64, 8, 1, 2},  /* 128 items, 8.5 KiB a part                         */
    {64, 8, 2, 2},  /* 64 items, 8.5 KiB a part: more work for each read */
    {32, 4, 1, 4},  /* 64 items, 4.5 KiB a part                          */
    {32, 8, 1, 1},  /* 32 items, for devices with the smallest groups    */
};

size_t block_items(const matmul_choice *choice) {
    return choice->block / choice->tile_rows * (choice->block / (choice->vector_width * choice->tile_vectors));
}

size_t block_group_items(const matmul_choice *choice) {
    return block_items(choice) * choice->parts;
}

size_t block_local_bytes(const matmul_choice *choice) {
    return choice->parts * 2 * BLOCK_DEPTH * (choice->block + BLOCK_GAP) * sizeof(float);
}

bool block_is_shape(const matmul_choice *choice) {
    for (size_t i = 0; i < BLOCK_SHAPES; i++)
        if (choice->block == shapes[i].block && choice->tile_rows == shapes[i].tile_rows &&
            choice->tile_vectors == shapes[i].tile_vectors && choice->vector_width == BLOCK_VECTOR)
            return choice->parts > 0 && shapes[i].parts % choice->parts == 0;
    return false;
}

bool block_fits(const matmul_choice *choice, const epocl_device_info *device) {
    return block_group_items(choice) <= device->max_work_group_size &&
           block_local_bytes(choice) <= device->local_memory_bytes;
}

/* A shape with as many parts as fit; false if not even one does. */
static bool candidate(size_t index, const epocl_device_info *device, matmul_choice *choice) {
    *choice = (matmul_choice){.provider = MATMUL_LOCAL,
                              .vector_width = BLOCK_VECTOR,
                              .tile_vectors = shapes[index].tile_vectors,
                              .tile_rows = shapes[index].tile_rows,
                              .sample_rows = shapes[index].tile_rows,
                              .block = shapes[index].block,
                              .parts = shapes[index].parts};
    while (!block_fits(choice, device) && choice->parts > 1) choice->parts /= 2;
    return block_fits(choice, device);
}

size_t block_candidates(const epocl_device_info *device, matmul_choice candidates[BLOCK_SHAPES]) {
    size_t count = 0;
    for (size_t i = 0; i < BLOCK_SHAPES; i++)
        if (candidate(i, device, &candidates[count])) count++;
    return count ? count : 1; /* the last one tried */
}

size_t block_choose(const matmul_choice *candidates, size_t count, size_t compute_units, size_t weight_count,
                    size_t widest_layer) {
    for (size_t chosen = 0, next;; chosen = next) {
        const size_t block = candidates[chosen].block;
        for (next = chosen + 1; next < count && candidates[next].block == block;) next++;
        if (next >= count || (widest_layer >= block && weight_count >= compute_units * block * block)) return chosen;
    }
}

bool block_is_near(const matmul_choice *chosen, const matmul_choice *other) {
    return other->block <= chosen->block && 2 * other->block >= chosen->block;
}

matmul_choice block_for(const epocl_device_info *device, size_t weight_count, size_t widest_layer) {
    matmul_choice candidates[BLOCK_SHAPES];
    const size_t count = block_candidates(device, candidates);
    return candidates[block_choose(candidates, count, device->compute_units, weight_count, widest_layer)];
}
