#include "fuzz/support/idx_oracle.h"

#include "fuzz/support/target.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { BYTES = 0x08, SIGNED_BYTES = 0x09, SHORTS = 0x0B, INTS = 0x0C, FLOATS = 0x0D };

typedef struct header {
    unsigned type;
    size_t header_bytes, sample_count, value_count; /* value_count: of a sample */
} header;

static uint32_t big_endian(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Whether there is a whole header, of dimensions from 1 to what is supported. */
static bool read_header(const uint8_t *bytes, size_t byte_count, header *read) {
    if (byte_count < 8 || bytes[0] != 0 || bytes[1] != 0 || bytes[3] == 0) return false;
    *read = (header){.type = bytes[2], .header_bytes = 4 + 4 * (size_t)bytes[3], .value_count = 1};
    if (byte_count < read->header_bytes) return false;
    read->sample_count = big_endian(bytes + 4);
    double value_count = 1;
    for (size_t at = 8; at < read->header_bytes; at += 4) {
        value_count *= big_endian(bytes + at);
        read->value_count *= big_endian(bytes + at); /* means something only when the product is small */
    }
    return read->sample_count >= 1 && read->sample_count <= (size_t)1 << 31 && value_count >= 1 &&
           value_count <= 1 << 24;
}

static bool is_inputs(const uint8_t *bytes, size_t byte_count, header *read) {
    if (!read_header(bytes, byte_count, read) || bytes[3] < 2) return false;
    if (read->type != BYTES && read->type != FLOATS) return false;
    const size_t value_bytes = read->type == BYTES ? 1 : 4;
    const uint64_t count = (uint64_t)read->sample_count * read->value_count;
    if (byte_count - read->header_bytes != count * value_bytes) return false;
    for (size_t at = read->header_bytes; at < byte_count && read->type == FLOATS; at += 4)
        if ((big_endian(bytes + at) & 0x7f800000) == 0x7f800000) return false; /* NaN or infinite */
    return true;
}

void expect_inputs(const uint8_t *bytes, size_t byte_count, const epocl_dataset *dataset) {
    header read;
    EXPECT(is_inputs(bytes, byte_count, &read) == (dataset != NULL));
    if (!dataset) return;
    EXPECT(epocl_dataset_sample_count(dataset) == read.sample_count);
    EXPECT(epocl_dataset_input_count(dataset) == read.value_count);
    EXPECT(epocl_dataset_class_count(dataset) == 0 && !dataset->labels);
    const uint8_t *payload = bytes + read.header_bytes;
    const size_t count = read.sample_count * read.value_count;
    if (read.type == BYTES) {
        EXPECT(dataset->type == INPUT_BYTES && memcmp(dataset->inputs, payload, count) == 0);
        return;
    }
    EXPECT(dataset->type == INPUT_FLOATS);
    for (size_t i = 0; i < count; i++) {
        uint32_t bits = 0;
        memcpy(&bits, (const char *)dataset->inputs + 4 * i, sizeof bits);
        EXPECT(bits == big_endian(payload + 4 * i));
    }
}

static size_t integer_bytes(unsigned type) {
    return type == BYTES || type == SIGNED_BYTES ? 1 : type == SHORTS ? 2 : type == INTS ? 4 : 0;
}

static int64_t integer_at(const uint8_t *bytes, unsigned type) {
    switch (type) {
    case BYTES: return bytes[0];
    case SIGNED_BYTES: return bytes[0] < 0x80 ? bytes[0] : (int64_t)bytes[0] - 0x100;
    case SHORTS: return bytes[0] < 0x80 ? bytes[0] << 8 | bytes[1] : (int64_t)(bytes[0] << 8 | bytes[1]) - 0x10000;
    default: return bytes[0] < 0x80 ? (int64_t)big_endian(bytes) : (int64_t)big_endian(bytes) - ((int64_t)1 << 32);
    }
}

/* Whether the payload is all of the type, and finite, below 2^20, or 0 and 1. */
static bool are_targets(const uint8_t *payload, const header *read, size_t dimension_count) {
    const size_t count = read->sample_count * read->value_count;
    for (size_t i = 0; i < count; i++) {
        if (read->type == FLOATS) {
            if ((big_endian(payload + 4 * i) & 0x7f800000) == 0x7f800000) return false; /* NaN or infinite */
            continue;
        }
        const int64_t integer = integer_at(payload + i * integer_bytes(read->type), read->type);
        if (integer < 0 || integer >= (dimension_count == 1 ? 1 << 20 : 2)) return false;
    }
    return true;
}

static void expect_payload(const uint8_t *payload, const header *read, const epocl_dataset *dataset) {
    size_t largest = 0;
    for (size_t i = 0; i < read->sample_count * read->value_count; i++) {
        const uint8_t *at = payload + i * (read->type == FLOATS ? 4 : integer_bytes(read->type));
        uint32_t bits = 0;
        if (dataset->values) memcpy(&bits, &dataset->values[i], sizeof bits);
        if (read->type == FLOATS)
            EXPECT(bits == big_endian(at));
        else if (dataset->values)
            EXPECT(dataset->values[i] == (float)integer_at(at, read->type));
        else
            EXPECT(dataset->labels[i] == integer_at(at, read->type));
        if (dataset->labels && dataset->labels[i] > largest) largest = dataset->labels[i];
    }
    EXPECT(dataset->class_count == (dataset->labels ? largest + 1 : 0));
}

void expect_targets(const uint8_t *bytes, size_t byte_count, const epocl_dataset *dataset) {
    header read = {0};
    const bool is_header = read_header(bytes, byte_count, &read);
    const size_t value_bytes = read.type == FLOATS ? 4 : integer_bytes(read.type);
    const uint64_t count = (uint64_t)read.sample_count * read.value_count;
    const bool is_right = is_header && bytes[3] <= 2 && value_bytes != 0 && read.value_count <= 1 << 20 &&
                          byte_count - read.header_bytes == count * value_bytes &&
                          are_targets(bytes + read.header_bytes, &read, bytes[3]);
    const bool is_read = dataset->labels || dataset->values;
    EXPECT(is_right == is_read);
    if (!is_read) return;
    EXPECT(!dataset->labels == (read.type == FLOATS || bytes[3] == 2) && !dataset->labels != !dataset->values);
    EXPECT(dataset->sample_count == read.sample_count);
    EXPECT(dataset->value_count == (dataset->values ? read.value_count : 0));
    expect_payload(bytes + read.header_bytes, &read, dataset);
}
