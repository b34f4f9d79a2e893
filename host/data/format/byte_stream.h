/* Bytes that are read once, in order: a file's, or those of a member of an archive. */
#ifndef EPOCL_DATA_FORMAT_BYTE_STREAM_H
#define EPOCL_DATA_FORMAT_BYTE_STREAM_H

#include "data/format/byte_source.h"

typedef struct byte_stream {
    /* Reads `bytes` bytes, or what is left if that is less. */
    epocl_status (*read)(void *context, void *memory, size_t bytes, size_t *read_bytes);
    void *context;
    const char *name; /* for error texts */
} byte_stream;

byte_stream byte_stream_of_source(byte_source *source);

/* Reads exactly `bytes` bytes; EPOCL_ERROR_DATA if fewer are left. */
epocl_status byte_stream_read(const byte_stream *stream, void *memory, size_t bytes);

/* The same into new memory, for free(), which grows with what is there; its size is *read_bytes. Fewer are
 * EPOCL_ERROR_DATA, unless `bytes` is SIZE_MAX: then it is all that is left. */
epocl_status byte_stream_read_new(const byte_stream *stream, size_t bytes, unsigned char **memory, size_t *read_bytes);

/* EPOCL_ERROR_DATA if anything is left. */
epocl_status byte_stream_expect_end(const byte_stream *stream);

#endif
