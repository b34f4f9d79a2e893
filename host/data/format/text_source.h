/* A file as UTF-8: without its byte order mark; UTF-16, with a mark or beginning with ASCII, and Latin-1, told by bytes
 * among the first 64 KiB that are no UTF-8, are converted. Other bytes stay as they are. */
#ifndef EPOCL_DATA_FORMAT_TEXT_SOURCE_H
#define EPOCL_DATA_FORMAT_TEXT_SOURCE_H

#include "data/format/byte_source.h"

typedef struct text_source text_source;

/* From the first byte of `bytes`, which is borrowed. */
epocl_status text_source_open(byte_source *bytes, text_source **source);

/* What it was converted from; NULL: nothing was. */
const char *text_source_encoding(const text_source *source);

/* Reads `bytes` bytes, or what is left if that is less. A half of a pair of UTF-16 becomes U+FFFD; a last byte alone is
 * EPOCL_ERROR_DATA. */
epocl_status text_source_read(text_source *source, char *memory, size_t bytes, size_t *read_bytes);

epocl_status text_source_rewind(text_source *source);

/* Accepts NULL. */
void text_source_close(text_source *source);

#endif
