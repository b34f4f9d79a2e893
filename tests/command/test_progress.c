/* How often progress is shown, and what of it in which terminal. */
#define _XOPEN_SOURCE 700 /* pseudo-terminals */
#include "command/show/progress.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Suite *progress_suite(void);

START_TEST(a_terminal_has_a_few_lines_a_second) {
    progress shown = progress_begin(true);
    shown.is_terminal = true;
    ck_assert(progress_is_due(&shown));
    size_t due_count = 0;
    for (int i = 0; i < 1000; i++) due_count += progress_is_due(&shown); /* microseconds */
    ck_assert_uint_lt(due_count, 1000);
    shown.due = 0;
    ck_assert(progress_is_due(&shown));
}
END_TEST

START_TEST(a_log_has_all_lines) {
    progress shown = progress_begin(true);
    shown.is_terminal = false;
    for (int i = 0; i < 1000; i++) ck_assert(progress_is_due(&shown));
}
END_TEST

/* What a bar within an epoch prints on a terminal with these variables, "" where it prints nothing. */
static const char *drawn(const char *terminal, const char *no_color) {
    static char text[512];
    const int master = posix_openpt(O_RDWR | O_NOCTTY), saved = dup(STDERR_FILENO);
    ck_assert(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    const int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    ck_assert(slave >= 0 && dup2(slave, STDERR_FILENO) >= 0);
    setenv("TERM", terminal, 1);
    setenv("NO_COLOR", no_color, 1);
    progress shown = progress_begin(false);
    progress_bar_begin(&shown, 0, 4);
    progress_bar_within(&shown, 1, 0.5, 4);
    fputs("\n", stderr); /* the end of what is read, which comes in pieces */
    fflush(stderr);
    ck_assert(dup2(saved, STDERR_FILENO) >= 0);
    memset(text, 0, sizeof text);
    for (size_t length = 0; !strchr(text, '\n');) {
        const ssize_t count = read(master, text + length, sizeof text - 1 - length);
        ck_assert_int_gt(count, 0);
        length += (size_t)count;
    }
    close(slave);
    close(master);
    close(saved);
    return text;
}

START_TEST(a_bar_has_colour_unless_it_is_refused) {
    const char *text = drawn("xterm", "");
    ck_assert_ptr_nonnull(strstr(text, "\033[32m["));
    ck_assert_ptr_nonnull(strstr(text, "epoch 1 of 4, 50 % of the next"));
    text = drawn("xterm", "1");
    ck_assert_ptr_null(strstr(text, "\033[32m"));
    ck_assert_ptr_nonnull(strstr(text, "[###########-----"));
    ck_assert_ptr_null(strchr(drawn("dumb", ""), '['));
}
END_TEST

Suite *progress_suite(void) {
    Suite *suite = suite_create("progress");
    TCase *tests = tcase_create("progress");
    tcase_add_test(tests, a_terminal_has_a_few_lines_a_second);
    tcase_add_test(tests, a_log_has_all_lines);
    tcase_add_test(tests, a_bar_has_colour_unless_it_is_refused);
    suite_add_tcase(suite, tests);
    return suite;
}
