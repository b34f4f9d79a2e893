/* For symlink() and mkfifo(). */
#define _XOPEN_SOURCE 700

#include "base/files/folder.h"
#include "base/files/output_file.h"
#include "support/scratch.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void assert_content(const char *path, const char *expected) {
    size_t byte_count = 0;
    unsigned char *bytes = file_read(path, &byte_count);
    ck_assert_uint_eq(byte_count, strlen(expected));
    ck_assert_mem_eq(bytes, expected, byte_count);
    free(bytes);
}

static void assert_error(epocl_status status, epocl_status expected, const char *part) {
    ck_assert_str_eq(epocl_status_name(status), epocl_status_name(expected));
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "'%s' does not say '%s'", epocl_last_error(), part);
}

START_TEST(saves_and_replaces) {
    const char *path = scratch_path("file");
    ck_assert_int_eq(output_file_save(path, "old", 3), EPOCL_OK);
    assert_content(path, "old");
    ck_assert_int_eq(output_file_save(path, "", 0), EPOCL_OK);
    assert_content(path, "");
    ck_assert_int_eq(output_file_save(path, "newer", 5), EPOCL_OK);
    assert_content(path, "newer");
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(mode_follows_umask) {
    const mode_t masks[] = {0, 022, 077};
    for (size_t i = 0; i < sizeof masks / sizeof *masks; i++) {
        const mode_t old_mask = umask(masks[i]);
        ck_assert_int_eq(output_file_save(scratch_path("file"), "x", 1), EPOCL_OK);
        umask(old_mask);
        struct stat file_stat;
        ck_assert_int_eq(stat(scratch_path("file"), &file_stat), 0);
        ck_assert_uint_eq(file_stat.st_mode & 0777, 0644u & ~masks[i]);
    }
}
END_TEST

START_TEST(target_is_old_until_commit) {
    const char *path = scratch_write("file", "old", 3);
    output_file *file = NULL;
    ck_assert_int_eq(output_file_open(path, &file), EPOCL_OK);
    ck_assert_int_eq(output_file_write(file, "ne", 2), EPOCL_OK);
    assert_content(path, "old");
    ck_assert_int_eq(output_file_write(file, "w", 1), EPOCL_OK);
    ck_assert_int_eq(output_file_commit(file), EPOCL_OK);
    assert_content(path, "new");
    output_file_release(file);
    assert_content(path, "new");
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(release_without_commit_leaves_nothing) {
    const char *path = scratch_write("file", "old", 3);
    output_file *file = NULL;
    ck_assert_int_eq(output_file_open(path, &file), EPOCL_OK);
    ck_assert_int_eq(output_file_write(file, "new", 3), EPOCL_OK);
    ck_assert_uint_eq(scratch_file_count(), 2);
    output_file_release(file);
    output_file_release(NULL);
    assert_content(path, "old");
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

/* The serial number of this process's temporary file in the scratch folder. */
static unsigned find_temporary(void) {
    char name[64];
    for (unsigned serial = 0; serial < 1000; serial++) {
        snprintf(name, sizeof name, ".epocl-%ld-%u.tmp", (long)getpid(), serial);
        if (access(scratch_path(name), F_OK) == 0) return serial;
    }
    ck_abort_msg("there is no temporary file");
}

START_TEST(a_temporary_file_that_is_there_stays) {
    char name[64];
    output_file *first = NULL, *second = NULL;
    ck_assert_int_eq(output_file_open(scratch_path("file"), &first), EPOCL_OK);
    snprintf(name, sizeof name, ".epocl-%ld-%u.tmp", (long)getpid(), find_temporary() + 1);
    output_file_release(first);
    scratch_write(name, "another's", 9);
    const int writer = open(scratch_path(name), O_WRONLY);
    ck_assert_int_eq(flock(writer, LOCK_EX), 0);
    ck_assert_int_eq(output_file_open(scratch_path("file"), &second), EPOCL_OK);
    ck_assert_int_eq(output_file_write(second, "mine", 4), EPOCL_OK);
    ck_assert_int_eq(output_file_commit(second), EPOCL_OK);
    output_file_release(second);
    assert_content(scratch_path("file"), "mine");
    assert_content(scratch_path(name), "another's");
    close(writer);
}
END_TEST

/* A process that was killed may have had this process's number. */
START_TEST(a_temporary_file_that_nobody_writes_is_replaced) {
    char name[64];
    output_file *first = NULL;
    ck_assert_int_eq(output_file_open(scratch_path("file"), &first), EPOCL_OK);
    const unsigned next = find_temporary() + 1;
    output_file_release(first);
    for (unsigned i = 0; i < 1500; i++) { /* more than are tried */
        snprintf(name, sizeof name, ".epocl-%ld-%u.tmp", (long)getpid(), next + i);
        scratch_write(name, "what was written", 16);
    }
    ck_assert_int_eq(output_file_save(scratch_path("file"), "x", 1), EPOCL_OK);
    assert_content(scratch_path("file"), "x");
    for (unsigned i = 1; i < 1500; i++) {
        ck_assert_int_eq(output_file_open(scratch_path("file"), &first), EPOCL_OK);
        output_file_release(first);
    }
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(two_files_at_once) {
    output_file *first = NULL, *second = NULL;
    ck_assert_int_eq(output_file_open(scratch_path("file"), &first), EPOCL_OK);
    ck_assert_int_eq(output_file_open(scratch_path("file"), &second), EPOCL_OK);
    ck_assert_int_eq(output_file_write(first, "first", 5), EPOCL_OK);
    ck_assert_int_eq(output_file_write(second, "second", 6), EPOCL_OK);
    ck_assert_int_eq(output_file_commit(second), EPOCL_OK);
    ck_assert_int_eq(output_file_commit(first), EPOCL_OK);
    output_file_release(first);
    output_file_release(second);
    assert_content(scratch_path("file"), "first");
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(full_disk_keeps_the_old_file) {
    static const char large[3000];
    const char *path = scratch_write("file", "old", 3);
    scratch_limit_file_bytes(1000);
    const epocl_status status = output_file_save(path, large, sizeof large);
    scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
    assert_error(status, EPOCL_ERROR_WRITE, "file: cannot write: File too large");
    assert_content(path, "old");
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(what_cannot_be_put_in_its_place_is_told) {
    const char *path = scratch_path("file");
    output_file *file = NULL;
    ck_assert_int_eq(output_file_open(path, &file), EPOCL_OK);
    ck_assert_int_eq(output_file_write(file, "new", 3), EPOCL_OK);
    ck_assert_int_eq(mkdir(path, 0755), 0);
    assert_error(output_file_commit(file), EPOCL_ERROR_WRITE, "file: ");
    output_file_release(file);
    ck_assert_uint_eq(scratch_file_count(), 1); /* the folder */
}
END_TEST

START_TEST(refuses_what_cannot_be_created) {
    scratch_write("regular", "x", 1);
    ck_assert_int_eq(mkdir(scratch_path("folder"), 0755), 0);
    ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0);
    const char *const names[] = {"missing/file", "regular/file", "folder", "folder/", "new/", "pipe"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        output_file *file = (output_file *)&file;
        assert_error(output_file_open(scratch_path(names[i]), &file), EPOCL_ERROR_CREATE, names[i]);
        ck_assert_ptr_null(file);
    }
    assert_error(output_file_save("", "x", 1), EPOCL_ERROR_CREATE, "not the name of a file");
    assert_error(output_file_save(NULL, "x", 1), EPOCL_ERROR_ARGUMENT, "NULL");
    assert_error(output_file_save("/proc/epocl", "x", 1), EPOCL_ERROR_CREATE, "/proc/epocl: cannot create a file");
    ck_assert_uint_eq(scratch_file_count(), 3);
}
END_TEST

START_TEST(accepts_the_longest_name) {
    char name[256];
    memset(name, 'n', 255);
    name[255] = '\0';
    ck_assert_int_eq(output_file_save(scratch_path(name), "x", 1), EPOCL_OK);
    assert_content(scratch_path(name), "x");
}
END_TEST

START_TEST(works_in_the_current_folder) {
    ck_assert_int_eq(chdir(scratch_path(".")), 0);
    ck_assert_int_eq(output_file_save("plain", "x", 1), EPOCL_OK);
    ck_assert_int_eq(chdir("/"), 0);
    assert_content(scratch_path("plain"), "x");
}
END_TEST

START_TEST(follows_a_symbolic_link) {
    scratch_write("real", "old", 3);
    ck_assert_int_eq(symlink("real", scratch_path("link")), 0);
    ck_assert_int_eq(output_file_save(scratch_path("link"), "new", 3), EPOCL_OK);
    assert_content(scratch_path("real"), "new");
    struct stat link_stat;
    ck_assert_int_eq(lstat(scratch_path("link"), &link_stat), 0);
    ck_assert(S_ISLNK(link_stat.st_mode));
}
END_TEST

START_TEST(in_a_folder_a_link_is_replaced) {
    scratch_write("real", "old", 3);
    ck_assert_int_eq(symlink("real", scratch_path("link")), 0);
    const int folder = folder_open(scratch_path("."));
    ck_assert_int_eq(output_file_save_at(folder, "link", "new", 3), EPOCL_OK);
    close(folder);
    assert_content(scratch_path("real"), "old");
    assert_content(scratch_path("link"), "new");
}
END_TEST

START_TEST(makes_folders) {
    bool created = false;
    ck_assert_int_eq(output_folder_create(scratch_path("a/b//c/"), &created), EPOCL_OK);
    ck_assert(created);
    ck_assert_int_eq(output_folder_create(scratch_path("a/b/c"), &created), EPOCL_OK);
    ck_assert(!created);
    ck_assert_int_eq(output_folder_create(scratch_path("a"), NULL), EPOCL_OK);
    ck_assert_int_eq(output_file_save(scratch_path("a/b/c/file"), "x", 1), EPOCL_OK);
    ck_assert_int_eq(unlink(scratch_path("a/b/c/file")), 0);
    /* Only empty folders can be removed: the proof left nothing. */
    ck_assert_int_eq(rmdir(scratch_path("a/b/c")), 0);
}
END_TEST

/* A process that can open no more files can still make a folder. */
START_TEST(a_folder_of_no_use_does_not_stay) {
    struct rlimit limit, none;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    const epocl_status status = output_folder_create(scratch_path("new"), NULL);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_error(status, EPOCL_ERROR_CREATE, "cannot create files in this folder");
    ck_assert_int_ne(access(scratch_path("new"), F_OK), 0);
}
END_TEST

START_TEST(refuses_impossible_folders) {
    bool created = true;
    scratch_write("regular", "x", 1);
    assert_error(output_folder_create(scratch_path("regular"), &created), EPOCL_ERROR_CREATE, "Not a directory");
    ck_assert(!created);
    assert_error(output_folder_create(scratch_path("regular/run"), &created), EPOCL_ERROR_CREATE, "regular/run");
    assert_error(output_folder_create("/proc", &created), EPOCL_ERROR_CREATE, "/proc: cannot create files");
    assert_error(output_folder_create("/proc/run", &created), EPOCL_ERROR_CREATE, "/proc/run: cannot create");
    assert_error(output_folder_create("", &created), EPOCL_ERROR_CREATE, "empty");
    assert_error(output_folder_create(NULL, &created), EPOCL_ERROR_CREATE, "empty");
    ck_assert(!created);
}
END_TEST

Suite *output_file_suite(void);

Suite *output_file_suite(void) {
    Suite *suite = suite_create("output_file");
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, scratch_create, scratch_remove);
    tcase_add_test(files, saves_and_replaces);
    tcase_add_test(files, mode_follows_umask);
    tcase_add_test(files, target_is_old_until_commit);
    tcase_add_test(files, release_without_commit_leaves_nothing);
    tcase_add_test(files, what_cannot_be_put_in_its_place_is_told);
    tcase_add_test(files, a_temporary_file_that_is_there_stays);
    tcase_add_test(files, a_temporary_file_that_nobody_writes_is_replaced);
    tcase_add_test(files, two_files_at_once);
    tcase_add_test(files, full_disk_keeps_the_old_file);
    tcase_add_test(files, refuses_what_cannot_be_created);
    tcase_add_test(files, accepts_the_longest_name);
    tcase_add_test(files, works_in_the_current_folder);
    tcase_add_test(files, follows_a_symbolic_link);
    tcase_add_test(files, in_a_folder_a_link_is_replaced);
    suite_add_tcase(suite, files);

    TCase *folders = tcase_create("folders");
    tcase_add_checked_fixture(folders, scratch_create, scratch_remove);
    tcase_add_test(folders, makes_folders);
    tcase_add_test(folders, refuses_impossible_folders);
    tcase_add_test(folders, a_folder_of_no_use_does_not_stay);
    suite_add_tcase(suite, folders);
    return suite;
}
