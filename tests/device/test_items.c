/* Plans that are written out for work-groups of many items, resident and merged: whole trainings, which simulators look
 * at for races between the items and for what is read before it is written. */
#include "device/problem.h"
#include "device/programs/work_group.h"
#include "execution/parameters.h"
#include "steps/matmul_rule.h"
#include "support/options.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

Suite *items_suite(void);

/* Of which the last mini-batch is short. */
typedef struct training_size {
    size_t hidden[2], samples, batch;
} training_size;
static const training_size small_size = {{21, 18}, 45, 20};

/* What a test learns of a training: the items that the device grants the plan's kernel, and its text has these. */
typedef struct plan_facts {
    size_t group_items;
    const char *const *words; /* up to NULL */
} plan_facts;

/* As two epochs by a plan leave a network; `facts` may be NULL. */
static epocl_network *train_by(const training_size *size, const char *matmul, const char *plan_name,
                               const char *const *settings, plan_facts *facts) {
    epocl_dataset *whole, *rest, *data;
    epocl_network *network;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    epocl_options options = problem_options(matmul, size->batch, 0.3f);
    problem_create_of(size->hidden, &whole, &network);
    ck_assert_ok(epocl_dataset_split(whole, (double)size->samples / (double)PROBLEM_SAMPLES, 1, &rest, &data));
    set_option(&options, "plan", plan_name);
    for (; *settings; settings += 2) set_option(&options, settings[0], settings[1]);
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    for (int epoch = 0; epoch < 2; epoch++) ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_uint_eq(result.sample_count, size->samples);
    ck_assert_ok(epocl_trainer_read(trainer, network));
    if (facts) facts->group_items = trainer->run.train.bound_written.launches[0].local[0];
    for (size_t i = 0; facts && facts->words && facts->words[i]; i++)
        ck_assert_msg(strstr(trainer->run.train.written.text, facts->words[i]), "no %s in the kernel of %s",
                      facts->words[i], plan_name);
    epocl_trainer_release(trainer);
    epocl_dataset_release(whole);
    epocl_dataset_release(rest);
    epocl_dataset_release(data);
    return network;
}

static void assert_same_of(const training_size *size, const char *matmul, const char *plan_name,
                           const char *const *settings, const char *const *words) {
    plan_facts facts = {.words = words};
    epocl_network *layered = train_by(size, matmul, "layered", settings, NULL),
                  *items = train_by(size, matmul, plan_name, settings, &facts);
    ck_assert_msg(same_parameters(layered, items), "matmul %s, plan %s", matmul, plan_name);
    epocl_network_release(layered);
    epocl_network_release(items);
}

static void assert_same(const char *matmul, const char *plan_name, const char *const *settings) {
    assert_same_of(&small_size, matmul, plan_name, settings, NULL);
}

static const char *const plain_recipe[] = {NULL};
static const char *const rich_recipe[] = {"optimizer", "adamw",   "clip-norm",   "0.1",      "accumulate",
                                          "2",         "dropout", "0.2",         "max-norm", "0.9",
                                          "average",   "0.9",     "input-noise", "0.1",      NULL};

/* What PoCL 3.1 trains wrong is refused rather than trained. */
START_TEST(a_lone_tile_is_refused) {
    static const char *const names[] = {"plan", "clip-norm", "accumulate"}, *const texts[] = {"resident:1x8", "1e9",
                                                                                              "2"};
    const float inputs[3 * 4] = {0};
    const uint32_t labels[4] = {0, 1, 0, 1};
    epocl_dataset *data = NULL;
    epocl_network *network = NULL;
    for (int is_plain = 0; is_plain < 2; is_plain++) {
        epocl_trainer *trainer = NULL;
        epocl_options options = problem_options(is_plain ? "plain" : "tile:4x4x4", 2, 0.3f);
        for (size_t i = 0; i < 3; i++) set_option(&options, names[i], texts[i]);
        ck_assert_ok(epocl_dataset_from_floats(inputs, labels, 4, 3, 2, &data));
        ck_assert_ok(epocl_network_create(data, &options, &network));
        ck_assert_int_eq(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer),
                         is_plain ? EPOCL_OK : EPOCL_ERROR_ARGUMENT);
        epocl_trainer_release(trainer);
        epocl_network_release(network);
        epocl_dataset_release(data);
    }
}
END_TEST

START_TEST(items_are_layered) {
    static const char *const matmuls[] = {"plain", "tile:4x4x4", "tile:8x1x16"};
    assert_same(matmuls[_i % 3], "resident:1x64", _i / 3 ? rich_recipe : plain_recipe);
}
END_TEST

