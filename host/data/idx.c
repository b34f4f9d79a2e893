#include "data/idx.h"

#include "base/checked.h"
#include "base/plural.h"
#include "data/format/input_file.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { FOR_INPUTS = 1, FOR_TARGETS = 2, FOR_WEIGHTS = 4 };

typedef struct value_type {
    unsigned char code;
    unsigned uses; /* FOR_... */
    bool is_signed, is_float;
    size_t bytes;
    const char *name;
} value_type;

static const value_type value_types[] = {
    {0x08, FOR_INPUTS | FOR_TARGETS, false, false, 1, "8-bit unsigned integers"},
    {0x09, FOR_TARGETS, true, false, 1, "8-bit signed integers"},
    {0x0B, FOR_TARGETS, true, false, 2, "16-bit integers"},
    {0x0C, FOR_TARGETS, true, false, 4, "32-bit integers"},
    {0x0D, FOR_INPUTS | FOR_TARGETS | FOR_WEIGHTS, true, true, 4, "32-bit floats"},
    {0x0E, 0, true, true, 8, "64-bit floats"},
};

/* What a file is read for. */
typedef struct idx_role {
    unsigned use;
    const char *name;
    const char *types; /* accepted, as text */
    size_t least_dimensions, most_dimensions;
    const char *dimensions; /* as text, and what a file of others may be */
} idx_role;

enum { MAGIC_BYTES = 4, DIMENSION_BYTES = 4, MAX_DIMENSIONS = 255 };

static const idx_role inputs_role = {
    FOR_INPUTS, "inputs",       "8-bit unsigned integers (0x08) or 32-bit floats (0x0D)",
    2,          MAX_DIMENSIONS, "at least 2; are these the labels?"};
static const idx_role targets_role = {
    FOR_TARGETS, "targets", "integers of 8, 16 or 32 bits (0x08, 0x09, 0x0B or 0x0C) or 32-bit floats (0x0D)",
    1,           2,         "1 (a label or a value each) or 2 (a value for each output); are these the inputs?"};
static const idx_role weights_role = {FOR_WEIGHTS, "weights", "32-bit floats (0x0D)", 1, 1, "exactly 1"};

/* An array as stored. */
typedef struct idx_array {
    const value_type *type;
    size_t dimension_count;
    size_t sample_count;
    size_t value_count; /* of one sample */
    void *values;       /* big-endian    */
} idx_array;

static uint32_t read_big_endian(const unsigned char *bytes, size_t count) {
    uint32_t word = 0;
    for (size_t i = 0; i < count; i++) word = word << 8 | bytes[i];
    return word;
}

