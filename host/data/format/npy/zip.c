#include "data/format/npy/zip.h"

#include "base/checked.h"
#include "base/checksum.h"

#include <limits.h>
#include <string.h>
#define ZLIB_CONST /* zlib only reads its input */
#include <zlib.h>

enum {
    END_BYTES = 22,     /* of the record at the file's end, before its comment  */
    LOCATOR_BYTES = 20, /* right before that: where the 64-bit record is        */
    END64_BYTES = 56,
    ENTRY_BYTES = 46, /* of the directory, before its name                    */
    LOCAL_BYTES = 30, /* of the header before a member                        */
    EXTRA_64 = 1,     /* the field of an entry with its 64-bit sizes          */
    STORED = 0,
    DEFLATED = 8,
    IS_ENCRYPTED = 1
};

#define END_MAGIC     0x06054b50u
#define END64_MAGIC   0x06064b50u
#define LOCATOR_MAGIC 0x07064b50u
#define ENTRY_MAGIC   0x02014b50u
#define LOCAL_MAGIC   0x04034b50u

static uint64_t read_little(const unsigned char *bytes, size_t count) {
    uint64_t word = 0;
    for (size_t i = count; i-- > 0;) word = word << 8 | bytes[i];
    return word;
}

/* `count` bytes at `offset`, or NULL where the file has fewer. */
static const unsigned char *bytes_at(const zip_archive *archive, uint64_t offset, size_t count) {
    if (offset > archive->byte_count || count > archive->byte_count - offset) return NULL;
    return archive->bytes + offset;
}

static epocl_status fail_damaged(const zip_archive *archive) {
    return fail(EPOCL_ERROR_DATA, "%s: its zip directory is damaged or truncated", archive->name);
}

/* The last record with its magic word whose comment ends the file. */
static const unsigned char *find_end(const zip_archive *archive) {
    for (size_t left = END_BYTES; left <= archive->byte_count && left <= END_BYTES + UINT16_MAX; left++) {
        const unsigned char *record = archive->bytes + archive->byte_count - left;
        if (read_little(record, 4) == END_MAGIC && read_little(record + 20, 2) == left - END_BYTES) return record;
    }
    return NULL;
}

epocl_status zip_open(zip_archive *archive, const unsigned char *bytes, size_t byte_count, const char *name) {
    *archive = (zip_archive){.bytes = bytes, .byte_count = byte_count, .name = name};
    const unsigned char *record = find_end(archive);
    if (!record) return fail_damaged(archive);
    uint64_t count = read_little(record + 10, 2), size = read_little(record + 12, 4),
             offset = read_little(record + 16, 4);
    const size_t place = (size_t)(record - bytes);
    const unsigned char *locator = place >= LOCATOR_BYTES ? record - LOCATOR_BYTES : NULL;
    if (locator && read_little(locator, 4) == LOCATOR_MAGIC) {
        const unsigned char *wide = bytes_at(archive, read_little(locator + 8, 8), END64_BYTES);
        if (!wide || read_little(wide, 4) != END64_MAGIC) return fail_damaged(archive);
        count = read_little(wide + 32, 8);
        size = read_little(wide + 40, 8);
        offset = read_little(wide + 48, 8);
    }
    if (size > byte_count || !bytes_at(archive, offset, (size_t)size) || count > size / ENTRY_BYTES)
        return fail_damaged(archive);
    archive->next = (size_t)offset;
    archive->end = (size_t)(offset + size);
    archive->member_count = (size_t)count;
    return EPOCL_OK;
}

/* Takes from an entry's extra fields the 64-bit values of those that do not fit 32 bits. */
static void read_wide(const unsigned char *extra, size_t extra_bytes, zip_member *member) {
    uint64_t *const values[] = {&member->bytes, &member->packed_bytes, &member->header_offset};
    while (extra_bytes >= 4) {
        const size_t size = (size_t)read_little(extra + 2, 2);
        if (size > extra_bytes - 4) return;
        if (read_little(extra, 2) == EXTRA_64) {
            size_t used = 0;
            for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
                if (*values[i] != UINT32_MAX || size - used < 8) continue;
                *values[i] = read_little(extra + 4 + used, 8);
                used += 8;
            }
            return;
        }
        extra += 4 + size;
        extra_bytes -= 4 + size;
    }
}

epocl_status zip_next(zip_archive *archive, zip_member *member, bool *has_member) {
    *has_member = archive->member_count > 0;
    if (!*has_member) return EPOCL_OK;
    const unsigned char *entry = bytes_at(archive, archive->next, ENTRY_BYTES);
    if (!entry || read_little(entry, 4) != ENTRY_MAGIC) return fail_damaged(archive);
    const size_t name_bytes = (size_t)read_little(entry + 28, 2), extra_bytes = (size_t)read_little(entry + 30, 2);
    const size_t bytes = ENTRY_BYTES + name_bytes + extra_bytes + (size_t)read_little(entry + 32, 2);
    if (bytes > archive->end - archive->next) return fail_damaged(archive);
    *member = (zip_member){.name = (const char *)entry + ENTRY_BYTES,
                           .name_length = name_bytes,
                           .flags = (unsigned)read_little(entry + 8, 2),
                           .method = (unsigned)read_little(entry + 10, 2),
                           .checksum = (uint32_t)read_little(entry + 16, 4),
                           .packed_bytes = read_little(entry + 20, 4),
                           .bytes = read_little(entry + 24, 4),
                           .header_offset = read_little(entry + 42, 4)};
    read_wide(entry + ENTRY_BYTES + name_bytes, extra_bytes, member);
    archive->next += bytes;
    archive->member_count--;
    return EPOCL_OK;
}

