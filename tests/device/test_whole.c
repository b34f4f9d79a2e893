/* Whole trainings and evaluations of a small network with all kernels, every shape of a block with the most
 * parts: the self-test, which compares every tensor with double precision. On Oclgrind, no kernel of them races or
 * reads what nobody has written. */
#include "choice/self_test.h"
#include "device/harness.h"
#include "model/network.h"
#include <string.h>

Suite *whole_suite(void);

static epocl_network *network;

static void setup(void) {
    static const size_t counts[] = {3, 5, 4, 2}; /* of no matter: the self-test takes the functions alone */
    ck_assert_ok(network_allocate(counts, 3, &network));
    ck_assert_ok(network_set_functions(network, "sigmoid,tanh", "softmax-cross-entropy", NULL));
}

static void teardown(void) {
    epocl_network_release(network);
}

/* With the most parts, and with none: the self-test runs both. Fewer parts are the suite of products'. */
START_TEST(every_block_trains) {
    matmul_choice blocks[TEST_BLOCKS];
    const size_t i = (size_t)_i, count = test_blocks(blocks);
    if (i >= count || !test_trains_block(&blocks[i].shapes[0])) return;
    const block_shape *own = &blocks[i].shapes[0], *last = i > 0 ? &blocks[i - 1].shapes[0] : own;
    const bool has_fewer =
        own->parts < last->parts && own->block == last->block && own->tile_vectors == last->tile_vectors;
    if (!has_fewer) ck_assert_ok(self_test_run(test_device(), &blocks[i], network, false));
}
END_TEST

/* The kernel that sums by sections, of the smallest block: of the others the suite of products has it. */
START_TEST(a_block_trains_by_sections) {
    matmul_choice blocks[TEST_BLOCKS];
    const size_t count = test_blocks(blocks);
    blocks[count - 1].is_long = true;
    ck_assert_ok(self_test_run(test_device(), &blocks[count - 1], network, false));
}
END_TEST

START_TEST(the_other_products_train) {
    static const matmul_provider providers[] = {MATMUL_PLAIN, MATMUL_TILE};
    const matmul_choice choice = test_matmul(providers[_i]);
    ck_assert_ok(self_test_run(test_device(), &choice, network, false));
}
END_TEST

/* In one group, which waits for nobody. Oclgrind takes no inlined function whose arguments are restrict; with another
 * build it runs the suite items. */
START_TEST(a_resident_plan_trains) {
    static const plan_shape shapes[] = {{.group_count = 1}, {.group_count = 1, .group_items = 32}};
    const matmul_choice tile = test_matmul(MATMUL_TILE);
    bool has_ended = false;
    if (test_is_simulated()) return;
    ck_assert_ok(self_test_run_written(test_device(), &tile, network, false, shapes[_i], &has_ended));
    ck_assert(has_ended);
}
END_TEST

Suite *whole_suite(void) {
    Suite *suite = suite_create("whole");
    TCase *tests = tcase_create("whole");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, every_block_trains, 0, TEST_BLOCKS);
    tcase_add_test(tests, a_block_trains_by_sections);
    tcase_add_loop_test(tests, the_other_products_train, 0, 2);
    tcase_add_loop_test(tests, a_resident_plan_trains, 0, 2);
    suite_add_tcase(suite, tests);
    return suite;
}
