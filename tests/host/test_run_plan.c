/* A run is planned for a described device, with no device and no OpenCL: its launches, its tensors, the text of its
 * resident kernel; and what cannot be planned is refused. */
#include "data/dataset.h"
#include "model/network.h"
#include "steps/matmul_rule.h"
#include "steps/run_plan.h"
#include "support/options.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

Suite *run_plan_suite(void);

enum { SAMPLES = 100, INPUTS = 784, HIDDEN = 128, CLASSES = 10, BATCH = 32 };

static const epocl_device_info cpu = {.name = "a CPU with AVX-512",
                                      .type = EPOCL_DEVICE_CPU,
                                      .compute_units = 2,
                                      .native_vector_width = 16,
                                      .max_work_group_size = 4096,
                                      .local_memory_bytes = 512 * 1024};
static const epocl_device_info gpu = {.name = "a GPU",
                                      .type = EPOCL_DEVICE_GPU,
                                      .compute_units = 40,
                                      .native_vector_width = 1,
                                      .max_work_group_size = 1024,
                                      .local_memory_bytes = 48 * 1024};

static epocl_dataset *data;
static epocl_network *network;
static epocl_options options;
static run_plan planned;

/* By the seed's recipe: sigmoid, cross-entropy, plain gradient descent. */
static void fixture_create(void) {
    static uint8_t inputs[SAMPLES * INPUTS];
    static uint32_t labels[SAMPLES];
    const size_t hidden[] = {HIDDEN};
    for (size_t i = 0; i < SAMPLES; i++) labels[i] = (uint32_t)(i % CLASSES);
    ck_assert_int_eq(epocl_dataset_from_bytes(inputs, labels, SAMPLES, INPUTS, CLASSES, &data), EPOCL_OK);
    options_begin_recipe(&options, RECIPE_SEED);
    options.training.batch_size = BATCH;
    set_hidden(&options, hidden, 1);
    ck_assert_int_eq(epocl_network_create(data, &options, &network), EPOCL_OK);
    planned = (run_plan){0};
}

static void fixture_release(void) {
    run_plan_release(&planned);
    epocl_network_release(network);
    epocl_dataset_release(data);
}

static epocl_status plan_with(const epocl_device_info *device, const epocl_dataset *valid) {
    matmul_choice matmul = matmul_default(device, network);
    matmul_fit_batch(&matmul, BATCH);
    run_plan_release(&planned);
    return run_plan_create(&planned, device, network, data, valid, &options.training, &matmul, false);
}

static void plan_on(const epocl_device_info *device) {
    ck_assert_msg(plan_with(device, NULL) == EPOCL_OK, "%s", epocl_last_error());
}

/* `expected` ends with NULL. */
static void check_kernels(const sequence *s, const char *const *expected) {
    size_t count = 0;
    for (; expected[count]; count++) {
        ck_assert_uint_lt(count, s->count);
        ck_assert_str_eq(s->launches[count].kernel, expected[count]);
    }
    ck_assert_uint_eq(s->count, count);
}

/* TENSOR_NONE for a name that the plan does not have. */
static tensor_id find(const char *name) {
    for (tensor_id id = TENSOR_FIRST; id < planned.plan.tensor_count; id++)
        if (strcmp(planned.plan.tensors[id].name, name) == 0) return id;
    return TENSOR_NONE;
}

static size_t bytes_of(const char *name) {
    const tensor_id id = find(name);
    ck_assert_msg(id != TENSOR_NONE, "%s", name);
    return planned.plan.tensors[id].bytes;
}

/* ---- launches ---- */

