#include "data/format/input_file.h"

#include "base/checked.h"
#include "base/files/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    CHUNK_BYTES = 1 << 16,
    USUAL_RATIO = 4,              /* of gzip on image data; where memory for it starts */
    AT_ONCE_MOST = 1 << 28,       /* bytes of gzip that are unpacked at once           */
    MOST_RATIO = 1032,            /* of deflate                                        */
    SIZE_BYTES = 4,               /* that a member ends with: how many it unpacks to   */
    GZIP_WINDOW = MAX_WBITS + 16, /* zlib's way to ask for gzip and nothing else       */
    GZIP_MAGIC_0 = 0x1f,
    GZIP_MAGIC_1 = 0x8b
};

struct input_file {
    const char *path;
    int descriptor;
    uint64_t file_bytes; /* as stored; 0 for standard input, whose size is not known       */
    bool is_stream;      /* standard input */
    uint64_t position;   /* bytes delivered so far, unpacked                               */
    bool is_gzip;        /* then `stream` must be given to inflateEnd()                    */
    bool member_ended;   /* a gzip file is one or more members, each with its own checksum */
    z_stream stream;     /* next_in and avail_in: the unread part of the chunk, also of a plain file */
    unsigned char chunk[CHUNK_BYTES];
};

/* Bytes as they are stored, up to the end of the file; a read may return less than is there. */
static epocl_status read_stored(const input_file *file, unsigned char *memory, size_t bytes, size_t *filled) {
    for (*filled = 0; *filled < bytes;) {
        const ssize_t count = read(file->descriptor, memory + *filled, bytes - *filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail(EPOCL_ERROR_NO_INPUT, "%s: cannot read: %s", file->path, strerror(errno));
        if (count == 0) break;
        *filled += (size_t)count;
    }
    return EPOCL_OK;
}

/* Refills the empty chunk. */
static epocl_status read_chunk(input_file *file) {
    size_t filled = 0;
    const epocl_status status = read_stored(file, file->chunk, sizeof file->chunk, &filled);
    if (status != EPOCL_OK) return status;
    file->stream.next_in = file->chunk;
    file->stream.avail_in = (uInt)filled;
    return EPOCL_OK;
}

const char *input_file_name(const char *path) {
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

static epocl_status open_stream(input_file *file) {
    struct stat status;
    file->is_stream = true;
    file->descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    if (file->descriptor < 0 || fstat(file->descriptor, &status) != 0)
        return fail(EPOCL_ERROR_NO_INPUT, "%s: cannot read: %s", file->path, strerror(errno));
    if (S_ISDIR(status.st_mode)) return fail(EPOCL_ERROR_NO_INPUT, "%s: is a folder, not a file", file->path);
    if (isatty(file->descriptor))
        return fail(EPOCL_ERROR_NO_INPUT, "%s: is a terminal; send a file into it", file->path);
    return EPOCL_OK;
}

static epocl_status open_regular(input_file *file) {
    file->descriptor = regular_file_open_at(NO_FOLDER, file->path, &file->file_bytes);
    return file->descriptor < 0 ? fail_file(file->path) : EPOCL_OK;
}

epocl_status input_file_open(const char *path, input_file **file) {
    epocl_status status = EPOCL_OK;
    input_file *opened = NULL;
    *file = NULL;
    TRY(allocate(1, sizeof *opened, "a file's buffer", &opened));
    opened->path = input_file_name(path);
    opened->descriptor = -1;
    TRY(strcmp(path, "-") == 0 ? open_stream(opened) : open_regular(opened));
    TRY(read_chunk(opened));
    if (opened->stream.avail_in >= 2 && opened->chunk[0] == GZIP_MAGIC_0 && opened->chunk[1] == GZIP_MAGIC_1) {
        if (inflateInit2(&opened->stream, GZIP_WINDOW) != Z_OK)
            TRY(fail(EPOCL_ERROR_MEMORY, "%s: not enough memory to unpack gzip data", path));
        opened->is_gzip = true;
    }
    *file = opened;
    opened = NULL;
cleanup:
    input_file_close(opened);
    return status;
}

bool input_file_is_gzip(const input_file *file) {
    return file->is_gzip;
}

bool input_file_is_stream(const input_file *file) {
    return file->is_stream;
}

epocl_status input_file_rewind(input_file *file) {
    if (lseek(file->descriptor, 0, SEEK_SET) != 0)
        return fail(EPOCL_ERROR_NO_INPUT, "%s: cannot read again: %s", file->path, strerror(errno));
    if (file->is_gzip) inflateReset(&file->stream);
    file->member_ended = false;
    file->position = 0;
    return read_chunk(file);
}

void input_file_close(input_file *file) {
    if (!file) return;
    if (file->is_gzip) inflateEnd(&file->stream);
    if (file->descriptor >= 0) close(file->descriptor);
    free(file);
}

static size_t copy_some(input_file *file, unsigned char *memory, size_t bytes) {
    const size_t count = smaller(bytes, file->stream.avail_in);
    memcpy(memory, file->stream.next_in, count);
    file->stream.next_in += count;
    file->stream.avail_in -= (uInt)count;
    return count;
}

/* Unpacks at most `bytes` bytes of the current member; *count may be 0 before its end. */
static epocl_status unpack_some(input_file *file, unsigned char *memory, size_t bytes, size_t *count) {
    z_stream *stream = &file->stream;
    const uInt room = (uInt)smaller(bytes, UINT_MAX);
    stream->next_out = memory;
    stream->avail_out = room;
    const int result = inflate(stream, Z_NO_FLUSH);
    *count = room - stream->avail_out;
    file->member_ended = result == Z_STREAM_END;
    if (result == Z_OK || result == Z_STREAM_END) return EPOCL_OK;
    if (result == Z_MEM_ERROR) return fail(EPOCL_ERROR_MEMORY, "%s: not enough memory to unpack gzip data", file->path);
    if (result == Z_BUF_ERROR) return fail(EPOCL_ERROR_DATA, "%s: truncated: its gzip data ends early", file->path);
    return fail(EPOCL_ERROR_DATA, "%s: corrupt gzip data: %s", file->path, stream->msg ? stream->msg : "not deflated");
}

/* After a member: what is left is another one, or zeros up to the end of the file, which are skipped. */
static epocl_status begin_member(input_file *file) {
    epocl_status status = EPOCL_OK;
    z_stream *stream = &file->stream;
    if (*stream->next_in == GZIP_MAGIC_0) {
        inflateReset(stream);
        file->member_ended = false;
        return EPOCL_OK;
    }
    while (stream->avail_in > 0) {
        if (*stream->next_in != 0)
            TRY(fail(EPOCL_ERROR_DATA, "%s: has bytes after the end of its gzip data", file->path));
        stream->next_in++;
        if (--stream->avail_in == 0) TRY(read_chunk(file));
    }
cleanup:
    return status;
}

/* Much of it past the chunk. */
static epocl_status read_plain(input_file *file, unsigned char *memory, size_t bytes, size_t *read_bytes) {
    epocl_status status = EPOCL_OK;
    const size_t held = copy_some(file, memory, bytes), left = bytes - held;
    size_t count = 0;
    if (left >= CHUNK_BYTES) {
        TRY(read_stored(file, memory + held, left, &count));
    } else if (left > 0) {
        TRY(read_chunk(file));
        count = copy_some(file, memory + held, left);
    }
cleanup:
    *read_bytes = held + count;
    return status;
}

epocl_status input_file_read(input_file *file, void *memory, size_t bytes, size_t *read_bytes) {
    epocl_status status = EPOCL_OK;
    unsigned char *place = memory;
    size_t done = 0;
    if (!file->is_gzip) TRY(read_plain(file, place, bytes, &done));
    while (file->is_gzip && done < bytes) {
        size_t count = 0;
        if (file->stream.avail_in == 0) TRY(read_chunk(file));
        if (file->member_ended && file->stream.avail_in > 0) TRY(begin_member(file));
        if (file->stream.avail_in == 0 && file->member_ended) break;
        TRY(unpack_some(file, place + done, bytes - done, &count));
        done += count;
    }
cleanup:
    *read_bytes = done;
    file->position += done;
    return status;
}

static epocl_status fail_truncated(const input_file *file, uint64_t declared_bytes, uint64_t held_bytes) {
    return fail(EPOCL_ERROR_DATA, "%s: truncated: its header declares %" PRIu64 " bytes in all, it holds %" PRIu64 "%s",
                file->path, declared_bytes, held_bytes, file->is_gzip ? " unpacked" : "");
}

/* Whether a file of gzip can unpack to so many bytes, and says at its end that it does. */
static bool declares(const unsigned char *packed, size_t packed_bytes, size_t bytes) {
    uint32_t declared = 0;
    for (size_t i = 1; i <= SIZE_BYTES; i++) declared = declared << 8 | packed[packed_bytes - i];
    return declared == (uint32_t)bytes && bytes / MOST_RATIO <= packed_bytes;
}

static bool unpack_member(const unsigned char *packed, size_t packed_bytes, unsigned char *unpacked, size_t bytes) {
    size_t taken = 0, made = 0;
    struct libdeflate_decompressor *decompressor = libdeflate_alloc_decompressor();
    const bool is_unpacked = decompressor && libdeflate_gzip_decompress_ex(decompressor, packed, packed_bytes, unpacked,
                                                                           bytes, &taken, &made) == LIBDEFLATE_SUCCESS;
    libdeflate_free_decompressor(decompressor);
    return is_unpacked && taken == packed_bytes && made == bytes;
}

/* All of the file; NULL where that fails. */
static unsigned char *read_packed(const input_file *file) {
    const size_t packed_bytes = (size_t)file->file_bytes;
    size_t filled = 0;
    unsigned char *packed = malloc(packed_bytes);
    if (packed && lseek(file->descriptor, 0, SEEK_SET) == 0 &&
        read_stored(file, packed, packed_bytes, &filled) == EPOCL_OK && filled == packed_bytes)
        return packed;
    free(packed);
    return NULL;
}

/* The rest of a file of gzip that is one member and has `bytes` left, by libdeflate: it wants all at once, and takes
 * half of zlib's time. NULL where the file is nothing of the kind, damaged, or too large for the memory: zlib goes on
 * from where it is, and says what is wrong. */
static unsigned char *unpack_at_once(input_file *file, size_t bytes) {
    const size_t packed_bytes = (size_t)file->file_bytes, all = (size_t)file->position + bytes;
    if (!file->is_gzip || packed_bytes < CHUNK_BYTES || packed_bytes > AT_ONCE_MOST) return NULL;
    const off_t place = lseek(file->descriptor, 0, SEEK_CUR);
    unsigned char *packed = read_packed(file), *unpacked = NULL;
    if (packed && declares(packed, packed_bytes, all)) unpacked = malloc(all);
    if (unpacked && unpack_member(packed, packed_bytes, unpacked, all)) {
        memmove(unpacked, unpacked + file->position, bytes);
        file->position += bytes;
        file->stream.avail_in = 0;
        file->member_ended = true;
    } else {
        free(unpacked);
        unpacked = NULL;
        (void)lseek(file->descriptor, place, SEEK_SET);
    }
    free(packed);
    return unpacked;
}

epocl_status input_file_read_new(input_file *file, size_t bytes, void **memory) {
    epocl_status status = EPOCL_OK;
    unsigned char *buffer = NULL;
    size_t filled = 0, capacity = bytes;
    const uint64_t declared_bytes = file->position + bytes;
    const bool may_be_less = file->is_gzip || file->is_stream;
    *memory = NULL;
    if (may_be_less && file->file_bytes < bytes / USUAL_RATIO)
        capacity = smaller(bytes, (size_t)file->file_bytes * USUAL_RATIO + CHUNK_BYTES);
    else if (!may_be_less && file->file_bytes < declared_bytes)
        TRY(fail_truncated(file, declared_bytes, file->file_bytes));

    buffer = unpack_at_once(file, bytes);
    if (buffer) filled = bytes;
    while (filled < bytes) {
        unsigned char *grown = realloc(buffer, capacity);
        if (!grown) TRY(fail(EPOCL_ERROR_MEMORY, "%s: not enough memory for %zu bytes", file->path, capacity));
        buffer = grown;
        size_t count = 0;
        TRY(input_file_read(file, buffer + filled, capacity - filled, &count));
        filled += count;
        if (filled < capacity) TRY(fail_truncated(file, declared_bytes, file->position));
        capacity = capacity > bytes / 2 ? bytes : 2 * capacity;
    }
    *memory = buffer;
    buffer = NULL;
cleanup:
    free(buffer);
    return status;
}

epocl_status input_file_expect_end(input_file *file) {
    epocl_status status = EPOCL_OK;
    const uint64_t end = file->position;
    unsigned char byte = 0;
    size_t count = 0;
    TRY(input_file_read(file, &byte, 1, &count));
    if (count != 0)
        TRY(fail(EPOCL_ERROR_DATA, "%s: has trailing bytes after the %" PRIu64 " that its header declares", file->path,
                 end));
cleanup:
    return status;
}
