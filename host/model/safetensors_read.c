#include "model/safetensors.h"

#include "base/checked.h"
#include "base/checksum.h"
#include "base/files/small_file.h"
#include "base/printable.h"
#include "model/safetensors_type.h"

#include <errno.h>
#include <jansson.h>
#include <unistd.h>

enum { LENGTH_BYTES = 8 };

struct safetensors {
    int descriptor;
    const unsigned char *memory; /* the file, in the place of a descriptor; NULL otherwise */
    uint64_t file_bytes;
    uint64_t data_start;         /* where the tensors' data begins in the file */
    json_t *header;              /* owns the names and the metadata            */
    json_t *metadata;            /* within the header, or NULL                */
    safetensors_tensor *tensors; /* by offset */
    size_t tensor_count;
};

#define DAMAGED(...) fail(EPOCL_ERROR_DATA, __VA_ARGS__)

static epocl_status read_at(const safetensors *file, uint64_t position, void *bytes, size_t byte_count) {
    char *next = bytes;
    if (file->memory && (position > file->file_bytes || byte_count > file->file_bytes - position))
        return DAMAGED("ends at byte %llu, too early", (unsigned long long)file->file_bytes);
    if (file->memory) {
        if (byte_count > 0) memcpy(bytes, file->memory + position, byte_count);
        return EPOCL_OK;
    }
    while (byte_count > 0) {
        const ssize_t got = pread(file->descriptor, next, byte_count, (off_t)position);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return DAMAGED("cannot read at byte %llu: %s", (unsigned long long)position, strerror(errno));
        if (got == 0) return DAMAGED("ends at byte %llu, too early", (unsigned long long)position);
        next += got;
        position += (uint64_t)got;
        byte_count -= (size_t)got;
    }
    return EPOCL_OK;
}

