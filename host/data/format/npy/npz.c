#include "data/format/npy/npz.h"

#include "base/checked.h"
#include "data/format/npy/npy.h"
#include "data/format/table_build.h"
#include "data/format/npy/zip.h"

#include <stdio.h>
#include <string.h>

enum { MAX_ARRAYS = 4096, NAME_BYTES = 256 };

static const char *const input_names[] = {"X", "x", "inputs", NULL};
static const char *const target_names[] = {"y", "labels", "targets", NULL};

typedef struct npz_array {
    zip_member member;
    char name[NAME_BYTES]; /* without .npy */
} npz_array;

typedef struct npz_reader {
    zip_archive archive;
    npz_array *arrays;
    size_t array_count;
    table *made;
} npz_reader;

static bool is_one_of(const char *name, const char *const *names) {
    for (; *names; names++)
        /* NOLINTNEXTLINE(clang-analyzer-core.NonNullParamChecker): the name is part of an array that was allocated. */
        if (strcmp(name, *names) == 0) return true;
    return false;
}

static npz_array *find(const npz_reader *reader, const char *const *names) {
    for (; *names; names++)
        for (size_t i = 0; i < reader->array_count; i++)
            if (strcmp(reader->arrays[i].name, *names) == 0) return &reader->arrays[i];
    return NULL;
}

static epocl_status list_arrays(npz_reader *reader) {
    epocl_status status = EPOCL_OK;
    const char *const file_name = reader->made->file_name;
    const size_t member_count = reader->archive.member_count;
    zip_member member;
    bool has_member = false;
    if (member_count > MAX_ARRAYS) TRY(fail(EPOCL_ERROR_DATA, "%s: has more than %d members", file_name, MAX_ARRAYS));
    TRY(allocate(member_count, sizeof *reader->arrays, "an archive's arrays", &reader->arrays));
    for (;;) {
        TRY(zip_next(&reader->archive, &member, &has_member));
        if (!has_member) break;
        const size_t length = member.name_length;
        if (length < 4 || memcmp(member.name + length - 4, ".npy", 4) != 0 || length - 4 >= NAME_BYTES) continue;
        npz_array *array = &reader->arrays[reader->array_count++];
        array->member = member;
        memcpy(array->name, member.name, length - 4);
    }
    if (reader->array_count == 0)
        TRY(fail(EPOCL_ERROR_DATA,
                 "%s: is a zip archive without an array (NAME.npy); of a table within it, unpack the file", file_name));
cleanup:
    return status;
}

/* Appends an array's columns; `prefix` NULL: called by their numbers. */
static epocl_status read_array(npz_reader *reader, const npz_array *array, const char *prefix) {
    epocl_status status = EPOCL_OK;
    table *made = reader->made;
    zip_stream *member = NULL;
    npy_header header;
    char name[NAME_BYTES + 64];
    const size_t first = made->column_count, row_count = made->row_count;
    snprintf(name, sizeof name, "%s: array %s", made->file_name, array->name);
    TRY(zip_stream_open(&reader->archive, &array->member, name, &member));
    const byte_stream stream = zip_stream_bytes(member);
    TRY(npy_header_read(&stream, &header));
    if (first > 0 && header.row_count != row_count)
        TRY(fail(EPOCL_ERROR_DATA, "%s: has %zu rows, the arrays before it have %zu", name, header.row_count,
                 row_count));
    TRY(npy_read_columns(&stream, &header, made));
    for (size_t i = 0; i < header.column_count; i++) {
        if (prefix && header.column_count == 1)
            TRY(table_name_column(made, first, prefix, strlen(prefix)));
        else
            TRY(table_number_column(made, first + i, prefix ? prefix : "", i + 1));
    }
    if (is_one_of(array->name, target_names) && header.column_count == 1 && prefix) made->target = first;
cleanup:
    zip_stream_close(member);
    return status;
}

epocl_status npz_load(byte_source *bytes, table *made) {
    epocl_status status = EPOCL_OK;
    npz_reader reader = {.made = made};
    unsigned char *file = NULL;
    size_t byte_count = 0;
    const byte_stream stream = byte_stream_of_source(bytes);
    byte_source_forget(bytes);
    made->format = TABLE_NPZ;
    TRY(byte_stream_read_new(&stream, SIZE_MAX, &file, &byte_count));
    TRY(zip_open(&reader.archive, file, byte_count, made->file_name));
    TRY(list_arrays(&reader));
    const npz_array *inputs = reader.array_count == 1 ? reader.arrays : find(&reader, input_names);
    if (inputs) {
        const npz_array *targets = find(&reader, target_names);
        TRY(read_array(&reader, inputs, NULL));
        if (targets && targets != inputs) TRY(read_array(&reader, targets, targets->name));
    } else {
        for (size_t i = 0; i < reader.array_count; i++)
            TRY(read_array(&reader, &reader.arrays[i], reader.arrays[i].name));
    }
cleanup:
    free(reader.arrays);
    free(file);
    return status;
}
