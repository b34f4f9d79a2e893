/* A run's folder: what is refused, what is written, and what stays when writing fails. */
/* For symlink(). */
#define _XOPEN_SOURCE 700

#include "command/commands.h"
#include "command/run/files/config.h"
#include "command/run/files/folder.h"

#include "support/scratch.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

#define HEADER "epoch,train_cost,train_accuracy,valid_cost,valid_accuracy,seconds,samples_per_second\n"
#define FIRST  "1,0.5,0.75,,,2,50\n"
#define SECOND "2,0.25,0.875,0.375,0.5,4,25\n"

static int exists(const char *name) {
    struct stat state;
    return lstat(scratch_path(name), &state) == 0;
}

static run_folder *open_folder(const char *name, bool force) {
    run_folder *folder = NULL;
    ck_assert_msg(run_folder_open(scratch_path(name), force, &folder) == EPOCL_OK, "%s", epocl_last_error());
    ck_assert_msg(run_folder_prepare(folder) == EPOCL_OK, "%s", epocl_last_error());
    json_t *config = json_pack("{ss}", "epocl", "test");
    run_folder_set_config(folder, config);
    json_decref(config);
    return folder;
}

static void assert_refused(const char *name, bool force, const char *part) {
    run_folder *folder = NULL;
    ck_assert_int_eq(run_folder_open(scratch_path(name), force, &folder), EPOCL_OK);
    ck_assert_int_eq(run_folder_prepare(folder), EPOCL_ERROR_CREATE);
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
    run_folder_release(folder);
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
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1, true), EPOCL_OK);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, true), EPOCL_OK);
    run_folder_release(folder);
    assert_text("run/history.csv", HEADER FIRST SECOND);
    assert_text("run/config.json", "{\n  \"epocl\": \"test\"\n}\n");
}
END_TEST

/* What is written is what is new, until somebody else changes the file. */
START_TEST(history_grows) {
    struct stat first, second, third;
    run_folder *folder = open_folder("run", false);
    const char *path = scratch_path("run/history.csv");
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1, false), EPOCL_OK);
    ck_assert_int_eq(stat(path, &first), 0);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, true), EPOCL_OK);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, true), EPOCL_OK);
    ck_assert_int_eq(stat(path, &second), 0);
    ck_assert_uint_eq(first.st_ino, second.st_ino);
    assert_text("run/history.csv", HEADER FIRST SECOND);

    scratch_write("run/history.csv", HEADER FIRST "2,0.2", sizeof(HEADER FIRST "2,0.2") - 1); /* a part of a line */
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, false), EPOCL_OK);
    assert_text("run/history.csv", HEADER FIRST SECOND);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, false), EPOCL_OK);
    assert_text("run/history.csv", HEADER FIRST SECOND);
    ck_assert_int_eq(stat(path, &third), 0);
    run_folder_release(folder);
}
END_TEST

/* More lines than are formatted at once. */
START_TEST(a_long_history_is_whole) {
    enum { COUNT = 5000 };
    epocl_epoch_result *many = calloc(COUNT, sizeof *many);
    char *expected = malloc(64 * COUNT);
    size_t length = (size_t)sprintf(expected, HEADER);
    for (size_t i = 0; i < COUNT; i++) {
        many[i] = epochs[0];
        many[i].epoch = i + 1;
        length += (size_t)sprintf(expected + length, "%zu,0.5,0.75,,,2,50\n", i + 1);
    }
    run_folder *folder = open_folder("whole", false), *other = open_folder("grown", false);
    ck_assert_int_eq(run_folder_write_history(folder, many, COUNT, true), EPOCL_OK);
    for (size_t count = 1; count <= COUNT; count = count == 1 ? COUNT - 1 : count + 1)
        ck_assert_int_eq(run_folder_write_history(other, many, count, false), EPOCL_OK);
    assert_text("whole/history.csv", expected);
    assert_text("grown/history.csv", expected);
    run_folder_release(folder);
    run_folder_release(other);
    free(expected);
    free(many);
}
END_TEST

START_TEST(an_older_run_is_refused_without_force) {
    static const char *const names[] = {"run/config.json", "run/history.csv", "run/model.safetensors"};
    ck_assert_int_eq(mkdir(scratch_path("run"), 0755), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        scratch_write(names[i], "old", 3);
        assert_refused("run", false, "--force");
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
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1, true), EPOCL_OK);
    run_folder_release(folder);
    ck_assert(!exists("run/model.safetensors"));
    assert_text("run/notes.txt", "mine");
}
END_TEST

