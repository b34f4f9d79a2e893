#include "data/format/csv/decimal.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number is mantissa x 10^exponent: the mantissa of at most 19 digits is exact in 64 bits, digits after those are
 * dropped. It is brought to double by at most four roundings, each of half a unit in the last place: conversion and up
 * to three steps of powers of ten that are exact. With what was dropped (less than a unit in 10^18) that is below 8
 * units in the last place of a double, wherever it lies in its binade. So the float is decided unless the double is
 * that near to the middle between two floats; then all digits are read again by strtod(). */
enum {
    MANTISSA_DIGITS = 19,
    MOST_POWER = 22, /* 10^22 is the largest that a double holds exactly                        */
    LEAST_EXPONENT = -3 * MOST_POWER,
    MOST_EXPONENT = 2 * MOST_POWER, /* three steps reach both */
    EXPONENT_LIMIT = 400,           /* of all digits' number: beyond it a double is infinite or 0              */
    EXACT_DIGITS = 800,             /* more than any midpoint of two doubles has                               */
    DROPPED_BITS = 29,              /* of a double's mantissa, by a float                                      */
    DOUBT = 8                       /* units in the last place of a double                                     */
};

#define MIDDLE        ((uint64_t)1 << (DROPPED_BITS - 1))
#define DOUBLE_EXACT  ((uint64_t)1 << 53)
#define FLOAT_INTEGER 16777216.0 /* up to here, floats hold all whole numbers */

