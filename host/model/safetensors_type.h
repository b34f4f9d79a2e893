/* The element types of the safetensors format, shared by its reader and its writer. */
#ifndef EPOCL_MODEL_SAFETENSORS_TYPE_H
#define EPOCL_MODEL_SAFETENSORS_TYPE_H

#include "base/checked.h"

#include <string.h>

typedef struct safetensors_type {
    const char *name;
    size_t bytes;
} safetensors_type;

static const safetensors_type safetensors_types[] = {
    {"BOOL", 1}, {"U8", 1},   {"I8", 1},  {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"F8_E8M0", 1}, {"I16", 2}, {"U16", 2},
    {"F16", 2},  {"BF16", 2}, {"I32", 4}, {"U32", 4},     {"F32", 4},     {"I64", 8},     {"U64", 8}, {"F64", 8},
};

/* The type of that name, or NULL. */
static inline const safetensors_type *safetensors_type_find(const char *name) {
    for (size_t i = 0; i < sizeof safetensors_types / sizeof *safetensors_types; i++)
        if (strcmp(safetensors_types[i].name, name) == 0) return &safetensors_types[i];
    return NULL;
}

/* The bytes of a tensor of that shape; false on overflow. */
static inline bool safetensors_shape_bytes(const safetensors_type *type, const size_t *shape, size_t dimension_count,
                                           size_t *byte_count) {
    *byte_count = type->bytes;
    for (size_t i = 0; i < dimension_count; i++)
        if (!checked_multiply(*byte_count, shape[i], byte_count)) return false;
    return true;
}

#endif