/* ---- One folder, whatever its path leads to ---- */

START_TEST(another_cannot_open_it_under_any_name) {
    run_folder *folder = open_folder("run", false);
    assert_refused("run", true, "another epocl");
    ck_assert_int_eq(symlink("run", scratch_path("link")), 0);
    assert_refused("link", true, "another epocl");
    ck_assert_int_eq(rename(scratch_path("run"), scratch_path("old")), 0);
    assert_refused("old", true, "another epocl");
    run_folder_release(folder);
}
END_TEST

/* A run whose folder was moved writes where it is; a new one under the old name has its own. */
START_TEST(a_moved_folder_is_written_to_where_it_is) {
    run_folder *folder = open_folder("run", false);
    ck_assert(!run_folder_is_moved(folder));
    ck_assert_int_eq(rename(scratch_path("run"), scratch_path("old")), 0);
    ck_assert(run_folder_is_moved(folder));
    run_folder *other = open_folder("run", false);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, true), EPOCL_OK);
    ck_assert(!exists("run/history.csv"));
    ck_assert_int_eq(run_folder_write_history(other, epochs, 1, true), EPOCL_OK);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, true), EPOCL_OK);
    run_folder_release(folder);
    run_folder_release(other);
    assert_text("old/history.csv", HEADER FIRST SECOND);
    assert_text("run/history.csv", HEADER FIRST);
    assert_text("old/config.json", "{\n  \"epocl\": \"test\"\n}\n");
}
END_TEST

START_TEST(a_link_that_is_set_elsewhere_changes_nothing) {
    ck_assert_int_eq(mkdir(scratch_path("one"), 0755), 0);
    ck_assert_int_eq(mkdir(scratch_path("finished"), 0755), 0);
    scratch_write("finished/history.csv", "theirs", 6);
    ck_assert_int_eq(symlink("one", scratch_path("run")), 0);
    run_folder *folder = open_folder("run", false);
    ck_assert_int_eq(unlink(scratch_path("run")), 0);
    ck_assert_int_eq(symlink("finished", scratch_path("run")), 0);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1, true), EPOCL_OK);
    run_folder_release(folder);
    assert_text("finished/history.csv", "theirs");
    assert_text("one/history.csv", HEADER FIRST);
    ck_assert(!exists("finished/config.json"));
}
END_TEST

START_TEST(a_folder_that_was_removed_is_no_place_to_write) {
    run_folder *folder = open_folder("run", false);
    ck_assert_int_eq(rmdir(scratch_path("run")), 0);
    ck_assert_int_eq(mkdir(scratch_path("run"), 0755), 0); /* another's */
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1, true), EPOCL_ERROR_CREATE);
    run_folder_release(folder);
    ck_assert(exists("run"));
}
END_TEST

/* Where files were looked for before the lock was taken, a run could end between the two. */
START_TEST(what_another_wrote_meanwhile_is_seen) {
    run_folder *folder = NULL, *other = open_folder("run", false);
    ck_assert_int_eq(run_folder_open(scratch_path("run"), false, &folder), EPOCL_OK);
    ck_assert_int_eq(run_folder_write_history(other, epochs, 1, true), EPOCL_OK);
    run_folder_release(other);
    ck_assert_int_eq(run_folder_prepare(folder), EPOCL_ERROR_CREATE);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "--force"));
    run_folder_release(folder);
    assert_text("run/history.csv", HEADER FIRST);
}
END_TEST

START_TEST(links_in_the_folder_are_replaced) {
    static const char *const names[] = {"run/config.json", "run/history.csv"};
    scratch_write("precious", "mine", 4);
    ck_assert_int_eq(mkdir(scratch_path("run"), 0755), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        ck_assert_int_eq(symlink("../precious", scratch_path(names[i])), 0);
    run_folder *folder = open_folder("run", true);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1, true), EPOCL_OK);
    ck_assert_int_eq(unlink(scratch_path("run/history.csv")), 0);
    ck_assert_int_eq(symlink("../precious", scratch_path("run/history.csv")), 0);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, true), EPOCL_OK);
    run_folder_release(folder);
    assert_text("precious", "mine");
    assert_text("run/history.csv", HEADER FIRST SECOND);
}
END_TEST

