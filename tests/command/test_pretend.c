/* GPUs that the tests do not have: what the program decides from their answers, on PoCL, which computes in their place
 * (tests/pretend_gpus). Each test runs for each of them. */
#include "command/fixture.h"
#include "pretend_gpus/gpus.h"
#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

Suite *pretend_suite(void);

/* Of a cost after a few epochs, between kernels that add in another order. */
static const double agreement = 1e-4;

/* From now on the program's devices are these GPUs, in turn. */
static void pretend(const char *keys) {
    ck_assert_ptr_nonnull(getenv("PRETEND_LAYER_PATH"));
    ck_assert_int_eq(setenv("OPENCL_LAYERS", getenv("PRETEND_LAYER_PATH"), 1), 0);
    ck_assert_int_eq(setenv("PRETEND_GPUS", keys, 1), 0);
}

static void stop_pretending(void) {
    unsetenv("OPENCL_LAYERS");
    unsetenv("PRETEND_GPUS");
    unsetenv("PRETEND_GLOBAL");
    unsetenv("PRETEND_UNITS");
    unsetenv("PRETEND_FENCES");
    unsetenv("EPOCL_CACHE_DIR");
    unsetenv("POCL_DEVICES");
}

static void pretend_remove(void) {
    stop_pretending();
    fixture_remove();
}

/* The line of an event, of a run that ended well; the caller drops it. */
static json_t *line_of(outcome ended, const char *event) {
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out), *found = NULL;
    for (size_t i = 0; i < json_array_size(lines); i++)
        if (strcmp(text_of(json_array_get(lines, i), "event"), event) == 0) found = json_array_get(lines, i);
    ck_assert_msg(found != NULL, "no event '%s' in %s", event, ended.out);
    json_incref(found);
    json_decref(lines);
    outcome_release(&ended);
    return found;
}

/* ---- lists and selection ---- */

START_TEST(its_answers_are_shown) {
    const pretend_gpu *gpu = &pretend_gpus[_i];
    pretend(gpu->key);
    json_t *device = line_of(run("devices", "--json"), "device");
    ck_assert_str_eq(text_of(device, "name"), gpu->name);
    ck_assert_str_eq(text_of(device, "type"), "gpu");
    ck_assert_str_eq(text_of(device, "platform_name"), gpu->platform);
    ck_assert(json_is_null(json_object_get(device, "unusable")));
    ck_assert(number_of(device, "compute_units") == gpu->units);
    ck_assert(number_of(device, "local_memory_bytes") == (double)gpu->local_bytes);
    ck_assert(number_of(device, "max_work_group_size") <= (double)gpu->item_sizes[0]);
    ck_assert(number_of(device, "max_work_group_size") <= (double)gpu->group_items);
    ck_assert(number_of(device, "max_allocation_bytes") == (double)gpu->piece_bytes);
    json_decref(device);

    outcome ended = run("doctor");
    assert_status(&ended, 0);
    assert_contains(ended.out, gpu->name);
    assert_contains(ended.out, "computes what the host computes");
    ck_assert_ptr_null(strstr(ended.out, "problem  "));
    outcome_release(&ended);
}
END_TEST

/* A GPU is taken before a CPU that comes first, and the first of several; each can be asked for. */
START_TEST(a_gpu_is_chosen_before_a_cpu) {
    const pretend_gpu *gpu = &pretend_gpus[_i], *other = &pretend_gpus[(_i + 1) % (int)pretend_gpu_count];
    char keys[64];
    const struct {
        const char *selector, *name;
    } cases[] = {
        {"auto", gpu->name}, {"gpu", gpu->name}, {"cpu", NULL}, {other->name, other->name}, {"2", other->name}};
    snprintf(keys, sizeof keys, "-,%s,%s", gpu->key, other->key);
    ck_assert_int_eq(setenv("POCL_DEVICES", "basic basic basic", 1), 0);
    pretend(keys);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *plan = line_of(
            run(TRAIN, "--hidden", "4", "--device", cases[i].selector, "--output", "@run", "--dry-run", "--json"),
            "plan");
        const json_t *device = json_object_get(plan, "device");
        ck_assert_str_eq(text_of(device, "type"), cases[i].name ? "gpu" : "cpu");
        if (cases[i].name) ck_assert_str_eq(text_of(device, "name"), cases[i].name);
        json_decref(plan);
    }
}
END_TEST

/* ---- choices ---- */

/* The plan of a dry run with such hidden layers; the caller drops it. */
static json_t *plan_of(const char *hidden, const char *batch) {
    return line_of(run("train", "--recipe", "seed", "--data", "@many", "--labels", "@many-labels", "--hidden", hidden,
                       "--batch-size", batch, "--matmul", "local", "--output", "@run", "--dry-run", "--json"),
                   "plan");
}

