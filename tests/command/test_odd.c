/* Devices that are odd or do not answer, as tests/odd_devices makes them. */
#include "command/fixture.h"

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

Suite *odd_suite(void);

/* From now on the program's devices are odd in these ways. */
static void make_devices(const char *ways) {
    ck_assert_ptr_nonnull(getenv("ODD_LAYER_PATH"));
    ck_assert_int_eq(setenv("OPENCL_LAYERS", getenv("ODD_LAYER_PATH"), 1), 0);
    ck_assert_int_eq(setenv("ODD_LAYER", ways, 1), 0);
}

static void odd_remove(void) {
    unsetenv("OPENCL_LAYERS");
    unsetenv("ODD_LAYER");
    fixture_remove();
}

/* ---- devices that cannot be used ---- */

static const struct {
    const char *way, *reason;
} unusable[] = {
    {"unavailable", "not available at present"}, {"no-compiler", "no compiler for OpenCL C"},
    {"other-byte-order", "byte order"},          {"no-infinity", "no infinities and NaN"},
    {"old", "OpenCL 1.1 and epocl needs 1.2"},   {"embedded", "no 64-bit integers"},
};

START_TEST(an_unusable_device_is_listed_and_refused) {
    make_devices(unusable[_i].way);
    outcome ended = run("devices");
    assert_status(&ended, 0);
    assert_contains(ended.out, "unusable: ");
    assert_contains(ended.out, unusable[_i].reason);
    outcome_release(&ended);

    ended = run("devices", "--json");
    assert_status(&ended, 0);
    json_t *lines = json_lines(ended.out);
    assert_contains(json_string_value(json_object_get(json_array_get(lines, 0), "unusable")), unusable[_i].reason);
    json_decref(lines);
    outcome_release(&ended);

    static const char *const selectors[] = {"auto", "cpu", "0"};
    for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++)
        assert_refused(run(TRAIN, "--device", selectors[i], "--output", "@run"), 69, unusable[_i].reason);
    ck_assert(!scratch_exists("run"));
    ended = run("bench", "--net", "2-2", "--samples", "10", "--seconds", "0.01", "--quiet");
    assert_status(&ended, 0);
    assert_contains(ended.err, "epocl can use no device");
    assert_contains(ended.out, "cpu baseline");
    outcome_release(&ended);

    ended = run("doctor");
    assert_status(&ended, 69);
    assert_contains(ended.out, "problem  device ");
    assert_contains(ended.out, unusable[_i].reason);
    outcome_release(&ended);
}
END_TEST

/* ---- drivers that crash ---- */

START_TEST(a_driver_that_crashes_is_named) {
    static const char *const ways[] = {"abort", "fault"};
    make_devices(ways[_i]);
    outcome ended = run("devices");
    assert_status(&ended, 69);
    assert_contains(ended.out, "listing the devices of ");
    assert_contains(ended.out, " crashes: ");
    assert_contains(ended.err, "epocl: listing the OpenCL devices crashes: ");
    outcome_release(&ended);
    ended = run("devices", "--json");
    assert_status(&ended, 69);
    json_t *lines = json_lines(ended.out);
    ck_assert_str_eq(text_of(json_array_get(lines, 0), "event"), "finding");
    json_decref(lines);
    outcome_release(&ended);

    assert_refused(run(TRAIN, "--output", "@run"), 69, "an OpenCL driver crashed when devices were looked for");
    ck_assert(!scratch_exists("run"));
    assert_refused(run("tune"), 69, "an OpenCL driver crashed when devices were looked for");

    ended = run("doctor");
    assert_status(&ended, 69);
    assert_contains(ended.out, "problem  driver ");
    assert_contains(ended.out, "listing the devices crashes: ");
    assert_contains(ended.out, "-> PoCL, which makes one of the CPU, is installed: ");
    ck_assert_ptr_null(strstr(ended.out, "apt install pocl"));
    outcome_release(&ended);
}
END_TEST

/* ---- a name that a terminal would obey ---- */

START_TEST(a_name_is_text_everywhere) {
    make_devices("coloured");
    static const char *const json[] = {"", "--json"};
    for (size_t i = 0; i < sizeof json / sizeof *json; i++) {
        outcome told[] = {
            run("devices", *json[i] ? json[i] : NULL), run("doctor", *json[i] ? json[i] : NULL),
            run(TRAIN, "--hidden", "4", "--epochs", "1", "--output", i ? "@one" : "@other", *json[i] ? json[i] : NULL)};
        for (size_t j = 0; j < sizeof told / sizeof *told; j++) {
            assert_status(&told[j], 0);
            assert_text_only(told[j].out);
            assert_text_only(told[j].err);
            assert_contains(j == 2 ? told[j].err : told[j].out, "a ?[31mred?? device?");
            if (*json[i]) json_decref(json_lines(told[j].out));
            outcome_release(&told[j]);
        }
    }
}
END_TEST