START_TEST(a_link_is_no_config_to_resume) {
    run_folder *folder = NULL;
    settings given = {0};
    json_t *config = NULL;
    scratch_write("config", "{}", 2);
    ck_assert_int_eq(mkdir(scratch_path("run"), 0755), 0);
    ck_assert_int_eq(symlink("../config", scratch_path("run/config.json")), 0);
    ck_assert_int_eq(run_folder_open_again(scratch_path("run"), &folder), EPOCL_OK);
    ck_assert_int_eq(run_config_read(run_folder_descriptor(folder), "config.json", "run/config.json", &command_train,
                                     &config, &given),
                     EPOCL_ERROR_NO_INPUT);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "symbolic link"));
    json_decref(config);
    run_folder_release(folder);
}
END_TEST

/* A container's process has the same number each time. */
START_TEST(what_killed_runs_left_is_removed) {
    char name[64];
    snprintf(name, sizeof name, "run/.epocl-%ld-7.tmp", (long)getpid());
    ck_assert_int_eq(mkdir(scratch_path("run"), 0755), 0);
    scratch_write(name, "part", 4);
    scratch_write("run/.epocl-1-0.tmp", "part", 4);
    run_folder_release(open_folder("run", false));
    ck_assert(!exists(name));
    ck_assert(!exists("run/.epocl-1-0.tmp"));
}
END_TEST

START_TEST(no_folder_under_a_file) {
    scratch_write("file", "text", 4);
    assert_refused("file/run", false, "file/run");
    assert_refused("file", false, "Not a directory");
    assert_refused("file", true, "Not a directory");
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(a_full_disk_leaves_nothing_behind) {
    static const size_t limits[] = {0, 10, 40}; /* config.json has 22 bytes */
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        run_folder *folder = open_folder("a/run", false);
        scratch_limit_file_bytes(limits[i]);
        const epocl_status status = run_folder_write_history(folder, epochs, 2, true);
        scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
        ck_assert_int_eq(status, EPOCL_ERROR_WRITE);
        run_folder_release(folder);
        ck_assert_uint_eq(scratch_file_count(), 0);
    }
}
END_TEST

START_TEST(a_full_disk_keeps_the_history_so_far) {
    run_folder *folder = open_folder("run", false);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 1, true), EPOCL_OK);
    scratch_limit_file_bytes(sizeof(HEADER FIRST) - 1 + 5); /* a part of the next line */
    const epocl_status status = run_folder_write_history(folder, epochs, 2, true);
    scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
    ck_assert_int_eq(status, EPOCL_ERROR_WRITE);
    assert_text("run/history.csv", HEADER FIRST);
    ck_assert_int_eq(run_folder_write_history(folder, epochs, 2, true), EPOCL_OK);
    run_folder_release(folder);
    assert_text("run/history.csv", HEADER FIRST SECOND);
}
END_TEST

Suite *run_folder_suite(void) {
    Suite *suite = suite_create("run_folder");
    TCase *folder = tcase_create("run_folder");
    tcase_add_checked_fixture(folder, scratch_create, scratch_remove);
    tcase_add_test(folder, nothing_is_left_of_a_run_that_wrote_nothing);
    tcase_add_test(folder, a_folder_that_was_there_stays);
    tcase_add_test(folder, history_is_a_line_an_epoch);
    tcase_add_test(folder, history_grows);
    tcase_add_test(folder, a_long_history_is_whole);
    tcase_add_test(folder, another_cannot_open_it_under_any_name);
    tcase_add_test(folder, a_moved_folder_is_written_to_where_it_is);
    tcase_add_test(folder, a_link_that_is_set_elsewhere_changes_nothing);
    tcase_add_test(folder, a_folder_that_was_removed_is_no_place_to_write);
    tcase_add_test(folder, what_another_wrote_meanwhile_is_seen);
    tcase_add_test(folder, links_in_the_folder_are_replaced);
    tcase_add_test(folder, a_link_is_no_config_to_resume);
    tcase_add_test(folder, what_killed_runs_left_is_removed);
    tcase_add_test(folder, an_older_run_is_refused_without_force);
    tcase_add_test(folder, with_force_an_older_run_stays_until_the_first_file);
    tcase_add_test(folder, no_folder_under_a_file);
    tcase_add_test(folder, a_full_disk_leaves_nothing_behind);
    tcase_add_test(folder, a_full_disk_keeps_the_history_so_far);
    suite_add_tcase(suite, folder);
    return suite;
}
