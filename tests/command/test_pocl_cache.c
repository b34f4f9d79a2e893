/* Users whose home cannot be written, such as those of services: PoCL has a device all the same. */
#include "command/fixture.h"

#include "command/system/pocl_cache.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

Suite *pocl_cache_suite(void);

static char *xdg_before;

/* A home that nobody can write, root included: it is a file. */
static void homeless_create(void) {
    const char *xdg = getenv("XDG_CACHE_HOME");
    xdg_before = xdg ? strdup(xdg) : NULL;
    fixture_create();
    ck_assert_int_eq(mkdir(scratch_path("tmp"), 0700), 0);
    unsetenv("XDG_CACHE_HOME");
    unsetenv("EPOCL_CACHE_DIR");
    unsetenv("POCL_CACHE_DIR");
    setenv("TMPDIR", scratch_path("tmp"), 1);
    setenv("HOME", scratch_path("images"), 1);
}

static void homeless_remove(void) {
    unsetenv("EPOCL_CACHE_DIR");
    unsetenv("POCL_CACHE_DIR");
    unsetenv("TMPDIR");
    unsetenv("HOME");
    if (xdg_before) setenv("XDG_CACHE_HOME", xdg_before, 1);
    free(xdg_before);
    fixture_remove();
}

static const char *private_folder(void) {
    static char name[64];
    snprintf(name, sizeof name, "tmp/epocl-%lu", (unsigned long)geteuid());
    return name;
}

START_TEST(folders_are_possible_below_what_can_be_written) {
    ck_assert(folder_is_possible(scratch_path("tmp")));
    ck_assert(folder_is_possible(scratch_path("tmp/a/b/c")));
    ck_assert(folder_is_possible("a-relative-name"));
    errno = 0;
    ck_assert(!folder_is_possible(scratch_path("images")) && errno == ENOTDIR);
    ck_assert(!folder_is_possible(scratch_path("images/a")));
    ck_assert_int_eq(errno, ENOTDIR);
}
END_TEST

START_TEST(a_private_folder_takes_its_place) {
    struct stat state;
    char inner[80];
    outcome ended = run("devices");
    assert_status(&ended, 0);
    outcome_release(&ended);
    ck_assert_int_eq(lstat(scratch_path(private_folder()), &state), 0);
    ck_assert_uint_eq(state.st_mode & 0777, 0700);
    snprintf(inner, sizeof inner, "%s/pocl", private_folder());
    ck_assert(scratch_exists(inner));
}
END_TEST

START_TEST(epocl_s_own_cache_comes_first) {
    setenv("EPOCL_CACHE_DIR", scratch_path("kept"), 1);
    outcome ended = run("devices");
    assert_status(&ended, 0);
    outcome_release(&ended);
    ck_assert(scratch_exists("kept/pocl"));
    ck_assert(!scratch_exists(private_folder()));
}
END_TEST

/* What lies in the folder is run as code. */
START_TEST(a_folder_that_others_can_write_is_not_used) {
    ck_assert_int_eq(mkdir(scratch_path(private_folder()), 0700), 0);
    ck_assert_int_eq(chmod(scratch_path(private_folder()), 0777), 0);
    pocl_cache_begin();
    ck_assert_ptr_null(getenv("POCL_CACHE_DIR"));
    ck_assert_ptr_nonnull(strstr(pocl_cache_unwritable(), "images/.cache/pocl/kcache"));
    outcome ended = run("doctor"); /* PoCL may have no device */
    assert_contains(ended.out, "problem  cache      PoCL cannot keep kernels in ");
    assert_contains(ended.out, "-> set POCL_CACHE_DIR, or HOME, ");
    assert_contains(ended.out, "/images/.cache/epocl cannot be used: Not a directory");
    outcome_release(&ended);
}
END_TEST

START_TEST(what_the_user_says_stays_and_is_judged) {
    setenv("POCL_CACHE_DIR", scratch_path("images"), 1);
    pocl_cache_begin();
    ck_assert_str_eq(getenv("POCL_CACHE_DIR"), scratch_path("images"));
    outcome ended = run("doctor");
    assert_contains(ended.out, "problem  cache      POCL_CACHE_DIR=");
    outcome_release(&ended);
}
END_TEST

START_TEST(a_home_that_can_be_written_is_let_be) {
    setenv("HOME", scratch_path("tmp"), 1);
    pocl_cache_begin();
    ck_assert_ptr_null(getenv("POCL_CACHE_DIR"));
    ck_assert_ptr_null(pocl_cache_unwritable());
    unsetenv("HOME");
    pocl_cache_begin();
    ck_assert_ptr_null(getenv("POCL_CACHE_DIR"));
}
END_TEST

Suite *pocl_cache_suite(void) {
    Suite *suite = suite_create("pocl_cache");
    TCase *tests = tcase_create("pocl_cache");
    tcase_add_checked_fixture(tests, homeless_create, homeless_remove);
    tcase_add_test(tests, folders_are_possible_below_what_can_be_written);
    tcase_add_test(tests, a_private_folder_takes_its_place);
    tcase_add_test(tests, epocl_s_own_cache_comes_first);
    tcase_add_test(tests, a_folder_that_others_can_write_is_not_used);
    tcase_add_test(tests, what_the_user_says_stays_and_is_judged);
    tcase_add_test(tests, a_home_that_can_be_written_is_let_be);
    suite_add_tcase(suite, tests);
    return suite;
}
