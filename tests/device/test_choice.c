/* How a run chooses its kernels and plan: names, what is remembered, the self-test that comes first. */
#include "choice/matmul.h"
#include "choice/plan_choice.h"
#include "choice/probe.h"
#include "choice/self_test.h"
#include "choice/tuning.h"
#include "device/device_cache.h"
#include "device/problem.h"
#include "model/functions.h"
#include "steps/matmul_rule.h"
#include "support/options.h"
#include "support/scratch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *choice_suite(void);

enum { SAMPLES = 96, INPUTS = 20, CLASSES = 5, BATCH = 16 };

static epocl_dataset *data;
static epocl_network *network;

static void network_create(void) {
    const size_t hidden[] = {24};
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    set_hidden(&options, hidden, 1);
    ck_assert_ok(epocl_network_create(data, &options, &network));
}

static void small_problem_create(void) {
    static uint8_t inputs[SAMPLES * INPUTS];
    static uint32_t labels[SAMPLES];
    test_device_keep();
    for (size_t i = 0; i < SAMPLES * INPUTS; i++) inputs[i] = (uint8_t)(i * 37);
    for (size_t i = 0; i < SAMPLES; i++) labels[i] = (uint32_t)(i % CLASSES);
    ck_assert_ok(epocl_dataset_from_bytes(inputs, labels, SAMPLES, INPUTS, CLASSES, &data));
    network_create();
    scratch_create();
    ck_assert_int_eq(setenv("EPOCL_CACHE_DIR", scratch_path("."), 1), 0);
}

static void small_problem_release(void) {
    test_device_restore();
    unsetenv("EPOCL_CACHE_DIR");
    scratch_remove();
    epocl_network_release(network);
    epocl_dataset_release(data);
}

static epocl_options options_with(const char *matmul, const char *plan_name, const char *tune) {
    epocl_options options;
    options_begin_recipe(&options, RECIPE_SEED);
    options.training.batch_size = BATCH;
    set_option(&options, "matmul", matmul);
    set_option(&options, "plan", plan_name);
    set_option(&options, "tune", tune);
    return options;
}

static void assert_plan(const epocl_options *options, const char *expected) {
    epocl_trainer *trainer = NULL;
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, options, &trainer));
    ck_assert_str_eq(epocl_trainer_plan_name(trainer), expected);
    epocl_trainer_release(trainer);
}

/* ---- names ---- */

START_TEST(a_matmul_is_read_as_it_is_written) {
    static const char *const names[] = {"plain",
                                        "clblast",
                                        "tile:4x1x16",
                                        "tile:8x2x16",
                                        "tile:16x4x4",
                                        "tile:8x2x8",
                                        "local:128x8x2x1",
                                        "local:64x8x1x2",
                                        "local:32x4x1x1",
                                        "local:32x8x1x1",
                                        "local:64x8x1x2+32x4x1x4"};
    static const char *const wrong[] = {"",
                                        "tile:",
                                        "tile:8x2",
                                        "tile:8x2x16 ",
                                        "tile: 8x2x16",
                                        "tile:+8x2x16",
                                        "tile:8x3x16",
                                        "tile:5x2x16",
                                        "tile:8x2x4",
                                        "tile:8x2x16x",
                                        "tile:08x2x16",
                                        "Plain",
                                        "tile:999x2x16",
                                        "local:64x8x1",
                                        "local:64x8x1x3",
                                        "local:64x8x1x0",
                                        "local:48x8x1x1",
                                        "local:64x8x1x2+",
                                        "local:64x8x1x2+48x8x1x1",
                                        "local:64x8x1x2+64x8x1x1",
                                        "clblast:1x1x1"};
    char text[MATMUL_TEXT_CAPACITY];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        matmul_choice choice = test_matmul(MATMUL_TILE);
        ck_assert_msg(matmul_choice_parse(names[i], &choice), "%s", names[i]);
        matmul_choice_text(&choice, text);
        ck_assert_str_eq(text, names[i]);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        matmul_choice choice = test_matmul(MATMUL_TILE);
        ck_assert_msg(!matmul_choice_parse(wrong[i], &choice), "%s", wrong[i]);
    }
}
END_TEST

