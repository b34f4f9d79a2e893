#include "base/printable.h"

#include <stdint.h>
#include <string.h>

/* The bytes of the UTF-8 character that `text` begins with, and its code; 0 when it begins with none. */
static size_t read_character(const char *text, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* of a character of so many bytes */
    const unsigned char first = (unsigned char)*text;
    const size_t length = first < 0x80   ? 1
                          : first < 0xc0 ? 0
                          : first < 0xe0 ? 2
                          : first < 0xf0 ? 3
                          : first < 0xf8 ? 4
                                         : 0;
    *code = length <= 1 ? first : first & (0x7fu >> length);
    for (size_t i = 1; i < length; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) return 0; /* the NUL, too */
        *code = *code << 6 | ((unsigned char)text[i] & 0x3f);
    }
    const bool is_surrogate = *code >= 0xd800 && *code < 0xe000;
    return length > 0 && *code >= least[length] && *code <= 0x10ffff && !is_surrogate ? length : 0;
}

static bool is_visible(uint32_t code) {
    static const uint32_t ranges[][2] = {
        {0x00, 0x1f}, {0x7f, 0x9f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1]) return false;
    return true;
}

static char *replace(char *text, bool keeps_invisible) {
    for (char *c = text; *c;) {
        uint32_t code = 0;
        const size_t length = read_character(c, &code);
        const bool continues = *c == '\n' && c[1] == ' ' && c[2] == ' ';
        if (length == 0 || (!keeps_invisible && !is_visible(code) && !continues))
            memset(c, *c == '\t' ? ' ' : '?', length ? length : 1);
        c += length ? length : 1;
    }
    return text;
}

char *printable_clean(char *text) {
    return replace(text, false);
}

char *printable_utf8(char *text) {
    return replace(text, true);
}
