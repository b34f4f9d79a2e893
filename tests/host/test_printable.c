/* Nothing that a terminal could take for a command is left of any text, and what people write stays. */
#include "base/printable.h"
#include "base/status.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

Suite *printable_suite(void);

typedef struct text_case {
    const char *given, *clean, *utf8;
} text_case;

static const text_case cases[] = {
    {"", "", ""},
    {"plain text ~", "plain text ~", "plain text ~"},
    {"\033[31mred\a\177", "?[31mred??", "\033[31mred\a\177"},
    {"tab\tand\rreturn", "tab and?return", "tab\tand\rreturn"},
    {"M\303\274nchen \346\227\245 \360\237\230\200", "M\303\274nchen \346\227\245 \360\237\230\200",
     "M\303\274nchen \346\227\245 \360\237\230\200"},
    {"C1 \302\233 31m", "C1 ?? 31m", "C1 \302\233 31m"},                      /* CSI in one character */
    {"\302\240 is a space", "\302\240 is a space", "\302\240 is a space"},    /* the first after C1   */
    {"M\374nchen \233", "M?nchen ?", "M?nchen ?"},                            /* Latin-1              */
    {"right \342\200\256 left", "right ??? left", "right \342\200\256 left"}, /* overrides direction  */
    {"line \342\200\250", "line ???", "line \342\200\250"},                   /* a separator of lines */
    {"cut \346\227", "cut ??", "cut ??"},
    {"long \300\200 \340\200\200", "long ?? ???", "long ?? ???"}, /* not the shortest form */
    {"half \355\240\200", "half ???", "half ???"},                /* a surrogate           */
    {"beyond \364\220\200\200 \370\210", "beyond ???? ??", "beyond ???? ??"},
    {"one\n  two\n three\nfour\n", "one\n  two? three?four?", "one\n  two\n three\nfour\n"},
};

START_TEST(texts_are_clean) {
    const text_case *tried = &cases[_i];
    char text[64];
    snprintf(text, sizeof text, "%s", tried->given);
    ck_assert_str_eq(printable_clean(text), tried->clean);
    ck_assert_str_eq(printable_clean(text), tried->clean);
    snprintf(text, sizeof text, "%s", tried->given);
    ck_assert_str_eq(printable_utf8(text), tried->utf8);
}
END_TEST

START_TEST(no_byte_gets_through_that_is_no_text) {
    for (int first = 1; first < 256; first++)
        for (int second = 1; second < 256; second++) {
            char text[] = {(char)first, (char)second, '\0'};
            printable_clean(text);
            ck_assert_uint_eq(strlen(text), 2);
            for (const char *c = text; *c; c++)
                ck_assert_msg((unsigned char)*c >= 0x20 && *c != 0x7f, "%02x %02x", (unsigned)first, (unsigned)second);
            if ((unsigned char)text[0] >= 0x80) /* one character of two bytes, none of C1's */
                ck_assert_msg(first >= 0xc2 && first < 0xe0 && (second & 0xc0) == 0x80 &&
                                  (first > 0xc2 || second >= 0xa0),
                              "%02x %02x", (unsigned)first, (unsigned)second);
        }
}
END_TEST

/* In brackets: Check has a macro of that name. */
START_TEST(errors_are_clean) {
    (fail)(EPOCL_ERROR_DATA, "%s: damaged", "/tmp/\033]0;title\a\nepocl: all is well");
    ck_assert_str_eq(epocl_last_error(), "/tmp/?]0;title??epocl: all is well: damaged");
    fail_prefix(EPOCL_ERROR_DATA, "%s: ", "\233");
    ck_assert_str_eq(epocl_last_error(), "?: /tmp/?]0;title??epocl: all is well: damaged");
}
END_TEST

Suite *printable_suite(void) {
    Suite *suite = suite_create("printable");
    TCase *texts = tcase_create("printable");
    tcase_add_loop_test(texts, texts_are_clean, 0, sizeof cases / sizeof *cases);
    tcase_add_test(texts, no_byte_gets_through_that_is_no_text);
    tcase_add_test(texts, errors_are_clean);
    suite_add_tcase(suite, texts);
    return suite;
}