START_TEST(groups_of_items_are_layered) {
    assert_same("plain", "resident:2x64", rich_recipe);
}
END_TEST

/* Likewise of a GPU whose groups need the fence of OpenCL C 2.0 or 3.0, which PoCL's compiler knows. */
START_TEST(groups_meet_by_a_fence) {
    epocl_device_info *info = &test_device()->info;
    if (strcmp(info->platform_name, "Portable Computing Language") != 0) return;
    if (_i == 0 && !test_pocl_knows_2()) return;
    info->type = EPOCL_DEVICE_GPU;
    info->compute_units = 2;
    info->group_fence = _i ? 300 : 200;
    assert_same("plain", "resident:2x64", rich_recipe);
    ck_assert_uint_ne(info->group_fence, 0); /* which a compiler that did not know it would have made 0 */
}
END_TEST

/* On a GPU of several groups, which go through chains for their samples, the last one's not all in the mini-batch, and
 * gather the next mini-batch while others are in the step before: with one chain for all of a sample, and with one
 * after a wide layer. */
START_TEST(groups_have_samples) {
    static const char nvidia[] = "NVIDIA CUDA";
    static const training_size sizes[] = {{{21, 18}, 140, 131}, {{290, 21}, 140, 131}};
    static const char *const settings[] = {"activation", "relu", "optimizer", "momentum", NULL};
    static const char *const words[] = {"if (group < ", " = step % 2 ? ", NULL};
    epocl_device_info *info = &test_device()->info;
    const bool is_pocl = strcmp(info->platform_name, "Portable Computing Language") == 0;
    if (!is_pocl && strcmp(info->platform_name, nvidia) != 0) return;
    info->type = EPOCL_DEVICE_GPU;
    info->compute_units = 3;
    snprintf(info->platform_name, sizeof info->platform_name, "%s", nvidia); /* whose groups may meet */
    assert_same_of(&sizes[_i / 2], "plain", _i % 2 ? "resident:3x32" : "resident:2x64", settings, words);
}
END_TEST

/* No result depends on how many groups and items there are: not a power of two, fewer than a reduction's sums, more
 * than there is work for. */
START_TEST(any_number_of_items_gives_the_same) {
    static const char *const plans[] = {"resident:1x8", "resident:1x20", "resident:1x256", "resident:1x1000",
                                        "resident:2x8", "resident:2x20", "resident:3x256"};
    assert_same("plain", plans[_i], plain_recipe);
}
END_TEST

/* An epoch of three mini-batches, the last one short, by a plan whose launches are in pieces; layered where the shape
 * has no group. As of a GPU, whose items share sums. */
static epocl_network *train_in_pieces(plan_shape shape) {
    enum { PIECES = 3, SAMPLES_IN_PIECES = 90 };
    epocl_dataset *whole, *rest, *data;
    epocl_network *network;
    run_plan planned;
    training_run run;
    epoch_state state;
    matmul_choice matmul = test_matmul(MATMUL_PLAIN);
    epocl_device_info *info = &test_device()->info;
    const epocl_options options = problem_options("plain", 40, 0.3f);
    problem_create(&whole, &network);
    ck_assert_ok(epocl_dataset_split(whole, (double)SAMPLES_IN_PIECES / (double)PROBLEM_SAMPLES, 1, &rest, &data));
    matmul_fit_batch(&matmul, 40);
    info->type = EPOCL_DEVICE_GPU;
    ck_assert_ok(run_plan_create(&planned, info, network, data, NULL, &options.training, &matmul, false));
    double most = 0;
    for (size_t i = 0; i < planned.train.step.count; i++) most = fmax(most, planned.train.step.launches[i].flop);
    sequence_split(&planned.train.step, most / PIECES, UINT32_MAX);
    ck_assert_ok(training_run_create(&run, test_device(), &planned, network, data, NULL, NULL));
    ck_assert_ok(training_run_begin(&run, network, &state));
    if (!shape_is_layered(shape)) ck_assert_ok(pass_use_shape(&run.train, shape, shape.is_merged ? 1 : 100));
    ck_assert_ok(pass_enqueue_begin(&run.train));
    ck_assert_ok(pass_enqueue_steps(&run.train, 0, NULL, NULL));
    ck_assert_ok(pass_read_state(&run.train, &state));
    ck_assert_uint_eq(state.first, SAMPLES_IN_PIECES);
    ck_assert_ok(parameters_read(planned.parameters.layers, &run.executable, network));
    training_run_release(&run);
    run_plan_release(&planned);
    epocl_dataset_release(whole);
    epocl_dataset_release(rest);
    epocl_dataset_release(data);
    return network;
}

