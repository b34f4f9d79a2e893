#include "data/format/csv/cell.h"

#include "base/checked.h"

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

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether a text is `word`, which is in lower case, in whatever case. */
static bool equal_in_any_case(const char *text, size_t length, const char *word) {
    if (strlen(word) != length) return false;
    for (size_t i = 0; i < length; i++)
        if (lower(text[i]) != word[i]) return false;
    return true;
}

static bool is_infinity(const char *text, size_t length, decimal *number) {
    const size_t sign = length > 0 && (*text == '-' || *text == '+');
    if (!equal_in_any_case(text + sign, length - sign, "inf") &&
        !equal_in_any_case(text + sign, length - sign, "infinity"))
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
        while (from < end && *from == ' ') from++;
        while (from < end && end[-1] == ' ') end--;
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

bool text_is_boolean(const char *text) {
    static const char *const words[] = {"true", "false", "True", "False", "TRUE", "FALSE"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(text, words[i]) == 0) return true;
    return false;
}

static const char *take_digits(const char *text, size_t least, size_t most) {
    const size_t count = strspn(text, "0123456789");
    return count >= least && count <= most ? text + count : NULL;
}

static const char *take_month(const char *text) {
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    size_t length = 0;
    while (lower(text[length]) >= 'a' && lower(text[length]) <= 'z') length++;
    if (length < 3 || length > 9) return NULL;
    for (size_t i = 0; i < sizeof months - 1; i += 3)
        if (equal_in_any_case(text, 3, (const char[]){months[i], months[i + 1], months[i + 2], '\0'}))
            return text + length;
    return NULL;
}

/* What follows a pattern, NULL where the text does not fit it: d one or two digits, y two or four, f four, m the name
 * of a month, s one of - / . or a blank, the same each time, t a T or a blank; : and , as they are, each comma with a
 * blank that may follow. */
static const char *take_pattern(const char *text, const char *pattern) {
    char separator = '\0';
    for (; *pattern; pattern++) {
        if (*pattern == 'd') {
            text = take_digits(text, 1, 2);
        } else if (*pattern == 'y') {
            const size_t count = strspn(text, "0123456789");
            text = count == 2 || count == 4 ? text + count : NULL;
        } else if (*pattern == 'f') {
            text = take_digits(text, 4, 4);
        } else if (*pattern == 'm') {
            text = take_month(text);
        } else if (*pattern == 's') {
            const bool fits = separator ? *text == separator : *text && strchr("-/. ", *text);
            separator = *text;
            text = fits ? text + 1 : NULL;
        } else { /* a comma may be missing, and its blank with it */
            text = *text == ',' ? text + 1 : text;
            text = *text == ' ' ? text + 1 : NULL;
        }
        if (!text) return NULL;
    }
    return text;
}

/* hh:mm[:ss[.fraction]] [AM|PM] [Z|UTC|+hh[:]mm] up to the end. */
static bool is_time(const char *text) {
    text = take_digits(text, 1, 2);
    if (!text || *text != ':' || !(text = take_digits(text + 1, 2, 2))) return false;
    if (*text == ':' && !(text = take_digits(text + 1, 2, 2))) return false;
    if (*text == '.' || *text == ',') text += 1 + strspn(text + 1, "0123456789");
    text += *text == ' ';
    if ((lower(*text) == 'a' || lower(*text) == 'p') && lower(text[1]) == 'm') text += 2;
    text += *text == ' ';
    if (*text == 'Z' || *text == 'z') return text[1] == '\0';
    if (strcmp(text, "UTC") == 0 || strcmp(text, "GMT") == 0) return true;
    if (*text == '+' || *text == '-') {
        if (!(text = take_digits(text + 1, 2, 4))) return false;
        if (*text == ':' && !(text = take_digits(text + 1, 2, 2))) return false;
    }
    return *text == '\0';
}

bool text_is_date(const char *text) {
    static const char *const patterns[] = {"fsdsd", "dsdsy", "dsmsy", "fsmsd", "msd,f", "d m,f"};
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const char *rest = take_pattern(text, patterns[i]);
        if (!rest) continue;
        if (*rest == '\0') return true;
        if ((*rest == 'T' || *rest == ' ') && is_time(rest + 1)) return true;
    }
    return is_time(text);
}

bool text_has_number_comma(const char *text) {
    char copy[SHORT_TEXT], bare[SHORT_TEXT];
    decimal number;
    size_t length = strlen(text);
    if (length > sizeof copy || !memchr(text, ',', length)) return false;
    const size_t bare_length = copy_without_unit(text, length, bare, &number.unit);
    if (bare_length > 0) {
        text = bare;
        length = bare_length;
    }
    if (decimal_read(text, length, ',', &number)) return true;
    size_t copied = decimal_ungroup(text, length, ',', copy);
    if (copied > 0) return decimal_read(copy, copied, '.', &number);
    copied = decimal_ungroup(text, length, '.', copy);
    return copied > 0 && decimal_read(copy, copied, ',', &number);
}

bool text_is_utf8(const char *text, size_t length) {
    const unsigned char *byte = (const unsigned char *)text, *const end = byte + length;
    while (byte < end) {
        const size_t more = *byte < 0x80                    ? 0
                            : *byte >= 0xC2 && *byte < 0xE0 ? 1
                            : (*byte & 0xF0) == 0xE0        ? 2
                            : *byte >= 0xF0 && *byte < 0xF5 ? 3
                                                            : SIZE_MAX;
        if (more >= (size_t)(end - byte)) return false;
        for (size_t i = 1; i <= more; i++)
            if ((byte[i] & 0xC0) != 0x80) return false;
        if ((*byte == 0xE0 && byte[1] < 0xA0) || (*byte == 0xED && byte[1] >= 0xA0) ||
            (*byte == 0xF0 && byte[1] < 0x90) || (*byte == 0xF4 && byte[1] >= 0x90))
            return false;
        byte += more + 1;
    }
    return true;
}
