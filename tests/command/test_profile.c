/* train --profile: the trace, the table, and that neither costs a run its model. */
#include "command/fixture.h"

#include "command/show/profile/profile_rows.h"
#include "command/show/profile/profile_trace.h"

#include <check.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *profile_suite(void);

/* 240 samples in batches of 32: seven and one of 16. Begin and shuffle; then gather, forward, cost, delta, two updates
 * and metrics. */
enum { STEPS = 8, BEGIN_LAUNCHES = 2, STEP_LAUNCHES = 7, LAUNCHES = BEGIN_LAUNCHES + STEPS * STEP_LAUNCHES };
#define PROFILED TRAIN, "--hidden", "8", "--plan", "layered", "--epochs", "2", "--seed", "3", "--output"

static json_t *load_trace(const char *name) {
    json_error_t place;
    json_t *trace = json_load_file(scratch_path(name), JSON_REJECT_DUPLICATES, &place);
    ck_assert_msg(json_is_object(trace), "%s, line %d", place.text, place.line);
    return trace;
}

/* The launches of a trace, a new array. */
static json_t *complete_events(const json_t *trace) {
    json_t *complete = json_array(), *event;
    size_t i;
    ck_assert(json_is_array(json_object_get(trace, "traceEvents")));
    json_array_foreach(json_object_get(trace, "traceEvents"), i, event) {
        if (strcmp(text_of(event, "ph"), "X") == 0) json_array_append(complete, event);
    }
    return complete;
}

static bool is_same_file(const char *first, const char *second) {
    size_t first_bytes = 0, second_bytes = 0;
    unsigned char *one = file_read(scratch_path(first), &first_bytes);
    unsigned char *other = file_read(scratch_path(second), &second_bytes);
    const bool is_same = first_bytes == second_bytes && memcmp(one, other, first_bytes) == 0;
    free(other);
    free(one);
    return is_same;
}

/* ---- runs ---- */

START_TEST(a_trace_holds_the_plans_launches) {
    outcome planned = run(TRAIN, "--hidden", "8", "--dry-run", "--json");
    outcome ended = run(PROFILED, "@run", "--profile", "@trace.json");
    assert_status(&planned, 0);
    assert_status(&ended, 0);
    json_t *lines = json_lines(planned.out), *trace = load_trace("trace.json"), *events = complete_events(trace);
    const json_t *step = json_object_get(json_array_get(lines, 0), "launches");
    ck_assert_uint_eq(json_array_size(step), STEP_LAUNCHES);
    ck_assert_uint_eq(json_array_size(events), LAUNCHES);
    double last_end = 0;
    for (size_t i = 0; i < LAUNCHES; i++) {
        const json_t *event = json_array_get(events, i), *details = json_object_get(event, "args");
        ck_assert_double_ge(number_of(details, "queued"), 0);
        ck_assert_double_ge(number_of(event, "dur"), 0);
        ck_assert_double_ge(number_of(event, "ts"), last_end - 1e-3); /* of microseconds: a rounded sum */
        last_end = number_of(event, "ts") + number_of(event, "dur");
        ck_assert_double_gt(number_of(details, "bytes"), 0);
        if (i < BEGIN_LAUNCHES) continue;
        const json_t *expected = json_array_get(step, (i - BEGIN_LAUNCHES) % STEP_LAUNCHES);
        const bool is_short = i >= LAUNCHES - STEP_LAUNCHES;
        ck_assert_str_eq(text_of(event, "name"), text_of(expected, "kernel"));
        ck_assert_str_eq(text_of(details, "detail"), text_of(expected, "detail"));
        ck_assert_double_eq_tol(number_of(details, "flop"), number_of(expected, "flop") * (is_short ? 0.5 : 1), 1e-6);
    }
    const json_t *origin = json_object_get(trace, "otherData");
    assert_contains(text_of(origin, "plan"), "layered");
    ck_assert_double_eq(number_of(origin, "epoch"), 2);
    ck_assert_double_eq(number_of(origin, "left_out"), 0);
    ck_assert_double_gt(number_of(origin, "peak_gflop_per_s"), 0);
    ck_assert_double_gt(number_of(origin, "copy_gbyte_per_s"), 0);
    json_decref(events);
    json_decref(trace);
    json_decref(lines);
    outcome_release(&ended);
    outcome_release(&planned);
}
END_TEST

