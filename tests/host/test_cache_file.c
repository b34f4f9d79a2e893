/* The cache: what is kept is found again, and a file that is not whole is no cache. */
#define _XOPEN_SOURCE 700

#include "base/files/cache_file.h"
#include "epocl.h"
#include "support/scratch.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

Suite *cache_file_suite(void);

static void cache_create(void) {
    scratch_create();
    ck_assert_int_eq(setenv("EPOCL_CACHE_DIR", scratch_path("."), 1), 0);
}

static void assert_kept(const char *key, const char *expected) {
    char value[CACHE_TEXT_CAPACITY];
    ck_assert_msg(cache_recall("file", key, value), "%s is not kept", key);
    ck_assert_str_eq(value, expected);
}

static void assert_unknown(const char *key) {
    char value[CACHE_TEXT_CAPACITY];
    ck_assert_msg(!cache_recall("file", key, value), "%s is %s", key, value);
}

START_TEST(the_folder_follows_the_environment) {
    ck_assert_str_eq(epocl_cache_folder(), scratch_path("."));
    setenv("EPOCL_CACHE_DIR", "", 1);
    setenv("XDG_CACHE_HOME", "/xdg", 1);
    ck_assert_str_eq(epocl_cache_folder(), "/xdg/epocl");
    unsetenv("XDG_CACHE_HOME");
    setenv("HOME", "/home/someone", 1);
    ck_assert_str_eq(epocl_cache_folder(), "/home/someone/.cache/epocl");
    unsetenv("HOME");
    ck_assert_ptr_null(epocl_cache_folder());
    assert_unknown("key");
    cache_remember("file", "key", "value"); /* nowhere, and no harm */
}
END_TEST

START_TEST(keeps_and_replaces) {
    assert_unknown("one");
    cache_remember("file", "one", "1");
    cache_remember("file", "one more", "2");
    cache_remember("file", "empty", "");
    cache_remember("file", "one", "another");
    assert_kept("one", "another");
    assert_kept("one more", "2");
    assert_kept("empty", "");
    assert_unknown("on");
    assert_unknown("1");
    assert_unknown("");
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(makes_the_folder) {
    char folder[256];
    snprintf(folder, sizeof folder, "%s/a/b", scratch_path("."));
    setenv("EPOCL_CACHE_DIR", folder, 1);
    cache_remember("file", "key", "value");
    assert_kept("key", "value");
}
END_TEST

START_TEST(keeps_no_text_that_does_not_fit_a_line) {
    char text[CACHE_TEXT_CAPACITY + 1];
    memset(text, 'x', sizeof text);
    text[CACHE_TEXT_CAPACITY - 1] = '\0';
    cache_remember("file", "longest", text);
    assert_kept("longest", text);
    text[CACHE_TEXT_CAPACITY - 1] = 'x';
    text[CACHE_TEXT_CAPACITY] = '\0';
    cache_remember("file", "too long", text);
    cache_remember("file", text, "of a key too long");
    cache_remember("file", "line\nend", "1");
    cache_remember("file", "tab", "a\tb");
    assert_unknown("too long");
    assert_unknown(text);
    assert_unknown("line\nend");
    assert_unknown("tab");
}
END_TEST

/* A whole cache file of these lines. */
static void write_cache(const char *lines) {
    const size_t length = strlen(lines);
    char *text = malloc(length + 64);
    ck_assert_ptr_nonnull(text);
    const unsigned long checksum = crc32(crc32(0, NULL, 0), (const Bytef *)lines, (uInt)length);
    sprintf(text, "epocl cache 1 %08lx\n%s", checksum, lines);
    scratch_write("file", text, strlen(text));
    free(text);
}

START_TEST(the_oldest_gives_way) {
    char lines[CACHE_MAX_ENTRIES * 16] = "";
    for (size_t i = 0; i < CACHE_MAX_ENTRIES; i++) sprintf(lines + strlen(lines), "%zu\tvalue\n", i);
    write_cache(lines);
    assert_kept("0", "value");
    cache_remember("file", "new", "one");
    cache_remember("file", "newer", "one");
    assert_unknown("0");
    assert_unknown("1");
    assert_kept("2", "value");
    assert_kept("new", "one");
    assert_kept("newer", "one");
}
END_TEST

/* As large as a file can be, of lines that no cache writes: many that are empty, many of one key, one that is long. */
START_TEST(odd_lines_do_no_harm) {
    enum { LINES_BYTES = CACHE_MAX_ENTRIES * 2 * CACHE_TEXT_CAPACITY };
    static const char *const fillers[] = {"\n", "key\told\n", "x"};
    char *lines = malloc(LINES_BYTES + 1), longest[CACHE_TEXT_CAPACITY];
    ck_assert_ptr_nonnull(lines);
    memset(longest, 'y', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < sizeof fillers / sizeof *fillers; i++) {
        for (size_t j = 0; j < LINES_BYTES; j++) lines[j] = fillers[i][j % strlen(fillers[i])];
        lines[LINES_BYTES - 1] = '\n';
        lines[LINES_BYTES] = '\0';
        write_cache(lines);
        cache_remember("file", "key", "new");
        if (strcmp(fillers[i], "x") != 0) assert_kept("key", "new");
        write_cache(lines);
        cache_remember("file", longest, longest);
        if (strcmp(fillers[i], "x") != 0) assert_kept(longest, longest);
    }
    free(lines);
}
END_TEST

/* Every byte changed, every truncation and anything appended: the file is no cache, and the next entry begins another.
 */
START_TEST(damage_makes_it_empty) {
    char value[CACHE_TEXT_CAPACITY];
    size_t length = 0;
    cache_remember("file", "key", "value");
    cache_remember("file", "other", "thing");
    char *text = (char *)file_read(scratch_path("file"), &length);
    text = realloc(text, length + 2);
    ck_assert_ptr_nonnull(text);
    text[length] = '\0';
    ck_assert(cache_find(text, length, "key", value));
    for (size_t i = 0; i < length; i++) {
        for (int bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ (1 << bit));
            ck_assert_msg(!cache_find(text, strlen(text), "key", value), "byte %zu, bit %d", i, bit);
            text[i] = (char)(text[i] ^ (1 << bit));
        }
    }
    for (size_t i = 0; i < length; i++) {
        const char kept = text[i];
        text[i] = '\0';
        ck_assert_msg(!cache_find(text, i, "key", value), "%zu bytes", i);
        text[i] = kept;
    }
    text[length] = '\n';
    text[length + 1] = '\0';
    ck_assert(!cache_find(text, length + 1, "key", value));
    text[5]++;
    scratch_write("file", text, length);
    assert_unknown("key");
    cache_remember("file", "new", "1");
    assert_kept("new", "1");
    assert_unknown("key");
    free(text);
}
END_TEST

