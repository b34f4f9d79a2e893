/* Decimal numbers: every text gives the float that strtod() leads to. */
#include "data/format/csv/decimal.h"

#include <check.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Suite *decimal_suite(void);

enum { TEXT_BYTES = 2048, RANDOM_TEXTS = 400000 };

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) { /* xorshift */
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static size_t draw_below(size_t count) {
    return (size_t)(draw() % count);
}

static float draw_float(void) {
    float value = NAN;
    while (!isfinite(value)) {
        const uint32_t bits = (uint32_t)draw();
        memcpy(&value, &bits, sizeof value);
    }
    return value;
}

/* The middle between a float and the next, or a double or two beside it. */
static double draw_middle(void) {
    const float value = draw_float();
    double middle = 0.5 * ((double)value + (double)nextafterf(value, INFINITY));
    if (!isfinite(middle)) middle = 0x1.ffffffp127; /* between the largest float and infinity */
    for (size_t steps = draw_below(3); steps > 0; steps--)
        middle = nextafter(middle, draw() % 2 ? INFINITY : -INFINITY);
    return middle;
}

static size_t draw_digits(char *text, size_t count) {
    for (size_t i = 0; i < count; i++) text[i] = (char)('0' + draw_below(10));
    return count;
}

/* Digits of any number, a point somewhere, an exponent now and then. */
static void draw_digit_text(char *text) {
    size_t length = draw_below(2) ? 0 : (size_t)sprintf(text, "%c", draw() % 2 ? '-' : '+');
    const size_t most = draw_below(8) ? 25 : 900;
    length += draw_digits(text + length, 1 + draw_below(most));
    if (draw_below(2)) text[length++] = '.';
    length += text[length - 1] == '.' ? draw_digits(text + length, draw_below(most)) : 0;
    text[length] = '\0';
    if (draw_below(2)) sprintf(text + length, "%c%d", draw() % 2 ? 'e' : 'E', (int)draw_below(900) - 450);
}

/* A middle's own digits, all of them, and others after them. */
static void draw_middle_text(char *text) {
    int length = sprintf(text, draw() % 2 ? "%.*e" : "%.*g", 10 + (int)draw_below(150), draw_middle());
    char *exponent = strchr(text, 'e');
    if (exponent || !strchr(text, '.') || draw() % 2) return;
    for (size_t zeros = draw_below(800); zeros > 0; zeros--) text[length++] = '0';
    text[length++] = (char)('0' + draw_below(2));
    text[length] = '\0';
}

/* The middle between two doubles that are near the middle of two floats: where the rounding to double decides the
 * float. Mostly with all its digits, and now and then a little more, far behind. */
static void draw_tie_text(char *text) {
    const double below = draw_middle();
    const long double middle = 0.5L * ((long double)below + (long double)nextafter(below, INFINITY));
    sprintf(text, "%.*Le", 20 + (int)draw_below(draw() % 2 ? 250 : 1000), middle);
    char *exponent = strchr(text, 'e');
    if (exponent && draw() % 2) exponent[-1] = '1';
}

static void draw_text(char *text) {
    switch (draw_below(9)) {
    case 0: sprintf(text, "%.9g", (double)draw_float()); break;
    case 1: sprintf(text, "%.*f", (int)draw_below(9), ldexp((double)(int32_t)draw(), -20)); break;
    case 2: sprintf(text, "%.17g", ldexp((double)(int64_t)draw(), -(int)draw_below(240))); break;
    case 3: sprintf(text, "%lld", (long long)draw() >> draw_below(60)); break;
    case 4: sprintf(text, "%.*e", (int)draw_below(25), ldexp((double)draw(), -190 - (int)draw_below(40))); break;
    case 5: sprintf(text, "%.*e", (int)draw_below(25), ldexp((double)draw(), 50 + (int)draw_below(30))); break;
    case 6: draw_digit_text(text); break;
    case 7: draw_tie_text(text); break;
    default: draw_middle_text(text);
    }
}

/* Check's assertions are dear: only a difference gets to one. */
static void expect_like_strtod(const char *text) {
    decimal number = {0};
    const float expected = (float)strtod(text, NULL);
    const bool is_number = decimal_read(text, strlen(text), '.', &number);
    if (!is_number || memcmp(&number.value, &expected, sizeof expected) != 0)
        ck_abort_msg("%s: %a, not %a", text, (double)number.value, (double)expected);
}

START_TEST(random_texts_are_read_as_strtod_reads_them) {
    char text[TEXT_BYTES];
    const char *count = getenv("DECIMAL_TEXTS"); /* for a longer run by hand */
    for (size_t i = 0, end = count ? strtoul(count, NULL, 10) : RANDOM_TEXTS; i < end; i++) {
        draw_text(text);
        expect_like_strtod(text);
    }
}
END_TEST

START_TEST(known_texts_are_read_as_strtod_reads_them) {
    static const char *const texts[] = {"0",
                                        "-0",
                                        "+0.0e5",
                                        "1",
                                        "007",
                                        ".5",
                                        "5.",
                                        "+1",
                                        "-.25e-1",
                                        "3.4028234663852886e38",
                                        "3.4028235677973366e38",
                                        "3.4028235677973365e38",
                                        "1e39",
                                        "1e999",
                                        "-1e99999999999999999999",
                                        "1e-46",
                                        "7.006492321624085e-46",
                                        "7.006492321624086e-46",
                                        "1.1754943508222875e-38",
                                        "1.1754942807573643e-38",
                                        "1e-999",
                                        "0e99999999999999999999",
                                        "16777217",
                                        "16777217.0000000000000000000000000001",
                                        "16777219",
                                        "9007199254740993",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "123456789012345678901234567890",
                                        "0.000000000000000000000000000000000000000000000001",
                                        "1000000000000000000000000000000000000000e-38",
                                        "8388608.5",
                                        "8388609.5",
                                        "2.2250738585072011e-308"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) expect_like_strtod(texts[i]);
}
END_TEST

START_TEST(what_is_no_number_is_refused) {
    static const char *const texts[] = {"",      "-",   ".",    "+.",   "e5",       "1e",       "1e+", "0x10", "1d3",
                                        "1_000", "1,5", " 1",   "1 ",   "12%",      "$2",       "nan", "inf",  "1..2",
                                        "1.2.3", "--1", "1e5.", "1e5x", "infinity", "\xd9\xa1", "1\n"};
    decimal number;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(!decimal_read(texts[i], strlen(texts[i]), '.', &number), "'%s'", texts[i]);
}
END_TEST

START_TEST(nothing_is_read_beyond_the_length) {
    static const char text[] = "12345.678e2";
    decimal number;
    for (size_t length = 1; length < sizeof text; length++) {
        char *copy = malloc(length); /* its end is watched under AddressSanitizer */
        ck_assert_ptr_nonnull(copy);
        memcpy(copy, text, length);
        const bool is_number = decimal_read(copy, length, '.', &number);
        ck_assert(is_number == (copy[length - 1] != 'e'));
        free(copy);
    }
}
END_TEST

START_TEST(ids_are_noticed) {
    static const struct {
        const char *text;
        bool zeros, loses;
    } cases[] = {{"007", true, false},
                 {"-007", true, false},
                 {"0", false, false},
                 {"0.7", false, false},
                 {"00.7", true, false},
                 {"16777216", false, false},
                 {"16777217", false, true},
                 {"16777218", false, false},
                 {"16777217.0", false, true},
                 {"16777217.5", false, false},
                 {"6.02e23", false, false},
                 {"1e20", false, false},
                 {"9007199254740993", false, true},
                 {"18446744073709551615", false, true},
                 {"99999999999999999999", false, true},
                 {"-123456789", false, true}};
    decimal number;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert(decimal_read(cases[i].text, strlen(cases[i].text), '.', &number));
        ck_assert_msg(number.has_leading_zeros == cases[i].zeros && number.loses_digits == cases[i].loses, "%s",
                      cases[i].text);
    }
}
END_TEST

