#include "data/format/csv/cell.h"

#include "base/checked.h"
#include "data/format/csv/text_looks.h"

#include <math.h>
#include <string.h>

static const char *const usual_missing[] = {"NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None"};

enum { USUAL_COUNT = sizeof usual_missing / sizeof *usual_missing, SHORT_TEXT = 64 };

epocl_status cell_rules_make(const table_options *options, cell_rules *rules) {
    *rules = (cell_rules){.options = options, .point = options->decimal ? options->decimal : '.'};
    if (rules->point != '.' && rules->point != ',')
        return fail(EPOCL_ERROR_ARGUMENT, "the decimal character must be . or ,");
    if (options->thousands && strchr("0123456789+-eE\"\r\n", options->thousands))
        return fail(EPOCL_ERROR_ARGUMENT, "'%c' cannot stand between thousands", options->thousands);
    if (options->thousands == rules->point)
        return fail(EPOCL_ERROR_ARGUMENT, "'%c' cannot be both the decimal character and that of thousands",
                    rules->point);
    for (size_t i = 0; i < USUAL_COUNT; i++) rules->may_be_missing[(unsigned char)*usual_missing[i]] = true;
    for (size_t i = 0; i < options->missing_count; i++)
        rules->may_be_missing[(unsigned char)*options->missing[i]] = true;
    return EPOCL_OK;
}

static bool equal(const char *text, size_t length, const char *word) {
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

static bool is_missing(const table_options *options, const char *text, size_t length, bool is_quoted) {
    for (size_t i = 0; i < USUAL_COUNT && !is_quoted; i++)
        if (equal(text, length, usual_missing[i])) return true;
    for (size_t i = 0; i < options->missing_count; i++)
        if (equal(text, length, options->missing[i])) return true;
    return false;
}

static bool is_infinity(const char *text, size_t length, decimal *number) {
    const size_t sign = length > 0 && (*text == '-' || *text == '+');
    if (!text_is_word(text + sign, length - sign, "inf") && !text_is_word(text + sign, length - sign, "infinity"))
        return false;
    *number = (decimal){.value = *text == '-' ? -INFINITY : INFINITY};
    return true;
}

/* A number with separators of thousands; longer texts are none. */
static bool read_grouped(const cell_rules *rules, const char *text, size_t length, decimal *number) {
    char copy[SHORT_TEXT];
    if (!rules->options->thousands || length > sizeof copy) return false;
    const size_t copied = decimal_ungroup(text, length, rules->options->thousands, copy);
    return copied > 0 && decimal_read(copy, copied, rules->point, number);
}

/* Signs of units, of which the first stands behind a number alone. */
static const char *const units[] = {"%", "$", "\xc2\xa3", "\xe2\x82\xac", "\xc2\xa5"}; /* pound, euro, yen */

static const char *skip_blanks(const char *from, const char *end) {
    for (size_t bytes; (bytes = decimal_separator_bytes(from, (size_t)(end - from), ' ')) > 0;) from += bytes;
    return from;
}

/* The end without the blanks before it, which have three bytes at most. */
static const char *trim_blanks(const char *from, const char *end) {
    for (ptrdiff_t bytes = 1; bytes <= 3 && bytes <= end - from; bytes++)
        if (decimal_separator_bytes(end - bytes, (size_t)bytes, ' ') == (size_t)bytes) {
            end -= bytes;
            bytes = 0;
        }
    return end;
}

/* Copies a text without the unit before or behind it, and blanks between: 12%, -$5, 3.50 EUR. Returns the length, and
 * sets a bit of *unit; 0 where there is none. A sign may stand before the unit. */
static size_t copy_without_unit(const char *text, size_t length, char copy[SHORT_TEXT], unsigned *unit) {
    const size_t sign = length > 0 && (*text == '-' || *text == '+');
    for (size_t i = 0; i < sizeof units / sizeof *units && length <= SHORT_TEXT; i++) {
        const size_t bytes = strlen(units[i]);
        const char *from = text + sign, *end = text + length;
        if ((size_t)(end - from) <= bytes) continue;
        if (memcmp(end - bytes, units[i], bytes) == 0)
            end -= bytes;
        else if (i > 0 && memcmp(from, units[i], bytes) == 0)
            from += bytes;
        else
            continue;
        from = skip_blanks(from, end);
        end = trim_blanks(from, end);
        memcpy(copy, text, sign);
        memcpy(copy + sign, from, (size_t)(end - from));
        *unit = 1u << i;
        return sign + (size_t)(end - from);
    }
    return 0;
}

static bool read_with_unit(const cell_rules *rules, const char *text, size_t length, decimal *number) {
    char copy[SHORT_TEXT];
    const size_t copied = copy_without_unit(text, length, copy, &number->unit);
    return copied > 0 &&
           (decimal_read(copy, copied, rules->point, number) || read_grouped(rules, copy, copied, number));
}

bool cell_is_missing(const cell_rules *rules, const char *text, size_t length, bool is_quoted) {
    return length == 0 ||
           (rules->may_be_missing[(unsigned char)*text] && is_missing(rules->options, text, length, is_quoted));
}

cell_kind cell_classify(const cell_rules *rules, const char *text, size_t length, bool is_quoted, decimal *number) {
    if (cell_is_missing(rules, text, length, is_quoted)) return CELL_MISSING;
    number->unit = 0;
    if (decimal_read(text, length, rules->point, number) || read_grouped(rules, text, length, number) ||
        read_with_unit(rules, text, length, number))
        return isinf(number->value) ? CELL_INFINITE : CELL_NUMBER;
    return is_infinity(text, length, number) ? CELL_INFINITE : CELL_TEXT;
}

/* A text without its unit, which may be none, in `copy`; 0 where it is too long. */
static size_t copy_bare(const char *text, size_t length, char copy[SHORT_TEXT]) {
    unsigned unit = 0;
    if (length > SHORT_TEXT) return 0;
    const size_t copied = copy_without_unit(text, length, copy, &unit);
    if (copied == 0) memcpy(copy, text, length);
    return copied > 0 ? copied : length;
}

bool cell_has_number_comma(const char *text, size_t length) {
    char copy[SHORT_TEXT], bare[SHORT_TEXT];
    decimal number;
    if (!memchr(text, ',', length)) return false;
    length = copy_bare(text, length, bare);
    if (decimal_read(bare, length, ',', &number)) return true;
    size_t copied = decimal_ungroup(bare, length, ',', copy);
    if (copied > 0) return decimal_read(copy, copied, '.', &number);
    copied = decimal_ungroup(bare, length, '.', copy);
    return copied > 0 && decimal_read(copy, copied, ',', &number);
}

bool cell_is_number_by(const char *text, char separator) {
    char copy[SHORT_TEXT], bare[SHORT_TEXT];
    decimal number;
    const size_t length = copy_bare(text, strlen(text), bare);
    if (length == 0) return false;
    const size_t copied = decimal_ungroup(bare, length, separator, copy);
    if (copied == 0) return memchr(bare, ',', length) && decimal_read(bare, length, ',', &number);
    return decimal_read(copy, copied, '.', &number) || decimal_read(copy, copied, ',', &number);
}