START_TEST(a_run_can_pin_what_another_chose) {
    const epocl_options options = options_with("tile:4x2x8", "resident:1", "quick");
    assert_plan(&options, "resident:1, matmul tile:4x2x8");
    const epocl_options local = options_with("local:32x4x1x1", "layered", "quick");
    assert_plan(&local, "layered, matmul local:32x4x1x1");
}
END_TEST

/* Every sum has the same order in tiles of all shapes, so a choice of tuning changes no result. */
START_TEST(the_shape_of_a_tile_changes_no_bit) {
    static const char *const shapes[] = {"tile:8x2x16", "tile:4x1x16", "tile:16x1x16", "tile:4x4x4", "tile:8x2x8"};
    enum { VALUES = INPUTS * 24 };
    float first[VALUES];
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const epocl_options options = options_with(shapes[i], "layered", "off");
        epocl_trainer *trainer = NULL;
        epocl_epoch_result result;
        ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
        for (int epoch = 0; epoch < 3; epoch++) ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
        ck_assert_ok(epocl_trainer_read(trainer, network));
        const float *weights = epocl_network_weights(network, 0);
        if (i == 0)
            memcpy(first, weights, sizeof first);
        else
            ck_assert_msg(memcmp(first, weights, sizeof first) == 0, "%s", shapes[i]);
        epocl_trainer_release(trainer);
        epocl_network_release(network);
        network_create();
    }
}
END_TEST

/* ---- what is remembered ---- */

START_TEST(what_is_remembered_is_used) {
    epocl_options options = options_with("auto", "layered", "quick");
    tuning_remember(test_device(), "matmul", network, BATCH, "tile:4x4x4");
    assert_plan(&options, "layered, matmul tile:4x4x4");
    set_option(&options, "tune", "off");
    matmul_choice usual = matmul_default(&test_device()->info, network);
    char name[MATMUL_TEXT_CAPACITY], expected[128];
    matmul_choice_text(&usual, name);
    snprintf(expected, sizeof expected, "layered, matmul %s", name);
    assert_plan(&options, expected);

    set_option(&options, "tune", "quick");
    options.training.batch_size = BATCH + 1; /* another case: nothing is known of it */
    assert_plan(&options, expected);
    options.training.batch_size = BATCH;
    tuning_remember(test_device(), "matmul", network, BATCH, "tile:5x5x5"); /* nonsense is no choice */
    assert_plan(&options, expected);
}
END_TEST

START_TEST(remembered_times_decide_the_plan) {
    if (test_device()->info.type != EPOCL_DEVICE_CPU || test_device()->info.compute_units < 2) return;
    char expected[64];
    const epocl_options options = options_with("tile:8x2x16", "auto", "quick");
    tuning_remember(test_device(), "plan tile:8x2x16 sgd", network, BATCH, "1000 2000 3000 0 0 0");
    assert_plan(&options, "layered, matmul tile:8x2x16");
    tuning_remember(test_device(), "plan tile:8x2x16 sgd", network, BATCH, "4000 2000 3000 0 0 0");
    snprintf(expected, sizeof expected, "resident:%u, matmul tile:8x2x16", test_device()->info.compute_units);
    assert_plan(&options, expected);
    tuning_remember(test_device(), "plan tile:8x2x16 sgd", network, BATCH, "4000 0 3000 0 0 0");
    assert_plan(&options, "resident:1, matmul tile:8x2x16");
}
END_TEST

