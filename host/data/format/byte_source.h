/* The bytes of a file, unpacked, which may be read again from the beginning. */
#ifndef EPOCL_DATA_FORMAT_BYTE_SOURCE_H
#define EPOCL_DATA_FORMAT_BYTE_SOURCE_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* So much of standard input is kept to be read again. */
#define BYTE_SOURCE_KEPT_BYTES ((size_t)64 << 20)

typedef struct byte_source byte_source;

/* As input_file_open(); `path` must outlive the handle. */
epocl_status byte_source_open(const char *path, byte_source **source);

/* What error texts call it. */
const char *byte_source_name(const byte_source *source);
bool byte_source_is_gzip(const byte_source *source);

/* Reads `bytes` bytes, or what is left if that is less. */
epocl_status byte_source_read(byte_source *source, void *memory, size_t bytes, size_t *read_bytes);

/* Back to the beginning. EPOCL_ERROR_DATA for standard input of which more was read than is kept. */
epocl_status byte_source_rewind(byte_source *source);

/* Frees what is kept: nothing is read again from here on. */
void byte_source_forget(byte_source *source);

/* Accepts NULL. */
void byte_source_close(byte_source *source);

#endif