/* ---- The bytes of a member ------------------------------------------------------------------------------------- */

struct zip_stream {
    z_stream unpacker; /* next_in and avail_in: a part of what is left packed */
    bool unpacks;
    const unsigned char *packed;
    uint64_t packed_left, left;
    uint32_t checksum, wanted_checksum;
    const char *name;
};

epocl_status zip_stream_open(const zip_archive *archive, const zip_member *member, const char *name,
                             zip_stream **stream) {
    epocl_status status = EPOCL_OK;
    zip_stream *opened = NULL;
    *stream = NULL;
    if (member->flags & IS_ENCRYPTED) TRY(fail(EPOCL_ERROR_DATA, "%s: is encrypted", name));
    if (member->method != STORED && member->method != DEFLATED)
        TRY(fail(EPOCL_ERROR_DATA, "%s: is packed by method %u; stored and deflated members are supported", name,
                 member->method));
    const unsigned char *header = bytes_at(archive, member->header_offset, LOCAL_BYTES);
    if (!header || read_little(header, 4) != LOCAL_MAGIC) TRY(fail_damaged(archive));
    const uint64_t offset =
        member->header_offset + LOCAL_BYTES + read_little(header + 26, 2) + read_little(header + 28, 2);
    if (member->packed_bytes > archive->byte_count || !bytes_at(archive, offset, (size_t)member->packed_bytes))
        TRY(fail_damaged(archive));
    if (member->method == STORED && member->packed_bytes != member->bytes) TRY(fail_damaged(archive));

    TRY(allocate(1, sizeof *opened, "an archive's member", &opened));
    opened->packed = archive->bytes + offset;
    opened->packed_left = member->packed_bytes;
    opened->left = member->bytes;
    opened->wanted_checksum = member->checksum;
    opened->name = name;
    if (member->method == DEFLATED && inflateInit2(&opened->unpacker, -MAX_WBITS) != Z_OK)
        TRY(fail(EPOCL_ERROR_MEMORY, "%s: not enough memory to unpack", name));
    opened->unpacks = member->method == DEFLATED;
    *stream = opened;
    opened = NULL;
cleanup:
    zip_stream_close(opened);
    return status;
}

static epocl_status unpack(zip_stream *stream, unsigned char *memory, size_t bytes) {
    z_stream *z = &stream->unpacker;
    while (bytes > 0) {
        const uInt room = (uInt)smaller(bytes, UINT_MAX);
        if (z->avail_in == 0) {
            z->next_in = stream->packed;
            z->avail_in = (uInt)(stream->packed_left < UINT_MAX ? stream->packed_left : UINT_MAX);
            stream->packed += z->avail_in;
            stream->packed_left -= z->avail_in;
        }
        z->next_out = memory;
        z->avail_out = room;
        const int result = inflate(z, Z_NO_FLUSH);
        const size_t count = room - z->avail_out;
        memory += count;
        bytes -= count;
        if (result == Z_MEM_ERROR) return fail(EPOCL_ERROR_MEMORY, "%s: not enough memory to unpack", stream->name);
        if ((result != Z_OK && result != Z_STREAM_END) || (result == Z_STREAM_END && bytes > 0))
            return fail(EPOCL_ERROR_DATA, "%s: its deflated data is corrupt or truncated", stream->name);
    }
    return EPOCL_OK;
}

static epocl_status read_member(void *context, void *memory, size_t bytes, size_t *read_bytes) {
    zip_stream *stream = context;
    epocl_status status = EPOCL_OK;
    const size_t count = stream->left < bytes ? (size_t)stream->left : bytes;
    *read_bytes = 0;
    if (stream->unpacks) {
        TRY(unpack(stream, memory, count));
    } else if (count > 0) {
        memcpy(memory, stream->packed, count);
        stream->packed += count;
    }
    stream->left -= count;
    if (count > 0) stream->checksum = checksum_add(stream->checksum, memory, count);
    if (stream->left == 0 && stream->checksum != stream->wanted_checksum)
        TRY(fail(EPOCL_ERROR_DATA, "%s: its checksum is not that of its bytes: it is damaged", stream->name));
    *read_bytes = count;
cleanup:
    return status;
}

byte_stream zip_stream_bytes(zip_stream *stream) {
    return (byte_stream){read_member, stream, stream->name};
}

void zip_stream_close(zip_stream *stream) {
    if (!stream) return;
    if (stream->unpacks) inflateEnd(&stream->unpacker);
    free(stream);
}