START_TEST(the_model_is_that_of_an_ordinary_run) {
    static const char *const plans[] = {"layered", "resident"};
    for (size_t i = 0; i < 2; i++) {
        outcome ordinary = run(TRAIN, "--hidden", "8", "--plan", plans[i], "--output", "@plain", "--force", "--quiet");
        outcome profiled = run(TRAIN, "--hidden", "8", "--plan", plans[i], "--output", "@profiled", "--force",
                               "--quiet", "--profile", "@profiled.json");
        assert_status(&ordinary, 0);
        assert_status(&profiled, 0);
        ck_assert_str_eq(profiled.err, "");
        ck_assert(is_same_file("plain/model.safetensors", "profiled/model.safetensors"));
        json_t *trace = load_trace("profiled.json");
        json_decref(trace);
        outcome_release(&profiled);
        outcome_release(&ordinary);
    }
}
END_TEST

START_TEST(the_table_is_on_standard_error) {
    outcome ended = run(PROFILED, "@run", "--profile", "@run/trace.json", "--valid-split", "0.2");
    assert_status(&ended, 0);
    ck_assert_str_eq(ended.out, "");
    static const char *const parts[] = {"profile of epoch 2: ", "GFLOP/s",      "% of peak",
                                        "peak of the device: ", "GB/s",         "layer 0: 32 samples, 16 -> 8",
                                        "between launches",     "valid gather", "train",
                                        "run/trace.json\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) assert_contains(ended.err, parts[i]);
    outcome_release(&ended);
}
END_TEST

START_TEST(a_path_that_cannot_be_written_is_told_before_training) {
    ck_assert_int_eq(mkdir(scratch_path("folder"), 0755), 0);
    assert_refused(run(PROFILED, "@run", "--quiet", "--profile", "@missing/trace.json"), 73, "missing/trace.json");
    assert_refused(run(PROFILED, "@run", "--quiet", "--profile", "@labels/trace.json"), 73, "labels/trace.json");
    assert_refused(run(PROFILED, "@run", "--quiet", "--profile", "@folder"), 73, "folder");
    ck_assert_uint_eq(scratch_file_count(), FIXTURE_FILES + 1);
}
END_TEST

/* The trace's folder goes away while the run trains. */
START_TEST(a_trace_that_fails_takes_no_model) {
    ck_assert_int_eq(mkdir(scratch_path("gone"), 0755), 0);
    process training = start(TRAIN, "--hidden", "8", "--epochs", "1000000", "--output", "@run", "--quiet", "--json",
                             "--profile", "@gone/trace.json");
    process_await(&training, training.out, "\"epoch\":1,");
    ck_assert_int_eq(rmdir(scratch_path("gone")), 0);
    ck_assert_int_eq(kill(training.id, SIGINT), 0);
    outcome ended = process_end(&training);
    assert_status(&ended, 73);
    assert_contains(ended.err, "gone/trace.json");
    assert_contains(ended.out, "\"event\":\"done\"");
    outcome_release(&ended);
    ended = run("evaluate", "--model", "@run/model.safetensors", "--data", "@images", "--labels", "@labels");
    assert_status(&ended, 0);
    outcome_release(&ended);
    ck_assert(scratch_exists("run/history.csv"));
}
END_TEST

START_TEST(a_dry_run_has_no_profile) {
    assert_refused(run(TRAIN, "--dry-run", "--profile", "@trace.json"), 2, "--profile");
    ck_assert(!scratch_exists("trace.json"));
}
END_TEST

/* ---- the sums and the file alone ---- */

static const epocl_profile_launch launches[] = {
    {.kernel = "a", .detail = "x", .pass = "train", .queued = 0, .start = 1, .end = 3, .flop = 8e9, .bytes = 2e9},
    {.kernel = "b", .detail = "x", .pass = "train", .queued = 0, .start = 4, .end = 4},
    {.kernel = "a", .detail = "x", .pass = "train", .queued = 0, .start = 6, .end = 7, .flop = 4e9, .bytes = 1e9},
    {.kernel = "a", .detail = "y", .pass = "train", .queued = 0, .start = 7, .end = 11},
    {.kernel = "a", .detail = "x", .pass = "valid", .queued = 0, .start = 100, .end = 101},
};
static const launch_profile profile = {
    .epoch = 7, .launches = launches, .launch_count = sizeof launches / sizeof *launches, .left_out_count = 9};

START_TEST(rows_add_up) {
    profile_rows summed;
    ck_assert_int_eq(profile_rows_create(&profile, &summed), EPOCL_OK);
    ck_assert_uint_eq(summed.row_count, 4);
    ck_assert_str_eq(summed.rows[0].detail, "y");
    ck_assert_str_eq(summed.rows[1].kernel, "a");
    ck_assert_uint_eq(summed.rows[1].launch_count, 2);
    ck_assert_double_eq(summed.rows[1].seconds, 3);
    ck_assert_double_eq(summed.rows[1].flop, 12e9);
    ck_assert_double_eq(summed.rows[1].bytes, 3e9);
    ck_assert_str_eq(summed.rows[2].pass, "valid");
    ck_assert_str_eq(summed.rows[3].kernel, "b");
    /* From 1 to 11 and from 100 to 101; without a launch from 3 to 4 and from 4 to 6. */
    ck_assert_double_eq(summed.pass_seconds, 11);
    ck_assert_double_eq(summed.idle_seconds, 3);
    profile_rows_release(&summed);
    ck_assert_int_eq(profile_rows_create(&(launch_profile){.epoch = 1}, &summed), EPOCL_OK);
    ck_assert_uint_eq(summed.row_count, 0);
    profile_rows_release(&summed);
}
END_TEST

START_TEST(rates_are_of_the_time_that_a_launch_ran) {
    const epocl_device_speed speed = {.fma_flop_per_second = 16e9, .copy_bytes_per_second = 2e9};
    const epocl_device_info device = {.name = "a \"device\" \xff"};
    ck_assert_int_eq(profile_trace_write(scratch_path("trace.json"), &profile, &device, &speed, "layered"), EPOCL_OK);
    json_t *trace = load_trace("trace.json"), *events = complete_events(trace);
    ck_assert_uint_eq(json_array_size(events), 5);
    const json_t *first = json_array_get(events, 0), *details = json_object_get(first, "args");
    ck_assert_double_eq(number_of(first, "ts"), 1e6);
    ck_assert_double_eq(number_of(first, "dur"), 2e6);
    ck_assert_double_eq(number_of(details, "gflop_per_s"), 4);
    ck_assert_double_eq(number_of(details, "gbyte_per_s"), 1);
    ck_assert_double_eq(number_of(details, "fraction_of_peak"), 0.25);
    details = json_object_get(json_array_get(events, 1), "args"); /* no time that the clock could tell */
    ck_assert(json_is_null(json_object_get(details, "gflop_per_s")));
    ck_assert_double_ne(number_of(first, "tid"), number_of(json_array_get(events, 4), "tid"));
    ck_assert_double_eq(number_of(json_object_get(trace, "otherData"), "left_out"), 9);
    json_decref(events);
    json_decref(trace);

    /* Without a peak. */
    ck_assert_int_eq(profile_trace_write(scratch_path("trace.json"), &profile, &device, NULL, "layered"), EPOCL_OK);
    trace = load_trace("trace.json");
    events = complete_events(trace);
    details = json_object_get(json_array_get(events, 0), "args");
    ck_assert_double_eq(number_of(details, "gflop_per_s"), 4);
    ck_assert(json_is_null(json_object_get(details, "fraction_of_peak")));
    ck_assert(json_is_null(json_object_get(json_object_get(trace, "otherData"), "peak_gflop_per_s")));
    json_decref(events);
    json_decref(trace);
}
END_TEST

START_TEST(a_full_disk_leaves_the_old_trace) {
    static const size_t limits[] = {0, 100, 1000};
    const epocl_device_info device = {.name = "device"};
    scratch_write("trace.json", "old", 3);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        scratch_limit_file_bytes(limits[i]);
        const epocl_status status = profile_trace_write(scratch_path("trace.json"), &profile, &device, NULL, "layered");
        scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
        ck_assert_int_eq(status, EPOCL_ERROR_WRITE);
        ck_assert_uint_eq(scratch_file_count(), 1);
        size_t byte_count = 0;
        unsigned char *kept = file_read(scratch_path("trace.json"), &byte_count);
        ck_assert_uint_eq(byte_count, 3);
        free(kept);
    }
}
END_TEST

Suite *profile_suite(void) {
    Suite *suite = suite_create("profile");
    TCase *runs = tcase_create("runs");
    tcase_add_checked_fixture(runs, fixture_create, fixture_remove);
    tcase_add_test(runs, a_trace_holds_the_plans_launches);
    tcase_add_test(runs, the_model_is_that_of_an_ordinary_run);
    tcase_add_test(runs, the_table_is_on_standard_error);
    tcase_add_test(runs, a_path_that_cannot_be_written_is_told_before_training);
    tcase_add_test(runs, a_trace_that_fails_takes_no_model);
    tcase_add_test(runs, a_dry_run_has_no_profile);
    suite_add_tcase(suite, runs);
    TCase *parts = tcase_create("parts");
    tcase_add_checked_fixture(parts, scratch_create, scratch_remove);
    tcase_add_test(parts, rows_add_up);
    tcase_add_test(parts, rates_are_of_the_time_that_a_launch_ran);
    tcase_add_test(parts, a_full_disk_leaves_the_old_trace);
    suite_add_tcase(suite, parts);
    return suite;
}