START_TEST(a_step_has_these_launches) {
    static const char *const begin[] = {"metrics_begin", "shuffle_order", NULL};
    static const char *const of_cpu[] = {"gather_uchar", "forward_tile", "cost_tile",    "delta_tile",
                                         "update_tile",  "update_tile",  "metrics_step", NULL};
    static const char *const of_gpu[] = {"gather_uchar", "forward_plain", "forward_plain", "cost", "delta_plain",
                                         "update_plain", "update_plain",  "metrics_step",  NULL};
    plan_on(&cpu);
    check_kernels(&planned.train.begin, begin);
    check_kernels(&planned.train.step, of_cpu);
    ck_assert_uint_eq(planned.draw.count, 2);
    plan_on(&gpu);
    check_kernels(&planned.train.step, of_gpu);
}
END_TEST

START_TEST(a_validation_has_no_delta_and_no_update) {
    static const char *const expected[] = {"gather_uchar", "forward_tile", "cost_tile", "metrics_step", NULL};
    static const char *const with_outputs[] = {"gather_uchar", "forward_tile", "cost_tile", "forward_tile",
                                               "output_keep",  "metrics_step", NULL};
    ck_assert_int_eq(plan_with(&cpu, data), EPOCL_OK);
    check_kernels(&planned.valid.step, expected);
    ck_assert_uint_eq(planned.valid.kept, TENSOR_NONE);
    set_option(&options, "monitor", "macro-f1");
    ck_assert_int_eq(plan_with(&cpu, data), EPOCL_OK);
    check_kernels(&planned.valid.step, with_outputs);
    ck_assert_uint_eq(bytes_of("valid.outputs"), round_up(SAMPLES * CLASSES, 32) * sizeof(float));
}
END_TEST

START_TEST(a_frozen_layer_is_not_updated) {
    static const char *const without_lower[] = {"gather_uchar", "forward_tile", "cost_tile",
                                                "update_tile",  "metrics_step", NULL};
    static const char *const without_upper[] = {"gather_uchar", "forward_tile", "cost_tile", "delta_tile",
                                                "update_tile",  "metrics_step", NULL};
    set_option(&options, "freeze", "0-0");
    plan_on(&cpu);
    check_kernels(&planned.train.step, without_lower);
    set_option(&options, "freeze", "1-1");
    plan_on(&cpu);
    check_kernels(&planned.train.step, without_upper);
}
END_TEST

/* Where they follow from the activations, they are not stored; with dropout, they do not. */
START_TEST(slopes_are_stored_where_they_must_be) {
    static const char *const stored[] = {"gelu", "silu", "mish", "softplus", "sine"};
    plan_on(&cpu);
    ck_assert_uint_eq(find("train.layers.0.slope"), TENSOR_NONE);
    for (size_t i = 0; i < sizeof stored / sizeof *stored; i++) {
        ck_assert_int_eq(network_set_functions(network, stored[i], "cross-entropy", NULL), EPOCL_OK);
        plan_on(&cpu);
        ck_assert_uint_eq(bytes_of("train.layers.0.slope"), bytes_of("train.layers.0.output"));
    }
    ck_assert_int_eq(network_set_functions(network, "relu", "cross-entropy", NULL), EPOCL_OK);
    plan_on(&cpu);
    ck_assert_uint_eq(find("train.layers.0.slope"), TENSOR_NONE);
    set_option(&options, "dropout", "0.1");
    ck_assert_int_eq(plan_with(&cpu, data), EPOCL_OK);
    ck_assert_uint_ne(find("train.layers.0.slope"), TENSOR_NONE);
    ck_assert_uint_eq(find("valid.layers.0.slope"), TENSOR_NONE);
}
END_TEST

/* Two multiplications and additions for each weight in forward and update, and for those above the first in delta. */
START_TEST(the_flop_of_a_step_are_those_of_its_products) {
    const double weights = INPUTS * HIDDEN + HIDDEN * CLASSES, above = HIDDEN * CLASSES;
    double flop = 0;
    plan_on(&cpu);
    for (size_t i = 0; i < planned.train.step.count; i++) flop += planned.train.step.launches[i].flop;
    ck_assert_double_eq(flop, 2.0 * BATCH * (2.0 * weights + above));
}
END_TEST

