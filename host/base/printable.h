/* Text that is not epocl's own, made fit for a message: nothing from a file, a driver or a path reaches a terminal as
 * a control sequence. */
#ifndef EPOCL_BASE_PRINTABLE_H
#define EPOCL_BASE_PRINTABLE_H

#include <stdbool.h>
#include <stddef.h>

enum { PRINTABLE_CAPACITY = 96 };

/* Copies the start of `text`, a word from a file that is told between quotes, with `?` for every byte that is no
 * printable ASCII character. Returns `buffer`. */
static inline const char *printable(const char *text, char buffer[PRINTABLE_CAPACITY]) {
    size_t i = 0;
    for (; text[i] && i + 1 < PRINTABLE_CAPACITY; i++) buffer[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
    buffer[i] = '\0';
    return buffer;
}

/* Puts `?` in the place of every byte of `text` that is not part of a visible character: control characters, of
 * Unicode as well (C1, line and paragraph separators, those that turn the direction of writing), and what is not UTF-8.
 * A tab becomes a space. A line feed stays only where at least two spaces follow it, so that no foreign text begins
 * a line. Returns `text`; done twice, it changes nothing more. */
char *printable_clean(char *text);

/* Puts `?` in the place of every byte of `text` that is not part of UTF-8. Returns `text`. */
char *printable_utf8(char *text);

#endif
