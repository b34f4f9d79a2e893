/* A device that computes wrong, made by a kernel that does: it is refused, or its other kernels are used. */
#define _XOPEN_SOURCE 700

#include "command/fixture.h"
#include "device/embedded_kernels.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *self_test_suite(void);

/* Copies the kernels to the scratch folder, with `from` in `name` replaced by `to`. */
static void break_kernel(const char *name, const char *from, const char *to) {
    for (size_t i = 0; i < embedded_kernel_count; i++) {
        const embedded_kernel *kernel = &embedded_kernels[i];
        if (strcmp(kernel->name, name) != 0) {
            scratch_write(kernel->name, kernel->text, strlen(kernel->text));
            continue;
        }
        const char *place = strstr(kernel->text, from);
        char *broken = calloc(strlen(kernel->text) + strlen(to) + 1, 1);
        ck_assert_msg(place != NULL, "%s has no '%s'", name, from);
        sprintf(broken, "%.*s%s%s", (int)(place - kernel->text), kernel->text, to, place + strlen(from));
        scratch_write(name, broken, strlen(broken));
        free(broken);
    }
    ck_assert_int_eq(setenv("EPOCL_KERNEL_DIR", scratch_path("."), 1), 0);
}

START_TEST(a_device_that_computes_wrong_is_refused) {
    break_kernel("gather.cl", "state->first + row]", "state->first]");
    outcome ended = run(TRAIN, "--output", "@run", "--quiet");
    assert_refused(ended, 70, "kernel gather_uchar");
    ck_assert(!scratch_exists("run"));
    ended = run("doctor");
    assert_status(&ended, 69);
    assert_contains(ended.out, "problem  self-test ");
    assert_contains(ended.out, "kernel gather_uchar");
    outcome_release(&ended);
}
END_TEST

START_TEST(it_can_be_trusted_all_the_same) {
    break_kernel("gather.cl", "state->first + row]", "state->first]");
    outcome ended = run(TRAIN, "--output", "@run", "--quiet", "--no-self-test", "--epochs", "1", "--plan", "layered");
    assert_status(&ended, 0);
    outcome_release(&ended);
}
END_TEST

START_TEST(a_provider_that_computes_wrong_is_replaced) {
    break_kernel("steps_tile.cl", "store(w_, here, parameters);", "store(-w_, here, parameters);");
    outcome ended = run(TRAIN, "--output", "@run", "--epochs", "1", "--plan", "layered");
    assert_status(&ended, 0);
    assert_contains(ended.err, "using matmul plain");
    assert_contains(ended.err, "kernel update_tile");
    assert_contains(ended.err, "matmul plain\n");
    outcome_release(&ended);
}
END_TEST

START_TEST(a_provider_that_was_asked_for_is_refused) {
    break_kernel("steps_tile.cl", "store(w_, here, parameters);", "store(-w_, here, parameters);");
    assert_refused(run(TRAIN, "--output", "@run", "--quiet", "--matmul", "tile"), 70, "kernel update_tile");
}
END_TEST

/* Blocks that parts share are what small products take; large ones take the other kernel of the same program. */
START_TEST(kernels_of_large_networks_are_tested) {
    static const char *const kernels[][3] = {
        {"forward_local.cl", "memory, input_count,", "kernel forward_local_"},
        {"delta_local.cl", "memory, output_count,", "kernel delta_local_"},
    };
    static const char *const one_less[] = {"memory, input_count - (BLOCK_PARTS == 1 && input_count > BLOCK_DEPTH),",
                                           "memory, output_count - (BLOCK_PARTS == 1 && output_count > BLOCK_DEPTH),"};
    for (size_t i = 0; i < 2; i++) {
        break_kernel(kernels[i][0], kernels[i][1], one_less[i]);
        assert_refused(run(TRAIN, "--output", "@run", "--quiet", "--matmul", "local:32x4x1x2"), 70, kernels[i][2]);
    }
}
END_TEST

/* A mini-batch of more than a section's samples runs loops that others do not, and in `local` another kernel. */
START_TEST(sums_of_large_batches_are_tested) {
    static const struct {
        const char *file, *from, *to, *matmul, *kernel;
    } cases[] = {
        {"update_plain.cl", "ADD_SECTION(float, g", "if (end <= sum_samples) ADD_SECTION(float, g", "plain",
         "update_plain ("},
        {"update_tile.cl", "uint first = sum_samples", "uint first = 2 * sum_samples", "tile", "update_tile ("},
        {"local.cl", "uint first = sum_samples", "uint first = 2 * sum_samples", "local:32x4x1x2",
         "update_local_long_"},
        {"metrics.cl", "if (item_id(0) == 0) is_finite", "if (item_id(0) + first == 0) is_finite", "tile",
         "metrics_step"},
    };
    fixture_write_images("many", "many-labels", 1100);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        break_kernel(cases[i].file, cases[i].from, cases[i].to);
        assert_refused(run("train", "--recipe", "seed", "--data", "@many", "--labels", "@many-labels", "--hidden", "5",
                           "--batch-size", "1025", "--output", "@run", "--quiet", "--matmul", cases[i].matmul),
                       70, cases[i].kernel);
    }
}
END_TEST

