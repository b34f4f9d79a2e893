#include "data/format/open.h"

#include "base/checked.h"
#include "data/format/csv/csv_load.h"
#include "data/format/libsvm.h"
#include "data/format/npy/npy.h"
#include "data/format/npy/npz.h"
#include "data/format/other_formats.h"
#include "data/format/table_build.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD_BYTES = 1 << 16 };

static bool begins(const char *head, size_t bytes, const char *magic, size_t magic_bytes) {
    return bytes >= magic_bytes && memcmp(head, magic, magic_bytes) == 0;
}

/* Two zero bytes, one of the types, and dimensions. */
static bool is_idx(const char *head, size_t bytes) {
    return bytes >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 0x08 && head[2] <= 0x0E && head[3] > 0;
}

static table_format find_format(const char *head, size_t bytes, bool is_whole) {
    if (begins(head, bytes, NPY_MAGIC, sizeof NPY_MAGIC - 1)) return TABLE_NPY;
    if (begins(head, bytes, "PK\3\4", 4) || begins(head, bytes, "PK\5\6", 4)) return TABLE_NPZ;
    if (is_idx(head, bytes)) return TABLE_IDX;
    return libsvm_is_likely(head, bytes, is_whole) ? TABLE_LIBSVM : TABLE_CSV;
}

epocl_status table_source_open(const char *path, const table_options *options, table *facts, byte_source **bytes,
                               table_format *format) {
    epocl_status status = EPOCL_OK;
    byte_source *opened = NULL;
    char *head = NULL;
    size_t count = 0;
    *bytes = NULL;
    TRY(byte_source_open(path, &opened));
    TRY(allocate(HEAD_BYTES, 1, "a file's beginning", &head));
    TRY(byte_source_read(opened, head, HEAD_BYTES, &count));
    TRY(byte_source_rewind(opened));
    const char *other = options->format == TABLE_FORMAT_AUTO ? other_format_find(head, count) : NULL;
    if (other) TRY(fail(EPOCL_ERROR_DATA, "%s: %s", facts->file_name, other));
    *format = options->format == TABLE_FORMAT_AUTO ? find_format(head, count, count < HEAD_BYTES) : options->format;
    facts->is_gzip = byte_source_is_gzip(opened);
    *bytes = opened;
    opened = NULL;
cleanup:
    free(head);
    byte_source_close(opened);
    return status;
}

static epocl_status load(byte_source *bytes, const table_options *options, table_format format, table *made) {
    switch (format) {
    case TABLE_NPY: return npy_load(bytes, made);
    case TABLE_NPZ: return npz_load(bytes, made);
    case TABLE_LIBSVM: return libsvm_load(bytes, options, made);
    case TABLE_IDX:
        return fail(EPOCL_ERROR_DATA, "%s: is an IDX file, which is no table; give its inputs and labels apart",
                    made->file_name);
    default: return csv_load(bytes, options, made);
    }
}

epocl_status table_load(byte_source *bytes, const table_options *options, table_format format, table *made) {
    const epocl_status status = load(bytes, options, format, made);
    return status == EPOCL_OK ? table_make_texts(made, options) : status;
}
