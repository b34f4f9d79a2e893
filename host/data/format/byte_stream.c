#include "data/format/byte_stream.h"

#include "base/checked.h"

enum { FIRST_BYTES = 1 << 16 };

static epocl_status read_source(void *context, void *memory, size_t bytes, size_t *read_bytes) {
    return byte_source_read(context, memory, bytes, read_bytes);
}

byte_stream byte_stream_of_source(byte_source *source) {
    return (byte_stream){read_source, source, byte_source_name(source)};
}

static epocl_status fail_truncated(const byte_stream *stream) {
    return fail(EPOCL_ERROR_DATA, "%s: truncated: it ends before what its header declares", stream->name);
}

epocl_status byte_stream_read(const byte_stream *stream, void *memory, size_t bytes) {
    size_t count = 0;
    const epocl_status status = stream->read(stream->context, memory, bytes, &count);
    if (status != EPOCL_OK) return status;
    return count < bytes ? fail_truncated(stream) : EPOCL_OK;
}

epocl_status byte_stream_read_new(const byte_stream *stream, size_t bytes, unsigned char **memory, size_t *read_bytes) {
    epocl_status status = EPOCL_OK;
    unsigned char *buffer = NULL;
    size_t filled = 0, capacity = smaller(bytes, FIRST_BYTES);
    *memory = NULL;
    *read_bytes = 0;
    for (;;) {
        size_t count = 0;
        unsigned char *grown = realloc(buffer, capacity ? capacity : 1);
        if (!grown) TRY(fail(EPOCL_ERROR_MEMORY, "%s: not enough memory for %zu bytes", stream->name, capacity));
        buffer = grown;
        TRY(stream->read(stream->context, buffer + filled, capacity - filled, &count));
        filled += count;
        if (filled < capacity || filled == bytes) break;
        capacity = capacity > bytes / 2 ? bytes : capacity + capacity / 2;
    }
    if (filled < bytes && bytes != SIZE_MAX) TRY(fail_truncated(stream));
    *memory = buffer;
    *read_bytes = filled;
    buffer = NULL;
cleanup:
    free(buffer);
    return status;
}

epocl_status byte_stream_expect_end(const byte_stream *stream) {
    size_t count = 0;
    unsigned char byte = 0;
    const epocl_status status = stream->read(stream->context, &byte, 1, &count);
    if (status != EPOCL_OK || count == 0) return status;
    return fail(EPOCL_ERROR_DATA, "%s: has trailing bytes after what its header declares", stream->name);
}