/* All shapes that the launches have, and no other, are those that the plan names. */
static void assert_true(const json_t *plan) {
    const char *name = text_of(plan, "plan"), *shapes = strstr(name, "local:") + strlen("local:");
    const json_t *launches = json_object_get(plan, "launches");
    for (const char *shape = shapes; shape; shape = strchr(shape, '+') ? strchr(shape, '+') + 1 : NULL) {
        const int length = (int)(strcspn(shape, "+") - strlen("x1")); /* whatever the parts */
        bool is_used = false;
        for (size_t i = 0; i < json_array_size(launches); i++) {
            const char *kernel = text_of(json_array_get(launches, i), "kernel"), *its = strrchr(kernel, '_') + 1;
            is_used |= strstr(kernel, "_local_") && strncmp(its, shape, (size_t)length) == 0;
        }
        ck_assert_msg(is_used, "%s: no launch has %.*s", name, length, shape);
    }
    for (size_t i = 0; i < json_array_size(launches); i++) {
        const char *kernel = text_of(json_array_get(launches, i), "kernel");
        char shape[32];
        if (!strstr(kernel, "_local_")) continue;
        snprintf(shape, sizeof shape, "%s", strrchr(kernel, '_') + 1);
        *strrchr(shape, 'x') = '\0';
        ck_assert_msg(strstr(shapes, shape), "%s: %s", name, kernel);
    }
}

START_TEST(blocks_suit_each_product) {
    const pretend_gpu *gpu = &pretend_gpus[_i];
    const struct {
        const char *hidden, *batch, *shapes;
    } cases[] = {{"512,512", "128", gpu->medium}, {"2048,2048", "512", gpu->large}, {"2048,2048", "2048", gpu->long_}};
    fixture_write_images("many", "many-labels", 2048);
    pretend(gpu->key);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char wanted[96];
        json_t *plan = plan_of(cases[i].hidden, cases[i].batch);
        snprintf(wanted, sizeof wanted, "layered, matmul local:%s", cases[i].shapes);
        ck_assert_str_eq(text_of(plan, "plan"), wanted);
        assert_true(plan);
        json_decref(plan);
    }
}
END_TEST

/* The driver's compiler and the limits that the layer holds programs to: whatever is chosen can be launched. */
static const char *const matmuls[] = {"auto", "plain", "tile", "local"};

static json_t *last_epoch(const char *matmul, const char *plan) {
    return line_of(run(TRAIN, "--hidden", "70,33", "--matmul", matmul, "--plan", plan, "--epochs", "4", "--valid-split",
                       "0.2", "--batch-size", "48", "--output", "@run", "--force", "--json", "--quiet"),
                   "epoch");
}

static void assert_near(const json_t *epoch, const json_t *wanted, const char *member) {
    const double value = number_of(epoch, member), expected = number_of(wanted, member);
    ck_assert_msg(fabs(value - expected) <= agreement * fabs(expected), "%s is %.9g, not %.9g", member, value,
                  expected);
}

/* Plans are compiled and timed for the matmul that it chooses, and for one of the others, another one on the next GPU.
 */
START_TEST(training_gives_what_a_cpu_gives) {
    const size_t timed = 1 + (size_t)_i % (sizeof matmuls / sizeof *matmuls - 1);
    json_t *wanted = last_epoch("plain", "layered");
    pretend(pretend_gpus[_i].key);
    for (size_t i = 0; i < sizeof matmuls / sizeof *matmuls; i++) {
        json_t *epoch = last_epoch(matmuls[i], i == 0 || i == timed ? "auto" : "layered");
        assert_near(epoch, wanted, "train_cost");
        assert_near(epoch, wanted, "valid_cost");
        json_decref(epoch);
    }
    json_decref(wanted);
}
END_TEST

/* More samples in a mini-batch than a grid of CUDA has rows. */
START_TEST(launches_have_no_more_rows_than_it_takes) {
    enum { SAMPLES = 70000 };
    const pretend_gpu *gpu = &pretend_gpus[_i];
    json_t *epochs[2];
    if (gpu->group_rows == 0) return;
    fixture_write_images("many", "many-labels", SAMPLES);
    for (size_t i = 0; i < 2; i++) {
        if (i == 1) pretend(gpu->key);
        epochs[i] = line_of(run("train", "--recipe", "seed", "--data", "@many", "--labels", "@many-labels", "--hidden",
                                "5", "--batch-size", "68000", "--matmul", "plain", "--plan", "layered",
                                "--no-self-test", "--epochs", "1", "--output", "@run", "--force", "--json", "--quiet"),
                            "epoch");
    }
    assert_near(epochs[1], epochs[0], "train_cost");
    json_decref(epochs[0]);
    json_decref(epochs[1]);
}
END_TEST

/* Whether PoCL compiles OpenCL C 2.0, as 3.1 does; 6.0 has 3.0 and those up to 1.2. */
static bool pocl_knows_2(void) {
    json_t *device = line_of(run("devices", "--json"), "device");
    const bool knows = strncmp(text_of(device, "driver_version"), "3.", 2) == 0;
    json_decref(device);
    return knows;
}