/* ---- small devices ---- */

START_TEST(a_narrow_device_trains_alike) {
    static const char *const ways[] = {"narrow", "tight", "flat", "gpu,flat"};
    static const char *const models[] = {"wide/model.safetensors", "narrow/model.safetensors"};
    unsigned char *bytes[2];
    size_t counts[2];
    for (int i = 0; i < 2; i++) {
        if (i == 1) make_devices(ways[_i]);
        outcome ended =
            run(TRAIN, "--hidden", "20", "--epochs", "2", "--matmul", "plain", "--plan", "layered", "--valid-split",
                "0.2", "--input-noise", "0.1", "--output", i == 0 ? "@wide" : "@narrow", "--quiet");
        assert_status(&ended, 0);
        outcome_release(&ended);
        bytes[i] = file_read(scratch_path(models[i]), &counts[i]);
    }
    ck_assert_uint_eq(counts[0], counts[1]);
    ck_assert(memcmp(bytes[0], bytes[1], counts[0]) == 0);
    for (int i = 0; i < 2; i++) free(bytes[i]);
}
END_TEST

/* A kernel that is granted fewer items than share a sum would take its step more than once. */
START_TEST(items_that_share_a_sum_stay_together) {
    make_devices("gpu,tight");
    assert_refused(run(TRAIN, "--hidden", "20", "--batch-size", "240", "--matmul", "plain", "--plan", "layered",
                       "--epochs", "1", "--no-self-test", "--output", "@run", "--quiet"),
                   1, "kernel update_plain needs work-groups of 8, but ");
}
END_TEST

/* Of wide layers, so that the largest block would suit: what the kernels say of themselves decides. PoCL gives every
 * kernel the same private memory, which is none of theirs. */
static const struct {
    const char *ways, *plan;
} blocks[] = {
    {"pair,gpu", "matmul local:128x8x2x1+32x4x1x1\n"},
    {"pair,gpu,spilling", "matmul local:64x8x1x1+32x4x1x1\n"},
    {"pair,spilling", "matmul local:128x8x2x1+32x4x1x4\n"}, /* a CPU has no registers to keep sums in */
    {"pair,gpu,crowded", "matmul local:64x8x2x1+32x4x1x1\n"},
};

START_TEST(kernels_say_which_blocks_suit) {
    make_devices(blocks[_i].ways);
    outcome ended = run(TRAIN, "--hidden", "1024,1024", "--matmul", "local", "--output", "@run", "--dry-run");
    assert_status(&ended, 0);
    assert_contains(ended.out, blocks[_i].plan);
    outcome_release(&ended);
    ended = run(TRAIN, "--hidden", "20", "--matmul", "local", "--epochs", "1", "--output", "@run", "--quiet");
    assert_status(&ended, 0);
    outcome_release(&ended);
}
END_TEST

static const struct {
    const char *way, *hidden, *parts[5];
} too_large[] = {
    {"small", "none", {"train.inputs", "data set", "96000 bytes", "at most 65536", "use fewer samples"}},
    {"small", "250", {"train.layers.0.", "activations", "in one piece", "at most 65536", "use a smaller batch"}},
    {"poor", "40", {"the run needs", "bytes of device memory", "has 65536", "goes to", "use "}},
};

START_TEST(what_does_not_fit_is_named) {
    const bool is_data = _i == 0;
    if (is_data) fixture_write_images("many", "many-labels", 6000);
    make_devices(too_large[_i].way);
    outcome ended = run("train", "--recipe", "seed", "--data", is_data ? "@many" : "@images", "--labels",
                        is_data ? "@many-labels" : "@labels", "--hidden", too_large[_i].hidden, "--matmul", "plain",
                        "--batch-size", "240", "--output", "@run", "--quiet");
    assert_status(&ended, 1);
    for (size_t i = 0; i < sizeof too_large->parts / sizeof *too_large->parts; i++)
        assert_contains(ended.err, too_large[_i].parts[i]);
    ck_assert(!scratch_exists("run"));
    outcome_release(&ended);
}
END_TEST