/* Where a piece has fewer places than a group has room for, no item does those of the next piece: of small groups, and
 * of the largest. */
START_TEST(pieces_are_layered) {
    static const size_t items[] = {32, 256, 1024};
    epocl_network *layered = train_in_pieces((plan_shape){0});
    for (size_t i = 0; i < sizeof items / sizeof *items; i++) {
        epocl_network *resident = train_in_pieces((plan_shape){.group_count = 1, .group_items = items[i]});
        ck_assert_msg(same_parameters(layered, resident), "%zu items", items[i]);
        epocl_network_release(resident);
    }
    epocl_network_release(layered);
}
END_TEST

/* A device that grants the kernel fewer items than were asked for runs it with those. */
START_TEST(a_group_is_what_the_device_grants) {
    plan_facts granted = {0};
    epocl_network *network = train_by(&small_size, "plain", "resident:1x1024", plain_recipe, &granted);
    ck_assert_uint_ge(granted.group_items, 1);
    ck_assert_uint_le(granted.group_items, test_device()->info.max_work_group_size);
    epocl_network_release(network);
}
END_TEST

/* ---- merged ---- */

static const char *const adam_recipe[] = {"optimizer", "adam", "weight-decay", "0.1", "dropout", "0.2", NULL};

START_TEST(merged_is_layered) {
    static const char *const matmuls[] = {"plain", "local"};
    static const char *const *const recipes[] = {plain_recipe, rich_recipe, adam_recipe};
    assert_same(matmuls[_i % 2], "merged", recipes[_i / 2]);
}
END_TEST

/* On a GPU of few compute units, the groups of a chain are of several samples each, the last one's not all in the
 * mini-batch. */
START_TEST(a_chain_takes_several_samples) {
    static const char *const matmuls[] = {"plain", "local"};
    static const char *const odd_batch[] = {"batch-size", "23", NULL};
    epocl_device_info *info = &test_device()->info;
    info->type = EPOCL_DEVICE_GPU;
    info->compute_units = _i / 2 ? 6 : 12;
    assert_same(matmuls[_i % 2], "merged", odd_batch);
}
END_TEST

/* Each with the most parts; those that a product has are by themselves. */
START_TEST(every_block_is_merged) {
    char name[MATMUL_TEXT_CAPACITY];
    epocl_device_info limits;
    ck_assert_ok(device_limits(test_device(), &limits));
    const matmul_choice blocks = block_candidates(&limits);
    if ((size_t)_i >= blocks.shape_count || !test_trains_block(&blocks.shapes[_i])) return;
    const matmul_choice block = block_alone(&blocks, (size_t)_i);
    matmul_choice_text(&block, name);
    assert_same(name, "merged", plain_recipe);
}
END_TEST

/* Where a step is more than a launch may do, or more rows than it may have, the pieces stay by themselves. */
START_TEST(pieces_are_not_merged) {
    epocl_network *layered = train_in_pieces((plan_shape){0}),
                  *merged = train_in_pieces((plan_shape){.is_merged = true});
    ck_assert(same_parameters(layered, merged));
    epocl_network_release(layered);
    epocl_network_release(merged);
}
END_TEST

Suite *items_suite(void) {
    Suite *suite = suite_create("items");
    TCase *recipes = tcase_create("recipes"), *numbers = tcase_create("numbers"), *merged = tcase_create("merged");
    TCase *const all[] = {recipes, numbers, merged};
    for (size_t i = 0; i < 3; i++) tcase_add_checked_fixture(all[i], test_device_keep, test_device_restore);
    tcase_add_test(recipes, a_lone_tile_is_refused);
    tcase_add_loop_test(recipes, items_are_layered, 0, 6);
    tcase_add_test(recipes, groups_of_items_are_layered);
    tcase_add_loop_test(recipes, groups_meet_by_a_fence, 0, 2);
    suite_add_tcase(suite, recipes);
    tcase_add_loop_test(numbers, groups_have_samples, 0, 3);
    tcase_add_loop_test(numbers, any_number_of_items_gives_the_same, 0, 7);
    tcase_add_test(numbers, pieces_are_layered);
    tcase_add_test(numbers, a_group_is_what_the_device_grants);
    suite_add_tcase(suite, numbers);
    tcase_add_loop_test(merged, merged_is_layered, 0, 6);
    tcase_add_loop_test(merged, a_chain_takes_several_samples, 0, 4);
    tcase_add_loop_test(merged, every_block_is_merged, 0, BLOCK_SHAPES);
    tcase_add_test(merged, pieces_are_not_merged);
    suite_add_tcase(suite, merged);
    return suite;
}
