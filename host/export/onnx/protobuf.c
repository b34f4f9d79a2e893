#include "export/onnx/protobuf.h"

#include "base/checked.h"

#include <string.h>

/* ---- Writing ------------------------------------------------------------------------------------ */

enum { LEAST_CAPACITY = 256, VARINT_BITS = 7, VARINT_MORE = 0x80, KEY_TYPE_BITS = 3, MOST_FIELD = 0x1fffffff };

void protobuf_release(protobuf *message) {
    free(message->bytes);
    *message = (protobuf){0};
}

static void append(protobuf *message, const void *bytes, size_t byte_count) {
    if (message->has_failed || byte_count == 0) return;
    if (byte_count > message->capacity - message->length) {
        size_t capacity = message->capacity ? message->capacity : LEAST_CAPACITY;
        while (capacity < SIZE_MAX / 2 && byte_count > capacity - message->length) capacity *= 2;
        unsigned char *larger = byte_count <= capacity - message->length ? realloc(message->bytes, capacity) : NULL;
        if (!larger) {
            message->has_failed = true;
            return;
        }
        message->bytes = larger;
        message->capacity = capacity;
    }
    memcpy(message->bytes + message->length, bytes, byte_count);
    message->length += byte_count;
}

/* Seven bits a byte, the lowest first. */
static void append_varint(protobuf *message, uint64_t value) {
    unsigned char bytes[10];
    size_t count = 0;
    for (; value >= VARINT_MORE; value >>= VARINT_BITS) bytes[count++] = (unsigned char)(value | VARINT_MORE);
    bytes[count++] = (unsigned char)value;
    append(message, bytes, count);
}

static void append_key(protobuf *message, unsigned field, protobuf_type type) {
    append_varint(message, (uint64_t)field << KEY_TYPE_BITS | type);
}

void protobuf_put_whole(protobuf *message, unsigned field, uint64_t value) {
    append_key(message, field, PROTOBUF_WHOLE);
    append_varint(message, value);
}

/* The lower bytes of `bits`, the lowest first. */
static void append_bits(protobuf *message, uint64_t bits, size_t byte_count) {
    unsigned char bytes[sizeof bits];
    for (size_t i = 0; i < byte_count; i++) bytes[i] = (unsigned char)(bits >> 8 * i);
    append(message, bytes, byte_count);
}

void protobuf_put_float(protobuf *message, unsigned field, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    append_key(message, field, PROTOBUF_FOUR);
    append_bits(message, bits, sizeof bits);
}

void protobuf_put_double(protobuf *message, unsigned field, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    append_key(message, field, PROTOBUF_EIGHT);
    append_bits(message, bits, sizeof bits);
}

void protobuf_put_head(protobuf *message, unsigned field, uint64_t byte_count) {
    append_key(message, field, PROTOBUF_BYTES);
    append_varint(message, byte_count);
}

void protobuf_put_bytes(protobuf *message, unsigned field, const void *bytes, size_t byte_count) {
    protobuf_put_head(message, field, byte_count);
    append(message, bytes, byte_count);
}

void protobuf_put_text(protobuf *message, unsigned field, const char *text) {
    protobuf_put_bytes(message, field, text, strlen(text));
}

void protobuf_put_message(protobuf *message, unsigned field, protobuf *part) {
    message->has_failed = message->has_failed || part->has_failed;
    protobuf_put_bytes(message, field, part->bytes, part->length);
    protobuf_release(part);
}

epocl_status protobuf_check(const protobuf *message) {
    return message->has_failed ? fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's description") : EPOCL_OK;
}

/* ---- Reading ------------------------------------------------------------------------------------ */

bool protobuf_next_whole(protobuf_part *packed, uint64_t *value, bool *is_damaged) {
    *value = 0;
    if (packed->next == packed->end) return false;
    for (unsigned shift = 0; packed->next < packed->end; shift += VARINT_BITS) {
        const unsigned char byte = *packed->next++;
        if (shift == 63 && byte > 1) break;
        *value |= (uint64_t)(byte & (VARINT_MORE - 1)) << shift;
        if (byte < VARINT_MORE) return true;
    }
    *is_damaged = true;
    return false;
}

static bool take(protobuf_part *message, uint64_t byte_count, protobuf_part *bytes) {
    if (byte_count > protobuf_length(*message)) return false;
    *bytes = (protobuf_part){message->next, message->next + byte_count};
    message->next = bytes->end;
    return true;
}

/* The value that follows a key. */
static bool take_value(protobuf_part *message, protobuf_field *field) {
    bool is_damaged = false;
    switch (field->type) {
    case PROTOBUF_WHOLE: return protobuf_next_whole(message, &field->whole, &is_damaged);
    case PROTOBUF_EIGHT: return take(message, 8, &field->bytes);
    case PROTOBUF_FOUR: return take(message, 4, &field->bytes);
    case PROTOBUF_BYTES:
        return protobuf_next_whole(message, &field->whole, &is_damaged) && take(message, field->whole, &field->bytes);
    }
    return false; /* groups, and types that there are not */
}

bool protobuf_next(protobuf_part *message, protobuf_field *field, bool *is_damaged) {
    uint64_t key = 0;
    if (!protobuf_next_whole(message, &key, is_damaged)) return false;
    *field = (protobuf_field){.number = (unsigned)(key >> KEY_TYPE_BITS),
                              .type = (protobuf_type)(key & ((1 << KEY_TYPE_BITS) - 1))};
    if (key >> KEY_TYPE_BITS >= 1 && key >> KEY_TYPE_BITS <= MOST_FIELD && take_value(message, field)) return true;
    *is_damaged = true;
    return false;
}

float protobuf_float(const unsigned char *bytes) {
    uint32_t bits = 0;
    float value;
    for (size_t i = 0; i < sizeof bits; i++) bits |= (uint32_t)bytes[i] << 8 * i;
    memcpy(&value, &bits, sizeof value);
    return value;
}

double protobuf_double(const unsigned char *bytes) {
    uint64_t bits = 0;
    double value;
    for (size_t i = 0; i < sizeof bits; i++) bits |= (uint64_t)bytes[i] << 8 * i;
    memcpy(&value, &bits, sizeof value);
    return value;
}

bool protobuf_is_text(protobuf_part bytes, const char *text) {
    const size_t length = strlen(text);
    return protobuf_length(bytes) == length && memcmp(bytes.next, text, length) == 0;
}