/* On a device that is no CPU, one group of items or merged launches may take the place of layered ones. */
START_TEST(a_gpu_may_be_given_another_plan) {
    epocl_device_info *info = &test_device()->info;
    const epocl_options options = options_with("plain", "auto", "quick"),
                        by_rule = options_with("plain", "auto", "off"),
                        tiles = options_with("tile:4x4x4", "resident", "off"),
                        local = options_with("local:32x8x1x1", "auto", "quick");
    char expected[64];
    info->type = EPOCL_DEVICE_GPU;
    tuning_remember(test_device(), "plan plain sgd", network, BATCH, "1000 2000 3000 0 0 0");
    assert_plan(&options, "layered, matmul plain");
    tuning_remember(test_device(), "plan plain sgd", network, BATCH, "4000 2000 3000 0 0 0");
    snprintf(expected, sizeof expected, "resident:1x%zu, matmul plain", smaller(256, info->max_work_group_size));
    assert_plan(&options, expected);
    tuning_remember(test_device(), "plan plain sgd", network, BATCH, "4000 0 3000 0 0 0");
    snprintf(expected, sizeof expected, "resident:1x%zu, matmul plain", smaller(1024, info->max_work_group_size));
    assert_plan(&options, expected);
    assert_plan(&by_rule, "layered, matmul plain");
    snprintf(expected, sizeof expected, "resident:1x%zu, matmul tile:4x4x4", smaller(256, info->max_work_group_size));
    assert_plan(&tiles, expected);
    /* Those of blocks wait for each other: what may take the place of theirs is merged. */
    tuning_remember(test_device(), "plan local:32x8x1x1 sgd", network, BATCH, "1000 0 0 0 0 2000");
    assert_plan(&local, "layered, matmul local:32x8x1x1");
    tuning_remember(test_device(), "plan local:32x8x1x1 sgd", network, BATCH, "2000 0 0 0 0 1000");
    assert_plan(&local, "merged, matmul local:32x8x1x1");
}
END_TEST

/* Groups of items meet where it is known that they can; elsewhere, several are one. */
START_TEST(a_gpu_may_be_given_groups_of_items) {
    epocl_device_info *info = &test_device()->info;
    const epocl_options options = options_with("plain", "auto", "quick"),
                        asked = options_with("plain", "resident:2x64", "off");
    if (info->type != EPOCL_DEVICE_CPU || info->max_work_group_size < 256) return;
    info->type = EPOCL_DEVICE_GPU;
    info->compute_units = 2;
    assert_plan(&asked, "resident:1x64, matmul plain");
    snprintf(info->platform_name, sizeof info->platform_name, "NVIDIA CUDA");
    assert_plan(&asked, "resident:2x64, matmul plain");
    tuning_remember(test_device(), "plan plain sgd", network, BATCH, "4000 3500 3000 2000 0 0");
    assert_plan(&options, "resident:2x256, matmul plain");
}
END_TEST

static char heard[4096];

static void hear(const char *text, void *user) {
    (void)user;
    snprintf(heard + strlen(heard), sizeof heard - strlen(heard), "%s\n", text);
}

/* A fence that the device says it has is one when its compiler has built a meeting with it; else there is one group,
 * which is told once. PoCL's compiler knows that of OpenCL C 3.0, in 3.1 that of 2.0, too; no compiler knows 9.0. */
START_TEST(a_fence_is_tried) {
    epocl_device_info *info = &test_device()->info;
    epocl_options asked = options_with("plain", "resident:2x64", "off"),
                  pinned = options_with("plain", "layered", "off");
    if (strcmp(info->platform_name, "Portable Computing Language") != 0) return;
    epocl_options_set_message(&asked, hear, NULL);
    info->type = EPOCL_DEVICE_GPU;
    info->compute_units = 2;
    for (unsigned version = test_pocl_knows_2() ? 200 : 300; version <= 300; version += 100) {
        *heard = '\0';
        info->group_fence = version;
        assert_plan(&asked, "resident:2x64, matmul plain");
        ck_assert_uint_eq(info->group_fence, version);
        ck_assert_msg(!strstr(heard, "work-group"), "%s", heard);
    }
    for (int time = 0; time < 2; time++) {
        *heard = '\0';
        info->group_fence = 900;
        assert_plan(&pinned, "layered, matmul plain");
        ck_assert_uint_eq(info->group_fence, 900); /* nobody asked */
        assert_plan(&asked, "resident:1x64, matmul plain");
        ck_assert_uint_eq(info->group_fence, 0);
        ck_assert_msg((strstr(heard, "resident plans have one work-group") != NULL) == (time == 0), "%s", heard);
    }
}
END_TEST