/* A product of many FLOP, or one of more rows of work-groups than CUDA takes, is launched in pieces by rows. */
START_TEST(pieces_have_no_more_rows_than_a_device_takes) {
    static const struct {
        double most_flop;
        size_t most_rows, count;
    } cases[] = {{INFINITY, UINT32_MAX, 1}, {INFINITY, 65535, 4}, {INFINITY, 200000, 1}, {150e3, UINT32_MAX, 7}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sequence s;
        size_t rows = 0;
        ck_assert_int_eq(sequence_create(&s), EPOCL_OK);
        launch *whole = sequence_add_shared(&s, "update_plain", "update_plain", 10, 200000, 16, 2);
        whole->flop = 1e6;
        sequence_split(&s, cases[i].most_flop, cases[i].most_rows);
        ck_assert_uint_eq(s.count, cases[i].count);
        for (size_t p = 0; p < s.count; p++) {
            const launch *piece = &s.launches[p];
            ck_assert_uint_eq(piece->first_row, 2 * rows);
            ck_assert_uint_eq(piece->global[1], 2 * piece->items[1]);
            ck_assert_uint_le(piece->items[1], cases[i].most_rows);
            ck_assert(piece->is_piece == (s.count > 1));
            rows += piece->items[1];
        }
        ck_assert_uint_eq(rows, 200000);
        sequence_release(&s);
    }
    plan_on(&cpu);
    ck_assert_uint_eq(planned.plan.launch_rows, UINT32_MAX);
    plan_on(&gpu);
    ck_assert_uint_eq(planned.plan.launch_rows, 65535);
}
END_TEST

/* Blocks of 160 samples and 4 panels each, the last one short, whole and in pieces; and sums that 4 items share. */
START_TEST(a_short_mini_batch_needs_fewer_rows) {
    enum { SAMPLES_OF_BATCH = 1024, SAMPLES_OF_BLOCK = 160, PANELS = 4, BLOCKS = 7, PARTS = 4 };
    static const struct {
        size_t samples, blocks;
    } cases[] = {{1, 1}, {160, 1}, {161, 2}, {960, 6}, {961, 7}, {SAMPLES_OF_BATCH, BLOCKS}};
    sequence whole, pieces;
    ck_assert_int_eq(sequence_create(&whole), EPOCL_OK);
    ck_assert_int_eq(sequence_create(&pieces), EPOCL_OK);
    launch_bands(sequence_add(&whole, "of_blocks", "of_blocks", 20, PANELS * BLOCKS, 1, 1), PANELS, SAMPLES_OF_BLOCK);
    sequence_add_copy(&pieces, &whole.launches[0]);
    sequence_split(&pieces, INFINITY, 5);
    ck_assert_uint_gt(pieces.count, 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t rows = 0;
        for (size_t j = 0; j < pieces.count; j++) rows += launch_rows(&pieces.launches[j], cases[i].samples);
        ck_assert_uint_eq(launch_rows(&whole.launches[0], cases[i].samples), cases[i].blocks * PANELS);
        ck_assert_uint_eq(rows, cases[i].blocks * PANELS);
    }
    launch *shared = sequence_add_shared(&whole, "of_sums", "of_sums", 10, SAMPLES_OF_BATCH, 8, PARTS);
    ck_assert_uint_eq(launch_rows(shared, 3), PARTS * SAMPLES_OF_BATCH); /* not said to be by samples */
    launch_bands(shared, 1, 1);
    ck_assert_uint_eq(launch_rows(shared, 3), 3 * PARTS);
    ck_assert_uint_eq(launch_rows(shared, SAMPLES_OF_BATCH), PARTS * SAMPLES_OF_BATCH);
    sequence_release(&whole);
    sequence_release(&pieces);
}
END_TEST

/* ---- tensors ---- */

