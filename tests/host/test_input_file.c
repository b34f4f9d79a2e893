/* The stream of bytes below all input formats, on a system whose reads return less than is there. */
#include "data/format/input_file.h"
#include "support/gzip_member.h"
#include "support/memory_limit.h"
#include "support/scratch.h"
#include "support/short_reads.h"

#include <check.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Standard input becomes a pipe from a child that writes these bytes in pieces. */
static pid_t feed(const unsigned char *bytes, size_t byte_count) {
    enum { PIECE = 3333 };
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    const pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        close(ends[0]);
        for (size_t done = 0; done < byte_count;) {
            const size_t rest = byte_count - done;
            const ssize_t count = write(ends[1], bytes + done, rest < PIECE ? rest : PIECE);
            if (count <= 0) _exit(1);
            done += (size_t)count;
        }
        _exit(0);
    }
    ck_assert_int_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    close(ends[1]);
    return child;
}

static void end_feed(pid_t child) {
    const int nothing = open("/dev/null", O_RDONLY); /* closes the pipe's end, so that the child ends, too */
    ck_assert_int_eq(dup2(nothing, STDIN_FILENO), STDIN_FILENO);
    close(nothing);
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

START_TEST(standard_input_may_be_a_pipe) {
    unsigned char *bytes = plain_bytes();
    size_t gzip_count = 0;
    unsigned char *gzip = gzip_member(bytes, PLAIN_BYTES, &gzip_count);
    pid_t child = feed(bytes, PLAIN_BYTES);
    expect_content("-", bytes);
    end_feed(child);
    child = feed(gzip, gzip_count);
    expect_content("-", bytes);
    end_feed(child);
    free(gzip);
    free(bytes);
}
END_TEST

/* What a header declares is allocated as it comes. */
START_TEST(a_pipe_that_ends_early_takes_no_memory) {
    static const unsigned char few[] = {1, 2, 3};
    input_file *file = NULL;
    void *memory = NULL;
    const pid_t child = feed(few, sizeof few);
    ck_assert_int_eq(input_file_open("-", &file), EPOCL_OK);
    memory_limit_set((size_t)64 << 20);
    ck_assert_int_eq(input_file_read_new(file, (size_t)1 << 40, &memory), EPOCL_ERROR_DATA);
    memory_limit_lift();
    ck_assert_ptr_null(memory);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "standard input: truncated"));
    input_file_close(file);
    end_feed(child);
}
END_TEST

START_TEST(a_closed_standard_input_is_a_sentence) {
    input_file *file = NULL;
    close(STDIN_FILENO);
    ck_assert_int_eq(input_file_open("-", &file), EPOCL_ERROR_NO_INPUT);
    ck_assert_ptr_null(file);
    ck_assert_ptr_nonnull(strstr(epocl_last_error(), "standard input: "));
}
END_TEST

/* Reads the file to its end; what failed is the last error. */
static epocl_status read_whole(const char *path, size_t *total) {
    unsigned char piece[PIECE_BYTES];
    size_t count = 0;
    input_file *file = NULL;
    epocl_status status = input_file_open(path, &file);
    *total = 0;
    do {
        if (status == EPOCL_OK) status = input_file_read(file, piece, sizeof piece, &count);
        *total += count;
    } while (status == EPOCL_OK && count > 0);
    if (status == EPOCL_OK) status = input_file_expect_end(file);
    input_file_close(file);
    return status;
}

/* What stands behind a whole member of 5 bytes. */
static const struct {
    const char *bytes;
    size_t zeros_before, byte_count, zeros_after;
    bool is_member, is_whole;
} tails[] = {
    {"", 0, 0, 1, false, true},
    {"", 0, 0, 7, false, true},
    {"", 0, 0, 65536, false, true}, /* as much as the reader's buffer */
    {"", 0, 0, 200000, false, true},
    {"", 0, 0, 0, true, true},
    {"", 0, 0, 512, true, true},
    {"", 512, 0, 0, true, false}, /* nothing is to stand behind zeros */
    {"x", 0, 1, 0, false, false},
    {"x", 3, 1, 0, false, false},
    {"x", 200000, 1, 3, false, false},
    {"\x1f", 0, 1, 0, false, false},
    {"\x1f\x8b", 0, 2, 100, false, false},
};

START_TEST(only_members_and_zeros_may_follow_a_member) {
    static const unsigned char plain[] = "epocl";
    size_t member_count = 0, total = 0;
    unsigned char *member = gzip_member(plain, 5, &member_count);
    const size_t second_count = tails[_i].is_member ? member_count : 0;
    const size_t tail = tails[_i].zeros_before + tails[_i].byte_count + second_count + tails[_i].zeros_after;
    unsigned char *bytes = calloc(member_count + tail, 1);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, member, member_count);
    memcpy(bytes + member_count + tails[_i].zeros_before, member, second_count);
    if (!second_count) memcpy(bytes + member_count + tails[_i].zeros_before, tails[_i].bytes, tails[_i].byte_count);
    const epocl_status status = read_whole(scratch_write("tail", bytes, member_count + tail), &total);
    ck_assert_msg(status == (tails[_i].is_whole ? EPOCL_OK : EPOCL_ERROR_DATA), "%s", epocl_last_error());
    ck_assert_uint_eq(total, tails[_i].is_whole && second_count ? 10 : 5);
    free(bytes);
    free(member);
}
END_TEST

Suite *input_file_suite(void) {
    Suite *suite = suite_create("input_file");
    TCase *tests = tcase_create("input_file");
    tcase_add_checked_fixture(tests, scratch_create, scratch_remove);
    tcase_add_test(tests, short_and_interrupted_reads_change_nothing);
    tcase_add_test(tests, standard_input_may_be_a_pipe);
    tcase_add_test(tests, a_pipe_that_ends_early_takes_no_memory);
    tcase_add_test(tests, a_closed_standard_input_is_a_sentence);
    tcase_add_loop_test(tests, only_members_and_zeros_may_follow_a_member, 0, sizeof tails / sizeof *tails);
    suite_add_tcase(suite, tests);
    return suite;
}