/* What is timed there is real: the plan is one of those, it leaves no trace, and a slice is as long as it may be. */
START_TEST(items_are_timed) {
    epocl_device_info *info = &test_device()->info;
    const epocl_options pinned = options_with("plain", "layered", "off"), timed = options_with("plain", "auto", "full");
    epocl_network *other = NULL;
    epocl_trainer *trainer = NULL;
    epocl_epoch_result result;
    ck_assert_ok(network_clone_shape(network, &other));
    info->type = EPOCL_DEVICE_GPU; /* whose sums are made by parts */
    problem_train(network, data, &pinned, 1);
    ck_assert_ok(epocl_trainer_create(test_device(), other, data, NULL, &timed, &trainer));
    for (size_t i = 0; i < PLAN_WAYS; i++) { /* the last two where groups of items meet */
        const double seconds = trainer->choice.ways[i].seconds;
        ck_assert(seconds > 0 && (seconds < 10 || (i >= 3 && isinf(seconds))));
    }
    ck_assert_ok(epocl_trainer_run_epoch(trainer, &result));
    ck_assert_ok(epocl_trainer_read(trainer, other));
    epocl_trainer_release(trainer);
    ck_assert(same_parameters(network, other));
    epocl_network_release(other);
}
END_TEST

START_TEST(a_timing_is_remembered) {
    if (test_device()->info.type != EPOCL_DEVICE_CPU) return;
    char known[CACHE_TEXT_CAPACITY];
    epocl_trainer *trainer = NULL;
    const epocl_options options = options_with("auto", "auto", "full");
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    epocl_trainer_release(trainer);
    ck_assert(tuning_recall(test_device(), "matmul", network, BATCH, known));
    ck_assert_msg(strncmp(known, "tile:", 5) == 0, "%s", known);
}
END_TEST

/* Plans are timed by training: then the parameters begin anew. */
START_TEST(what_was_timed_leaves_no_trace) {
    if (test_device()->info.type != EPOCL_DEVICE_CPU) return;
    const epocl_options pinned = options_with("tile:8x2x16", "layered", "off"),
                        timed = options_with("tile:8x2x16", "auto", "full");
    epocl_network *other = NULL;
    ck_assert_ok(network_clone_shape(network, &other));
    problem_train(network, data, &pinned, 1);
    problem_train(other, data, &timed, 1);
    ck_assert(same_parameters(network, other));
    epocl_network_release(other);
}
END_TEST

static void assert_groups_after(epocl_trainer *trainer, double step_seconds, size_t groups) {
    ck_assert_ok(plan_reconsider(&trainer->choice, step_seconds));
    ck_assert_uint_eq(trainer->run.train.shape.group_count, groups);
}

/* A plan that turns slow gives way to one that was faster; the numbers do not notice. */
START_TEST(a_slow_plan_is_reconsidered) {
    if (test_device()->info.type != EPOCL_DEVICE_CPU || test_device()->info.compute_units < 2) return;
    const epocl_options options = options_with("tile:8x2x16", "auto", "quick");
    const size_t groups = test_device()->info.compute_units;
    epocl_trainer *trainer = NULL;
    tuning_remember(test_device(), "plan tile:8x2x16 sgd", network, BATCH, "9000000 20000000 8000000 0 0 0");
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert_str_eq(epocl_trainer_plan_name(trainer), "resident:1, matmul tile:8x2x16");
    assert_groups_after(trainer, 1e-3, 1);
    assert_groups_after(trainer, 2e-3, 1); /* too short a time to tell */
    assert_groups_after(trainer, 50e-3, 1);
    assert_groups_after(trainer, 9e-3, 1); /* once was a moment's trouble, and this is not slower by enough */
    assert_groups_after(trainer, 50e-3, 1);
    assert_groups_after(trainer, 45e-3, 0); /* twice is not */
    assert_groups_after(trainer, 40e-3, 0);
    assert_groups_after(trainer, 40e-3, groups);
    trainer->choice.watch.told_seconds = 0.0; /* no time for trials */
    assert_groups_after(trainer, 100e-3, groups);
    assert_groups_after(trainer, 100e-3, 0); /* now layered is the best known */

    trainer->choice.watch.told_seconds = 1e3; /* time for trials of what was faster once, one after the other */
    assert_groups_after(trainer, 40e-3, groups);
    assert_groups_after(trainer, 80e-3, 1);
    assert_groups_after(trainer, 41e-3, 0);
    assert_groups_after(trainer, 40e-3, 0); /* not again so soon */
    trainer->choice.watch.told_seconds = 1e4;
    assert_groups_after(trainer, 40e-3, groups);
    assert_groups_after(trainer, 30e-3, 1);
    assert_groups_after(trainer, 40e-3, groups); /* it has become the fastest */
    epocl_trainer_release(trainer);
}
END_TEST

