/* The safetensors format: named tensors and a map of strings in one file.
 *
 *     8 bytes     little-endian length of the header
 *     header      JSON: {"__metadata__": {"key": "value"},
 *                        "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ...}
 *     data        the tensors, row-major and little-endian, without holes or overlap
 *
 * The reader takes nothing on trust: the whole header is checked against the size of the file when it is opened,
 * and no tensor is read before it is asked for.
 */
#ifndef EPOCL_MODEL_SAFETENSORS_H
#define EPOCL_MODEL_SAFETENSORS_H

#include "base/files/file_place.h"

#include <stddef.h>
#include <stdint.h>

/* The longest header read or written: ten times that of the deepest network. Parsed JSON takes up to 80 times its text
 * (empty objects do; nested arrays 104 times, but no more than 2,048 of them), so this bounds memory as well. */
#define SAFETENSORS_MAX_HEADER_BYTES ((size_t)1 << 17)
#define SAFETENSORS_MAX_DIMENSIONS   8

typedef struct safetensors_tensor {
    const char *name;
    const char *type; /* "F32", "I64", ... */
    size_t dimension_count;
    size_t shape[SAFETENSORS_MAX_DIMENSIONS];
    uint64_t offset; /* of the first byte, from the start of the data */
    uint64_t byte_count;
} safetensors_tensor;

/* An open file; names and types of its tensors live as long. */
typedef struct safetensors safetensors;

/* A file; one in memory stays there until the release.
 * EPOCL_ERROR_NO_INPUT when the file cannot be opened, EPOCL_ERROR_DATA when it is damaged. The texts of these and of
 * safetensors_read() say what is wrong and leave it to the caller to put the path before it. */
epocl_status safetensors_open(file_place place, safetensors **file);
void safetensors_release(safetensors *file);

/* The value of a metadata key, or NULL. */
const char *safetensors_metadata(const safetensors *file, const char *key);

/* Tensors in the order of their data. */
size_t safetensors_tensor_count(const safetensors *file);
const safetensors_tensor *safetensors_tensor_at(const safetensors *file, size_t index);

/* The tensor of that name, or NULL. */
const safetensors_tensor *safetensors_find(const safetensors *file, const char *name);

/* Reads a tensor's byte_count bytes to `values`. */
epocl_status safetensors_read(const safetensors *file, const safetensors_tensor *tensor, void *values);

typedef struct safetensors_pair {
    const char *key;
    const char *value;
} safetensors_pair;

/* Writes a file, whole or not at all: the metadata, and the data of tensors[i] from values[i], in their order. Of a
 * tensor, name, type and shape count; offset and byte_count follow from them. The same arguments give the same bytes.
 */
epocl_status safetensors_write(file_place place, const safetensors_pair *metadata, size_t metadata_count,
                               const safetensors_tensor *tensors, const void *const *values, size_t tensor_count);

/* The same with one tensor more, after all others: U32 [1] under SAFETENSORS_CHECKSUM, the CRC-32 of every byte of the
 * file before it. */
epocl_status safetensors_write_checked(file_place place, const safetensors_pair *metadata, size_t metadata_count,
                                       const safetensors_tensor *tensors, const void *const *values,
                                       size_t tensor_count);

#define SAFETENSORS_CHECKSUM "epocl.checksum"

/* EPOCL_ERROR_DATA unless the file has that tensor in the last place and every byte before it is as it was written. */
epocl_status safetensors_verify(const safetensors *file);

#endif
