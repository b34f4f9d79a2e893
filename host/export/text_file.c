#include "export/text_file.h"

#include "base/number.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void text_file_open(text_file *text, const char *path) {
    text->length = 0;
    text->file = NULL;
    text->status = output_file_open(path, &text->file);
}

static void flush(text_file *text) {
    if (text->status == EPOCL_OK) text->status = output_file_write(text->file, text->buffer, text->length);
    text->length = 0;
}

void text_file_print(text_file *text, const char *format, ...) {
    va_list arguments;
    if (sizeof text->buffer - text->length < TEXT_FILE_PIECE) flush(text);
    va_start(arguments, format);
    const int count = vsnprintf(text->buffer + text->length, TEXT_FILE_PIECE, format, arguments);
    va_end(arguments);
    if (count > 0) text->length += (size_t)count < TEXT_FILE_PIECE ? (size_t)count : TEXT_FILE_PIECE - 1;
}

void text_file_float(text_file *text, float value) {
    enum { LEAST_DIGITS = 6, MOST_DIGITS = 9, CAPACITY = 32 };
    char digits[CAPACITY];
    if (!isfinite(value)) {
        text_file_print(text, isnan(value) ? "NAN" : value > 0.0f ? "INFINITY" : "-INFINITY");
        return;
    }
    for (int count = LEAST_DIGITS; count <= MOST_DIGITS; count++) {
        double read = 0.0;
        snprintf(digits, sizeof digits, "%.*g", count, (double)value);
        for (char *c = digits; *c; c++)
            if (*c == ',') *c = '.';
        if (number_real(digits, &read) && (float)read == value) break; /* NOLINT: the same number, not a near one */
    }
    text_file_print(text, "%s%sf", digits, strpbrk(digits, ".e") ? "" : ".0");
}

epocl_status text_file_commit(text_file *text) {
    flush(text);
    if (text->status == EPOCL_OK) text->status = output_file_commit(text->file);
    return text->status;
}

void text_file_release(text_file *text) {
    output_file_release(text->file);
    text->file = NULL;
}