/* Matrices are in panels of 32 columns, and rows and columns padded to whole panels (docs/architecture.md). */
START_TEST(tensors_have_the_bytes_of_their_panels) {
    plan_on(&cpu);
    ck_assert_uint_eq(bytes_of("layers.0.weight"), 800 * 128 * sizeof(float));
    ck_assert_uint_eq(bytes_of("layers.0.bias"), 128 * sizeof(float));
    ck_assert_uint_eq(bytes_of("layers.1.weight"), 128 * 32 * sizeof(float));
    ck_assert_uint_eq(bytes_of("layers.1.bias"), 32 * sizeof(float));
    ck_assert_uint_eq(bytes_of("train.inputs"), round_up(SAMPLES * INPUTS, 32));
    ck_assert_uint_eq(bytes_of("train.labels"), 128 * sizeof(uint32_t));
    ck_assert_uint_eq(bytes_of("train.input"), 32 * 800 * sizeof(float));
    ck_assert_uint_eq(bytes_of("train.layers.0.output"), 32 * 128 * sizeof(float));
    uint64_t total = 0;
    for (tensor_id id = TENSOR_FIRST; id < planned.plan.tensor_count; id++) total += planned.plan.tensors[id].bytes;
    ck_assert_uint_eq(plan_total_bytes(&planned.plan), total);
}
END_TEST

START_TEST(a_recipe_adds_what_it_keeps) {
    plan_on(&cpu);
    ck_assert_uint_eq(find("layers.0.weight.m"), TENSOR_NONE);
    set_option(&options, "optimizer", "adam");
    plan_on(&cpu);
    ck_assert_uint_eq(bytes_of("layers.0.weight.m"), bytes_of("layers.0.weight"));
    ck_assert_uint_eq(bytes_of("layers.1.bias.v"), bytes_of("layers.1.bias"));
    ck_assert_uint_eq(find("layers.0.weight.gradient"), TENSOR_NONE);
    const size_t count = planned.train.step.count;
    set_option(&options, "clip-norm", "1");
    plan_on(&cpu);
    ck_assert_uint_eq(bytes_of("layers.0.weight.gradient"), bytes_of("layers.0.weight"));
    ck_assert_uint_gt(planned.train.step.count, count);
}
END_TEST

/* ---- the resident kernel ---- */

#define IN_STEP "\n        " /* what the lines of a step begin with */

static size_t count_of(const char *text, const char *word) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, word)); at++) count++;
    return count;
}

/* chained: operations that groups go through for their samples; alternating: tensors with two places. */
static void check_meetings(plan_shape shape, size_t meetings, size_t barriers, size_t chained, size_t alternating) {
    const pass_plan *train = &planned.train;
    sequence resident = {0};
    ck_assert_int_eq(resident_check(&planned.plan, &train->step, shape), EPOCL_OK);
    ck_assert_int_eq(resident_create(&resident, &planned.plan, &train->step, &train->resident_tensors,
                                     train->batch.state, train->batch.stop, shape, 100),
                     EPOCL_OK);
    for (size_t i = 0; i < train->step.count; i++) ck_assert(strstr(resident.text, train->step.launches[i].kernel));
    ck_assert_uint_eq(count_of(resident.text, IN_STEP "MEET();"), meetings);
    ck_assert_uint_eq(count_of(resident.text, IN_STEP "GROUP_BARRIER();"), barriers);
    ck_assert_uint_eq(count_of(resident.text, IN_STEP "if (group < "), chained);
    ck_assert_uint_eq(count_of(resident.text, " = step % 2 ? "), alternating);
    sequence_release(&resident);
}

/* Of the five meetings of a step with one hidden layer two remain, for what is cheap each group does for itself. A
 * GPU's groups go through the output layer, its cost and the delta below for their samples, and gather inputs and
 * labels a step ahead: three remain. The items of a group wait for each other before every operation but the first and
 * the lower layer's update, which uses nothing that the upper one's does, and at the end. */
START_TEST(groups_meet_where_they_must) {
    plan_on(&cpu);
    check_meetings((plan_shape){.group_count = 2}, 2, 0, 0, 0);
    plan_on(&gpu);
    check_meetings((plan_shape){.group_count = 1, .group_items = 256}, 0, planned.train.step.count - 1, 0, 0);
    check_meetings((plan_shape){.group_count = 2, .group_items = 256}, 3, 4, 3, 2);
}
END_TEST

