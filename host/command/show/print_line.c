#include "command/show/print_line.h"

#include "base/printable.h"

#include <stdarg.h>

void print_line(FILE *stream, const char *format, ...) {
    char text[LINE_CAPACITY];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fputs(printable_clean(text), stream);
    fputc('\n', stream);
}
