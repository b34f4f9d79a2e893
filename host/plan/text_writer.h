/* A text that grows as it is written: that of a kernel. */
#ifndef EPOCL_PLAN_TEXT_WRITER_H
#define EPOCL_PLAN_TEXT_WRITER_H

#include "base/status.h"

#include <stddef.h>

/* Begins as zeros. Once `status` is a failure, nothing more is written. */
typedef struct text_writer {
    char *text; /* owned by whoever has the writer */
    size_t length, capacity;
    epocl_status status;
} text_writer;

__attribute__((format(printf, 2, 3))) void write_text(text_writer *w, const char *format, ...);

#endif
