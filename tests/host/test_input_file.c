/* The stream of bytes below all input formats, on a system whose reads return less than is there. */
#include "data/input_file.h"
#include "support/gzip_member.h"
#include "support/scratch.h"
#include "support/short_reads.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

Suite *input_file_suite(void);

/* More than the reader's buffer holds, and packs badly. */
enum { PLAIN_BYTES = 150000, PIECE_BYTES = 700 };

static unsigned char *plain_bytes(void) {
    unsigned char *bytes = malloc(PLAIN_BYTES);
    ck_assert_ptr_nonnull(bytes);
    uint32_t state = 1;
    for (size_t i = 0; i < PLAIN_BYTES; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(state >> 24);
    }
    return bytes;
}

/* Reads in pieces to the end and compares. */
static void expect_content(const char *path, const unsigned char *expected) {
    unsigned char piece[PIECE_BYTES];
    size_t total = 0, count = 0;
    input_file *file = NULL;
    ck_assert_msg(input_file_open(path, &file) == EPOCL_OK, "%s", epocl_last_error());
    do {
        ck_assert_msg(input_file_read(file, piece, sizeof piece, &count) == EPOCL_OK, "%s", epocl_last_error());
        ck_assert_uint_le(total + count, PLAIN_BYTES);
        ck_assert_mem_eq(piece, expected + total, count);
        total += count;
    } while (count > 0);
    ck_assert_uint_eq(total, PLAIN_BYTES);
    ck_assert_int_eq(input_file_expect_end(file), EPOCL_OK);
    input_file_close(file);
}

START_TEST(short_and_interrupted_reads_change_nothing) {
    static const size_t most_bytes[] = {0, 1, 2, 3, 1000, 100000};
    unsigned char *bytes = plain_bytes();
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(bytes, PLAIN_BYTES, &gzip_count);
    const char *plain_path = scratch_write("plain", bytes, PLAIN_BYTES);
    const char *gzip_path = scratch_write("gzip", gzip, gzip_count);
    for (size_t i = 0; i < sizeof most_bytes / sizeof *most_bytes; i++) {
        short_reads_begin(most_bytes[i], 1);
        expect_content(plain_path, bytes);
        expect_content(gzip_path, bytes);
    }
    short_reads_end();
    free(gzip);
    free(bytes);
}
END_TEST

Suite *input_file_suite(void) {
    Suite *suite = suite_create("input_file");
    TCase *tests = tcase_create("input_file");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, short_and_interrupted_reads_change_nothing);
    suite_add_tcase(suite, tests);
    return suite;
}
