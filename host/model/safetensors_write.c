#include "model/safetensors.h"

#include "base/checked.h"
#include "base/checksum.h"
#include "base/files/output_file.h"
#include "model/safetensors_type.h"

#include <jansson.h>

enum { LENGTH_BYTES = 8, HEADER_ALIGNMENT = 8 };

/* {"dtype": ..., "shape": [...], "data_offsets": [offset, offset + bytes]}, or NULL without memory. */
static json_t *describe_tensor(const safetensors_tensor *tensor, size_t offset, size_t byte_count) {
    json_t *shape = json_array();
    for (size_t i = 0; i < tensor->dimension_count; i++)
        if (json_array_append_new(shape, json_integer((json_int_t)tensor->shape[i])) != 0) {
            json_decref(shape);
            return NULL;
        }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", tensor->type, "shape", shape, "data_offsets", (json_int_t)offset,
                     (json_int_t)offset + (json_int_t)byte_count);
}

/* False when the type or the shape is none that can be written. */
static bool tensor_bytes(const safetensors_tensor *tensor, size_t *byte_count) {
    const safetensors_type *type = safetensors_type_find(tensor->type);
    return type && tensor->dimension_count <= SAFETENSORS_MAX_DIMENSIONS &&
           safetensors_shape_bytes(type, tensor->shape, tensor->dimension_count, byte_count);
}

/* *data_bytes: of all of them. */
static epocl_status describe_tensors(json_t *header, const safetensors_tensor *tensors, size_t tensor_count,
                                     size_t *data_bytes) {
    size_t offset = 0;
    for (size_t i = 0; i < tensor_count; i++) {
        size_t byte_count = 0;
        if (!tensor_bytes(&tensors[i], &byte_count))
            return fail(EPOCL_ERROR_ARGUMENT, "tensor '%s' has a type or shape that cannot be written",
                        tensors[i].name);
        if (json_object_set_new(header, tensors[i].name, describe_tensor(&tensors[i], offset, byte_count)) != 0)
            return fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's header");
        offset += byte_count;
    }
    *data_bytes = offset;
    return EPOCL_OK;
}

static epocl_status describe_checksum(json_t *header, size_t offset) {
    const safetensors_tensor tensor = {.type = "U32", .dimension_count = 1, .shape = {1}};
    if (json_object_set_new(header, SAFETENSORS_CHECKSUM, describe_tensor(&tensor, offset, sizeof(uint32_t))) == 0)
        return EPOCL_OK;
    return fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's header");
}

static bool is_ascii(const char *text) {
    while (*text && (unsigned char)*text < 128) text++;
    return *text == '\0';
}

static epocl_status describe_metadata(json_t *header, const safetensors_pair *metadata, size_t metadata_count) {
    json_t *map = json_object();
    for (size_t i = 0; i < metadata_count; i++)
        if (json_object_set_new(map, metadata[i].key, json_string(metadata[i].value)) != 0) {
            json_decref(map);
            if (is_ascii(metadata[i].key) && is_ascii(metadata[i].value))
                return fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's header");
            return fail(EPOCL_ERROR_ARGUMENT, "metadata '%s' cannot be written: it is not UTF-8", metadata[i].key);
        }
    if (json_object_set_new(header, "__metadata__", map) != 0)
        return fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's header");
    return EPOCL_OK;
}

/* The header's text, padded with spaces so that the data after it is aligned; to be freed by the caller. */
static epocl_status format_header(const json_t *header, char **text, size_t *length) {
    const size_t flags = JSON_COMPACT | JSON_SORT_KEYS;
    const size_t json_length = json_dumpb(header, NULL, 0, flags);
    if (json_length == 0) return fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's header");
    *length = round_up(json_length, HEADER_ALIGNMENT);
    if (*length > SAFETENSORS_MAX_HEADER_BYTES)
        return fail(EPOCL_ERROR_ARGUMENT, "a model's header of %zu bytes is too long (at most %zu)", *length,
                    SAFETENSORS_MAX_HEADER_BYTES);
    const epocl_status status = allocate(*length, 1, "a model's header", text);
    if (status != EPOCL_OK) return status;
    memset(*text, ' ', *length);
    if (json_dumpb(header, *text, json_length, flags) == json_length) return EPOCL_OK;
    return fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's header");
}

