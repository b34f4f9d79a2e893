#include "data/idx.h"

#include "base/checked.h"
#include "base/plural.h"
#include "data/input_file.h"

#include <inttypes.h>
#include <string.h>

typedef struct value_type {
    unsigned char code;
    bool for_inputs, for_labels, is_signed;
    size_t bytes;
    const char *name;
} value_type;

static const value_type value_types[] = {
    {0x08, true, true, false, 1, "8-bit unsigned integers"}, {0x09, false, true, true, 1, "8-bit signed integers"},
    {0x0B, false, true, true, 2, "16-bit integers"},         {0x0C, false, true, true, 4, "32-bit integers"},
    {0x0D, true, false, true, 4, "32-bit floats"},           {0x0E, false, false, true, 8, "64-bit floats"},
};

/* What a file is read for. */
typedef struct idx_role {
    const char *name;
    const char *types; /* accepted, as text */
    bool is_labels;
} idx_role;

static const idx_role inputs_role = {"inputs", "8-bit unsigned integers (0x08) or 32-bit floats (0x0D)", false};
static const idx_role labels_role = {"labels", "integers of 8, 16 or 32 bits (0x08, 0x09, 0x0B or 0x0C)", true};

/* An array as stored. */
typedef struct idx_array {
    const value_type *type;
    size_t sample_count;
    size_t value_count; /* of one sample */
    void *values;       /* big-endian    */
} idx_array;

enum { MAGIC_BYTES = 4, DIMENSION_BYTES = 4, MAX_DIMENSIONS = 255 };

static uint32_t read_big_endian(const unsigned char *bytes, size_t count) {
    uint32_t word = 0;
    for (size_t i = 0; i < count; i++) word = word << 8 | bytes[i];
    return word;
}

static epocl_status find_type(const char *path, unsigned char code, const idx_role *role, const value_type **type) {
    for (size_t i = 0; i < sizeof value_types / sizeof *value_types; i++) {
        *type = &value_types[i];
        if ((*type)->code != code) continue;
        if (role->is_labels ? (*type)->for_labels : (*type)->for_inputs) return EPOCL_OK;
        return fail(EPOCL_ERROR_DATA, "%s: holds %s (type 0x%02X); %s must be %s", path, (*type)->name, code,
                    role->name, role->types);
    }
    return fail(EPOCL_ERROR_DATA, "%s: its type 0x%02X is none that IDX files have; %s must be %s", path, code,
                role->name, role->types);
}

/* Counts samples and the values of each; the caps keep every product far below overflow. */
static epocl_status read_dimensions(const char *path, const unsigned char *bytes, size_t dimension_count,
                                    idx_array *array) {
    array->sample_count = read_big_endian(bytes, DIMENSION_BYTES);
    array->value_count = 1;
    if (array->sample_count == 0)
        return fail(EPOCL_ERROR_DATA, "%s: holds no samples (its first dimension is 0)", path);
    if (array->sample_count > DATASET_MAX_SAMPLES)
        return fail(EPOCL_ERROR_DATA, "%s: its header declares %zu samples, more than the %zu that are supported", path,
                    array->sample_count, DATASET_MAX_SAMPLES);
    for (size_t i = 1; i < dimension_count; i++) {
        const size_t size = read_big_endian(bytes + i * DIMENSION_BYTES, DIMENSION_BYTES);
        if (size == 0) return fail(EPOCL_ERROR_DATA, "%s: its samples are empty (dimension %zu is 0)", path, i + 1);
        if (!checked_multiply(array->value_count, size, &array->value_count) || array->value_count > DATASET_MAX_INPUTS)
            return fail(EPOCL_ERROR_DATA,
                        "%s: its header declares more than the %zu values a sample that are supported", path,
                        DATASET_MAX_INPUTS);
    }
    return EPOCL_OK;
}

