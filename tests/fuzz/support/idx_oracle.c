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

static size_t label_bytes(unsigned type) {
    return type == BYTES || type == SIGNED_BYTES ? 1 : type == SHORTS ? 2 : type == INTS ? 4 : 0;
}

static int64_t label_at(const uint8_t *bytes, unsigned type) {
    switch (type) {
    case BYTES: return bytes[0];
    case SIGNED_BYTES: return bytes[0] < 0x80 ? bytes[0] : (int64_t)bytes[0] - 0x100;
    case SHORTS: return bytes[0] < 0x80 ? bytes[0] << 8 | bytes[1] : (int64_t)(bytes[0] << 8 | bytes[1]) - 0x10000;
    default: return bytes[0] < 0x80 ? (int64_t)big_endian(bytes) : (int64_t)big_endian(bytes) - ((int64_t)1 << 32);
    }
}

void expect_labels(const uint8_t *bytes, size_t byte_count, const uint32_t *labels, size_t label_count,
                   size_t class_count) {
    header read = {0};
    int64_t largest = -1;
    bool is_right = read_header(bytes, byte_count, &read) && bytes[3] == 1 && label_bytes(read.type) != 0 &&
                    byte_count - read.header_bytes == read.sample_count * label_bytes(read.type);
    for (size_t i = 0; is_right && i < read.sample_count; i++) {
        const int64_t label = label_at(bytes + read.header_bytes + i * label_bytes(read.type), read.type);
        is_right = label >= 0 && label < 1 << 20;
        if (label > largest) largest = label;
        if (is_right && labels) EXPECT(i < label_count && labels[i] == label);
    }
    EXPECT(is_right == (labels != NULL));
    if (labels) EXPECT(label_count == read.sample_count && (int64_t)class_count == largest + 1);
}
