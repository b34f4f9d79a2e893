#include "data/format/csv/text_looks.h"

#include <stdint.h>
#include <string.h>

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_is_word(const char *text, size_t length, const char *word) {
    if (strlen(word) != length) return false;
    for (size_t i = 0; i < length; i++)
        if (lower(text[i]) != word[i]) return false;
    return true;
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

/* A month's name in one of several languages, or at least three bytes that one begins with. */
static const char *take_month(const char *text) {
    static const char names[] =
        " january february march april may june july august september october november december"
        " januar j\u00e4nner februar m\u00e4rz mrz april mai juni juli august oktober dezember"
        " janvier f\u00e9vrier fevrier mars avril mai juin juillet ao\u00fbt aout septembre octobre"
        " novembre d\u00e9cembre decembre"
        " enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
        " gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre dicembre"
        " janeiro fevereiro mar\u00e7o abril maio junho julho setembro outubro novembro dezembro"
        " januari februari maart mrt mei augustus ";
    char word[16] = " ";
    size_t length = 0;
    for (; (lower(text[length]) >= 'a' && lower(text[length]) <= 'z') || (unsigned char)text[length] >= 0x80;
         length++) {
        if (length + 2 == sizeof word) return NULL;
        word[length + 1] = lower(text[length]);
    }
    return length >= 3 && strstr(names, word) ? text + length : NULL;
}

/* What follows a pattern, NULL where the text does not fit it: d one or two digits, y two or four, f four, m the name
 * of a month, s one of - / . or a blank, the same each time, where a point may stand before the blank; : and , as they
 * are, each comma with a blank that may follow. */
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
            if (separator != '.' && text[0] == '.' && text[1] == ' ') text++; /* 31. Jan. 2024 */
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

/* hh:mm[:ss[.fraction]] [AM|PM] [Z|+hh[:]mm|letters of a zone] up to the end. */
static bool is_time(const char *text) {
    text = take_digits(text, 1, 2);
    if (!text || *text != ':' || !(text = take_digits(text + 1, 2, 2))) return false;
    if (*text == ':' && !(text = take_digits(text + 1, 2, 2))) return false;
    if (*text == '.' || *text == ',') text += 1 + strspn(text + 1, "0123456789");
    text += *text == ' ';
    if ((lower(*text) == 'a' || lower(*text) == 'p') && lower(text[1]) == 'm') text += 2;
    text += *text == ' ';
    if (*text == 'Z' || *text == 'z') return text[1] == '\0';
    const size_t zone = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (zone >= 3 && zone <= 4) return text[zone] == '\0';
    if (*text == '+' || *text == '-') {
        if (!(text = take_digits(text + 1, 2, 4))) return false;
        if (*text == ':' && !(text = take_digits(text + 1, 2, 2))) return false;
    }
    return *text == '\0';
}

/* "Mon, ", "Monday ", or nothing. */
static const char *skip_weekday(const char *text) {
    static const char days[] = "montuewedthufrisatsun";
    size_t length = 0;
    while (lower(text[length]) >= 'a' && lower(text[length]) <= 'z') length++;
    const char *rest = text + length + (text[length] == ',');
    if (length < 3 || length > 9 || *rest != ' ') return text;
    for (size_t i = 0; i < sizeof days - 1; i += 3)
        if (text_is_word(text, 3, (const char[]){days[i], days[i + 1], days[i + 2], '\0'})) return rest + 1;
    return text;
}

bool text_is_date(const char *text) {
    static const char *const patterns[] = {"fsdsd", "dsdsy", "dsmsy", "fsmsd", "msd,f", "d m,f", "msf"};
    text = skip_weekday(text);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const char *rest = take_pattern(text, patterns[i]);
        if (!rest) continue;
        if (*rest == '\0') return true;
        if ((*rest == 'T' || *rest == ' ') && is_time(rest + 1)) return true;
    }
    return is_time(text);
}

bool text_is_placeholder(const char *text) {
    static const char *const words[] = {
        "na",    "n.a.",      "n/a",   "nan",     "null",          "none",   "nil",    "missing", "unknown",
        "unk",   "undefined", "nat",   "no data", "not available", "#n/a",   "#na",    "#div/0!", "#value!",
        "#ref!", "#name?",    "#num!", "#null!",  "<na>",          "<null>", "(null)", "\\n"};
    const size_t length = strlen(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (text_is_word(text, length, words[i])) return true;
    return strspn(text, "?-.*/_") == length;
}

const char *text_unit(const char *text) {
    text += *text == '-' || *text == '+';
    const size_t whole = strspn(text, "0123456789");
    text += whole;
    if (*text == '.' || *text == ',') text += 1 + strspn(text + 1, "0123456789");
    const bool is_unit = *text == ' ' || (lower(*text) >= 'a' && lower(*text) <= 'z') || (unsigned char)*text >= 0x80;
    return whole > 0 && is_unit && !strpbrk(text, "0123456789") ? text : NULL;
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