/* Another plan that is slower by 50 ms a step, of 6 an epoch, is tried when a twentieth of the time so far is as much.
 */
START_TEST(a_trial_costs_little) {
    if (test_device()->info.type != EPOCL_DEVICE_CPU || test_device()->info.compute_units < 2) return;
    const epocl_options options = options_with("tile:8x2x16", "auto", "quick");
    epocl_trainer *trainer = NULL;
    tuning_remember(test_device(), "plan tile:8x2x16 sgd", network, BATCH, "40000000 90000000 200000000 0 0 0");
    ck_assert_ok(epocl_trainer_create(test_device(), network, data, NULL, &options, &trainer));
    ck_assert_str_eq(epocl_trainer_plan_name(trainer), "layered, matmul tile:8x2x16");
    trainer->choice.watch.told_seconds = 5.5;
    assert_groups_after(trainer, 40e-3, 0);
    trainer->choice.watch.told_seconds = 6.0;
    assert_groups_after(trainer, 40e-3, test_device()->info.compute_units);
    assert_groups_after(trainer, 90e-3, 0);
    epocl_trainer_release(trainer);
}
END_TEST

/* Groups of a timing before that did not come together say nothing of this one's. */
START_TEST(groups_that_retired_are_timed_again) {
    const epocl_options options = options_with("tile:8x2x16", "auto", "full");
    matmul_choice matmul = matmul_for(MATMUL_TILE, &test_device()->info, network);
    run_plan planned;
    training_run run;
    plan_choice choice;
    double seconds = INFINITY;
    if (test_device()->info.type != EPOCL_DEVICE_CPU || test_device()->info.compute_units < 2) return;
    matmul_fit_batch(&matmul, BATCH);
    ck_assert_ok(
        run_plan_create(&planned, &test_device()->info, network, data, NULL, &options.training, &matmul, false));
    ck_assert_ok(training_run_create(&run, test_device(), &planned, network, data, NULL, NULL));
    const tensor_id meeting = planned.train.resident_tensors.meeting;
    const size_t bytes = planned.plan.tensors[meeting].bytes;
    uint32_t *ones = malloc(bytes);
    for (size_t i = 0; i < bytes / sizeof *ones; i++) ones[i] = 1;
    for (int tries = 0; tries < 5 && isinf(seconds); tries++) { /* on a busy machine they may not come together */
        ck_assert_ok(executable_write(&run.executable, meeting, ones, bytes));
        ck_assert_ok(plan_choose(&choice, &run, network, &options.training));
        seconds = choice.ways[1].seconds;
    }
    ck_assert(isfinite(seconds));
    free(ones);
    training_run_release(&run);
    run_plan_release(&planned);
}
END_TEST

/* ---- the matmul, by timing ---- */

/* Of `counts`, with functions; what is said stands in `heard`. */
static matmul_choice choose_for(const size_t *counts, size_t layer_count, const char *activation, const char *cost,
                                size_t batch_size) {
    epocl_options options = options_with("auto", "layered", "full");
    epocl_network *other = NULL;
    matmul_choice choice;
    *heard = '\0';
    epocl_options_set_message(&options, hear, NULL);
    ck_assert_ok(network_allocate(counts, layer_count, &other));
    ck_assert_ok(network_set_functions(other, activation, cost, NULL));
    ck_assert_ok(matmul_choose(test_device(), other, &options.training, batch_size, &choice));
    epocl_network_release(other);
    return choice;
}

/* The rate of a probe is none of the user's: a network that diverges with one is tried with a smaller one. */
START_TEST(a_network_that_diverges_is_timed) {
    const size_t counts[] = {784, 10};
    if (test_device()->info.type != EPOCL_DEVICE_CPU) return;
    ck_assert_int_eq(choose_for(counts, 1, "sigmoid", "squared", 8).provider, MATMUL_TILE);
    ck_assert_msg(!strstr(heard, "wrong results") && !strstr(heard, "does not work") && !strstr(heard, "inf us") &&
                      strstr(heard, "us a step"),
                  "%s", heard);
}
END_TEST

