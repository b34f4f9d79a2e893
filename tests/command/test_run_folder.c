/* A run's folder: what is refused, what is written, and what stays when writing fails. */
#include "command/run_folder.h"

#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

Suite *run_folder_suite(void);

static const epocl_epoch_result epochs[] = {
    {.epoch = 1,
     .sample_count = 100,
     .train_cost = 0.5,
     .train_accuracy = 0.75,
     .valid_cost = NAN,
     .valid_accuracy = NAN,
     .seconds = 2},
    {.epoch = 2,
     .sample_count = 100,
     .train_cost = 0.25,
     .train_accuracy = 0.875,
     .valid_cost = 0.375,
     .valid_accuracy = 0.5,
     .seconds = 4},
};

static int exists(const char *name) {
    struct stat state;
    return lstat(scratch_path(name), &state) == 0;
}

static run_folder *open_folder(const char *name, bool force) {
    run_folder *folder = NULL;
    ck_assert_msg(run_folder_open(scratch_path(name), force, &folder) == EPOCL_OK, "%s", epocl_last_error());
    json_t *config = json_pack("{ss}", "epocl", "test");
    run_folder_set_config(folder, config);
    json_decref(config);
    return folder;
}

static void assert_text(const char *name, const char *expected) {
    size_t byte_count = 0;
    char *text = (char *)file_read(scratch_path(name), &byte_count);
    text[byte_count] = '\0';
    ck_assert_str_eq(text, expected);
    free(text);
}

START_TEST(nothing_is_left_of_a_run_that_wrote_nothing) {
    run_folder_release(open_folder("a/b/c", false));
    ck_assert_uint_eq(scratch_file_count(), 0);
    run_folder_release(open_folder("slashes///", false));
    ck_assert_uint_eq(scratch_file_count(), 0);
}
END_TEST

START_TEST(a_folder_that_was_there_stays) {
    ck_assert_int_eq(mkdir(scratch_path("old"), 0755), 0);
    run_folder_release(open_folder("old/new", false));
    ck_assert(exists("old"));
    ck_assert(!exists("old/new"));
    run_folder_release(open_folder("old", false));
    ck_assert(exists("old"));
}
END_TEST

START_TEST(history_is_a_line_an_epoch) {
    run_folder *folder = open_folder("run", false);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1), EPOCL_OK);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2), EPOCL_OK);
    run_folder_release(folder);
    assert_text("run/history.csv", "epoch,train_cost,train_accuracy,valid_cost,valid_accuracy,seconds,"
                                   "samples_per_second\n1,0.5,0.75,,,2,50\n2,0.25,0.875,0.375,0.5,4,25\n");
    assert_text("run/config.json", "{\n  \"epocl\": \"test\"\n}\n");
}
END_TEST

START_TEST(an_older_run_is_refused_without_force) {
    static const char *const names[] = {"run/config.json", "run/history.csv", "run/model.safetensors"};
    ck_assert_int_eq(mkdir(scratch_path("run"), 0755), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        run_folder *folder = NULL;
        scratch_write(names[i], "old", 3);
        ck_assert_int_eq(run_folder_open(scratch_path("run"), false, &folder), EPOCL_ERROR_CREATE);
        ck_assert_ptr_null(folder);
        ck_assert_ptr_nonnull(strstr(epocl_last_error(), "--force"));
        assert_text(names[i], "old");
        remove(scratch_path(names[i]));
    }
}
END_TEST

START_TEST(with_force_an_older_run_stays_until_the_first_file) {
    ck_assert_int_eq(mkdir(scratch_path("run"), 0755), 0);
    scratch_write("run/config.json", "old", 3);
    scratch_write("run/history.csv", "old", 3);
    scratch_write("run/model.safetensors", "old", 3);
    scratch_write("run/notes.txt", "mine", 4);
    run_folder_release(open_folder("run", true));
    assert_text("run/config.json", "old");
    assert_text("run/model.safetensors", "old");

    run_folder *folder = open_folder("run", true);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1), EPOCL_OK);
    run_folder_release(folder);
    ck_assert(!exists("run/model.safetensors"));
    assert_text("run/notes.txt", "mine");
}
END_TEST

START_TEST(no_folder_under_a_file) {
    run_folder *folder = NULL;
    scratch_write("file", "text", 4);
    ck_assert_int_eq(run_folder_open(scratch_path("file/run"), false, &folder), EPOCL_ERROR_CREATE);
    ck_assert_int_eq(run_folder_open(scratch_path("file"), false, &folder), EPOCL_ERROR_CREATE);
    ck_assert_int_eq(run_folder_open(scratch_path("file"), true, &folder), EPOCL_ERROR_CREATE);
    ck_assert_ptr_null(folder);
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(a_full_disk_leaves_nothing_behind) {
    static const size_t limits[] = {0, 10, 40}; /* config.json has 22 bytes */
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        run_folder *folder = open_folder("a/run", false);
        scratch_limit_file_bytes(limits[i]);
        const epocl_status status = run_folder_write_history(folder, epochs, 2);
        scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
        ck_assert_int_eq(status, EPOCL_ERROR_WRITE);
        run_folder_release(folder);
        ck_assert_uint_eq(scratch_file_count(), 0);
    }
}
END_TEST

START_TEST(a_full_disk_keeps_the_history_so_far) {
    run_folder *folder = open_folder("run", false);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1), EPOCL_OK);
    scratch_limit_file_bytes(20);
    const epocl_status status = run_folder_write_history(folder, epochs, 2);
    scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
    ck_assert_int_eq(status, EPOCL_ERROR_WRITE);
    run_folder_release(folder);
    assert_text("run/history.csv", "epoch,train_cost,train_accuracy,valid_cost,valid_accuracy,seconds,"
                                   "samples_per_second\n1,0.5,0.75,,,2,50\n");
}
END_TEST

Suite *run_folder_suite(void) {
    Suite *suite = suite_create("run_folder");
    TCase *folder = tcase_create("run_folder");
    tcase_add_checked_fixture(folder, scratch_create, scratch_remove);
    tcase_add_test(folder, nothing_is_left_of_a_run_that_wrote_nothing);
    tcase_add_test(folder, a_folder_that_was_there_stays);
    tcase_add_test(folder, history_is_a_line_an_epoch);
    tcase_add_test(folder, an_older_run_is_refused_without_force);
    tcase_add_test(folder, with_force_an_older_run_stays_until_the_first_file);
    tcase_add_test(folder, no_folder_under_a_file);
    tcase_add_test(folder, a_full_disk_leaves_nothing_behind);
    tcase_add_test(folder, a_full_disk_keeps_the_history_so_far);
    suite_add_tcase(suite, folder);
    return suite;
}