START_TEST(another_point_and_thousands) {
    static const struct {
        const char *text;
        char separator;
        const char *plain; /* NULL: none */
    } cases[] = {{"1,234", ',', "1234"},        {"-1,234,567.5", ',', "-1234567.5"},
                 {"1234", ',', NULL},           {"1,23", ',', NULL},
                 {"12,34,567", ',', NULL},      {"1234,567", ',', NULL},
                 {",123", ',', NULL},           {"1.234,5", '.', "1234,5"},
                 {"1,234,", ',', NULL},         {"+999,000", ',', "+999000"},
                 {"12 345,6", ' ', "12345,6"},  {"12\u00a0345\u202f678", ' ', "12345678"},
                 {"-1\u2009234", ' ', "-1234"}, {"1\u2019234.5", '\'', "1234.5"},
                 {"12\u00a034", ' ', NULL},     {"1\u00a0234", ',', NULL},
                 {"1\xe2\x80", ' ', NULL}};
    char copy[32];
    decimal number;
    ck_assert(decimal_read("3,5", 3, ',', &number) && number.value == 3.5f);
    ck_assert(!decimal_read("3.5", 3, ',', &number));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t length = decimal_ungroup(cases[i].text, strlen(cases[i].text), cases[i].separator, copy);
        copy[length] = '\0';
        ck_assert_msg(cases[i].plain ? strcmp(copy, cases[i].plain) == 0 : length == 0, "%s: %s", cases[i].text, copy);
    }
}
END_TEST

Suite *decimal_suite(void) {
    Suite *suite = suite_create("decimal");
    TCase *reading = tcase_create("reading");
    tcase_set_timeout(reading, 60);
    tcase_add_test(reading, random_texts_are_read_as_strtod_reads_them);
    tcase_add_test(reading, known_texts_are_read_as_strtod_reads_them);
    tcase_add_test(reading, what_is_no_number_is_refused);
    tcase_add_test(reading, nothing_is_read_beyond_the_length);
    tcase_add_test(reading, ids_are_noticed);
    tcase_add_test(reading, another_point_and_thousands);
    suite_add_tcase(suite, reading);
    return suite;
}