/* Where nothing is finite at any rate, nothing can be compared. */
START_TEST(a_network_without_a_finite_cost_has_the_usual_matmul) {
    const size_t counts[] = {784, 300, 300, 300, 10};
    if (test_device()->info.type != EPOCL_DEVICE_CPU) return;
    const matmul_choice usual = matmul_default(&test_device()->info, NULL),
                        chosen = choose_for(counts, 4, "exponential", "poisson", 64);
    ck_assert_int_eq(chosen.provider, usual.provider);
    ck_assert_msg(strstr(heard, "not finite on noise") && !strstr(heard, "us a step"), "%s", heard);
}
END_TEST

static uint64_t bytes_of_probe(const probe *whole, const matmul_choice *matmul) {
    run_plan planned;
    ck_assert_ok(run_plan_create(&planned, &test_device()->info, whole->network, whole->data, NULL, &whole->options,
                                 matmul, false));
    const uint64_t bytes = plan_total_bytes(&planned.plan);
    run_plan_release(&planned);
    return bytes;
}

/* A candidate that works in small and not on the network itself, here for its wider panels, leaves the others. */
START_TEST(what_does_not_fit_is_not_chosen) {
    enum { LARGE_BATCH = 16 };
    const size_t counts[] = {784, 528, 10};
    epocl_device_info *info = &test_device()->info;
    const uint64_t memory = info->global_memory_bytes;
    epocl_network *other = NULL;
    probe whole;
    uint64_t bytes[2];
    if (info->type != EPOCL_DEVICE_CPU) return;
    ck_assert_ok(network_allocate(counts, 2, &other));
    ck_assert_ok(network_set_functions(other, "sigmoid", "cross-entropy", NULL));
    ck_assert_ok(probe_create_whole(&whole, other, LARGE_BATCH, TUNE_FULL));
    for (size_t i = 0; i < 2; i++) {
        matmul_choice tile = matmul_for(MATMUL_TILE, info, other);
        tile.tile_rows = 8;
        tile.tile_vectors = (i + 1) * 16 / tile.vector_width;
        matmul_fit_batch(&tile, LARGE_BATCH);
        bytes[i] = bytes_of_probe(&whole, &tile);
    }
    ck_assert_uint_lt(bytes[0], bytes[1]);
    info->global_memory_bytes = (bytes[0] + bytes[1]) / 2;
    const matmul_choice chosen = choose_for(counts, 2, "sigmoid", "cross-entropy", LARGE_BATCH);
    info->global_memory_bytes = memory;
    ck_assert_uint_eq(matmul_panel_width(&chosen), 16);
    ck_assert_msg(strstr(heard, "does not work on this device: the run needs "), "%s", heard);
    probe_release(&whole);
    epocl_network_release(other);
}
END_TEST

/* ---- the self-test ---- */

START_TEST(every_provider_passes) {
    for (int i = 0; i < MATMUL_PROVIDER_COUNT; i++) {
        matmul_choice choice = matmul_for((matmul_provider)i, &test_device()->info, network);
        ck_assert_ok(self_test_run(test_device(), &choice, network, false));
    }
    ck_assert_ok(epocl_device_self_test(test_device()));
}
END_TEST

/* Each activation, each head with the targets it is made for, and each provider, some together: the self-test compares
 * every tensor with the host's. */
static const struct {
    matmul_provider provider;
    const char *activation, *cost, *output;
    bool has_values;
} functions[] = {
    {MATMUL_TILE, "relu", "softmax-cross-entropy", NULL, false},
    {MATMUL_PLAIN, "relu,tanh", "softmax-cross-entropy", NULL, false},
    {MATMUL_LOCAL, "gelu,relu", "softmax-cross-entropy", NULL, false},
    {MATMUL_CLBLAST, "silu,relu", "softmax-cross-entropy", NULL, false},
    {MATMUL_TILE, "tanh,gelu", "cross-entropy", NULL, true},
    {MATMUL_PLAIN, "mish,softplus", "cross-entropy", NULL, true},
    {MATMUL_TILE, "leaky-relu(0.1),elu(2)", "squared", NULL, true},
    {MATMUL_LOCAL, "selu,sine(2)", "squared", "tanh", true},
    {MATMUL_TILE, "sine(2),mish", "absolute", NULL, true},
    {MATMUL_PLAIN, "gelu-tanh,selu", "huber(0.2)", NULL, true},
    {MATMUL_TILE, "silu,softplus", "huber(0.2)", "sigmoid", true},
    {MATMUL_CLBLAST, "elu,leaky-relu", "quantile(0.9)", NULL, true},
    {MATMUL_TILE, "gelu-tanh,selu", "poisson", NULL, true},
    {MATMUL_LOCAL, "softplus,identity", "poisson", NULL, true},
    {MATMUL_TILE, "exponential,tanh", "softmax-cross-entropy", NULL, true},
    {MATMUL_TILE, "exponential", "softmax-cross-entropy", NULL, false},
    {MATMUL_PLAIN, "exponential", "squared", NULL, true},
    {MATMUL_LOCAL, "exponential", "cross-entropy", NULL, false},
    {MATMUL_PLAIN, "exponential", "poisson", NULL, true},
};