/* ---- devices that do not answer ---- */

#define STALLED_RUN                                                                                                    \
    TRAIN, "--matmul", "plain", "--plan", "layered", "--no-self-test", "--epochs", "3", "--output", "@run", "--json"

START_TEST(a_command_that_fails_ends_training) {
    make_devices("failing");
    outcome ended = run(STALLED_RUN, "--quiet", "--timeout", "60");
    assert_status(&ended, 1);
    assert_contains(ended.err, "CL_OUT_OF_RESOURCES");
    ck_assert(!scratch_exists("run/model.safetensors"));
    outcome_release(&ended);
}
END_TEST

START_TEST(a_device_that_stalls_ends_training) {
    outcome ended = run(STALLED_RUN, "--quiet"); /* so that the driver has compiled the kernels */
    assert_status(&ended, 0);
    outcome_release(&ended);
    make_devices("stall=60"); /* 1 launch of initial weights, 2 + 8 * 5 an epoch: in the second */
    ended = run(STALLED_RUN, "--quiet", "--force", "--timeout", "5");
    assert_status(&ended, 124);
    assert_contains(ended.err, "epocl: epoch 2: ");
    assert_contains(ended.err, "did not end within 5 s");
    json_t *lines = json_lines(ended.out);
    const json_t *last = json_array_get(lines, json_array_size(lines) - 1);
    ck_assert_int_eq(json_integer_value(json_object_get(last, "epoch")), 1);
    json_decref(lines);
    outcome_release(&ended);

    size_t byte_count = 0, line_count = 0;
    unsigned char *history = file_read(scratch_path("run/history.csv"), &byte_count);
    for (size_t i = 0; i < byte_count; i++) line_count += history[i] == '\n';
    ck_assert_uint_eq(line_count, 2); /* a heading and the first epoch */
    free(history);
    ck_assert(scratch_exists("run/config.json"));
}
END_TEST

START_TEST(a_device_that_stalls_ends_every_command) {
    outcome ended = run(STALLED_RUN, "--quiet");
    assert_status(&ended, 0);
    outcome_release(&ended);
    make_devices("stall=3");
    switch (_i) {
    case 0: ended = run(STALLED_RUN, "--quiet", "--force", "--timeout", "0.5"); break;
    case 1:
        ended = run("evaluate", "--model", "@run/model.safetensors", "--data", "@images", "--labels", "@labels",
                    "--timeout", "0.5");
        break;
    case 2: ended = run("predict", "--model", "@run/model.safetensors", "--data", "@images", "--timeout", "0.5"); break;
    default: ended = run("bench", "--samples", "100", "--net", "4-3", "--quiet", "--timeout", "0.5"); break;
    }
    assert_status(&ended, 124);
    ck_assert_ptr_nonnull(strstr(ended.err, "epocl: "));
    outcome_release(&ended);
    ck_assert(scratch_exists("run/model.safetensors"));
}
END_TEST

START_TEST(a_timeout_must_be_above_zero) {
    static const char *const wrong[] = {"0", "-1", "nan", "1e9", "soon"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(run(TRAIN, "--output", "@run", "--timeout", wrong[i]), 2,
                       "--timeout must be a number above 0 and below 1e+09");
}
END_TEST

Suite *odd_suite(void) {
    Suite *suite = suite_create("odd");
    TCase *odd = tcase_create("odd");
    tcase_add_checked_fixture(odd, fixture_create, odd_remove);
    tcase_add_loop_test(odd, a_driver_that_crashes_is_named, 0, 2);
    tcase_add_loop_test(odd, an_unusable_device_is_listed_and_refused, 0, sizeof unusable / sizeof *unusable);
    tcase_add_test(odd, a_name_is_text_everywhere);
    tcase_add_loop_test(odd, kernels_say_which_blocks_suit, 0, sizeof blocks / sizeof *blocks);
    tcase_add_loop_test(odd, a_narrow_device_trains_alike, 0, 4);
    tcase_add_test(odd, items_that_share_a_sum_stay_together);
    tcase_add_loop_test(odd, what_does_not_fit_is_named, 0, sizeof too_large / sizeof *too_large);
    tcase_add_test(odd, a_command_that_fails_ends_training);
    tcase_add_test(odd, a_device_that_stalls_ends_training);
    tcase_add_loop_test(odd, a_device_that_stalls_ends_every_command, 0, 4);
    tcase_add_test(odd, a_timeout_must_be_above_zero);
    suite_add_tcase(suite, odd);
    return suite;
}
