/* Numbers of up to seven digits, read at once. */
#ifndef EPOCL_DATA_FORMAT_CSV_SHORT_NUMBER_H
#define EPOCL_DATA_FORMAT_CSV_SHORT_NUMBER_H

#include "data/format/csv/csv_scan.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a text's first byte is the lowest of eight");

/* Of the digits that eight bytes begin with, 8 for each; of eight, those of seven. */
static inline unsigned short_number_bits(uint64_t text) {
    /* The highest bit of the first byte that is no digit is set, and of none before it. */
    const uint64_t others = text | (text + 0x4646464646464646u) | (text - 0x3030303030303030u);
    return (unsigned)__builtin_ctzll((others & 0x8080808080808080u) | (uint64_t)1 << 63) - 7;
}

/* The number of the first of eight digits, a byte each: those in the lowest `bits`, from 8 to 56. */
static inline uint32_t short_number_join(uint64_t digits, unsigned bits) {
    digits <<= 64 - bits; /* the last digit is the highest byte, zeros come before the first */
    digits = (digits * 10 + (digits >> 8)) & 0x00ff00ff00ff00ffu;
    digits = (digits * 100 + (digits >> 16)) & 0x0000ffff0000ffffu;
    return (uint32_t)(digits * 10000 + (digits >> 32));
}

/* Where a cell at `text` ends that is [-] digits [point [digits]], at most seven, without zeros before others; NULL
 * says nothing. `end` is where a NUL lies. Signs and lengths change from cell to cell, and a branch on them would be
 * guessed wrong as often; only single digits are told from others, as they need not wait for so much. */
static inline const char *short_number_read(const csv_dialect *dialect, const char *text, const char *end,
                                            float *number) {
    static const double powers[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6};
    static const float signs[] = {1.0f, -1.0f};
    const unsigned is_negative = *text == '-';
    const unsigned digit = (unsigned)(text[is_negative] - '0');
    if (digit <= 9 && dialect->ends_cell[(unsigned char)text[is_negative + 1]]) {
        *number = signs[is_negative] * (float)(int)digit;
        return text + is_negative + 1;
    }
    if (end - text < 8) return NULL;
    uint64_t bytes = 0;
    memcpy(&bytes, text, sizeof bytes);
    bytes >>= 8 * is_negative;
    const unsigned bits = short_number_bits(bytes);
    const char *stop = text + is_negative + bits / 8;
    unsigned fraction = 0;
    if (bits < 56 && *stop == dialect->point) { /* the digits behind it move to its place */
        const uint64_t whole = ((uint64_t)1 << bits) - 1;
        fraction = short_number_bits(bytes >> 8 >> bits);
        bytes = (bytes & whole) | (bytes >> 8 & ~whole);
        stop += 1 + fraction / 8;
    }
    if (bits == 0 || !dialect->ends_cell[(unsigned char)*stop] || (digit == 0 && bits > 8)) return NULL;
    const double digits = (double)short_number_join(bytes & 0x0f0f0f0f0f0f0f0fu, bits + fraction);
    const float magnitude = (float)(digits / powers[fraction / 8]); /* rounded as decimal_read() does */
    *number = is_negative ? -magnitude : magnitude;
    return stop;
}

#endif
