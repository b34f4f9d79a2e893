#include "plan/text_writer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_CAPACITY = 2048 }; /* bytes */

static void grow(text_writer *w) {
    const size_t capacity = w->capacity ? 2 * w->capacity : FIRST_CAPACITY;
    char *larger = realloc(w->text, capacity);
    if (!larger) {
        w->status = fail(EPOCL_ERROR_MEMORY, "not enough memory for the text of a kernel (%zu bytes)", capacity);
        return;
    }
    w->text = larger;
    w->capacity = capacity;
}

void write_text(text_writer *w, const char *format, ...) {
    while (w->status == EPOCL_OK) {
        const size_t room = w->capacity - w->length;
        va_list arguments;
        va_start(arguments, format);
        const int written = vsnprintf(w->text ? w->text + w->length : NULL, room, format, arguments);
        va_end(arguments);
        if (written < 0) {
            w->status = fail(EPOCL_ERROR_ARGUMENT, "the text of a kernel cannot be written: '%s'", format);
        } else if ((size_t)written < room) {
            w->length += (size_t)written;
            return;
        } else {
            grow(w);
        }
    }
}
