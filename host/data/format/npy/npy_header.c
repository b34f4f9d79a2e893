#include "data/format/npy/npy_header.h"

#include "base/checked.h"
#include "base/number.h"
#include "base/printable.h"
#include "data/table.h"

#include <string.h>

enum { PREAMBLE_BYTES = 8, MAX_HEADER_BYTES = 1 << 16 };

/* The dictionary's text, read from left to right. */
typedef struct parser {
    const char *place; /* ends with a NUL */
    const char *name;
} parser;

static epocl_status fail_header(const parser *text) {
    return fail(EPOCL_ERROR_DATA, "%s: its npy header is damaged", text->name);
}

static bool accept(parser *text, char c) {
    while (*text->place == ' ' || *text->place == '\n') text->place++;
    if (*text->place != c) return false;
    text->place++;
    return true;
}

/* A text in single quotes, its length in *length; NULL if there is none. */
static const char *parse_word(parser *text, size_t *length) {
    if (!accept(text, '\'')) return NULL;
    const char *word = text->place, *end = strchr(word, '\'');
    if (!end) return NULL;
    text->place = end + 1;
    *length = (size_t)(end - word);
    return word;
}

static epocl_status fail_type(const parser *text, const char *word, size_t length) {
    char shown[PRINTABLE_CAPACITY], copy[16] = {0};
    memcpy(copy, word, smaller(length, sizeof copy - 1));
    const char kind = length > 1 ? word[1] : '?';
    const char *why = kind == 'O'                  ? "Python objects"
                      : kind == 'c'                ? "complex numbers"
                      : kind == 'M' || kind == 'm' ? "dates"
                                                   : "values that are neither numbers nor texts";
    return fail(EPOCL_ERROR_DATA, "%s: holds %s (type '%s'); convert it with .astype('float32')", text->name, why,
                printable(copy, shown));
}

/* '<f4': the byte order, the kind, the bytes, or characters of U. */
static epocl_status parse_type(parser *text, npy_header *header) {
    uint64_t size = 0;
    size_t length = 0;
    const char *word = parse_word(text, &length);
    if (!word) /* the list of a structure's fields, most likely */
        return fail(EPOCL_ERROR_DATA, "%s: holds structures; save its fields apart with numpy.savez", text->name);
    if (length < 3 || !strchr("<>|=", word[0]) || !number_whole(word + 2, length - 2, &size))
        return fail_type(text, word, length);
    header->kind = word[1];
    header->is_big_endian = word[0] == '>';
    const bool is_power = size == 1 || size == 2 || size == 4 || size == 8;
    const bool is_known = header->kind == 'b'                          ? size == 1
                          : header->kind == 'i' || header->kind == 'u' ? is_power
                          : header->kind == 'f'                        ? is_power && size > 1
                          : header->kind == 'S'                        ? size > 0 && size <= NPY_MAX_VALUE_BYTES
                          : header->kind == 'U'                        ? size > 0 && size <= NPY_MAX_VALUE_BYTES / 4
                                                                       : false;
    if (!is_known) return fail_type(text, word, length);
    header->value_bytes = (size_t)size * (header->kind == 'U' ? 4 : 1);
    return EPOCL_OK;
}

static epocl_status parse_truth(parser *text, bool *truth) {
    accept(text, ' ');
    *truth = strncmp(text->place, "True", 4) == 0;
    if (!*truth && strncmp(text->place, "False", 5) != 0) return fail_header(text);
    text->place += *truth ? 4 : 5;
    return EPOCL_OK;
}

/* (3, 4), (3,) or (). */
static epocl_status parse_shape(parser *text, npy_header *header) {
    header->column_count = 1;
    header->dimension_count = 0;
    if (!accept(text, '(')) return fail_header(text);
    while (!accept(text, ')')) {
        uint64_t size = 0;
        accept(text, ' ');
        const size_t length = strspn(text->place, "0123456789");
        if (!number_whole(text->place, length, &size) || header->dimension_count == NPY_MAX_DIMENSIONS)
            return fail_header(text);
        text->place += length;
        header->dimensions[header->dimension_count] = (size_t)size;
        if (header->dimension_count++ == 0)
            header->row_count = (size_t)size;
        else if (!checked_multiply(header->column_count, (size_t)size, &header->column_count))
            return fail_header(text);
        if (!accept(text, ',') && *text->place != ')') return fail_header(text);
    }
    if (header->dimension_count == 0) return fail(EPOCL_ERROR_DATA, "%s: holds a single value, no table", text->name);
    if (header->row_count == 0 || header->column_count == 0)
        return fail(EPOCL_ERROR_DATA, "%s: is empty: one of its dimensions is 0", text->name);
    if (header->row_count > TABLE_MAX_ROWS || header->column_count > TABLE_MAX_COLUMNS)
        return fail(EPOCL_ERROR_DATA, "%s: its %zu rows of %zu values are more than the %zu of %zu that are supported",
                    text->name, header->row_count, header->column_count, TABLE_MAX_ROWS, TABLE_MAX_COLUMNS);
    return EPOCL_OK;
}

/* {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), } in any order. */
static epocl_status parse(parser *text, npy_header *header) {
    epocl_status status = EPOCL_OK;
    unsigned seen = 0;
    if (!accept(text, '{')) TRY(fail_header(text));
    while (!accept(text, '}')) {
        size_t length = 0;
        const char *key = parse_word(text, &length);
        if (!key || !accept(text, ':')) TRY(fail_header(text));
        if (length == 5 && memcmp(key, "descr", 5) == 0) {
            TRY(parse_type(text, header));
            seen |= 1;
        } else if (length == 13 && memcmp(key, "fortran_order", 13) == 0) {
            TRY(parse_truth(text, &header->is_fortran));
            seen |= 2;
        } else if (length == 5 && memcmp(key, "shape", 5) == 0) {
            TRY(parse_shape(text, header));
            seen |= 4;
        } else {
            TRY(fail_header(text));
        }
        if (!accept(text, ',') && *text->place != '}') TRY(fail_header(text));
    }
    if (seen != 7) TRY(fail_header(text));
cleanup:
    return status;
}

epocl_status npy_header_read(const byte_stream *stream, npy_header *header) {
    epocl_status status = EPOCL_OK;
    unsigned char preamble[PREAMBLE_BYTES], size[4] = {0}, *bytes = NULL;
    char *text = NULL;
    size_t held_bytes = 0;
    *header = (npy_header){0};
    TRY(byte_stream_read(stream, preamble, sizeof preamble));
    if (memcmp(preamble, NPY_MAGIC, sizeof NPY_MAGIC - 1) != 0)
        TRY(fail(EPOCL_ERROR_DATA, "%s: is no npy array", stream->name));
    const unsigned version = preamble[6];
    if (version < 1 || version > 3)
        TRY(fail(EPOCL_ERROR_DATA, "%s: is of npy version %u; 1 to 3 are supported", stream->name, version));
    TRY(byte_stream_read(stream, size, version == 1 ? 2 : 4));
    const size_t text_bytes = (size_t)size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    if (text_bytes > MAX_HEADER_BYTES)
        TRY(fail(EPOCL_ERROR_DATA, "%s: its npy header is longer than %d bytes", stream->name, MAX_HEADER_BYTES));
    TRY(byte_stream_read_new(stream, text_bytes, &bytes, &held_bytes));
    TRY(allocate(text_bytes + 1, 1, "an npy header", &text));
    memcpy(text, bytes, text_bytes);
    TRY(parse(&(parser){text, stream->name}, header));
cleanup:
    free(bytes);
    free(text);
    return status;
}
