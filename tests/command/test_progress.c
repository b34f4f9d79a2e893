/* How often progress is shown. */
#include "command/show/progress.h"

#include <check.h>

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

Suite *progress_suite(void) {
    Suite *suite = suite_create("progress");
    TCase *tests = tcase_create("progress");
    tcase_add_test(tests, a_terminal_has_a_few_lines_a_second);
    tcase_add_test(tests, a_log_has_all_lines);
    suite_add_tcase(suite, tests);
    return suite;
}