/* Between two meetings an operation's shares begin with the group after the last one that the one before has: the two
 * updates of a step and the samples of the next. */
START_TEST(groups_have_shares_by_turns) {
    enum { GROUPS = 36, ITEMS = 256 };
    const pass_plan *train = &planned.train;
    const plan_shape shape = {.group_count = GROUPS, .group_items = ITEMS};
    const size_t above = divide_up(HIDDEN * CLASSES * 2, ITEMS),
                 below = divide_up(INPUTS * HIDDEN, ITEMS); /* items share */
    char upper[64], lower[64], next[64];
    sequence resident = {0};
    plan_on(&gpu);
    ck_assert_int_eq(resident_create(&resident, &planned.plan, &train->step, &train->resident_tensors,
                                     train->batch.state, train->batch.stop, shape, 100),
                     EPOCL_OK);
    snprintf(upper, sizeof upper, "(%uu, 2u, 0u) update_plain(", HIDDEN * CLASSES);
    snprintf(lower, sizeof lower, "(%uu, %zuu) update_plain(", INPUTS * HIDDEN, above % GROUPS);
    snprintf(next, sizeof next, ", %zuu) gather_uchar(", (above + below) % GROUPS);
    ck_assert_msg(strstr(resident.text, upper) && strstr(resident.text, lower) && strstr(resident.text, next),
                  "%s, %s or %s is not in %s", upper, lower, next, resident.text);
    sequence_release(&resident);
}
END_TEST

/* Where groups are not sure to see what others wrote, there is one: on GPUs without a known fence, and through Mesa.
 * NVIDIA's need none of the language. */
START_TEST(groups_are_several_where_they_may_wait) {
    static const struct {
        const char *platform;
        bool is_gpu;
        unsigned fence;
        size_t groups;
        unsigned used; /* of fences */
    } cases[] = {{"Portable Computing Language", false, 0, 2, 0},
                 {"rusticl", false, 0, 1, 0},
                 {"rusticl", true, 300, 1, 0},
                 {"NVIDIA CUDA", true, 0, 40, 0},
                 {"NVIDIA CUDA", true, 300, 40, 0},
                 {"other", true, 0, 1, 0},
                 {"other", true, 200, 40, 200},
                 {"other", true, 300, 40, 300}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        epocl_device_info device = cases[i].is_gpu ? gpu : cpu;
        snprintf(device.platform_name, sizeof device.platform_name, "%s", cases[i].platform);
        device.group_fence = cases[i].fence;
        plan_on(&device);
        ck_assert_uint_eq(planned.plan.resident_groups, cases[i].groups);
        ck_assert_uint_eq(planned.plan.fence_version, cases[i].used);
    }
}
END_TEST

/* ---- merged kernels ---- */

static const epocl_device_info h100 = {.name = "a large GPU",
                                       .type = EPOCL_DEVICE_GPU,
                                       .compute_units = 132,
                                       .native_vector_width = 1,
                                       .max_work_group_size = 1024,
                                       .local_memory_bytes = 48 * 1024};

/* What a launch is called, or of which operations it is. */
static const char *operations_of(const launch *l) {
    return strncmp(l->kernel, "merged_", strlen("merged_")) == 0 ? l->detail : l->kernel;
}

