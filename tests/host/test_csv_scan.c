/* The cells of separated values that are short numbers: whatever stands before, behind or in them, they are what they
 * are without the way that reads eight digits at once. */
#include "support/short_cells.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *csv_scan_suite(void);

enum { TEXT = 128 };

static size_t expect_alike(const char *text, size_t length, char separator) {
    size_t short_count = 0, cut_count = 0;
    for (int is_last = 0; is_last < 2; is_last++) {
        const char *difference =
            short_cells_difference(text, length, separator, is_last, is_last ? &short_count : &cut_count);
        if (difference) ck_abort_msg("'%.*s' by '%c': %s", (int)length, text, separator, difference);
    }
    return short_count;
}

/* Digits of any number up to more than are read at once, and every end of a cell and of the text. */
START_TEST(short_numbers_are_cells_like_others) {
    static const char *const signs[] = {"", "-", "+", "--", " ", "\t", "\"", " -"};
    static const char *const digits[] = {"",          "0",
                                         "1",         "9",
                                         "07",        "10",
                                         "99",        "123",
                                         "0000",      "4095",
                                         "00012",     "65535",
                                         "999999",    "1048575",
                                         "9999999",   "00000000",
                                         "12345678",  "16777217",
                                         "99999999",  "012345678",
                                         "123456789", "1234567890123",
                                         "0.5",       "1.",
                                         "12.25",     "0.12345",
                                         "3.141592",  "123456.7",
                                         "123456.78", "00.5",
                                         "1.2.3",     "0.000001",
                                         "9.99999",   "99999.9",
                                         ".5",        "."};
    static const char *const ends[] = {"",   ",",   "\n", "\r\n", "\r", " ,", ".5,",   "e1,",   "x,", "/,",
                                       ":,", "\",", ";",  "\t,",  "-,", "-3", "\x80,", "\xb0,", "5"};
    static const char *const behind[] = {
        "", "7", "1,2", "1,2,3,4", "12345678", "a,b\n1,2", "\n\n\n\n\n\n\n\n\n", "\"quoted, too\",1234567\n"};
    size_t short_count = 0;
    char text[TEXT];
    for (size_t s = 0; s < sizeof signs / sizeof *signs; s++)
        for (size_t d = 0; d < sizeof digits / sizeof *digits; d++)
            for (size_t e = 0; e < sizeof ends / sizeof *ends; e++)
                for (size_t b = 0; b < sizeof behind / sizeof *behind; b++) {
                    const int length = snprintf(text, sizeof text, "%s%s%s%s", signs[s], digits[d], ends[e], behind[b]);
                    for (const char *separator = ",;\t -5"; *separator; separator++)
                        short_count += expect_alike(text, (size_t)length, *separator);
                }
    ck_assert_uint_gt(short_count, 5000);
}
END_TEST

/* Each place of a separator, and of the end, within the eight bytes. */
START_TEST(a_separator_may_stand_anywhere) {
    static const char most[] = "98765432109";
    char text[TEXT];
    for (int first = 1; first < (int)sizeof most; first++)
        for (int rest = 0; rest <= 12; rest++) {
            const int length = snprintf(text, sizeof text, "%.*s,%.*s", first, most, rest, "123,45,6,,78");
            const size_t short_count = expect_alike(text, (size_t)length, ',');
            const bool is_seen = first == 1 || (first <= 7 && length >= 8); /* the others are read byte by byte */
            ck_assert_msg(is_seen ? short_count >= 1 : short_count <= (size_t)rest, "%s: %zu", text, short_count);
        }
}
END_TEST

Suite *csv_scan_suite(void) {
    Suite *suite = suite_create("csv_scan");
    TCase *scanning = tcase_create("scanning");
    tcase_set_timeout(scanning, 60);
    tcase_add_test(scanning, short_numbers_are_cells_like_others);
    tcase_add_test(scanning, a_separator_may_stand_anywhere);
    suite_add_tcase(suite, scanning);
    return suite;
}
