/* Text from a file, made fit for a message. */
#ifndef EPOCL_BASE_PRINTABLE_H
#define EPOCL_BASE_PRINTABLE_H

#include <stddef.h>

enum { PRINTABLE_CAPACITY = 96 };

/* Copies the start of `text`, with `?` for every byte that is no printable ASCII character, so that nothing from a
 * file reaches a terminal as a control sequence. Returns `buffer`. */
static inline const char *printable(const char *text, char buffer[PRINTABLE_CAPACITY]) {
    size_t i = 0;
    for (; text[i] && i + 1 < PRINTABLE_CAPACITY; i++) buffer[i] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : '?';
    buffer[i] = '\0';
    return buffer;
}

#endif
