#include "data/format/text_source.h"

#include "base/checked.h"

#include <stdint.h>
#include <string.h>

enum {
    UNITS = 4096, /* of UTF-16, converted at once                    */
    LONGEST = 4,  /* bytes of a character                            */
    REPLACEMENT = 0xFFFD
};

typedef enum encoding { ENCODING_BYTES, ENCODING_UTF16_LITTLE, ENCODING_UTF16_BIG } encoding;

struct text_source {
    byte_source *bytes;
    encoding encoding;
    unsigned char odd[2]; /* UTF-16 read with the mark                   */
    size_t odd_count;
    uint32_t high;                     /* the first half of a pair, or 0              */
    char ready[(UNITS + 1) * LONGEST]; /* converted, or read to find a mark           */
    size_t ready_begin, ready_end;
};

/* Reads the mark; bytes that are none are ready to be delivered. */
static epocl_status read_mark(text_source *source) {
    epocl_status status = EPOCL_OK;
    unsigned char mark[3] = {0};
    size_t count = 0, used = 0;
    TRY(byte_source_read(source->bytes, mark, sizeof mark, &count));
    source->encoding = ENCODING_BYTES;
    source->high = 0;
    source->ready_begin = source->ready_end = source->odd_count = 0;
    if (count == 3 && mark[0] == 0xEF && mark[1] == 0xBB && mark[2] == 0xBF) {
        used = 3;
    } else if (count >= 2 && mark[0] == 0xFF && mark[1] == 0xFE) {
        source->encoding = ENCODING_UTF16_LITTLE;
        used = 2;
    } else if (count >= 2 && mark[0] == 0xFE && mark[1] == 0xFF) {
        source->encoding = ENCODING_UTF16_BIG;
        used = 2;
    }
    if (source->encoding == ENCODING_BYTES) {
        memcpy(source->ready, mark + used, count - used);
        source->ready_end = count - used;
    } else {
        memcpy(source->odd, mark + used, count - used);
        source->odd_count = count - used;
    }
cleanup:
    return status;
}

epocl_status text_source_open(byte_source *bytes, text_source **source) {
    epocl_status status = EPOCL_OK;
    text_source *opened = NULL;
    *source = NULL;
    TRY(allocate(1, sizeof *opened, "a text's buffer", &opened));
    opened->bytes = bytes;
    TRY(read_mark(opened));
    *source = opened;
    opened = NULL;
cleanup:
    text_source_close(opened);
    return status;
}

bool text_source_is_utf16(const text_source *source) {
    return source->encoding != ENCODING_BYTES;
}

static void append(text_source *source, uint32_t character) {
    char *place = source->ready + source->ready_end;
    size_t length = character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0, 0xC0, 0xE0, 0xF0};
    source->ready_end += length;
    for (size_t i = length; i-- > 1; character >>= 6) place[i] = (char)(0x80 | (character & 0x3F));
    place[0] = (char)(first[length] | character);
}

static void append_unit(text_source *source, uint32_t unit) {
    const uint32_t high = source->high;
    source->high = 0;
    if (high && unit >= 0xDC00 && unit < 0xE000) {
        append(source, 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00));
        return;
    }
    if (high) append(source, REPLACEMENT);
    if (unit >= 0xD800 && unit < 0xDC00)
        source->high = unit;
    else
        append(source, unit >= 0xDC00 && unit < 0xE000 ? REPLACEMENT : unit);
}

/* Makes more UTF-8 ready; nothing at the end of the file. */
static epocl_status convert(text_source *source) {
    epocl_status status = EPOCL_OK;
    unsigned char units[2 * UNITS];
    const size_t odd_count = source->odd_count;
    size_t count = 0;
    memcpy(units, source->odd, odd_count);
    TRY(byte_source_read(source->bytes, units + odd_count, sizeof units - odd_count, &count));
    count += odd_count;
    source->ready_begin = source->ready_end = source->odd_count = 0;
    if (count % 2 != 0)
        TRY(fail(EPOCL_ERROR_DATA, "%s: truncated: UTF-16 with half a character at its end",
                 byte_source_name(source->bytes)));
    for (size_t i = 0; i < count; i += 2)
        append_unit(source, source->encoding == ENCODING_UTF16_LITTLE ? (uint32_t)units[i + 1] << 8 | units[i]
                                                                      : (uint32_t)units[i] << 8 | units[i + 1]);
    if (count < sizeof units && source->high) {
        source->high = 0;
        append(source, REPLACEMENT);
    }
cleanup:
    return status;
}

static size_t take(text_source *source, char *memory, size_t bytes) {
    const size_t count = smaller(bytes, source->ready_end - source->ready_begin);
    memcpy(memory, source->ready + source->ready_begin, count);
    source->ready_begin += count;
    return count;
}

epocl_status text_source_read(text_source *source, char *memory, size_t bytes, size_t *read_bytes) {
    epocl_status status = EPOCL_OK;
    size_t done = 0, count = 0;
    if (source->encoding == ENCODING_BYTES) {
        done = take(source, memory, bytes);
        TRY(byte_source_read(source->bytes, memory + done, bytes - done, &count));
        done += count;
    }
    while (source->encoding != ENCODING_BYTES && done < bytes) {
        if (source->ready_begin == source->ready_end) TRY(convert(source));
        count = take(source, memory + done, bytes - done);
        if (count == 0) break;
        done += count;
    }
cleanup:
    *read_bytes = done;
    return status;
}

epocl_status text_source_rewind(text_source *source) {
    const epocl_status status = byte_source_rewind(source->bytes);
    return status == EPOCL_OK ? read_mark(source) : status;
}

void text_source_close(text_source *source) {
    free(source);
}