START_TEST(a_file_too_large_or_with_a_NUL_is_no_cache) {
    enum { LARGE = 1 << 20 };
    char *large = calloc(LARGE, 1);
    ck_assert_ptr_nonnull(large);
    scratch_write("file", large, 100);
    assert_unknown("key");
    memset(large, 'x', LARGE);
    scratch_write("file", large, LARGE);
    assert_unknown("key");
    free(large);
}
END_TEST

START_TEST(a_pipe_is_no_cache) {
    ck_assert_int_eq(mkfifo(scratch_path("file"), 0600), 0);
    assert_unknown("key");
    cache_remember("file", "key", "value");
    assert_unknown("key");
}
END_TEST

START_TEST(a_link_is_replaced_and_not_followed) {
    size_t byte_count = 0;
    cache_remember("file", "key", "value");
    ck_assert_int_eq(rename(scratch_path("file"), scratch_path("precious")), 0);
    unsigned char *before = file_read(scratch_path("precious"), &byte_count);
    ck_assert_int_eq(symlink("precious", scratch_path("file")), 0);
    assert_unknown("key");
    cache_remember("file", "other", "value");
    assert_kept("other", "value");
    assert_unknown("key");
    size_t after_count = 0;
    unsigned char *after = file_read(scratch_path("precious"), &after_count);
    ck_assert_uint_eq(byte_count, after_count);
    ck_assert_mem_eq(before, after, byte_count);
    free(before);
    free(after);
}
END_TEST

START_TEST(what_killed_processes_left_is_removed) {
    scratch_write(".epocl-1-0.tmp", "part", 4);
    cache_remember("file", "key", "value");
    ck_assert_uint_eq(scratch_file_count(), 1);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_keeps_nothing) {
    cache_remember("file", "key", "old");
    scratch_limit_file_bytes(10);
    cache_remember("file", "key", "new");
    scratch_limit_file_bytes(SCRATCH_NO_LIMIT);
    assert_kept("key", "old");
    setenv("EPOCL_CACHE_DIR", scratch_path("file"), 1); /* a file, not a folder */
    cache_remember("file", "key", "new");
    assert_unknown("key");
}
END_TEST

Suite *cache_file_suite(void) {
    Suite *suite = suite_create("cache_file");
    TCase *tests = tcase_create("cache_file");
    tcase_add_checked_fixture(tests, cache_create, scratch_remove);
    tcase_add_test(tests, the_folder_follows_the_environment);
    tcase_add_test(tests, keeps_and_replaces);
    tcase_add_test(tests, makes_the_folder);
    tcase_add_test(tests, keeps_no_text_that_does_not_fit_a_line);
    tcase_add_test(tests, the_oldest_gives_way);
    tcase_add_test(tests, odd_lines_do_no_harm);
    tcase_add_test(tests, damage_makes_it_empty);
    tcase_add_test(tests, a_file_too_large_or_with_a_NUL_is_no_cache);
    tcase_add_test(tests, a_pipe_is_no_cache);
    tcase_add_test(tests, a_link_is_replaced_and_not_followed);
    tcase_add_test(tests, what_killed_processes_left_is_removed);
    tcase_add_test(tests, a_folder_that_cannot_be_written_keeps_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
