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
            const matmul_choice candidates = block_candidates(&device);
            ck_assert_int_eq(candidates.provider, MATMUL_LOCAL);
            ck_assert_uint_ge(candidates.shape_count, 1);
            for (size_t i = 0; i < candidates.shape_count; i++) {
                const block_shape *s = &candidates.shapes[i];
                ck_assert_uint_ge(s->parts, 1);
                ck_assert_uint_le(block_group_items(s), work_group);
                ck_assert_uint_le(block_local_bytes(s), local_kib * 1024);
                /* What kernels/products/local.cl relies on: items share the copies evenly. */
                ck_assert_uint_eq(s->block % BLOCK_PANEL, 0);
                ck_assert_uint_eq(block_items(s) * s->tile_rows * s->tile_vectors * 4, s->block * s->block);
                ck_assert_uint_eq(s->block * BLOCK_DEPTH / 4 % block_items(s), 0);
                /* The sums of the parts take the place of their operands. */
                ck_assert_uint_le((s->parts - 1) * s->block * s->block * sizeof(float), block_local_bytes(s));
            }
        }
    }
}
END_TEST

START_TEST(large_devices_get_all_shapes_and_parts) {
    const epocl_device_info large = device_of(1024, 48), small = device_of(64, 16);
    const matmul_choice all = block_candidates(&large), some = block_candidates(&small);
    char text[MATMUL_TEXT_CAPACITY];
    matmul_choice_text(&all, text);
    ck_assert_str_eq(text, "local:128x8x2x1+64x8x1x2+64x8x2x2+32x4x1x4+32x8x1x1");
    matmul_choice_text(&some, text);
    ck_assert_str_eq(text, "local:64x8x2x1+32x4x1x1+32x8x1x1");
}
END_TEST

static void assert_takes(const matmul_choice *choice, const block_product *product, size_t units, const char *wanted) {
    char text[BLOCK_TEXT_CAPACITY];
    const block_shape shape = block_for(choice, product, units);
    block_shape_text(&shape, text);
    ck_assert_msg(strcmp(text, wanted) == 0, "%zu x %zu, %zu deep, %zu units: %s, not %s", product->rows,
                  product->columns, product->depth, units, text, wanted);
}

/* Of an H100, a GPU of 30 units and one of 8: small products take small blocks, shared by parts; where each unit has
 * several large blocks, those read less. */
static const struct {
    block_product product;
    const char *shapes[3];
} taken[] = {
    {{10, 30, 784, .has_parts = true}, {"32x4x1x4", "32x4x1x4", "32x4x1x4"}},
    {{128, 512, 784, .has_parts = true}, {"32x4x1x4", "32x4x1x4", "64x8x1x1"}},
    {{784, 512, 128, false, false}, {"32x4x1x1", "64x8x1x1", "64x8x1x1"}},
    {{512, 2048, 784, .has_parts = true}, {"64x8x1x2", "64x8x1x1", "128x8x2x1"}},
    {{2048, 2048, 512, false, false}, {"64x8x1x1", "128x8x2x1", "128x8x2x1"}},
    {{4096, 4096, 1024, false, false}, {"128x8x2x1", "128x8x2x1", "128x8x2x1"}},
    {{8, 4096, 1024, .has_parts = true}, {"32x4x1x4", "32x4x1x1", "32x4x1x1"}},
    {{2048, 2048, 2048, .is_long = true}, {"64x8x1x1", "64x8x1x1", "64x8x1x1"}},
};

START_TEST(each_product_takes_what_suits_it) {
    static const size_t units[] = {132, 30, 8};
    const epocl_device_info device = device_of(1024, 48);
    const matmul_choice all = block_candidates(&device);
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        for (size_t u = 0; u < 3; u++) assert_takes(&all, &taken[i].product, units[u], taken[i].shapes[u]);
}
END_TEST

/* What the products take is all that must be in the choice. */
START_TEST(shapes_that_are_not_taken_make_no_difference) {
    const epocl_device_info device = device_of(1024, 48);
    const matmul_choice all = block_candidates(&device);
    const block_product few = {128, 512, 784, .has_parts = true}, many = {2048, 2048, 512, false, false};
    matmul_choice two = all;
    two.shapes[0] = all.shapes[1];
    two.shapes[1] = all.shapes[3];
    two.shape_count = 2;
    assert_takes(&two, &few, 132, "32x4x1x4");
    assert_takes(&two, &many, 132, "64x8x1x1");
}
END_TEST

/* One shape is for all, but for updates in sections, for which some have too many sums. */
START_TEST(one_shape_is_for_all_products) {
    static const char *const wanted[] = {"64x8x1x1", "64x8x1x1", "32x4x1x1", "32x4x1x1", "32x8x1x1"};
    const epocl_device_info device = device_of(1024, 48);
    const matmul_choice all = block_candidates(&device);
    for (size_t i = 0; i < all.shape_count; i++) {
        const matmul_choice alone = block_alone(&all, i);
        matmul_choice whole = alone;
        char text[BLOCK_TEXT_CAPACITY];
        block_shape own = alone.shapes[0];
        whole.is_whole = true;
        block_shape_text(&own, text);
        assert_takes(&alone, &(block_product){10, 10, 500, .has_parts = true}, 132, text);
        own.parts = 1;
        block_shape_text(&own, text);
        assert_takes(&alone, &(block_product){10, 10, 500, false, false}, 132, text);
        assert_takes(&whole, &(block_product){10, 10, 500, .has_parts = true}, 132, text);
        assert_takes(&alone, &(block_product){10, 10, 5000, .is_long = true}, 132, wanted[i]);
    }
}
END_TEST

START_TEST(a_device_too_small_is_refused) {
    const epocl_device_info devices[] = {device_of(16, 48), device_of(256, 4)};
    for (size_t i = 0; i < 2; i++) {
        const matmul_choice choice = block_candidates(&devices[i]);
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
    const matmul_choice candidates = block_candidates(&device);
    for (size_t i = 0; i < candidates.shape_count; i++) {
        plan p = {0};
        const size_t block = candidates.shapes[i].block;
        const matmul_choice alone = block_alone(&candidates, i);
        ck_assert_int_eq(plan_create(&p, &alone, &device), EPOCL_OK);
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
    tcase_add_test(tests, each_product_takes_what_suits_it);
    tcase_add_test(tests, shapes_that_are_not_taken_make_no_difference);
    tcase_add_test(tests, one_shape_is_for_all_products);
    tcase_add_test(tests, a_device_too_small_is_refused);
    tcase_add_test(tests, matrices_hold_whole_blocks);
    suite_add_tcase(suite, tests);
    return suite;
}
