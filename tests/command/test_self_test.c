/* A device that computes wrong, made by a kernel that does: it is refused, or its other kernels are used. */
#define _XOPEN_SOURCE 700

#include "command/fixture.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

Suite *self_test_suite(void);

/* Copies the kernels to the scratch folder, with `from` in `name` replaced by `to`. The tests run where `kernels` is.
 */
static void break_kernel(const char *name, const char *from, const char *to) {
    DIR *folder = opendir("kernels");
    ck_assert_ptr_nonnull(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char path[512];
        size_t length = 0;
        if (entry->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "kernels/%s", entry->d_name);
        char *text = (char *)file_read(path, &length);
        if (strcmp(entry->d_name, name) == 0) {
            char *broken = calloc(length + strlen(to) + 1, 1);
            text = realloc(text, length + 1);
            text[length] = '\0';
            char *place = strstr(text, from);
            ck_assert_msg(place != NULL, "%s has no '%s'", name, from);
            sprintf(broken, "%.*s%s%s", (int)(place - text), text, to, place + strlen(from));
            free(text);
            text = broken;
            length = strlen(text);
        }
        scratch_write(entry->d_name, text, length);
        free(text);
    }
    closedir(folder);
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
    outcome ended = run(TRAIN, "--output", "@run", "--quiet", "--no-self-test", "--epochs", "1");
    assert_status(&ended, 0);
    outcome_release(&ended);
}
END_TEST

START_TEST(a_provider_that_computes_wrong_is_replaced) {
    break_kernel("update_tile.cl", "- rate *", "+ rate *");
    outcome ended = run(TRAIN, "--output", "@run", "--epochs", "1");
    assert_status(&ended, 0);
    assert_contains(ended.err, "using matmul plain");
    assert_contains(ended.err, "kernel update_tile");
    assert_contains(ended.err, "matmul plain\n");
    outcome_release(&ended);
}
END_TEST

START_TEST(a_provider_that_was_asked_for_is_refused) {
    break_kernel("update_tile.cl", "- rate *", "+ rate *");
    assert_refused(run(TRAIN, "--output", "@run", "--quiet", "--matmul", "tile"), 70, "kernel update_tile");
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

START_TEST(tuning_is_kept_and_devices_show_the_test) {
    ck_assert_int_eq(setenv("EPOCL_CACHE_DIR", scratch_path("cache"), 1), 0);
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
    tcase_add_test(tests, what_the_compiler_says_is_told);
    tcase_add_test(tests, tuning_is_kept_and_devices_show_the_test);
    suite_add_tcase(suite, tests);
    return suite;
}