START_TEST(kernels_for_inputs_of_both_types_are_tested) {
    break_kernel("gather.cl", "DEFINE_GATHER(float)",
                 "#undef FETCH_NEXT\n"
                 "#define FETCH_NEXT(inputs, stride, begin, end, value_bytes) return\n"
                 "DEFINE_GATHER(float)");
    assert_refused(run(TRAIN, "--output", "@run", "--quiet"), 70, "kernel gather_float");
}
END_TEST

START_TEST(what_the_compiler_says_is_told) {
    break_kernel("gather.cl", "state->first + row]", "state->no_such_member]");
    outcome ended = run(TRAIN, "--output", "@run", "--quiet");
    assert_status(&ended, 1);
    assert_contains(ended.err, "epocl: clBuildProgram (");
    assert_contains(ended.err, "no_such_member");
    ck_assert(!scratch_exists("run"));
    outcome_release(&ended);
}
END_TEST

START_TEST(a_plan_that_cannot_be_built_gives_way_and_is_told) {
    break_kernel("meeting.cl", "meeting_leaves(volatile", "meeting_left(volatile");
    outcome ended = run(TRAIN, "--output", "@run", "--epochs", "1", "--tune", "off");
    assert_status(&ended, 0);
    assert_contains(ended.err, "plan resident:");
    assert_contains(ended.err, "does not work on this device");
    assert_contains(ended.err, "meeting_leaves");
    outcome_release(&ended);
    ended = run(TRAIN, "--output", "@other", "--quiet", "--plan", "resident");
    assert_status(&ended, 1);
    assert_contains(ended.err, "meeting_leaves");
    outcome_release(&ended);
}
END_TEST

/* What a resident kernel does wrong, though its operations are right when each is a kernel of its own. */
static void break_resident(void) {
    break_kernel("resident.cl", "item < item_end", "item + (item_end > 1) < item_end");
}

START_TEST(a_resident_kernel_that_computes_wrong_is_refused) {
    static const char *const names[] = {"resident:1", "resident"};
    break_resident();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        outcome ended = run(TRAIN, "--output", "@run", "--quiet", "--plan", names[i]);
        assert_contains(ended.err, "--plan layered");
        assert_refused(ended, 70, "kernel resident");
        ck_assert(!scratch_exists("run"));
    }
}
END_TEST

START_TEST(a_merged_kernel_that_computes_wrong_is_refused) {
    break_kernel("merged.cl", "= state[item_id(0)]", "= state[0]");
    outcome ended = run(TRAIN, "--output", "@run", "--quiet", "--matmul", "plain", "--plan", "merged");
    assert_contains(ended.err, "--plan layered");
    assert_refused(ended, 70, "kernel merged");
    ck_assert(!scratch_exists("run"));
}
END_TEST

/* Each kernel of a plan, done by a device that does nothing when it is launched: none but is missed. What comes
 * before may be right by chance, so the kernel that is named is that one or one which needs it. */
static const struct {
    const char *matmul, *batch, *hidden;
} plans[] = {
    {"plain", "32", "20,9"},          {"tile", "32", "20,9"},           {"local:32x4x1x4", "32", "20,9"},
    {"local:64x8x1x2", "32", "20,9"}, {"local:64x8x1x1", "32", "20,9"}, {"local:64x8x1x2", "1025", "20,9"},
};

static void skip(const char *kernel) {
    char ways[128];
    snprintf(ways, sizeof ways, "pair,skipping=%s", kernel);
    ck_assert_int_eq(setenv("OPENCL_LAYERS", getenv("ODD_LAYER_PATH"), 1), 0);
    ck_assert_int_eq(setenv("ODD_LAYER", ways, 1), 0);
}

#define PLANNED                                                                                                        \
    "train", "--recipe", "seed", "--data", "@many", "--labels", "@many-labels", "--hidden", plans[_i].hidden,          \
        "--batch-size", plans[_i].batch, "--matmul", plans[_i].matmul, "--plan", "layered", "--output", "@run"

