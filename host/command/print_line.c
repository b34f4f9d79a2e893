#include "command/print_line.h"

#include "base/printable.h"

void print_line_list(FILE *stream, const char *format, va_list arguments) {
    char text[8192];
    vsnprintf(text, sizeof text, format, arguments);
    fputs(printable_clean(text), stream);
    fputc('\n', stream);
}

void print_line(FILE *stream, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    print_line_list(stream, format, arguments);
    va_end(arguments);
}
