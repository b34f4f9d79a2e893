/* An open folder: that it stays the one that was opened, whose lock it is, and whose temporary files are removed. */

/* For symlink() and mkfifo(). */
#define _XOPEN_SOURCE 700

#include "base/files/folder.h"
#include "support/scratch.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *folder_suite(void);

static int open_made(const char *name) {
    ck_assert_int_eq(mkdir(scratch_path(name), 0755), 0);
    const int folder = folder_open(scratch_path(name));
    ck_assert_int_ge(folder, 0);
    return folder;
}

static bool exists(const char *name) {
    struct stat state;
    return lstat(scratch_path(name), &state) == 0;
}

START_TEST(is_at_its_path_until_moved) {
    const int folder = open_made("one");
    ck_assert(folder_is_at(folder, scratch_path("one")));
    ck_assert_int_eq(symlink("one", scratch_path("link")), 0);
    ck_assert(folder_is_at(folder, scratch_path("link")));
    ck_assert_int_eq(rename(scratch_path("one"), scratch_path("two")), 0);
    ck_assert(!folder_is_at(folder, scratch_path("one")));
    ck_assert_int_eq(mkdir(scratch_path("one"), 0755), 0);
    ck_assert(!folder_is_at(folder, scratch_path("one")));
    ck_assert(folder_is_at(folder, scratch_path("two")));
    scratch_write("two/file", "x", 1);
    ck_assert(folder_has(folder, "file"));
    ck_assert(!folder_has(folder, "none"));
    close(folder);
}
END_TEST

START_TEST(has_one_lock) {
    const int folder = open_made("one"), again = folder_open(scratch_path("one"));
    ck_assert(folder_lock(folder));
    ck_assert(folder_lock(folder));
    ck_assert(!folder_lock(again));
    close(folder);
    ck_assert(folder_lock(again));
    close(again);
}
END_TEST

START_TEST(opens_regular_files_of_its_own) {
    uint64_t byte_count = 0;
    const int folder = open_made("one");
    scratch_write("one/file", "x", 1);
    scratch_write("secret", "x", 1);
    ck_assert_int_eq(symlink("../secret", scratch_path("one/link")), 0);
    ck_assert_int_eq(mkfifo(scratch_path("one/pipe"), 0600), 0);
    const int file = regular_file_open_at(folder, "file", &byte_count);
    ck_assert_int_ge(file, 0);
    close(file);
    static const char *const refused[][2] = {
        {"none", "No such file"}, {"link", "symbolic link"}, {"pipe", "is a pipe"}, {".", "is a folder"}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        ck_assert_int_eq(regular_file_open_at(folder, refused[i][0], &byte_count), -1);
        ck_assert_int_eq(fail_file(refused[i][0]), EPOCL_ERROR_NO_INPUT);
        ck_assert_msg(strstr(epocl_last_error(), refused[i][1]) != NULL, "%s", epocl_last_error());
    }
    /* A path is a user's word: its links are followed. */
    const int linked = regular_file_open_at(NO_FOLDER, scratch_path("one/link"), &byte_count);
    ck_assert_int_ge(linked, 0);
    close(linked);
    close(folder);
}
END_TEST

START_TEST(moves_a_file) {
    const int folder = open_made("one");
    scratch_write("one/from", "new", 3);
    scratch_write("one/to", "old", 3);
    ck_assert_int_eq(folder_move(folder, "from", "to"), EPOCL_OK);
    ck_assert(!exists("one/from"));
    ck_assert_int_eq(folder_move(folder, "from", "to"), EPOCL_ERROR_WRITE);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "from: cannot rename"));
    close(folder);
}
END_TEST

/* What nobody writes goes, whatever number its process had; what is being written, or only looks like it, stays. */
START_TEST(cleans_what_nobody_writes) {
    static const char *const kept[] = {"one/.epocl-999999999-1.tmp.txt", "one/.epocl-x-1.tmp", "one/file"};
    static const char *const left[] = {"one/.epocl-999999999-1.tmp", "one/.epocl-1-0.tmp"};
    char name[TEMPORARY_NAME_CAPACITY];
    const int folder = open_made("one");
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) scratch_write(kept[i], "", 0);
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) scratch_write(left[i], "", 0);
    ck_assert_int_eq(mkdir(scratch_path("one/.epocl-5-5.tmp"), 0755), 0);
    ck_assert_int_eq(symlink("file", scratch_path("one/.epocl-5-6.tmp")), 0);
    const int written = folder_create_temporary(folder, name);
    ck_assert_int_ge(written, 0);
    folder_clean(folder);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) ck_assert(exists(kept[i]));
    for (size_t i = 0; i < sizeof left / sizeof *left; i++) ck_assert(!exists(left[i]));
    ck_assert(exists("one/.epocl-5-5.tmp"));
    ck_assert(folder_has(folder, name));
    close(written);
    folder_clean(folder);
    ck_assert(!folder_has(folder, name));
    close(folder);
}
END_TEST

Suite *folder_suite(void) {
    Suite *suite = suite_create("folder");
    TCase *tests = tcase_create("folder");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, is_at_its_path_until_moved);
    tcase_add_test(tests, has_one_lock);
    tcase_add_test(tests, opens_regular_files_of_its_own);
    tcase_add_test(tests, moves_a_file);
    tcase_add_test(tests, cleans_what_nobody_writes);
    suite_add_tcase(suite, tests);
    return suite;
}