static void check_merged(matmul_provider provider, const size_t *hidden, size_t hidden_count, size_t batch_size,
                         const char *const *expected) {
    enum { MOST_SAMPLES = 512 };
    static uint8_t inputs[MOST_SAMPLES * INPUTS];
    static const uint32_t labels[MOST_SAMPLES] = {CLASSES - 1};
    matmul_choice matmul;
    sequence merged = {0};
    epocl_dataset *batch = NULL;
    epocl_network *other = NULL;
    ck_assert_int_eq(epocl_dataset_from_bytes(inputs, labels, batch_size, INPUTS, CLASSES, &batch), EPOCL_OK);
    set_hidden(&options, hidden, hidden_count);
    options.training.batch_size = batch_size;
    ck_assert_int_eq(epocl_network_create(batch, &options, &other), EPOCL_OK);
    matmul = matmul_for(provider, &h100, other);
    matmul_fit_batch(&matmul, batch_size);
    run_plan_release(&planned);
    ck_assert_int_eq(run_plan_create(&planned, &h100, other, batch, NULL, &options.training, &matmul, false), EPOCL_OK);
    ck_assert_int_eq(pass_plan_write(&planned.train, &planned.plan, (plan_shape){.is_merged = true}, 1, &merged),
                     EPOCL_OK);
    for (size_t i = 0; i < merged.count && expected[i]; i++)
        ck_assert_str_eq(operations_of(&merged.launches[i]), expected[i]);
    ck_assert_ptr_null(expected[merged.count]);
    sequence_release(&merged);
    run_plan_release(&planned);
    epocl_network_release(other);
    epocl_dataset_release(batch);
}

/* Of the networks of README.md, in the place of 8 and 11 launches: a chain is as long as its samples have little to do,
 * all updates are one launch, and what ends the step waits for none of them. */
START_TEST(a_merged_step_has_few_launches) {
    static const char *const small[] = {"gather_uchar > forward_plain > forward_plain > cost > delta_pla",
                                        "update_plain + update_plain + metrics_step", NULL};
    static const char *const wide[] = {"gather_uchar + keep", "forward_plain", "forward_plain > cost > delta_plain",
                                       "update_plain + update_plain + metrics_step", NULL};
    static const char *const of_blocks[] = {"gather_uchar + keep",
                                            "forward_local_32x4x1x4",
                                            "forward_local_32x4x1x4",
                                            "forward_plain > cost > delta_plain",
                                            "delta_local_32x4x1x4",
                                            "update_plain + update_local_32x4x1x1 + update_local_32x4x1x1 + ",
                                            NULL};
    static const char *const of_many_blocks[] = {"gather_uchar + keep",
                                                 "forward_local_64x8x1x2",
                                                 "forward_local_64x8x1x2",
                                                 "forward_plain > cost > delta_plain",
                                                 "delta_local_64x8x1x2",
                                                 "update_plain + update_local_64x8x1x1 + update_local_64x8x1x1 + ",
                                                 NULL};
    check_merged(MATMUL_PLAIN, (const size_t[]){30}, 1, 10, small);
    check_merged(MATMUL_PLAIN, (const size_t[]){128}, 1, 32, wide);
    check_merged(MATMUL_LOCAL, (const size_t[]){512, 512}, 2, 128, of_blocks);
    check_merged(MATMUL_LOCAL, (const size_t[]){2048, 2048}, 2, 512, of_many_blocks);
}
END_TEST

/* Only what moves the state on goes by itself from a step's second launch on, and no kernel has both. */
START_TEST(a_merged_step_keeps_its_state) {
    sequence merged = {0};
    plan_on(&gpu);
    const tensor_id state = planned.train.batch.state, kept = planned.train.kept_state;
    ck_assert_int_eq(pass_plan_write(&planned.train, &planned.plan, (plan_shape){.is_merged = true}, 1, &merged),
                     EPOCL_OK);
    ck_assert(launch_has(&merged.launches[0], state) && launch_writes(&merged.launches[0], kept));
    for (size_t i = 1; i < merged.count; i++) {
        const bool is_last = i + 1 == merged.count;
        ck_assert(!launch_writes(&merged.launches[i], kept) && launch_has(&merged.launches[i], kept));
        ck_assert(launch_writes(&merged.launches[i], state) == is_last &&
                  launch_has(&merged.launches[i], state) == is_last);
    }
    sequence_release(&merged);
}
END_TEST