static epocl_status find_type(const char *path, unsigned char code, const idx_role *role, const value_type **type) {
    for (size_t i = 0; i < sizeof value_types / sizeof *value_types; i++) {
        *type = &value_types[i];
        if ((*type)->code != code) continue;
        if ((*type)->uses & role->use) return EPOCL_OK;
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
    if (dimension_count < role->least_dimensions || dimension_count > role->most_dimensions)
        TRY(fail(EPOCL_ERROR_DATA, "%s: has %zu dimension%s, %s have %s", path, dimension_count,
                 plural_s(dimension_count), role->name, role->dimensions));
    array->dimension_count = dimension_count;
    TRY(input_file_read(file, dimensions, dimension_count * DIMENSION_BYTES, &count));
    if (count < dimension_count * DIMENSION_BYTES)
        TRY(fail(EPOCL_ERROR_DATA, "%s: truncated: it ends within its header", path));
    TRY(read_dimensions(path, dimensions, dimension_count, array));
cleanup:
    return status;
}

/* Whether targets are classes: integers in one dimension. */
static bool is_of_labels(const idx_array *array) {
    return array->dimension_count == 1 && !array->type->is_float;
}

/* What one of its samples has, for error texts. */
static const char *item_name(const idx_role *role, const idx_array *array) {
    return role->use == FOR_WEIGHTS ? "weight" : is_of_labels(array) ? "label" : "target";
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
        TRY(fail(EPOCL_ERROR_DATA, "%s: holds %zu %s%s, but there %s %zu sample%s", path, array->sample_count,
                 item_name(role, array), plural_s(array->sample_count), wanted_count == 1 ? "is" : "are", wanted_count,
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

static epocl_status take_labels(const char *name, const idx_array *array, epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    TRY(allocate(array->sample_count, sizeof *dataset->labels, "labels", &dataset->labels));
    for (size_t i = 0; i < array->sample_count; i++) {
        const int64_t label = read_integer((const unsigned char *)array->values + i * array->type->bytes, array->type);
        if (label < 0 || label >= (int64_t)DATASET_MAX_CLASSES)
            TRY(fail(EPOCL_ERROR_DATA, "%s: label %" PRId64 " of sample %zu (counted from 0) is out of range: 0 to %zu",
                     name, label, i, DATASET_MAX_CLASSES - 1));
        dataset->labels[i] = (uint32_t)label;
        if (dataset->labels[i] >= dataset->class_count) dataset->class_count = (size_t)label + 1;
    }
cleanup:
    return status;
}

/* A matrix of integers says no or yes for each output. */
static epocl_status take_answers(const char *name, const idx_array *array, epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    const size_t count = array->sample_count * array->value_count;
    TRY(allocate(count, sizeof *dataset->values, "targets", &dataset->values));
    for (size_t i = 0; i < count; i++) {
        const int64_t answer = read_integer((const unsigned char *)array->values + i * array->type->bytes, array->type);
        if (answer != 0 && answer != 1)
            TRY(fail(EPOCL_ERROR_DATA,
                     "%s: a matrix of integers has a 0 or a 1 for each output, and this has %" PRId64
                     " at sample %zu; class labels have 1 dimension, numbers to predict are floats",
                     name, answer, i / array->value_count));
        dataset->values[i] = (float)answer;
    }
cleanup:
    return status;
}

/* `array` gives up its values. */
static epocl_status take_floats(const char *name, idx_array *array, epocl_dataset *dataset) {
    const size_t count = array->sample_count * array->value_count;
    float *values = array->values;
    floats_from_big_endian(array->values, count);
    for (size_t i = 0; i < count; i++)
        if (!isfinite(values[i]))
            return fail(EPOCL_ERROR_DATA,
                        "%s: target %zu of sample %zu (both counted from 0) is %s; targets must be finite", name,
                        i % array->value_count, i / array->value_count, isnan(values[i]) ? "NaN" : "infinite");
    dataset->values = values;
    array->values = NULL;
    return EPOCL_OK;
}

epocl_status idx_read_targets(const char *path, epocl_dataset *dataset) {
    epocl_status status = EPOCL_OK;
    idx_array array;
    const char *name = input_file_name(path);
    TRY(read_array(path, &targets_role, dataset->sample_count, &array));
    if (array.value_count > DATASET_MAX_CLASSES)
        TRY(fail(EPOCL_ERROR_DATA, "%s: has %zu targets a sample; there can be 1 to %zu", name, array.value_count,
                 DATASET_MAX_CLASSES));
    if (is_of_labels(&array)) {
        TRY(take_labels(name, &array, dataset));
    } else {
        TRY(array.type->is_float ? take_floats(name, &array, dataset) : take_answers(name, &array, dataset));
        dataset->value_count = array.value_count;
    }
    dataset->sample_count = array.sample_count;
cleanup:
    free(array.values);
    return status;
}

epocl_status idx_read_weights(const char *path, size_t sample_count, float **weights) {
    idx_array array;
    const epocl_status status = read_array(path, &weights_role, sample_count, &array);
    *weights = array.values;
    if (status == EPOCL_OK) floats_from_big_endian(array.values, array.sample_count);
    return status;
}
