#include "data/format/text_source.h"

#include "base/checked.h"

#include <stdint.h>
#include <string.h>

enum {
    HEAD_BYTES = 1 << 16, /* by which the encoding is told                 */
    UNITS = 4096,         /* bytes or pairs of bytes, converted at once    */
    LONGEST = 4,          /* bytes of a character                          */
    REPLACEMENT = 0xFFFD
};

typedef enum encoding { ENCODING_BYTES, ENCODING_UTF16_LITTLE, ENCODING_UTF16_BIG, ENCODING_LATIN1 } encoding;

struct text_source {
    byte_source *bytes;
    encoding encoding;
    unsigned char head[HEAD_BYTES]; /* read to tell the encoding                  */
    size_t head_begin, head_end;
    uint32_t high;                     /* the first half of a pair, or 0             */
    char ready[(UNITS + 1) * LONGEST]; /* converted                                  */
    size_t ready_begin, ready_end;
};

/* ---- Which encoding ------------------------------------------------------------------------------ */

/* The length of the character of several bytes at `text`; 0 where it is none, and `bytes` where it goes on behind. */
static size_t character_bytes(const unsigned char *text, size_t bytes) {
    const size_t length = *text >= 0xC2 && *text < 0xE0 ? 2
                          : (*text & 0xF0) == 0xE0      ? 3
                          : (*text & 0xF8) == 0xF0      ? 4
                                                        : 0;
    for (size_t i = 1; i < length; i++) {
        if (i == bytes) return bytes;
        if ((text[i] & 0xC0) != 0x80) return 0;
    }
    return length;
}

/* Whether there are bytes beyond ASCII, and nowhere such that are a character of UTF-8. */
static bool is_latin1(const unsigned char *text, size_t bytes) {
    bool has_others = false;
    for (size_t i = 0; i < bytes; i++) {
        if (text[i] < 0x80) continue;
        if (character_bytes(text + i, bytes - i) > 0) return false;
        has_others = true;
    }
    return has_others;
}

/* Whether two characters of ASCII stand there, each with a zero behind it (or, `first` 1, before it). */
static bool is_unmarked(const unsigned char *text, size_t bytes, size_t first) {
    return bytes >= 4 && text[first] && !text[1 - first] && text[2 + first] && !text[3 - first];
}

/* Sets the encoding, and skips a mark. */
static void find_encoding(text_source *source) {
    const unsigned char *head = source->head;
    const size_t count = source->head_end;
    source->encoding = ENCODING_BYTES;
    if (count >= 3 && head[0] == 0xEF && head[1] == 0xBB && head[2] == 0xBF) {
        source->head_begin = 3;
    } else if (count >= 2 && head[0] == 0xFF && head[1] == 0xFE) {
        source->encoding = ENCODING_UTF16_LITTLE;
        source->head_begin = 2;
    } else if (count >= 2 && head[0] == 0xFE && head[1] == 0xFF) {
        source->encoding = ENCODING_UTF16_BIG;
        source->head_begin = 2;
    } else if (is_unmarked(head, count, 0)) {
        source->encoding = ENCODING_UTF16_LITTLE;
    } else if (is_unmarked(head, count, 1)) {
        source->encoding = ENCODING_UTF16_BIG;
    } else if (is_latin1(head, count)) {
        source->encoding = ENCODING_LATIN1;
    }
}

static epocl_status read_head(text_source *source) {
    source->high = 0;
    source->ready_begin = source->ready_end = source->head_begin = source->head_end = 0;
    const epocl_status status = byte_source_read(source->bytes, source->head, HEAD_BYTES, &source->head_end);
    if (status == EPOCL_OK) find_encoding(source);
    return status;
}

epocl_status text_source_open(byte_source *bytes, text_source **source) {
    epocl_status status = EPOCL_OK;
    text_source *opened = NULL;
    *source = NULL;
    TRY(allocate(1, sizeof *opened, "a text's buffer", &opened));
    opened->bytes = bytes;
    TRY(read_head(opened));
    *source = opened;
    opened = NULL;
cleanup:
    text_source_close(opened);
    return status;
}

const char *text_source_encoding(const text_source *source) {
    static const char *const names[] = {[ENCODING_BYTES] = NULL,
                                        [ENCODING_UTF16_LITTLE] = "UTF-16",
                                        [ENCODING_UTF16_BIG] = "UTF-16",
                                        [ENCODING_LATIN1] = "Latin-1 (Windows-1252)"};
    return names[source->encoding];
}

/* ---- Conversion ---------------------------------------------------------------------------------- */

/* From the head, then from the file. */
static epocl_status read_bytes_of(text_source *source, void *memory, size_t bytes, size_t *read_bytes) {
    const size_t held = smaller(bytes, source->head_end - source->head_begin);
    memcpy(memory, source->head + source->head_begin, held);
    source->head_begin += held;
    const epocl_status status = byte_source_read(source->bytes, (char *)memory + held, bytes - held, read_bytes);
    *read_bytes += held;
    return status;
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

/* What Windows has in the place of Latin-1's second set of control characters; 0: those. */
static uint32_t latin1_character(unsigned char byte) {
    static const uint16_t others[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                        0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};
    const uint32_t other = byte >= 0x80 && byte < 0xA0 ? others[byte - 0x80] : 0;
    return other ? other : byte;
}

static void append_units(text_source *source, const unsigned char *units, size_t count) {
    const bool is_little = source->encoding == ENCODING_UTF16_LITTLE;
    for (size_t i = 0; i < count; i += 2)
        append_unit(source,
                    is_little ? (uint32_t)units[i + 1] << 8 | units[i] : (uint32_t)units[i] << 8 | units[i + 1]);
    if (count < (size_t)2 * UNITS && source->high) {
        source->high = 0;
        append(source, REPLACEMENT);
    }
}

/* Makes more UTF-8 ready; nothing at the end of the file. */
static epocl_status convert(text_source *source) {
    epocl_status status = EPOCL_OK;
    unsigned char bytes[2 * UNITS];
    const bool from_latin1 = source->encoding == ENCODING_LATIN1;
    size_t count = 0;
    source->ready_begin = source->ready_end = 0;
    TRY(read_bytes_of(source, bytes, from_latin1 ? UNITS : sizeof bytes, &count));
    if (!from_latin1 && count % 2 != 0)
        TRY(fail(EPOCL_ERROR_DATA, "%s: truncated: UTF-16 with half a character at its end",
                 byte_source_name(source->bytes)));
    if (!from_latin1) append_units(source, bytes, count);
    for (size_t i = 0; from_latin1 && i < count; i++) append(source, latin1_character(bytes[i]));
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
    if (source->encoding == ENCODING_BYTES) TRY(read_bytes_of(source, memory, bytes, &done));
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
    return status == EPOCL_OK ? read_head(source) : status;
}

void text_source_close(text_source *source) {
    free(source);
}