START_TEST(tiles_are_not_merged) {
    plan_on(&cpu);
    ck_assert_uint_eq(planned.train.kept_state, TENSOR_NONE);
    ck_assert_int_eq(pass_plan_check(&planned.train, &planned.plan, (plan_shape){.is_merged = true}),
                     EPOCL_ERROR_ARGUMENT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "matmul plain or local"));
}
END_TEST

/* ---- choices by rule, and what is refused ---- */

START_TEST(rows_of_samples_waste_least) {
    static const struct {
        size_t batch, rows;
    } cases[] = {{1, 1},   {3, 3},  {7, 7},  {8, 8},   {9, 9},  {10, 10},
                 {12, 12}, {13, 7}, {16, 8}, {20, 10}, {32, 8}, {100, 10}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        matmul_choice choice = {.provider = MATMUL_TILE, .vector_width = 16, .tile_vectors = 2, .tile_rows = 8};
        matmul_fit_batch(&choice, cases[i].batch);
        ck_assert_msg(choice.sample_rows == cases[i].rows, "batch %zu: %zu", cases[i].batch, choice.sample_rows);
    }
}
END_TEST

START_TEST(a_plan_has_the_name_that_asks_for_it) {
    char name[RUN_PLAN_NAME_CAPACITY];
    plan_on(&cpu);
    run_plan_name(&planned, (plan_shape){0}, name);
    ck_assert_str_eq(name, "layered, matmul tile:8x2x16");
    run_plan_name(&planned, (plan_shape){.group_count = 2}, name);
    ck_assert_str_eq(name, "resident:2, matmul tile:8x2x16");
    run_plan_name(&planned, (plan_shape){.is_merged = true}, name);
    ck_assert_str_eq(name, "merged, matmul tile:8x2x16");
}
END_TEST

static void check_refused(const char *option, const char *value, const char *sentence) {
    set_option(&options, option, value);
    ck_assert_int_eq(plan_with(&cpu, NULL), EPOCL_ERROR_ARGUMENT);
    ck_assert_msg(strstr(epocl_last_error(), sentence), "%s", epocl_last_error());
    ck_assert_uint_eq(planned.plan.tensor_count, 0);
}

START_TEST(what_cannot_be_is_refused) {
    check_refused("freeze", "0-1", "there is nothing to train");
    check_refused("freeze", "2-2", "there is no layer 2");
    set_option(&options, "freeze", "0");
    check_refused("dropout", "0.1,0.2", "dropout is of 2 layers");
    set_option(&options, "dropout", "0.1");
    check_refused("schedule", "cosine", "set schedule-epochs");
}
END_TEST

Suite *run_plan_suite(void) {
    Suite *suite = suite_create("run_plan");
    TCase *tests = tcase_create("planning");
    tcase_add_checked_fixture(tests, fixture_create, fixture_release);
    tcase_add_test(tests, a_step_has_these_launches);
    tcase_add_test(tests, a_validation_has_no_delta_and_no_update);
    tcase_add_test(tests, a_frozen_layer_is_not_updated);
    tcase_add_test(tests, slopes_are_stored_where_they_must_be);
    tcase_add_test(tests, the_flop_of_a_step_are_those_of_its_products);
    tcase_add_test(tests, pieces_have_no_more_rows_than_a_device_takes);
    tcase_add_test(tests, a_short_mini_batch_needs_fewer_rows);
    tcase_add_test(tests, tensors_have_the_bytes_of_their_panels);
    tcase_add_test(tests, a_recipe_adds_what_it_keeps);
    tcase_add_test(tests, groups_meet_where_they_must);
    tcase_add_test(tests, groups_have_shares_by_turns);
    tcase_add_test(tests, groups_are_several_where_they_may_wait);
    tcase_add_test(tests, a_merged_step_has_few_launches);
    tcase_add_test(tests, a_merged_step_keeps_its_state);
    tcase_add_test(tests, tiles_are_not_merged);
    tcase_add_test(tests, rows_of_samples_waste_least);
    tcase_add_test(tests, a_plan_has_the_name_that_asks_for_it);
    tcase_add_test(tests, what_cannot_be_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
