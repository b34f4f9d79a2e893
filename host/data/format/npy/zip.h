/* Members of a zip archive in memory, stored or deflated, with 64-bit sizes where it has them. */
#ifndef EPOCL_DATA_FORMAT_NPY_ZIP_H
#define EPOCL_DATA_FORMAT_NPY_ZIP_H

#include "data/format/byte_stream.h"

#include <stdint.h>

typedef struct zip_member {
    const char *name; /* not ended by a NUL */
    size_t name_length;
    unsigned method, flags;
    uint32_t checksum;
    uint64_t packed_bytes, bytes, header_offset;
} zip_member;

typedef struct zip_archive {
    const unsigned char *bytes; /* all of the file, borrowed */
    size_t byte_count;
    const char *name; /* for error texts */
    size_t next;      /* of the directory's entries */
    size_t end, member_count;
} zip_archive;

/* Finds the directory; EPOCL_ERROR_DATA if there is none. */
epocl_status zip_open(zip_archive *archive, const unsigned char *bytes, size_t byte_count, const char *name);

/* The directory's next member; *has_member is false behind the last. */
epocl_status zip_next(zip_archive *archive, zip_member *member, bool *has_member);

typedef struct zip_stream zip_stream;

/* The bytes of a member, unpacked; reading the last of them compares length and checksum. `name`, for error texts, is
 * borrowed. EPOCL_ERROR_DATA for encrypted members and other methods. */
epocl_status zip_stream_open(const zip_archive *archive, const zip_member *member, const char *name,
                             zip_stream **stream);
byte_stream zip_stream_bytes(zip_stream *stream);

/* Accepts NULL. */
void zip_stream_close(zip_stream *stream);

#endif
