#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

bool number_whole(const char *text, size_t length, uint64_t *value) {
    uint64_t sum = 0;
    if (length == 0) return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
        const uint64_t digit = (uint64_t)(text[i] - '0');
        if (sum > (UINT64_MAX - digit) / 10) return false;
        sum = 10 * sum + digit;
    }
    *value = sum;
    return true;
}

/* [sign] digits [. digits] [e [sign] digits], with a digit before or after the point. */
static bool is_decimal(const char *text) {
    text += *text == '-' || *text == '+';
    const size_t whole = strspn(text, DIGITS);
    text += whole;
    size_t fraction = 0;
    if (*text == '.') {
        fraction = strspn(text + 1, DIGITS);
        text += 1 + fraction;
    }
    if (whole + fraction == 0) return false;
    if (*text == 'e' || *text == 'E') {
        text++;
        text += *text == '-' || *text == '+';
        if (strspn(text, DIGITS) == 0) return false;
        text += strspn(text, DIGITS);
    }
    return *text == '\0';
}

bool number_real(const char *text, double *value) {
    if (!is_decimal(text)) return false;
    const locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!plain) return false;
    const locale_t previous = uselocale(plain);
    *value = strtod(text, NULL);
    uselocale(previous);
    freelocale(plain);
    return isfinite(*value);
}

/* With so many digits at most, and a point whatever the locale. */
static void write_digits(double value, int digits, char *text, size_t capacity) {
    snprintf(text, capacity, "%.*g", digits, value);
    for (char *c = text; *c; c++)
        if (*c == ',') *c = '.';
}

void number_text(double value, char *text, size_t capacity) {
    double same = NAN;
    for (int digits = 9; digits <= 17 && same != value; digits += 4) {
        write_digits(value, digits, text, capacity);
        if (!number_real(text, &same)) break;
    }
}

void number_float_text(float value, char *text, size_t capacity) {
    double same = NAN;
    if (fabsf(value) < 1e15f && truncf(value) == value) {
        snprintf(text, capacity, "%.0f", (double)value + 0.0); /* 0 in place of -0 */
        return;
    }
    for (int digits = 6; digits <= 9 && (float)same != value; digits++) {
        write_digits((double)value, digits, text, capacity);
        if (!number_real(text, &same)) break;
    }
}