/* Reads and parses the header; on success data_start is known and lies inside the file. */
static epocl_status read_header(safetensors *file) {
    epocl_status status = EPOCL_OK;
    const uint64_t file_bytes = file->file_bytes;
    char *text = NULL;
    unsigned char length_bytes[LENGTH_BYTES];
    if (file_bytes < LENGTH_BYTES)
        return DAMAGED("is no safetensors file: %llu bytes are too few", (unsigned long long)file_bytes);
    TRY(read_at(file, 0, length_bytes, sizeof length_bytes));
    uint64_t length = 0;
    for (int i = LENGTH_BYTES - 1; i >= 0; i--) length = length << 8 | length_bytes[i];
    if (length > SAFETENSORS_MAX_HEADER_BYTES)
        return DAMAGED("is no safetensors file, or has a header of more than %zu bytes", SAFETENSORS_MAX_HEADER_BYTES);
    if (length > file_bytes - LENGTH_BYTES)
        return DAMAGED("is cut short or no safetensors file: a header of %llu bytes in a file of %llu",
                       (unsigned long long)length, (unsigned long long)file_bytes);

    TRY(allocate((size_t)length, 1, "a model's header", &text));
    TRY(read_at(file, LENGTH_BYTES, text, (size_t)length));
    if (text[0] != '{') {
        status = DAMAGED("is no safetensors file: its header does not start with '{'");
        goto cleanup;
    }
    json_error_t error;
    errno = 0; /* jansson does not tell a lack of memory from a mistake in the text */
    file->header = json_loadb(text, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    if (!file->header && errno == ENOMEM)
        TRY(fail(EPOCL_ERROR_MEMORY, "not enough memory for a model's header of %zu bytes", (size_t)length));
    if (!file->header) {
        char reason[PRINTABLE_CAPACITY];
        status = DAMAGED("header, line %d, column %d: %s", error.line, error.column, printable(error.text, reason));
        goto cleanup;
    }
    file->data_start = LENGTH_BYTES + length;
cleanup:
    free(text);
    return status;
}

static epocl_status read_metadata(safetensors *file) {
    file->metadata = json_object_get(file->header, "__metadata__");
    if (!file->metadata) return EPOCL_OK;
    if (!json_is_object(file->metadata)) return DAMAGED("__metadata__ is not an object");
    const char *key;
    json_t *value;
    json_object_foreach(file->metadata, key, value) {
        char name[PRINTABLE_CAPACITY];
        if (!json_is_string(value)) return DAMAGED("metadata '%s' is not a string", printable(key, name));
    }
    return EPOCL_OK;
}

/* A JSON integer that is not negative and fits size_t. */
static bool get_size(const json_t *value, size_t *size) {
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *size = (size_t)json_integer_value(value);
    return (json_int_t)*size == json_integer_value(value);
}

/* Fills `tensor` from its entry in the header; returns what is wrong with it, or NULL. */
static const char *parse_tensor(const char *name, const json_t *entry, safetensors_tensor *tensor) {
    const json_t *type_name = json_object_get(entry, "dtype");
    const json_t *shape = json_object_get(entry, "shape");
    const json_t *offsets = json_object_get(entry, "data_offsets");
    if (!json_is_string(type_name)) return "dtype is missing or not a string";
    if (!json_is_array(shape)) return "shape is missing or not an array";
    if (!json_is_array(offsets) || json_array_size(offsets) != 2) return "data_offsets is not an array of two numbers";

    const safetensors_type *type = safetensors_type_find(json_string_value(type_name));
    if (!type) return "dtype is unknown";
    tensor->name = name;
    tensor->type = type->name;
    tensor->dimension_count = json_array_size(shape);
    if (tensor->dimension_count > SAFETENSORS_MAX_DIMENSIONS) return "shape has more than 8 dimensions";
    for (size_t i = 0; i < tensor->dimension_count; i++)
        if (!get_size(json_array_get(shape, i), &tensor->shape[i])) return "shape holds something else than a size";

    size_t begin = 0, end = 0, byte_count = 0;
    if (!get_size(json_array_get(offsets, 0), &begin) || !get_size(json_array_get(offsets, 1), &end))
        return "data_offsets holds something else than a position";
    if (!safetensors_shape_bytes(type, tensor->shape, tensor->dimension_count, &byte_count))
        return "shape is too large";
    if (end < begin || end - begin != byte_count) return "data_offsets do not span what dtype and shape need";
    tensor->offset = begin;
    tensor->byte_count = byte_count;
    return NULL;
}

static epocl_status read_tensors(safetensors *file) {
    const char *name;
    json_t *entry;
    const epocl_status status =
        allocate(json_object_size(file->header), sizeof *file->tensors, "a model's tensors", &file->tensors);
    if (status != EPOCL_OK) return status;
    json_object_foreach(file->header, name, entry) {
        if (entry == file->metadata) continue;
        const char *problem = parse_tensor(name, entry, &file->tensors[file->tensor_count]);
        char text[PRINTABLE_CAPACITY];
        if (problem) return DAMAGED("tensor '%s': %s", printable(name, text), problem);
        file->tensor_count++;
    }
    return EPOCL_OK;
}

static int compare_places(const void *left, const void *right) {
    const safetensors_tensor *a = left, *b = right;
    if (a->offset != b->offset) return a->offset < b->offset ? -1 : 1;
    return a->byte_count < b->byte_count ? -1 : a->byte_count > b->byte_count;
}

/* The tensors must cover all data, each byte once. */
static epocl_status check_coverage(safetensors *file, uint64_t data_bytes) {
    qsort(file->tensors, file->tensor_count, sizeof *file->tensors, compare_places);
    uint64_t covered = 0;
    for (size_t i = 0; i < file->tensor_count; i++) {
        const safetensors_tensor *tensor = &file->tensors[i];
        char name[PRINTABLE_CAPACITY];
        printable(tensor->name, name);
        if (tensor->offset < covered) return DAMAGED("tensor '%s' overlaps the one before it", name);
        if (tensor->offset > covered) return DAMAGED("bytes that no tensor owns lie before tensor '%s'", name);
        if (tensor->byte_count > data_bytes - covered)
            return DAMAGED("is cut short: tensor '%s' ends at data byte %llu of %llu", name,
                           (unsigned long long)(covered + tensor->byte_count), (unsigned long long)data_bytes);
        covered += tensor->byte_count;
    }
    if (covered != data_bytes)
        return DAMAGED("%llu bytes follow the last tensor", (unsigned long long)(data_bytes - covered));
    return EPOCL_OK;
}

epocl_status safetensors_open(file_place place, safetensors **file) {
    epocl_status status = EPOCL_OK;
    safetensors *opened = NULL;
    *file = NULL;
    TRY(allocate(1, sizeof *opened, "a model file", &opened));
    opened->descriptor = -1;
    if (place.memory) {
        opened->memory = place.memory->bytes;
        opened->file_bytes = place.memory->byte_count;
    } else {
        opened->descriptor = regular_file_open_at(place.folder, place.name, &opened->file_bytes);
        if (opened->descriptor < 0) TRY(fail_file(""));
    }
    TRY(read_header(opened));
    TRY(read_metadata(opened));
    TRY(read_tensors(opened));
    TRY(check_coverage(opened, opened->file_bytes - opened->data_start));
    *file = opened;
    opened = NULL;
cleanup:
    safetensors_release(opened);
    return status;
}

void safetensors_release(safetensors *file) {
    if (!file) return;
    json_decref(file->header);
    if (file->descriptor >= 0) close(file->descriptor);
    free(file->tensors);
    free(file);
}

const char *safetensors_metadata(const safetensors *file, const char *key) {
    return json_string_value(json_object_get(file->metadata, key));
}

size_t safetensors_tensor_count(const safetensors *file) {
    return file->tensor_count;
}

const safetensors_tensor *safetensors_tensor_at(const safetensors *file, size_t index) {
    return index < file->tensor_count ? &file->tensors[index] : NULL;
}

const safetensors_tensor *safetensors_find(const safetensors *file, const char *name) {
    for (size_t i = 0; i < file->tensor_count; i++)
        if (strcmp(file->tensors[i].name, name) == 0) return &file->tensors[i];
    return NULL;
}

epocl_status safetensors_read(const safetensors *file, const safetensors_tensor *tensor, void *values) {
    return read_at(file, file->data_start + tensor->offset, values, (size_t)tensor->byte_count);
}

epocl_status safetensors_verify(const safetensors *file) {
    enum { PIECE_BYTES = 1 << 16 };
    epocl_status status = EPOCL_OK;
    unsigned char *piece = NULL;
    uint32_t wanted = 0, checksum = 0;
    const safetensors_tensor *tensor = safetensors_find(file, SAFETENSORS_CHECKSUM);
    if (!tensor) return DAMAGED("has no checksum");
    if (tensor != &file->tensors[file->tensor_count - 1] || strcmp(tensor->type, "U32") != 0 ||
        tensor->byte_count != sizeof wanted)
        return DAMAGED("its checksum is not one U32 at its end");
    TRY(safetensors_read(file, tensor, &wanted));
    TRY(allocate(PIECE_BYTES, 1, "a part of a file", &piece));
    const uint64_t end = file->data_start + tensor->offset;
    for (uint64_t position = 0; position < end;) {
        const size_t count = end - position < PIECE_BYTES ? (size_t)(end - position) : PIECE_BYTES;
        TRY(read_at(file, position, piece, count));
        checksum = checksum_add(checksum, piece, count);
        position += count;
    }
    if (checksum != wanted) status = DAMAGED("is damaged: its checksum does not fit its content");
cleanup:
    free(piece);
    return status;
}
