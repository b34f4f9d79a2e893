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
    unsigned unit;          /* only of cell_classify(): a bit for the unit that stands at it, or 0                 */
} decimal;

/* Reads [sign] digits [point digits] [e [sign] digits], with a digit before or after the point, which is all of the
 * `length` characters; false for anything else: no blanks, hexadecimal, words. */
bool decimal_read(const char *text, size_t length, char point, decimal *number);

/* The length of what stands at `text` for a separator of thousands: itself; or another that people write for it, such
 * as a no-break or thin blank for a blank; 0: nothing. */
size_t decimal_separator_bytes(const char *text, size_t length, char separator);

/* Copies a number without the separators of its thousands, "1,234.5" as "1234.5": groups of three digits, all but the
 * first whole, before the point alone. Returns the length, at most `length`; 0 when there is no separator in that
 * place. */
size_t decimal_ungroup(const char *text, size_t length, char separator, char *copy);

#endif
