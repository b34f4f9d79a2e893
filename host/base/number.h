/* Numbers as options have them: the whole text must be one number in the C notation, whatever the locale. */
#ifndef EPOCL_BASE_NUMBER_H
#define EPOCL_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The `length` characters at `text` as decimal digits; false for anything else and on overflow. */
bool number_whole(const char *text, size_t length, uint64_t *value);

/* A finite decimal number such as 3, .5 or 1e-3; false for anything else (no NaN, infinity, hexadecimal, blanks). */
bool number_real(const char *text, double *value);

/* The number in as few digits as number_real() reads back as the same; `capacity` is 32 or more. */
void number_text(double value, char *text, size_t capacity);

/* The same of a float: in as few digits as tell floats apart, whole ones below 1e15 without an exponent, 0 without a
 * sign. */
void number_float_text(float value, char *text, size_t capacity);

#endif
