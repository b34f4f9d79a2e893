#include "data/format/byte_source.h"

#include "base/checked.h"
#include "data/format/input_file.h"

#include <string.h>

struct byte_source {
    input_file *file;
    const char *name;
    bool keeps; /* what is read: a stream, within its limit                  */
    char *kept; /* from the beginning on                                     */
    size_t kept_bytes, kept_capacity;
    size_t position; /* below kept_bytes after a rewind: of the next byte    */
};

epocl_status byte_source_open(const char *path, byte_source **source) {
    epocl_status status = EPOCL_OK;
    byte_source *opened = NULL;
    *source = NULL;
    TRY(allocate(1, sizeof *opened, "a file's source", &opened));
    opened->name = input_file_name(path);
    TRY(input_file_open(path, &opened->file));
    opened->keeps = input_file_is_stream(opened->file);
    *source = opened;
    opened = NULL;
cleanup:
    byte_source_close(opened);
    return status;
}

const char *byte_source_name(const byte_source *source) {
    return source->name;
}

bool byte_source_is_gzip(const byte_source *source) {
    return input_file_is_gzip(source->file);
}

/* Appends to what is kept; what is too much, or finds no memory, ends the keeping. */
static void keep(byte_source *source, const char *bytes, size_t byte_count) {
    const size_t needed = source->kept_bytes + byte_count;
    if (needed > source->kept_capacity && needed <= BYTE_SOURCE_KEPT_BYTES) {
        const size_t capacity = smaller(needed > needed / 2 * 3 ? needed : needed / 2 * 3, BYTE_SOURCE_KEPT_BYTES);
        char *grown = realloc(source->kept, capacity);
        if (grown) {
            source->kept = grown;
            source->kept_capacity = capacity;
        }
    }
    if (needed > source->kept_capacity) {
        byte_source_forget(source);
        return;
    }
    memcpy(source->kept + source->kept_bytes, bytes, byte_count);
    source->kept_bytes = source->position = needed;
}

epocl_status byte_source_read(byte_source *source, void *memory, size_t bytes, size_t *read_bytes) {
    char *place = memory;
    const size_t again = smaller(bytes, source->kept_bytes - source->position);
    if (again > 0) memcpy(place, source->kept + source->position, again);
    source->position += again;
    const epocl_status status = input_file_read(source->file, place + again, bytes - again, read_bytes);
    if (status != EPOCL_OK) *read_bytes = 0;
    if (source->keeps && *read_bytes > 0) keep(source, place + again, *read_bytes);
    *read_bytes += again;
    return status;
}

epocl_status byte_source_rewind(byte_source *source) {
    if (!input_file_is_stream(source->file)) return input_file_rewind(source->file);
    source->position = 0;
    if (source->keeps) return EPOCL_OK;
    return fail(EPOCL_ERROR_DATA, "%s: cannot be read a second time: more than %zu MiB", source->name,
                BYTE_SOURCE_KEPT_BYTES >> 20);
}

void byte_source_forget(byte_source *source) {
    source->keeps = false;
    if (source->position < source->kept_bytes) return; /* not yet read again */
    free(source->kept);
    source->kept = NULL;
    source->kept_bytes = source->kept_capacity = source->position = 0;
}

void byte_source_close(byte_source *source) {
    if (!source) return;
    input_file_close(source->file);
    free(source->kept);
    free(source);
}