/* What is being written, to a file or to memory that holds all of it. */
typedef struct sink {
    output_file *file;
    unsigned char *memory;
    size_t used;       /* of memory */
    uint32_t checksum; /* of all so far */
} sink;

static epocl_status sink_open(file_place place, size_t byte_count, sink *to) {
    if (!place.memory) return output_file_open_at(place.folder, place.name, &to->file);
    return allocate(byte_count, 1, "a model", &to->memory);
}

static epocl_status write_bytes(sink *to, const void *bytes, size_t byte_count) {
    to->checksum = checksum_add(to->checksum, bytes, byte_count);
    if (!to->memory) return output_file_write(to->file, bytes, byte_count);
    memcpy(to->memory + to->used, bytes, byte_count);
    to->used += byte_count;
    return EPOCL_OK;
}

static epocl_status sink_commit(file_place place, sink *to) {
    if (!place.memory) return output_file_commit(to->file);
    *place.memory = (memory_block){to->memory, to->used};
    to->memory = NULL;
    return EPOCL_OK;
}

static epocl_status write_parts(sink *to, const char *header_text, size_t header_length,
                                const safetensors_tensor *tensors, const void *const *values, size_t tensor_count) {
    epocl_status status = EPOCL_OK;
    unsigned char length_bytes[LENGTH_BYTES];
    for (int i = 0; i < LENGTH_BYTES; i++) length_bytes[i] = (unsigned char)((uint64_t)header_length >> 8 * i);
    TRY(write_bytes(to, length_bytes, sizeof length_bytes));
    TRY(write_bytes(to, header_text, header_length));
    for (size_t i = 0; i < tensor_count; i++) {
        size_t byte_count = 0;
        tensor_bytes(&tensors[i], &byte_count); /* describe_tensors() has refused what has none */
        TRY(write_bytes(to, values[i], byte_count));
    }
cleanup:
    return status;
}

static epocl_status write_file(file_place place, const safetensors_pair *metadata, size_t metadata_count,
                               const safetensors_tensor *tensors, const void *const *values, size_t tensor_count,
                               bool is_checked) {
    epocl_status status = EPOCL_OK;
    sink to = {0};
    char *text = NULL;
    size_t length = 0, data_bytes = 0;
    const size_t checksum_bytes = is_checked ? sizeof to.checksum : 0;
    json_t *header = json_object();
    if (!header) return fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's header");
    TRY(describe_metadata(header, metadata, metadata_count));
    TRY(describe_tensors(header, tensors, tensor_count, &data_bytes));
    if (is_checked) TRY(describe_checksum(header, data_bytes));
    TRY(format_header(header, &text, &length));
    TRY(sink_open(place, LENGTH_BYTES + length + data_bytes + checksum_bytes, &to));
    TRY(write_parts(&to, text, length, tensors, values, tensor_count));
    const uint32_t checksum = to.checksum;
    TRY(write_bytes(&to, &checksum, checksum_bytes));
    TRY(sink_commit(place, &to));
cleanup:
    output_file_release(to.file);
    free(to.memory);
    free(text);
    json_decref(header);
    return status;
}

epocl_status safetensors_write(file_place place, const safetensors_pair *metadata, size_t metadata_count,
                               const safetensors_tensor *tensors, const void *const *values, size_t tensor_count) {
    return write_file(place, metadata, metadata_count, tensors, values, tensor_count, false);
}

epocl_status safetensors_write_checked(file_place place, const safetensors_pair *metadata, size_t metadata_count,
                                       const safetensors_tensor *tensors, const void *const *values,
                                       size_t tensor_count) {
    return write_file(place, metadata, metadata_count, tensors, values, tensor_count, true);
}
