#include "export/onnx/onnx_tensor.h"

#include "base/checked.h"
#include "export/onnx/onnx_fields.h"

#include <string.h>

static epocl_status damaged(void) {
    return fail(EPOCL_ERROR_DATA, "is damaged, or no ONNX file: a tensor does not follow the format");
}

bool onnx_tensor_is_real(const onnx_tensor *tensor) {
    return tensor->type == ONNX_FLOAT || tensor->type == ONNX_DOUBLE;
}

bool onnx_tensor_is_whole(const onnx_tensor *tensor) {
    return tensor->type == ONNX_INT64;
}

bool onnx_tensor_is_row(const onnx_tensor *tensor) {
    return tensor->dimension_count >= 1 && tensor->shape[tensor->dimension_count - 1] == tensor->count;
}

static bool add_dimension(onnx_tensor *tensor, uint64_t size) {
    if (tensor->dimension_count == ONNX_DIMENSIONS || size > SIZE_MAX / 2) return false;
    tensor->shape[tensor->dimension_count++] = (size_t)size;
    return checked_multiply(tensor->count, (size_t)size, &tensor->count);
}

static bool add_dimensions(onnx_tensor *tensor, const protobuf_field *field) {
    bool is_damaged = false;
    uint64_t size = 0;
    protobuf_part packed = field->bytes;
    if (field->type == PROTOBUF_WHOLE) return add_dimension(tensor, field->whole);
    if (field->type != PROTOBUF_BYTES) return false;
    while (protobuf_next_whole(&packed, &size, &is_damaged))
        if (!add_dimension(tensor, size)) return false;
    return !is_damaged;
}

/* ---- Values ------------------------------------------------------------------------------------- */

/* The field that holds numbers of the type one by one, and their size in raw data. */
static unsigned values_field(const onnx_tensor *tensor) {
    return tensor->type == ONNX_FLOAT ? TENSOR_FLOATS : tensor->type == ONNX_DOUBLE ? TENSOR_DOUBLES : TENSOR_INT64S;
}

static size_t value_bytes(const onnx_tensor *tensor) {
    return tensor->type == ONNX_FLOAT ? sizeof(float) : sizeof(double);
}

/* Where values go, or NULL to count them. */
typedef struct sink {
    double *reals;
    int64_t *wholes;
    size_t count, capacity;
} sink;

static void put(const onnx_tensor *tensor, const unsigned char *bytes, sink *to) {
    uint64_t bits = 0;
    if (to->count < to->capacity) {
        if (to->reals)
            to->reals[to->count] = tensor->type == ONNX_FLOAT ? (double)protobuf_float(bytes) : protobuf_double(bytes);
        for (size_t i = 0; to->wholes && i < sizeof bits; i++) bits |= (uint64_t)bytes[i] << 8 * i;
        if (to->wholes) memcpy(&to->wholes[to->count], &bits, sizeof bits);
    }
    to->count++;
}

static void put_whole(uint64_t value, sink *to) {
    if (to->wholes && to->count < to->capacity) memcpy(&to->wholes[to->count], &value, sizeof value);
    to->count++;
}

/* A field's values: raw, packed or a single one. */
static bool put_field(const onnx_tensor *tensor, const protobuf_field *field, sink *to) {
    bool is_damaged = false;
    uint64_t whole = 0;
    protobuf_part rest = field->bytes;
    const size_t bytes = value_bytes(tensor);
    if (field->number == TENSOR_INT64S && field->type == PROTOBUF_WHOLE) {
        put_whole(field->whole, to);
        return true;
    }
    if (field->number == TENSOR_INT64S) {
        while (protobuf_next_whole(&rest, &whole, &is_damaged)) put_whole(whole, to);
        return field->type == PROTOBUF_BYTES && !is_damaged;
    }
    if (field->type == PROTOBUF_WHOLE || protobuf_length(rest) % bytes != 0) return false;
    for (; rest.next < rest.end; rest.next += bytes) put(tensor, rest.next, to);
    return true;
}

/* Takes all values in turn; false when they are damaged or not of one kind. */
static bool put_values(const onnx_tensor *tensor, sink *to) {
    protobuf_part rest = tensor->message;
    protobuf_field field;
    bool is_damaged = false, is_raw = false, is_listed = false;
    while (protobuf_next(&rest, &field, &is_damaged)) {
        const bool is_of_raw = field.number == TENSOR_RAW, is_of_list = field.number == values_field(tensor);
        if (!is_of_raw && !is_of_list) continue;
        if (is_of_raw && (is_raw || field.type != PROTOBUF_BYTES)) return false;
        is_raw = is_raw || is_of_raw;
        is_listed = is_listed || is_of_list;
        if (!put_field(tensor, &field, to)) return false;
    }
    return !is_damaged && !(is_raw && is_listed);
}

void onnx_tensor_reals(const onnx_tensor *tensor, double *values) {
    sink to = {.reals = values, .capacity = tensor->count};
    put_values(tensor, &to);
}

void onnx_tensor_wholes(const onnx_tensor *tensor, int64_t *values) {
    sink to = {.wholes = values, .capacity = tensor->count};
    put_values(tensor, &to);
}

/* ---- The description ---------------------------------------------------------------------------- */

epocl_status onnx_tensor_read(protobuf_part message, onnx_tensor *tensor) {
    protobuf_part rest = message;
    protobuf_field field;
    bool is_damaged = false;
    *tensor = (onnx_tensor){.message = message, .count = 1};
    while (protobuf_next(&rest, &field, &is_damaged)) {
        const bool is_whole = field.type == PROTOBUF_WHOLE;
        if (field.number == TENSOR_NAME && field.type == PROTOBUF_BYTES) tensor->name = field.bytes;
        if (field.number == TENSOR_DIMENSION && !add_dimensions(tensor, &field)) return damaged();
        if (field.number == TENSOR_TYPE && is_whole) tensor->type = field.whole;
        if (field.number == TENSOR_SEGMENT) return damaged();
        if (field.number == TENSOR_EXTERNAL || (field.number == TENSOR_LOCATION && is_whole && field.whole))
            return fail(EPOCL_ERROR_DATA, "keeps its parameters in another file; save it as one");
    }
    if (is_damaged) return damaged();
    if (!onnx_tensor_is_real(tensor) && !onnx_tensor_is_whole(tensor)) return EPOCL_OK;
    sink counted = {.count = 0};
    if (!put_values(tensor, &counted) || counted.count != tensor->count)
        return fail(EPOCL_ERROR_DATA, "is damaged: a tensor has not as many values as its shape says");
    return EPOCL_OK;
}