/* By the fence that each device of OpenCL 2.0 has, and one of 3.0 if it says so; where its compiler does not build with
 * it, all the same, there is one group, which is told once. */
START_TEST(groups_meet_where_there_is_a_fence) {
    enum { ACQ_REL = 1 << 1, DEVICE = 1 << 5, HONEST = 2 };
    const pretend_gpu *gpu = &pretend_gpus[_i];
    const bool is_of_2 = strncmp(gpu->version, "OpenCL 2", strlen("OpenCL 2")) == 0;
    const bool says_so = is_of_2 || ((gpu->fences & ACQ_REL) && (gpu->fences & DEVICE));
    const bool has_it = says_so && (!is_of_2 || pocl_knows_2());
    const bool counts_lanes = strncmp(gpu->platform, "Intel", strlen("Intel")) == 0; /* eight for one */
    pretend(gpu->key);
    ck_assert_int_eq(setenv("PRETEND_UNITS", counts_lanes ? "16" : "2", 1), 0);
    for (int time = 0; time <= HONEST; time++) {
        const char *cache = time == HONEST ? "honest" : "cache"; /* where nothing is known of the compiler */
        ck_assert_int_eq(setenv("EPOCL_CACHE_DIR", scratch_path(cache), 1), 0);
        if (time == HONEST) ck_assert_int_eq(setenv("PRETEND_FENCES", "1", 1), 0);
        outcome ended = run(TRAIN, "--hidden", "7", "--matmul", "plain", "--plan", "resident:2x64", "--epochs", "1",
                            "--output", "@run", "--force", "--json");
        const bool is_told = strstr(ended.err, "resident plans have one work-group on this device") != NULL;
        const bool has_one = !(has_it && time == HONEST);
        ck_assert_msg(is_told == (says_so && has_one && time != 1), "%s", ended.err);
        json_t *done = line_of(ended, "done");
        ck_assert_str_eq(text_of(done, "plan"),
                         has_one ? "resident:1x64, matmul plain" : "resident:2x64, matmul plain");
        json_decref(done);
    }
}
END_TEST

START_TEST(it_can_be_measured) {
    pretend(pretend_gpus[_i].key);
    json_t *line =
        line_of(run("bench", "--net", "8-3", "--samples", "100", "--seconds", "0.01", "--json", "--quiet"), "bench");
    ck_assert_str_eq(text_of(line, "kind"), "device");
    assert_contains(text_of(line, "device"), pretend_gpus[_i].name);
    const char *plan = text_of(line, "plan"); /* by timing: of PoCL, which is no GPU */
    ck_assert_msg(strstr(plan, "layered") || strstr(plan, "merged") || strstr(plan, "resident:1x"), "plan %s", plan);
    ck_assert(number_of(line, "samples_per_second") > 0);
    json_decref(line);
}
END_TEST

/* ---- memory ---- */

#define ONE_RUN TRAIN, "--hidden", "40", "--matmul", "local", "--no-self-test", "--epochs", "1", "--output", "@run"

/* What a plan says it needs is all that it needs: the run fits in as much, and is refused with a byte less. */
START_TEST(memory_is_accounted_for) {
    char bytes[32];
    pretend(pretend_gpus[_i].key);
    json_t *plan = line_of(run(ONE_RUN, "--dry-run", "--json"), "plan");
    const double needed = number_of(json_object_get(plan, "memory"), "total_bytes");
    json_decref(plan);
    for (int missing = 0; missing < 2; missing++) {
        snprintf(bytes, sizeof bytes, "%.0f", needed - missing);
        ck_assert_int_eq(setenv("PRETEND_GLOBAL", bytes, 1), 0);
        if (missing)
            assert_refused(run(ONE_RUN, "--force", "--quiet"), 1, "the run needs ");
        else
            assert_ended(run(ONE_RUN, "--quiet"), 0);
    }
}
END_TEST

Suite *pretend_suite(void) {
    Suite *suite = suite_create("pretend");
    TCase *tests = tcase_create("pretend");
    const int count = (int)pretend_gpu_count;
    tcase_add_checked_fixture(tests, fixture_create, pretend_remove);
    tcase_add_loop_test(tests, its_answers_are_shown, 0, count);
    tcase_add_loop_test(tests, a_gpu_is_chosen_before_a_cpu, 0, count);
    tcase_add_loop_test(tests, blocks_suit_each_product, 0, count);
    tcase_add_loop_test(tests, training_gives_what_a_cpu_gives, 0, count);
    tcase_add_loop_test(tests, launches_have_no_more_rows_than_it_takes, 0, count);
    tcase_add_loop_test(tests, it_can_be_measured, 0, count);
    tcase_add_loop_test(tests, memory_is_accounted_for, 0, count);
    suite_add_tcase(suite, tests);
    TCase *fences = tcase_create("fences");
    tcase_add_checked_fixture(fences, fixture_create, pretend_remove);
    tcase_add_loop_test(fences, groups_meet_where_there_is_a_fence, 0, count);
    suite_add_tcase(suite, fences);
    return suite;
}
