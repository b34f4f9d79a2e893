/* The way to a terminal for every line with text that is not epocl's own: names of devices, paths, errors. */
#ifndef EPOCL_COMMAND_SHOW_PRINT_LINE_H
#define EPOCL_COMMAND_SHOW_PRINT_LINE_H

#include <stdio.h>

enum { LINE_CAPACITY = 8192 };

/* As fprintf(), with a line feed at the end; what a terminal could take for a command is shown as '?'
 * (printable_clean()). What comes after LINE_CAPACITY bytes is cut off. */
__attribute__((format(printf, 2, 3))) void print_line(FILE *stream, const char *format, ...);

#endif
