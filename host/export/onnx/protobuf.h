/* The wire format of protocol buffers, as far as ONNX and TensorBoard need it: a message is a row of fields, each a key
 * (number and type) and a value. Nothing here knows a message's meaning. */
#ifndef EPOCL_EXPORT_ONNX_PROTOBUF_H
#define EPOCL_EXPORT_ONNX_PROTOBUF_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* ---- Writing ------------------------------------------------------------------------------------ */

/* A message in the making, in memory of its own; all zero is an empty one. Once memory was missing it takes nothing
 * more. */
typedef struct protobuf {
    unsigned char *bytes;
    size_t length, capacity;
    bool has_failed;
} protobuf;

void protobuf_release(protobuf *message);

/* Each appends a field. */
void protobuf_put_whole(protobuf *message, unsigned field, uint64_t value);
void protobuf_put_float(protobuf *message, unsigned field, float value);
void protobuf_put_double(protobuf *message, unsigned field, double value);
void protobuf_put_bytes(protobuf *message, unsigned field, const void *bytes, size_t byte_count);
void protobuf_put_text(protobuf *message, unsigned field, const char *text);

/* A message as a field of another; it is released. */
void protobuf_put_message(protobuf *message, unsigned field, protobuf *part);

/* What comes before the bytes of such a field, which the caller writes elsewhere. */
void protobuf_put_head(protobuf *message, unsigned field, uint64_t byte_count);

/* EPOCL_ERROR_MEMORY when something is missing in it. */
epocl_status protobuf_check(const protobuf *message);

/* ---- Reading ------------------------------------------------------------------------------------ */

/* The part of a message that is still to be read, in memory of the caller. */
typedef struct protobuf_part {
    const unsigned char *next, *end;
} protobuf_part;

typedef enum protobuf_type {
    PROTOBUF_WHOLE = 0, /* of up to 64 bits; also signed ones, in two's complement */
    PROTOBUF_EIGHT = 1, /* 8 bytes, as a double                                    */
    PROTOBUF_BYTES = 2, /* a text, a message or packed numbers                     */
    PROTOBUF_FOUR = 5   /* 4 bytes, as a float                                     */
} protobuf_type;

typedef struct protobuf_field {
    unsigned number;
    protobuf_type type;
    uint64_t whole;
    protobuf_part bytes; /* of all but wholes */
} protobuf_field;

static inline size_t protobuf_length(protobuf_part part) {
    return (size_t)(part.end - part.next);
}

/* Takes the next field; false at the end, and when the message is damaged, which *is_damaged then says; it is left as
 * it is otherwise. */
bool protobuf_next(protobuf_part *message, protobuf_field *field, bool *is_damaged);

/* Takes the next number of a row of packed ones; false likewise. */
bool protobuf_next_whole(protobuf_part *packed, uint64_t *value, bool *is_damaged);

/* Little-endian values of a field's bytes. */
float protobuf_float(const unsigned char *bytes);
double protobuf_double(const unsigned char *bytes);

bool protobuf_is_text(protobuf_part bytes, const char *text);

#endif
