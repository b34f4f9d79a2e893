/* Decimal numbers as tables have them, to floats. */
#ifndef EPOCL_DATA_FORMAT_CSV_DECIMAL_H
#define EPOCL_DATA_FORMAT_CSV_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct decimal {
    float value;            /* what (float)strtod() gives in the C locale; infinite if it is too large for a float */
    bool has_leading_zeros; /* 007, not 0.7                                                                        */
    bool loses_digits;      /* a whole number, written without an exponent, that `value` differs from              */
} decimal;

/* Reads [sign] digits [point digits] [e [sign] digits], with a digit before or after the point, which is all of the
 * `length` characters; false for anything else: no blanks, hexadecimal, words. */
bool decimal_read(const char *text, size_t length, char point, decimal *number);

/* The same of [-] and digits of which the value, below 2^32, is known already. */
static inline void decimal_of_digits(const char *text, size_t length, uint32_t digits, decimal *number) {
    const bool is_negative = *text == '-';
    const float value = (float)digits;
    number->value = is_negative ? -value : value;
    number->has_leading_zeros = text[is_negative] == '0' && length > (size_t)is_negative + 1;
    number->loses_digits = digits > (1u << 24) && (double)value != (double)digits;
}

/* Copies a number without the separators of its thousands, "1,234.5" as "1234.5": groups of three digits, all but the
 * first whole, before the point alone. Returns the length, at most `length`; 0 when there is no separator in that
 * place. */
size_t decimal_ungroup(const char *text, size_t length, char separator, char *copy);

#endif