START_TEST(every_function_passes) {
    epocl_network *other = NULL;
    const size_t counts[] = {5, 4, 3, 2};
    matmul_choice choice = matmul_for(functions[_i].provider, &test_device()->info, network);
    ck_assert_ok(network_allocate(counts, 3, &other));
    ck_assert_ok(network_set_functions(other, functions[_i].activation, functions[_i].cost, functions[_i].output));
    ck_assert_ok(self_test_run(test_device(), &choice, other, functions[_i].has_values));
    epocl_network_release(other);
}
END_TEST

START_TEST(what_has_passed_is_not_tested_again) {
    char known[CACHE_TEXT_CAPACITY];
    const matmul_choice choice = matmul_for(MATMUL_PLAIN, &test_device()->info, network);
    ck_assert(!device_recall(&test_device()->info, SELF_TEST_KEY, known));
    ck_assert_ok(epocl_device_trust(test_device(), 0));
    ck_assert_ok(self_test_ensure(test_device(), &choice, network, false));
    ck_assert(device_recall(&test_device()->info, SELF_TEST_KEY, known));
    ck_assert_str_eq(known, "passed");
    setenv("EPOCL_KERNEL_DIR", "/nowhere", 1); /* would be seen by a test, and keeps the cache out of it */
    ck_assert_int_ne(self_test_ensure(test_device(), &choice, network, false), EPOCL_OK);
    ck_assert_ok(epocl_device_trust(test_device(), 1));
    ck_assert_ok(self_test_ensure(test_device(), &choice, network, false));
    unsetenv("EPOCL_KERNEL_DIR");
}
END_TEST

Suite *choice_suite(void) {
    Suite *suite = suite_create("choice");
    TCase *tests = tcase_create("choice");
    tcase_add_checked_fixture(tests, small_problem_create, small_problem_release);
    tcase_add_test(tests, a_matmul_is_read_as_it_is_written);
    tcase_add_test(tests, a_run_can_pin_what_another_chose);
    tcase_add_test(tests, the_shape_of_a_tile_changes_no_bit);
    tcase_add_test(tests, what_is_remembered_is_used);
    tcase_add_test(tests, remembered_times_decide_the_plan);
    tcase_add_test(tests, a_gpu_may_be_given_another_plan);
    tcase_add_test(tests, a_gpu_may_be_given_groups_of_items);
    tcase_add_test(tests, a_fence_is_tried);
    tcase_add_test(tests, items_are_timed);
    tcase_add_test(tests, a_timing_is_remembered);
    tcase_add_test(tests, what_was_timed_leaves_no_trace);
    tcase_add_test(tests, a_slow_plan_is_reconsidered);
    tcase_add_test(tests, a_trial_costs_little);
    tcase_add_test(tests, groups_that_retired_are_timed_again);
    tcase_add_test(tests, a_network_that_diverges_is_timed);
    tcase_add_test(tests, a_network_without_a_finite_cost_has_the_usual_matmul);
    tcase_add_test(tests, what_does_not_fit_is_not_chosen);
    tcase_add_test(tests, every_provider_passes);
    tcase_add_loop_test(tests, every_function_passes, 0, sizeof functions / sizeof *functions);
    tcase_add_test(tests, what_has_passed_is_not_tested_again);
    suite_add_tcase(suite, tests);
    return suite;
}