static const double powers[MOST_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                              1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The parts of a number's text. */
typedef struct scan {
    bool is_negative;
    const char *digits; /* the first digit or the point                    */
    const char *end;    /* after the last digit, or the point              */
    int64_t power;      /* as written after the e                          */
    bool has_exponent;
    uint64_t mantissa;
    int64_t exponent; /* of the mantissa                                 */
    bool is_cut;      /* the mantissa lacks digits that are not zero     */
} scan;

static inline bool is_digit(char c) {
    return (unsigned)(c - '0') < 10;
}

/* The exponent after an e, which is the rest of the text. */
static bool scan_power(const char *p, const char *end, int64_t *power) {
    bool is_negative = false;
    int64_t value = 0;
    if (p < end && (*p == '-' || *p == '+')) is_negative = *p++ == '-';
    if (p == end) return false;
    for (; p < end; p++) {
        if (!is_digit(*p)) return false;
        if (value < (int64_t)1 << 40) value = 10 * value + (*p - '0');
    }
    *power = is_negative ? -value : value;
    return true;
}

/* The mantissa again, of a number with more than MANTISSA_DIGITS digits, zeros at the front included. */
static void scan_long(scan *number) {
    int digit_count = 0;
    bool is_fraction = false;
    number->mantissa = 0;
    number->exponent = number->power;
    for (const char *p = number->digits; p < number->end; p++) {
        if (!is_digit(*p)) {
            is_fraction = true;
        } else if (digit_count < MANTISSA_DIGITS) {
            number->mantissa = 10 * number->mantissa + (uint64_t)(*p - '0');
            digit_count += number->mantissa != 0;
            number->exponent -= is_fraction;
        } else {
            number->is_cut |= *p != '0';
            number->exponent += !is_fraction;
        }
    }
}

/* All that matters of the digits, without a point, so that no locale has a say. */
static double read_again(const scan *number) {
    char text[EXACT_DIGITS + 40];
    size_t length = 0;
    int64_t exponent = number->power;
    bool is_fraction = false, is_cut = false;
    for (const char *p = number->digits; p < number->end; p++) {
        if (!is_digit(*p)) {
            is_fraction = true;
        } else if (length < EXACT_DIGITS) {
            if (length > 0 || *p != '0') text[length++] = *p;
            exponent -= is_fraction;
        } else {
            is_cut |= *p != '0';
            exponent += !is_fraction;
        }
    }
    if (length == 0 || (int64_t)length + exponent < -EXPONENT_LIMIT) return 0.0;
    if ((int64_t)length + exponent > EXPONENT_LIMIT) return INFINITY;
    if (is_cut) { /* above what is there, if only a little */
        text[length++] = '1';
        exponent--;
    }
    snprintf(text + length, sizeof text - length, "e%d", (int)exponent);
    return strtod(text, NULL);
}

/* mantissa x 10^exponent, for exponents that three steps reach. */
static double scale(uint64_t mantissa, int64_t exponent) {
    double value = (double)mantissa;
    for (; exponent > MOST_POWER; exponent -= MOST_POWER) value *= powers[MOST_POWER];
    for (; exponent < -MOST_POWER; exponent += MOST_POWER) value /= powers[MOST_POWER];
    return exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
}

/* Whether the float nearest to `value` is that of all numbers within DOUBT. */
static bool decides(double value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    const uint64_t dropped = bits & (((uint64_t)1 << DROPPED_BITS) - 1);
    return value >= 2 * (double)FLT_MIN && value < (double)FLT_MAX && dropped - (MIDDLE - DOUBT) >= (uint64_t)2 * DOUBT;
}

/* As a double, of which the float is that of the number. */
static double magnitude(const scan *number) {
    if (number->mantissa == 0) return 0.0;
    const int64_t exponent = number->exponent;
    if (exponent < LEAST_EXPONENT || exponent > MOST_EXPONENT) return read_again(number);
    const double value = scale(number->mantissa, exponent);
    const bool is_exact = FLT_EVAL_METHOD == 0 && !number->is_cut && number->mantissa <= DOUBLE_EXACT &&
                          exponent >= -MOST_POWER && exponent <= MOST_POWER;
    return is_exact || decides(value) ? value : read_again(number);
}

/* Whether a whole number is not what its float says. */
static inline bool is_lossy(double value) {
    return value > FLOAT_INTEGER && floor(value) == value && (double)(float)value != value;
}

/* What a double is not enough for, or that has an exponent, from the end of its digits, at `p`. */
static bool read_general(scan *read, const char *p, const char *end, size_t digit_count, size_t fraction,
                         decimal *number) {
    read->end = p;
    if (p < end) {
        read->has_exponent = *p == 'e' || *p == 'E';
        if (!read->has_exponent || !scan_power(p + 1, end, &read->power)) return false;
    }
    read->exponent = read->power - (int64_t)fraction;
    if (digit_count > MANTISSA_DIGITS) scan_long(read);
    const double value = magnitude(read);
    number->value = (float)(read->is_negative ? -value : value);
    number->loses_digits =
        !read->has_exponent && (is_lossy(value) || (value > FLOAT_INTEGER && floor(value) == value &&
                                                    (read->is_cut || read->mantissa > DOUBLE_EXACT)));
    return true;
}

bool decimal_read(const char *text, size_t length, char point, decimal *number) {
    const char *p = text, *const end = text + length;
    const bool is_negative = p < end && *p == '-';
    if (p < end && (is_negative || *p == '+')) p++;
    const char *const digits = p;
    uint64_t mantissa = 0;
    for (; p < end && is_digit(*p); p++) mantissa = 10 * mantissa + (uint64_t)(*p - '0');
    size_t digit_count = (size_t)(p - digits), fraction = 0;
    number->has_leading_zeros = digit_count > 1 && *digits == '0';
    if (p < end && *p == point) {
        const char *const first = ++p;
        for (; p < end && is_digit(*p); p++) mantissa = 10 * mantissa + (uint64_t)(*p - '0');
        fraction = (size_t)(p - first);
        digit_count += fraction;
    }
    if (digit_count == 0) return false;
    if (FLT_EVAL_METHOD == 0 && p == end && digit_count <= MANTISSA_DIGITS && mantissa <= DOUBLE_EXACT) {
        const double value = (double)mantissa / powers[fraction]; /* rounded once, as strtod() does */
        number->value = (float)(is_negative ? -value : value);
        number->loses_digits = is_lossy(value);
        return true;
    }
    scan read = {.is_negative = is_negative, .digits = digits, .mantissa = mantissa};
    return read_general(&read, p, end, digit_count, fraction, number);
}

size_t decimal_separator_bytes(const char *text, size_t length, char separator) {
    static const struct {
        char separator;
        const char *written;
    } others[] = {{' ', "\xc2\xa0"}, {' ', "\xe2\x80\xaf"}, {' ', "\xe2\x80\x89"}, {'\'', "\xe2\x80\x99"}};
    if (length > 0 && *text == separator) return 1;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const size_t bytes = strlen(others[i].written);
        if (separator == others[i].separator && length >= bytes && memcmp(text, others[i].written, bytes) == 0)
            return bytes;
    }
    return 0;
}

size_t decimal_ungroup(const char *text, size_t length, char separator, char *copy) {
    size_t copied = 0, group = 0, i = 0;
    bool has_separator = false;
    if (i < length && (text[i] == '-' || text[i] == '+')) copy[copied++] = text[i++];
    while (i < length) {
        const size_t bytes = decimal_separator_bytes(text + i, length - i, separator);
        if (bytes > 0) {
            if (group == 0 || group > 3 || (has_separator && group != 3)) return 0;
            has_separator = true;
            group = 0;
            i += bytes;
        } else if (is_digit(text[i])) {
            copy[copied++] = text[i++];
            group++;
        } else {
            break;
        }
    }
    if (!has_separator || group != 3) return 0;
    memcpy(copy + copied, text + i, length - i);
    return copied + (length - i);
}
