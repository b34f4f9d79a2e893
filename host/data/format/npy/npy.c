#include "data/format/npy/npy.h"

#include "base/checked.h"
#include "data/format/table_build.h"

#include <math.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 18, FIRST_VALUES = 1 << 12 };

#define FLOAT_INTEGER 16777216.0 /* up to here, floats hold all whole numbers */

/* A column that is being read. */
typedef struct column_state {
    size_t capacity;
    levels texts;
} column_state;

typedef struct npy_reader {
    const byte_stream *stream;
    const npy_header *header;
    table *made;
    size_t first; /* the array's first column in `made` */
    cell_rules rules;
} npy_reader;

static uint64_t read_word(const unsigned char *bytes, size_t count, bool is_big_endian) {
    uint64_t word = 0;
    for (size_t i = 0; i < count; i++) word = word << 8 | bytes[is_big_endian ? i : count - 1 - i];
    return word;
}

static float half_to_float(uint64_t half) {
    const int exponent = (int)(half >> 10 & 31);
    const float fraction = (float)(half & 1023);
    float magnitude = exponent == 0 ? ldexpf(fraction, -24) : ldexpf(1024.0f + fraction, exponent - 25);
    if (exponent == 31) magnitude = fraction != 0.0f ? NAN : INFINITY;
    return half >> 15 ? -magnitude : magnitude;
}

/* A value as a float; *loses_digits if it is a whole number that the float is not. */
static float read_number(const npy_header *header, const unsigned char *bytes, bool *loses_digits) {
    const uint64_t word = read_word(bytes, header->value_bytes, header->is_big_endian);
    const unsigned unused_bits = (unsigned)(64 - 8 * header->value_bytes);
    double real = 0.0;
    if (header->kind == 'f' && header->value_bytes == 2) return half_to_float(word);
    if (header->kind == 'f' && header->value_bytes == 4) {
        const uint32_t bits = (uint32_t)word;
        float number = 0.0f;
        memcpy(&number, &bits, sizeof number);
        return number;
    }
    if (header->kind == 'b') return word ? 1.0f : 0.0f;
    if (header->kind == 'f') {
        memcpy(&real, &word, sizeof real);
        *loses_digits |= fabs(real) > FLOAT_INTEGER && isfinite(real) && floor(real) == real &&
                         (double)(float)real != real && fabs(real) < 9.1e15;
        return (float)real;
    }
    if (header->kind == 'u') {
        const float number = (float)word;
        *loses_digits |= word > (uint64_t)FLOAT_INTEGER && (number >= 0x1p64f || (uint64_t)number != word);
        return number;
    }
    /* The sign bit to the front and back. */
    const uint64_t sign = (uint64_t)1 << (63 - unused_bits);
    const bool is_negative = (word & sign) != 0;
    const uint64_t magnitude = is_negative ? (~word + 1) & (sign | (sign - 1)) : word;
    const float number = (float)magnitude;
    *loses_digits |= magnitude > (uint64_t)FLOAT_INTEGER && (number >= 0x1p64f || (uint64_t)number != magnitude);
    return is_negative ? -number : number;
}

/* Writes a U value as UTF-8; its length. */
static size_t read_characters(const npy_header *header, const unsigned char *bytes, char *text) {
    size_t length = 0;
    for (size_t i = 0; i < header->value_bytes; i += 4) {
        uint32_t c = (uint32_t)read_word(bytes + i, 4, header->is_big_endian);
        if (c == 0) break;
        if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) c = 0xFFFD;
        if (c < 0x80) {
            text[length++] = (char)c;
            continue;
        }
        const unsigned more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        static const unsigned char first[] = {0, 0xC0, 0xE0, 0xF0};
        text[length++] = (char)(first[more] | c >> (6 * more));
        for (unsigned k = more; k-- > 0;) text[length++] = (char)(0x80 | (c >> (6 * k) & 0x3F));
    }
    return length;
}

static bool is_text(const npy_header *header) {
    return header->kind == 'S' || header->kind == 'U';
}

static epocl_status read_text(npy_reader *reader, column_state *state, const unsigned char *bytes, uint32_t *code) {
    char text[NPY_MAX_VALUE_BYTES];
    size_t length = 0;
    if (reader->header->kind == 'U') {
        length = read_characters(reader->header, bytes, text);
    } else {
        const unsigned char *end = memchr(bytes, 0, reader->header->value_bytes);
        length = end ? (size_t)(end - bytes) : reader->header->value_bytes;
        memcpy(text, bytes, length);
    }
    *code = TABLE_MISSING;
    if (length == 0) return EPOCL_OK;
    *code = levels_add(&state->texts, reader->made->texts, text, length);
    return *code == LEVEL_NONE ? EPOCL_ERROR_MEMORY : EPOCL_OK;
}

/* Puts a value into row `row` of the array's column `i`, whose memory grows with its rows. */
static epocl_status put(npy_reader *reader, size_t i, column_state *state, size_t row, const unsigned char *bytes) {
    table_column *column = &reader->made->columns[reader->first + i];
    if (row == state->capacity) {
        const size_t first = 1 + FIRST_VALUES / reader->header->column_count;
        const size_t capacity = smaller(reader->header->row_count, row ? row + row / 2 + 1 : first);
        const epocl_status status = table_resize_column(reader->made, column, capacity);
        if (status != EPOCL_OK) return status;
        state->capacity = capacity;
    }
    if (column->is_text) return read_text(reader, state, bytes, &column->codes[row]);
    column->numbers[row] = read_number(reader->header, bytes, &column->loses_digits);
    return EPOCL_OK;
}

