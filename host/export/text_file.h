/* A text that is written to a file piece by piece. The first failure is kept, and what follows it does nothing. */
#ifndef EPOCL_EXPORT_TEXT_FILE_H
#define EPOCL_EXPORT_TEXT_FILE_H

#include "base/files/output_file.h"

enum { TEXT_FILE_BUFFER = 1 << 14, TEXT_FILE_PIECE = 4096 };

typedef struct text_file {
    output_file *file;
    epocl_status status;
    size_t length; /* in the buffer */
    char buffer[TEXT_FILE_BUFFER];
} text_file;

void text_file_open(text_file *text, const char *path);

/* Of at most TEXT_FILE_PIECE characters. */
__attribute__((format(printf, 2, 3))) void text_file_print(text_file *text, const char *format, ...);

/* A float as a constant of C that gives it back, such as 0.1f, whatever the locale, or NAN. */
void text_file_float(text_file *text, float value);

/* Puts the file in its place; its last status. */
epocl_status text_file_commit(text_file *text);

/* A file that was not committed leaves nothing behind. */
void text_file_release(text_file *text);

#endif