START_TEST(no_kernel_of_a_plan_is_missed) {
    fixture_write_images("many", "many-labels", 1100);
    skip("none");
    outcome planned = run(PLANNED, "--dry-run", "--json");
    assert_status(&planned, 0);
    json_t *lines = json_lines(planned.out);
    const json_t *launches = json_object_get(json_array_get(lines, 0), "launches");
    ck_assert_uint_ge(json_array_size(launches), 8);
    for (size_t i = 0; i < json_array_size(launches); i++) {
        const char *kernel = text_of(json_array_get(launches, i), "kernel");
        ck_assert_int_eq(setenv("EPOCL_CACHE_DIR", scratch_path("cache"), 1), 0); /* nothing is known of it */
        skip(kernel);
        outcome ended = run(PLANNED, "--quiet");
        ck_assert_msg(ended.status == 70, "without %s: status %d, %s", kernel, ended.status, ended.err);
        if (strstr(kernel, "forward") || strstr(kernel, "delta") || strstr(kernel, "update") || strstr(kernel, "cost"))
            ck_assert_msg(strstr(ended.err, kernel) != NULL, "without %s: %s", kernel, ended.err);
        ck_assert(!scratch_exists("run"));
        outcome_release(&ended);
    }
    json_decref(lines);
    outcome_release(&planned);
}
END_TEST

static void self_test_remove(void) {
    unsetenv("OPENCL_LAYERS");
    unsetenv("ODD_LAYER");
    fixture_remove();
}

/* Not every compiler has a fence between work-groups, and one by itself needs none. */
START_TEST(a_single_group_needs_no_fence) {
    break_kernel("meeting.cl", "__sync_synchronize()", "no_such_fence()");
    outcome ended = run(TRAIN, "--output", "@run", "--quiet", "--epochs", "1", "--plan", "resident:1");
    assert_status(&ended, 0);
    outcome_release(&ended);
}
END_TEST

/* Of one plan: tests/device/test_choice.c times all of them. */
START_TEST(tuning_is_kept_and_devices_show_the_test) {
    ck_assert_int_eq(setenv("EPOCL_CACHE_DIR", scratch_path("cache"), 1), 0);
    ck_assert_int_eq(setenv("EPOCL_PLAN", "layered", 1), 0);
    outcome ended = run("devices", "--json");
    json_t *lines = json_lines(ended.out);
    ck_assert(json_is_null(json_object_get(json_array_get(lines, 0), "self_test")));
    json_decref(lines);
    outcome_release(&ended);

    ended = run("tune", "--net", "20-30-4", "--batch-size", "10", "--json", "--quiet");
    assert_status(&ended, 0);
    lines = json_lines(ended.out);
    ck_assert_uint_eq(json_array_size(lines), 1);
    const json_t *tuned = json_array_get(lines, 0);
    ck_assert_str_eq(json_string_value(json_object_get(tuned, "event")), "tuned");
    ck_assert(strstr(json_string_value(json_object_get(tuned, "plan")), "matmul tile:") != NULL);
    json_decref(lines);
    outcome_release(&ended);

    ended = run("devices", "--json");
    lines = json_lines(ended.out);
    ck_assert_str_eq(json_string_value(json_object_get(json_array_get(lines, 0), "self_test")), "passed");
    json_decref(lines);
    outcome_release(&ended);
}
END_TEST

Suite *self_test_suite(void) {
    Suite *suite = suite_create("self_test");
    TCase *tests = tcase_create("self_test");
    tcase_add_checked_fixture(tests, fixture_create, fixture_remove);
    tcase_add_test(tests, a_device_that_computes_wrong_is_refused);
    tcase_add_test(tests, it_can_be_trusted_all_the_same);
    tcase_add_test(tests, a_provider_that_computes_wrong_is_replaced);
    tcase_add_test(tests, a_provider_that_was_asked_for_is_refused);
    tcase_add_test(tests, kernels_of_large_networks_are_tested);
    tcase_add_test(tests, sums_of_large_batches_are_tested);
    tcase_add_test(tests, kernels_for_inputs_of_both_types_are_tested);
    tcase_add_test(tests, what_the_compiler_says_is_told);
    tcase_add_test(tests, a_plan_that_cannot_be_built_gives_way_and_is_told);
    tcase_add_test(tests, a_single_group_needs_no_fence);
    tcase_add_test(tests, tuning_is_kept_and_devices_show_the_test);
    suite_add_tcase(suite, tests);
    TCase *of_plans = tcase_create("plans");
    tcase_add_checked_fixture(of_plans, fixture_create, self_test_remove);
    tcase_add_test(of_plans, a_resident_kernel_that_computes_wrong_is_refused);
    tcase_add_test(tests, a_merged_kernel_that_computes_wrong_is_refused);
    tcase_add_loop_test(of_plans, no_kernel_of_a_plan_is_missed, 0, sizeof plans / sizeof *plans);
    suite_add_tcase(suite, of_plans);
    return suite;
}
