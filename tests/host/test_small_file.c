/* Whatever lies under a name is read whole within its bound, or refused at once. */
#define _XOPEN_SOURCE 700 /* mkfifo */

#include "base/files/small_file.h"
#include "support/scratch.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *small_file_suite(void);

static void assert_refused(const char *path, size_t most_bytes, epocl_status status, const char *part) {
    size_t byte_count = 0;
    ck_assert_ptr_null(small_file_read_at(NO_FOLDER, path, most_bytes, &byte_count));
    ck_assert_int_eq(fail_file(path), status);
    ck_assert_ptr_eq(strstr(epocl_last_error(), path), epocl_last_error());
    ck_assert_msg(strstr(epocl_last_error(), part) != NULL, "%s", epocl_last_error());
}

static void assert_read(int folder, const char *name, size_t most_bytes, const void *bytes, size_t byte_count) {
    size_t read_count = 0;
    char *text = small_file_read_at(folder, name, most_bytes, &read_count);
    ck_assert_msg(text != NULL, "%s: %s", name, strerror(errno));
    ck_assert_uint_eq(read_count, byte_count);
    ck_assert_mem_eq(text, bytes, byte_count);
    ck_assert_int_eq(text[byte_count], '\0');
    free(text);
}

START_TEST(files_up_to_the_bound_are_read_whole) {
    static const char bytes[] = "some\0bytes";
    const char *path = scratch_write("file", bytes, sizeof bytes);
    assert_read(NO_FOLDER, path, sizeof bytes, bytes, sizeof bytes);
    assert_read(NO_FOLDER, path, 1 << 20, bytes, sizeof bytes);
    assert_refused(path, sizeof bytes - 1, EPOCL_ERROR_DATA, "is larger than");
    assert_read(NO_FOLDER, scratch_write("empty", "", 0), 0, "", 0);

    const int folder = open(scratch_path("."), O_RDONLY | O_DIRECTORY);
    ck_assert_int_ge(folder, 0);
    assert_read(folder, "file", sizeof bytes, bytes, sizeof bytes);
    close(folder);
}
END_TEST

/* Such a file says that it has no bytes. */
START_TEST(a_file_of_the_kernel_is_read) {
    size_t byte_count = 0;
    char *text = small_file_read_at(NO_FOLDER, "/proc/self/status", 1 << 16, &byte_count);
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_eq(strlen(text), byte_count);
    ck_assert_ptr_nonnull(strstr(text, "Name:"));
    free(text);
    assert_refused("/proc/self/status", 10, EPOCL_ERROR_DATA, "is larger than");
}
END_TEST

START_TEST(what_is_no_file_is_refused_at_once) {
    ck_assert_int_eq(mkfifo(scratch_path("pipe"), 0600), 0);
    assert_refused(scratch_path("pipe"), 100, EPOCL_ERROR_NO_INPUT, "is a pipe");
    assert_refused("/dev/zero", 100, EPOCL_ERROR_NO_INPUT, "is a pipe or a device");
    assert_refused(scratch_path("."), 100, EPOCL_ERROR_NO_INPUT, "is a folder");
    assert_refused(scratch_path("none"), 100, EPOCL_ERROR_NO_INPUT, "No such file");
}
END_TEST

/* A sparse file, of which nothing is read. */
START_TEST(a_huge_file_takes_no_memory) {
    const char *path = scratch_write("huge", "", 0);
    ck_assert_int_eq(truncate(path, (off_t)1 << 40), 0);
    assert_refused(path, 1 << 20, EPOCL_ERROR_DATA, "is larger than");
}
END_TEST

Suite *small_file_suite(void) {
    Suite *suite = suite_create("small_file");
    TCase *files = tcase_create("small_file");
    tcase_add_checked_fixture(files, scratch_create, scratch_remove);
    tcase_add_test(files, files_up_to_the_bound_are_read_whole);
    tcase_add_test(files, a_file_of_the_kernel_is_read);
    tcase_add_test(files, what_is_no_file_is_refused_at_once);
    tcase_add_test(files, a_huge_file_takes_no_memory);
    suite_add_tcase(suite, files);
    return suite;
}