static epocl_status add_columns(npy_reader *reader, size_t count) {
    const size_t had = reader->made->column_count;
    const epocl_status status = table_add_columns(reader->made, count);
    for (size_t i = had; status == EPOCL_OK && i < reader->made->column_count; i++)
        reader->made->columns[i].is_text = is_text(reader->header);
    return status;
}

static epocl_status finish_column(npy_reader *reader, size_t i, column_state *state) {
    table_column *column = &reader->made->columns[reader->first + i];
    if (column->is_text) return table_finish_texts(reader->made, column, &state->texts, &reader->rules);
    table_finish_numbers(reader->made, column);
    return EPOCL_OK;
}

/* Rows, each of a value for every column. The first are read before memory is taken for the columns. */
static epocl_status read_rows(npy_reader *reader) {
    epocl_status status = EPOCL_OK;
    column_state *states = NULL;
    unsigned char *block = NULL;
    const npy_header *header = reader->header;
    const size_t row_bytes = header->column_count * header->value_bytes, block_rows = 1 + BLOCK_BYTES / row_bytes;
    size_t held_bytes = 0;
    TRY(byte_stream_read_new(reader->stream, row_bytes * smaller(block_rows, header->row_count), &block, &held_bytes));
    TRY(allocate(header->column_count, sizeof *states, "an array's columns", &states));
    TRY(add_columns(reader, header->column_count));
    for (size_t row = 0; row < header->row_count;) {
        const size_t count = smaller(block_rows, header->row_count - row);
        if (row > 0) TRY(byte_stream_read(reader->stream, block, count * row_bytes));
        const unsigned char *place = block;
        for (size_t end = row + count; row < end; row++)
            for (size_t i = 0; i < header->column_count; i++, place += header->value_bytes)
                TRY(put(reader, i, &states[i], row, place));
    }
    for (size_t i = 0; i < header->column_count; i++) TRY(finish_column(reader, i, &states[i]));
cleanup:
    for (size_t i = 0; states && i < header->column_count; i++) levels_release(&states[i].texts);
    free(states);
    free(block);
    return status;
}

static epocl_status read_column(npy_reader *reader, size_t i, unsigned char *block, size_t block_values) {
    epocl_status status = EPOCL_OK;
    const npy_header *header = reader->header;
    column_state state = {0};
    for (size_t row = 0; row < header->row_count;) {
        const size_t count = smaller(block_values, header->row_count - row);
        TRY(byte_stream_read(reader->stream, block, count * header->value_bytes));
        if (row == 0) TRY(add_columns(reader, 1));
        for (size_t k = 0; k < count; k++, row++) TRY(put(reader, i, &state, row, block + k * header->value_bytes));
    }
    TRY(finish_column(reader, i, &state));
cleanup:
    levels_release(&state.texts);
    return status;
}

/* The place among columns of which the last index runs fastest, of the `i`th where the first does. */
static size_t turn(const npy_header *header, size_t i) {
    size_t place = 0;
    for (size_t k = 1; k < header->dimension_count; k++) {
        place = place * header->dimensions[k] + i % header->dimensions[k];
        i /= header->dimensions[k];
    }
    return place;
}

/* Columns, one after the other, put in their order in the end. */
static epocl_status read_fortran(npy_reader *reader) {
    epocl_status status = EPOCL_OK;
    unsigned char *block = NULL;
    table_column *turned = NULL;
    const npy_header *header = reader->header;
    const size_t block_values = 1 + BLOCK_BYTES / header->value_bytes;
    TRY(allocate(block_values, header->value_bytes, "an array's values", &block));
    for (size_t i = 0; i < header->column_count; i++) TRY(read_column(reader, i, block, block_values));
    table_column *columns = reader->made->columns + reader->first;
    TRY(allocate(header->column_count, sizeof *turned, "an array's columns", &turned));
    for (size_t i = 0; i < header->column_count; i++) turned[turn(header, i)] = columns[i];
    memcpy(columns, turned, header->column_count * sizeof *turned);
cleanup:
    free(turned);
    free(block);
    return status;
}

epocl_status npy_read_columns(const byte_stream *stream, const npy_header *header, table *made) {
    epocl_status status = EPOCL_OK;
    static const table_options no_options = {0};
    npy_reader reader = {.stream = stream, .header = header, .made = made, .first = made->column_count};
    TRY(cell_rules_make(&no_options, &reader.rules));
    made->row_count = header->row_count;
    TRY(header->is_fortran && header->column_count > 1 ? read_fortran(&reader) : read_rows(&reader));
    TRY(byte_stream_expect_end(stream));
cleanup:
    return status;
}

epocl_status npy_load(byte_source *bytes, table *made) {
    epocl_status status = EPOCL_OK;
    npy_header header;
    const byte_stream stream = byte_stream_of_source(bytes);
    byte_source_forget(bytes);
    made->format = TABLE_NPY;
    TRY(npy_header_read(&stream, &header));
    TRY(npy_read_columns(&stream, &header, made));
    for (size_t i = 0; i < made->column_count; i++) TRY(table_number_column(made, i, "", i + 1));
cleanup:
    return status;
}
