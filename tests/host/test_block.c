/* The blocks of matmul local fit the device, whatever its limits, and a device too small for any is refused. */
#include "plan/block.h"
#include "plan/plan.h"

#include <check.h>
#include <string.h>

Suite *block_suite(void);

static epocl_device_info device_of(size_t work_group, size_t local_kib) {
    return (epocl_device_info){.name = "small",
                               .compute_units = 16,
                               .max_work_group_size = work_group,
                               .local_memory_bytes = (uint64_t)local_kib * 1024};
}

START_TEST(candidates_fit_the_device) {
    for (size_t work_group = 32; work_group <= 1024; work_group *= 2) {
        for (size_t local_kib = 16; local_kib <= 64; local_kib += 8) {
            const epocl_device_info device = device_of(work_group, local_kib);
            matmul_choice candidates[BLOCK_SHAPES];
            const size_t count = block_candidates(&device, candidates);
            ck_assert_uint_ge(count, 1);
            for (size_t i = 0; i < count; i++) {
                const matmul_choice *c = &candidates[i];
                ck_assert_int_eq(c->provider, MATMUL_LOCAL);
                ck_assert_uint_ge(c->parts, 1);
                ck_assert_uint_le(block_group_items(c), work_group);
                ck_assert_uint_le(block_local_bytes(c), local_kib * 1024);
                /* What kernels/products/local.cl relies on: items share the copies evenly. */
                ck_assert_uint_eq(c->block % BLOCK_PANEL, 0);
                ck_assert_uint_eq(block_items(c) * c->tile_rows * c->tile_vectors * 4, c->block * c->block);
                ck_assert_uint_eq(c->block * BLOCK_DEPTH / 4 % block_items(c), 0);
                /* The sums of the parts take the place of their operands. */
                ck_assert_uint_le((c->parts - 1) * c->block * c->block * sizeof(float), block_local_bytes(c));
            }
        }
    }
}
END_TEST

START_TEST(large_devices_get_all_shapes_and_parts) {
    const epocl_device_info large = device_of(1024, 48), small = device_of(64, 16);
    matmul_choice candidates[BLOCK_SHAPES];
    ck_assert_uint_eq(block_candidates(&large, candidates), BLOCK_SHAPES);
    ck_assert_uint_eq(candidates[0].block, 128);
    ck_assert_uint_eq(candidates[1].parts, 2);
    ck_assert_uint_eq(candidates[2].parts, 2);
    ck_assert_uint_eq(candidates[3].parts, 4);
    ck_assert_uint_eq(block_candidates(&small, candidates), 3);
    ck_assert_uint_eq(candidates[0].block, 64);
    ck_assert_uint_eq(candidates[1].block, 32);
    ck_assert_uint_eq(block_group_items(&candidates[1]), 64);
}
END_TEST

START_TEST(blocks_shrink_with_the_network) {
    const epocl_device_info device = device_of(1024, 48);
    ck_assert_uint_eq(block_for(&device, 16 * 128 * 128, 128).block, 128);
    ck_assert_uint_eq(block_for(&device, 16 * 128 * 128 - 1, 128).block, 64);
    ck_assert_uint_eq(block_for(&device, 16 * 64 * 64, 64).block, 64);
    ck_assert_uint_eq(block_for(&device, 16 * 64 * 64 - 1, 64).block, 32);
    ck_assert_uint_eq(block_for(&device, 16 * 128 * 128, 127).block, 64);
    ck_assert_uint_eq(block_for(&device, 1 << 30, 64).tile_vectors, 1);
    ck_assert_uint_eq(block_for(&device, 1, 1).tile_rows, 4); /* the one of the two that keeps more items busy */
}
END_TEST

START_TEST(a_device_too_small_is_refused) {
    const epocl_device_info devices[] = {device_of(16, 48), device_of(256, 4)};
    for (size_t i = 0; i < 2; i++) {
        const matmul_choice choice = block_for(&devices[i], 1 << 20, 1 << 10);
        plan p = {0};
        ck_assert_int_eq(plan_create(&p, &choice, &devices[i]), EPOCL_ERROR_ARGUMENT);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "matmul local needs work-groups of 32"));
        plan_release(&p);
    }
}
END_TEST

/* Every matrix has room for whole blocks, every array for a block's columns. */
START_TEST(matrices_hold_whole_blocks) {
    const epocl_device_info device = device_of(1024, 48);
    matmul_choice candidates[BLOCK_SHAPES];
    const size_t count = block_candidates(&device, candidates);
    for (size_t i = 0; i < count; i++) {
        plan p = {0};
        const size_t block = candidates[i].block;
        ck_assert_int_eq(plan_create(&p, &candidates[i], &device), EPOCL_OK);
        const tensor *matrix = &p.tensors[plan_add_matrix(&p, PURPOSE_PARAMETERS, block + 1, block - 1, "matrix")];
        const tensor *array = &p.tensors[plan_add_array(&p, PURPOSE_PARAMETERS, block + 1, sizeof(float), "array")];
        ck_assert_uint_eq(matrix->width, BLOCK_PANEL);
        ck_assert_uint_eq(matrix->row_capacity, 2 * block);
        ck_assert_uint_eq(matrix->bytes, 2 * block * block * sizeof(float));
        ck_assert_uint_eq(array->bytes, 2 * block * sizeof(float));
        plan_release(&p);
    }
}
END_TEST

Suite *block_suite(void) {
    Suite *suite = suite_create("block");
    TCase *tests = tcase_create("block");
    tcase_add_test(tests, candidates_fit_the_device);
    tcase_add_test(tests, large_devices_get_all_shapes_and_parts);
    tcase_add_test(tests, blocks_shrink_with_the_network);
    tcase_add_test(tests, a_device_too_small_is_refused);
    tcase_add_test(tests, matrices_hold_whole_blocks);
    suite_add_tcase(suite, tests);
    return suite;
}
