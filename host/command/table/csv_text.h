/* Fields of CSV on standard output. */
#ifndef EPOCL_COMMAND_TABLE_CSV_TEXT_H
#define EPOCL_COMMAND_TABLE_CSV_TEXT_H

#include <stdbool.h>

/* A text, quoted where it must be (RFC 4180); NULL is an empty field. */
void csv_print_text(const char *text, char separator);

#endif