static epocl_status read_header(const char *path, input_file *file, const idx_role *role, idx_array *array) {
    epocl_status status = EPOCL_OK;
    unsigned char magic[MAGIC_BYTES], dimensions[MAX_DIMENSIONS * DIMENSION_BYTES];
    size_t count = 0;
    TRY(input_file_read(file, magic, sizeof magic, &count));
    if (count < sizeof magic || magic[0] != 0 || magic[1] != 0)
        TRY(fail(EPOCL_ERROR_DATA, "%s: not an IDX file, plain or gzip", path));
    TRY(find_type(path, magic[2], role, &array->type));

    const size_t dimension_count = magic[3];
    if (role->is_labels && dimension_count != 1)
        TRY(fail(EPOCL_ERROR_DATA, "%s: has %zu dimensions, labels have exactly 1; are these the inputs?", path,
                 dimension_count));
    if (!role->is_labels && dimension_count < 2)
        TRY(fail(EPOCL_ERROR_DATA, "%s: has %zu dimension%s, inputs have at least 2; are these the labels?", path,
                 dimension_count, dimension_count == 1 ? "" : "s"));
    TRY(input_file_read(file, dimensions, dimension_count * DIMENSION_BYTES, &count));
    if (count < dimension_count * DIMENSION_BYTES)
        TRY(fail(EPOCL_ERROR_DATA, "%s: truncated: it ends within its header", path));
    TRY(read_dimensions(path, dimensions, dimension_count, array));
cleanup:
    return status;
}

/* `wanted_count` is that of the samples, or 0 for any: it is compared before memory is taken. The caller frees
 * array->values. */
static epocl_status read_array(const char *path, const idx_role *role, size_t wanted_count, idx_array *array) {
    epocl_status status = EPOCL_OK;
    input_file *file = NULL;
    size_t bytes = 0;
    array->values = NULL;
    TRY(input_file_open(path, &file));
    path = input_file_name(path);
    TRY(read_header(path, file, role, array));
    if (wanted_count && array->sample_count != wanted_count)
        TRY(fail(EPOCL_ERROR_DATA, "%s: holds %zu label%s, but there %s %zu sample%s", path, array->sample_count,
                 plural_s(array->sample_count), wanted_count == 1 ? "is" : "are", wanted_count,
                 plural_s(wanted_count)));
    if (!checked_multiply(array->sample_count, array->value_count, &bytes) ||
        !checked_multiply(bytes, array->type->bytes, &bytes))
        TRY(fail(EPOCL_ERROR_DATA, "%s: its header declares more bytes than this machine can address", path));
    TRY(input_file_read_new(file, bytes, &array->values));
    TRY(input_file_expect_end(file));
cleanup:
    if (status != EPOCL_OK) {
        free(array->values);
        array->values = NULL;
    }
    input_file_close(file);
    return status;
}

static void floats_from_big_endian(unsigned char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const uint32_t word = read_big_endian(bytes + 4 * i, 4);
        memcpy(bytes + 4 * i, &word, sizeof word);
    }
}

epocl_status idx_read_inputs(const char *path, epocl_dataset *dataset) {
    idx_array array;
    const epocl_status status = read_array(path, &inputs_role, 0, &array);
    if (status != EPOCL_OK) return status;
    dataset->type = array.type->bytes == 1 ? INPUT_BYTES : INPUT_FLOATS;
    dataset->sample_count = array.sample_count;
    dataset->input_count = array.value_count;
    dataset->inputs = array.values;
    if (dataset->type == INPUT_FLOATS) floats_from_big_endian(array.values, array.sample_count * array.value_count);
    return EPOCL_OK;
}

static int64_t read_integer(const unsigned char *bytes, const value_type *type) {
    const uint32_t word = read_big_endian(bytes, type->bytes);
    const bool is_negative = type->is_signed && bytes[0] >= 0x80;
    return is_negative ? (int64_t)word - ((int64_t)1 << (8 * type->bytes)) : (int64_t)word;
}

epocl_status idx_read_labels(const char *path, size_t sample_count, uint32_t **labels, size_t *label_count,
                             size_t *class_count) {
    epocl_status status = EPOCL_OK;
    uint32_t *read = NULL;
    idx_array array;
    *labels = NULL;
    TRY(read_array(path, &labels_role, sample_count, &array));
    TRY(allocate(array.sample_count, sizeof *read, "labels", &read));
    *class_count = 0;
    for (size_t i = 0; i < array.sample_count; i++) {
        const int64_t label = read_integer((const unsigned char *)array.values + i * array.type->bytes, array.type);
        if (label < 0 || label >= (int64_t)DATASET_MAX_CLASSES)
            TRY(fail(EPOCL_ERROR_DATA, "%s: label %" PRId64 " of sample %zu (counted from 0) is out of range: 0 to %zu",
                     input_file_name(path), label, i, DATASET_MAX_CLASSES - 1));
        read[i] = (uint32_t)label;
        if (read[i] >= *class_count) *class_count = (size_t)read[i] + 1;
    }
    *labels = read;
    *label_count = array.sample_count;
    read = NULL;
cleanup:
    free(read);
    free(array.values);
    return status;
}
